"""However a file was written, its names are read right, or somebody is told that they may not be."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.registration.adapters.files.encodings import mended
from services.registration.adapters.files.records import read_header, read_rows
from services.registration.adapters.files.sources import SourceFile

NAMES = ["Bérégoüard", "Zoé", "LEFÈVRE", "Hélène", "François", "Noël", "Œuvrard", "D’Orléans", "À Côté", "Maëlys"]
TEXT = "identifiant;nom\r\n" + "".join(f"P{number};{name}\r\n" for number, name in enumerate(NAMES))


def _twice(text: str, encoding: str = "cp1252") -> str:
    """A text written as UTF-8 and read as something else, as programs do that do not ask."""
    return "".join(letter if letter.isascii() else letter.encode().decode(encoding, "ignore") for letter in text)


def _read(raw: bytes) -> tuple[list[str], list[tuple[int, str]]]:
    source = SourceFile("participants.csv", lambda: io.BytesIO(raw))
    assert source.is_text()
    with source.lines() as lines:
        header = read_header(lines, frozenset({"identifiant", "nom"}))
        assert header is not None
        names = [row.cells["nom"] for row in read_rows(lines, header)]
    return names, [(line, finding.code) for line, finding in source.findings()]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be"])
def test_usual_encodings_are_read_without_a_word(encoding: str) -> None:
    assert _read(TEXT.encode(encoding)) == (NAMES, [])


def test_the_mark_of_utf_16_tells_its_byte_order() -> None:
    for order, mark in (("utf-16-le", b"\xff\xfe"), ("utf-16-be", b"\xfe\xff")):
        assert _read(mark + TEXT.replace(";", "\t").encode(order)) == (NAMES, [])


@pytest.mark.parametrize("encoding", ["mac_roman", "cp850"])
@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
def test_seldom_encodings_are_read_right_and_said(encoding: str, end: str) -> None:
    names = [name for name in NAMES if name not in ("Œuvrard", "D’Orléans")]  # DOS has neither
    text = "identifiant;nom\n" + "".join(f"P;{name}\n" for name in names)
    assert _read(text.replace("\n", end).encode(encoding)) == (names, [(2, "unusual-encoding")])


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1"])
def test_text_that_was_encoded_twice_is_mended_and_said(encoding: str) -> None:
    raw = "".join(
        letter if letter.isascii() else letter.encode().decode(encoding, "replace") for letter in TEXT.replace("À", "A")
    )
    assert _read(raw.encode()) == ([name.replace("À", "A") for name in NAMES], [(2, "encoded-twice")])


def test_text_that_was_encoded_twice_in_part_or_more_than_twice_is_mended_too() -> None:
    raw = f"identifiant;nom\nP1;Zoé\nP2;{_twice('Hélène')} Noël\nP3;{_twice(_twice('Chloé'))}\n"
    assert _read(raw.encode()) == (["Zoé", "Hélène Noël", "Chloé"], [(3, "encoded-twice")])


def test_a_file_of_two_encodings_is_read_line_by_line_and_said() -> None:
    raw = "identifiant;nom\nP1;Zoé\n".encode() + "P2;Hélène\n".encode("cp1252")
    assert _read(raw) == (["Zoé", "Hélène"], [(3, "mixed-encodings")])


def test_letters_that_were_lost_before_are_said() -> None:
    raw = "identifiant;nom\nP1;Zoe\nP2;H\ufffdl\ufffdne\n".encode()
    assert _read(raw)[1] == [(3, "lost-letters")]


def test_letters_that_became_question_marks_are_said_and_questions_are_not() -> None:
    raw = b"identifiant;nom\nP1;Pourquoi ? Parce que.\nP2;https://x.example/?a=b\nP3;Lef?vre\n"
    assert _read(raw)[1] == [(4, "lost-letters")]


def test_letters_written_for_pages_are_put_right_and_said_and_signs_are_left() -> None:
    raw = "identifiant;nom\nP1;Dupont &amp; fils\nP2;Zo&eacute; Lef&#232;vre\nP3;A & B\n"
    names, told = _read(raw.encode())
    assert names == ["Dupont & fils", "Zoé Lefèvre", "A & B"]
    assert told == [(2, "written-for-pages")]


@pytest.mark.parametrize("order", ["utf-32", "utf-32-le", "utf-32-be"])
def test_utf_32_is_read_by_its_mark(order: str) -> None:
    mark = b"" if order == "utf-32" else "\ufeff".encode(order)
    assert _read(mark + TEXT.encode(order)) == (NAMES, [])


@pytest.mark.parametrize(
    "head",
    [
        b"<html><table>",
        b"\xef\xbb\xbf<?xml version",
        b"\n <!DOCTYPE html>",
        b"{\\rtf1",
        b'[{"a": 1}]',
        b"ID;PWXL;N;E\n",
    ],
)
def test_texts_of_other_formats_are_known_by_their_beginning(head: bytes) -> None:
    assert not SourceFile("participants.csv", lambda: io.BytesIO(head)).is_text()
    assert SourceFile("participants.csv", lambda: io.BytesIO(b"ID;Prenom\n")).is_text()


def test_letters_that_no_french_encoding_explains_are_said() -> None:
    raw = "identifiant;nom\nP1;Ђорђе Петровић\n".encode("cp1251")
    assert _read(raw)[1] == [(2, "doubtful-encoding")]


@pytest.mark.parametrize(
    "name", ["João", "MAGALHÃES", "Žilvinas Ödön", "Łukasz", "Nguyễn", "Ñuñez", "Ãnima", "Â l’aise"]
)
def test_names_of_other_languages_are_not_mended(name: str) -> None:
    assert _read(f"identifiant;nom\nP1;{name}\n".encode()) == ([name], [])


@given(st.text("abcéèàêçôîûùïëÉÈÀŒœ’ -«»", max_size=30))
def test_what_is_right_is_never_changed_and_what_was_spoilt_comes_back(text: str) -> None:
    assert mended(text) == text
    spoilt = "".join(letter if letter.isascii() else letter.encode().decode("latin-1") for letter in text)
    assert mended(spoilt) == text
