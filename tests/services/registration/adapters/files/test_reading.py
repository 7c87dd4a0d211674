"""Reading files as they come: encodings, separators, quotes, line numbers, and what cells say."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.registration.adapters.files.cells import HOURS, TRANSPORTS, read_number
from services.registration.adapters.files.records import MOST_LINES_A_RECORD, Row, column_name, read_header, read_rows
from services.registration.adapters.files.sources import MOST_LINES, Lines, SourceFile
from shared.typed_text import exported
from tests.services.registration.use_cases.importing import exports

KNOWN = frozenset({"nom", "prenom", "note"})


def _rows(raw: bytes) -> list[Row]:
    lines = Lines(io.BytesIO(raw))
    header = read_header(lines, KNOWN)
    assert header is not None
    return list(read_rows(lines, header))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_separators_and_line_ends_are_found_by_looking(encoding: str, separator: str, end: str) -> None:
    text = end.join([separator.join(["nom", "prenom"]), separator.join(["Élodie", "Œuvrard"])]) + end
    (row,) = _rows(text.encode(encoding))
    assert row.cells == {"nom": "Élodie", "prenom": "Œuvrard"}
    assert row.line == 2


def test_a_file_glued_together_from_two_encodings_is_read_right() -> None:
    raw = "nom;prenom\nÉlodie;Zoé\n".encode() + "Hélène;Chloé\n".encode("cp1252")
    assert [row.cells["nom"] for row in _rows(raw)] == ["Élodie", "Hélène"]


def test_an_announced_separator_is_taken_and_blank_lines_are_no_rows() -> None:
    rows = _rows(b"sep=,\nnom,prenom\n\na,b\n,,\n   \nc,d\n")
    assert [(row.line, row.cells["nom"]) for row in rows] == [(4, "a"), (7, "c")]


def test_titles_and_empty_rows_above_the_header_are_passed_over() -> None:
    rows = _rows(b";;;\nExport du 25/11/2026;;;\n\nnom;prenom;;\na;b\n")
    assert [(row.line, row.cells["nom"]) for row in rows] == [(5, "a")]


def test_without_any_known_header_the_first_line_is_it_and_nothing_is_lost() -> None:
    rows = _rows(b"x;y\n" + b"1;2\n" * 15)
    assert [(row.line, row.cells["x"]) for row in rows] == [(line, "1") for line in range(2, 17)]


def test_the_header_of_a_second_export_behind_the_first_is_no_row() -> None:
    rows = _rows("nom;prénom\na;b\n\ufeffNom;Prénom\nc;d\nnom;autre\n".encode())
    assert [(row.line, row.cells["nom"]) for row in rows] == [(2, "a"), (4, "c"), (5, "nom")]


def test_a_quoted_cell_over_several_lines_keeps_the_line_of_its_row_and_of_those_after_it() -> None:
    rows = _rows(b'nom;note\na;"une\r\ndeux\r\ntrois ; quatre"\r\nb;x\r\n')
    assert [(row.line, row.cells["nom"]) for row in rows] == [(2, "a"), (5, "b")]
    assert rows[0].cells["note"] == "une\ndeux\ntrois ; quatre"


def test_a_quote_in_the_middle_of_a_cell_is_a_quote() -> None:
    rows = _rows(b'nom;note\na;3" de retard\nb;"dit ""oui"""\n')
    assert [row.cells["note"] for row in rows] == ['3" de retard', 'dit "oui"']


@pytest.mark.parametrize(
    ("broken", "code"), [('"jamais fermé;x', "unclosed-quotes"), ('"a" b;x', "broken-quotes"), ('"', "unclosed-quotes")]
)
def test_broken_quotes_break_their_own_row_only(broken: str, code: str) -> None:
    raw = f"nom;note\na;1\n{broken}\nb;2\nc;3\n".encode()
    rows = _rows(raw)
    assert [(row.line, row.trouble.code if row.trouble else None) for row in rows] == [
        (2, None),
        (3, code),
        (4, None),
        (5, None),
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("last", ["", "x", "x\n", "x\n" * MOST_LINES_A_RECORD])
def test_open_quotes_are_told_by_the_line_on_which_they_open_and_what_to_do(end: str, last: str) -> None:
    text = f'nom;note\n"a\nb";"c\nd";"jamais\n{last}'
    broken = _rows(text.replace("\n", end).encode())[0]
    assert broken.line == 2
    assert broken.trouble is not None
    assert (broken.trouble.code, broken.trouble.details["opened"]) == ("unclosed-quotes", 4)
    assert "ouverts à la ligne 4" in broken.trouble.message
    assert "Refermez-les ou supprimez-les" in broken.trouble.message


def test_open_quotes_do_not_take_along_a_row_over_several_lines_behind_them() -> None:
    broken, whole, last = _rows(b'nom;note\n"a;1\n"b\nc";2\nd;3\n')
    assert broken.trouble is not None
    assert (whole.cells["nom"], whole.line, last.cells["nom"]) == ("b\nc", 3, "d")


@pytest.mark.parametrize(
    "line", ['x";"\n', '"\n', 'a;"\n', '"a""\n', '"' + "y" * 5_000 + "\n", 'x";"' + "y" * 5_000 + "\n"]
)
@pytest.mark.parametrize("between", ["", "a;b\n" * 150])
def test_whatever_its_quotes_a_file_is_read_in_a_few_goes(line: str, between: str) -> None:
    number = 3_000 // (1 + between.count("\n"))
    text = "nom;note\n" + (line + between) * number
    lines = _Counted(io.BytesIO(text.encode()))
    header = read_header(lines, KNOWN)
    assert header is not None
    for _ in read_rows(lines, header):
        pass
    assert lines.taken <= 3 * text.count("\n")


class _Counted(Lines):
    """Lines that count how often one was taken, given back or not."""

    taken = 0

    def __next__(self) -> str:
        self.taken += 1
        return super().__next__()


def test_quotes_that_stay_open_in_the_header_hide_no_column() -> None:
    (row,) = _rows(b'"nom;prenom;note\na;b;c\n')
    assert row.cells == {"nom": "a", "prenom": "b", "note": "c"}


def test_a_file_without_end_is_not_read_to_its_end() -> None:
    furthest = 0

    class Watched(io.BytesIO):
        def close(self) -> None:
            nonlocal furthest
            furthest = furthest if self.closed else max(furthest, self.tell())
            super().close()

    source = SourceFile("x.csv", lambda: Watched(b"nom;note\n" + b"\n" * (3 * MOST_LINES)))
    assert source.is_endless
    assert furthest < 2 * MOST_LINES


def test_cells_missing_at_the_end_are_empty_unless_one_is_required() -> None:
    raw = b"nom;prenom;note\na;b;c\nd;e\nf\n\n;;\n"
    lines = Lines(io.BytesIO(raw))
    header = read_header(lines, KNOWN)
    assert header is not None
    whole, short, cut = read_rows(lines, header, required=frozenset({"nom", "prenom"}))
    assert (whole.cells["note"], short.cells) == ("c", {"nom": "d", "prenom": "e", "note": ""})
    assert cut.trouble is not None
    assert (cut.trouble.code, cut.trouble.where, cut.line) == ("too-few-cells", "prenom", 4)


def test_too_many_cells_are_told_and_empty_ones_at_the_end_are_not() -> None:
    rows = _rows(b"nom;prenom;note\nc;d;e;f\ng;h;i;;\n")
    assert [row.trouble.code if row.trouble else None for row in rows] == ["too-many-cells", None]


def test_of_two_columns_with_one_name_the_first_counts() -> None:
    (row,) = _rows(b"nom;NOM ;prenom\na;b;c\n")
    assert row.cells == {"nom": "a", "prenom": "c"}


CELLS = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp", "Cf"], include_characters='\n";,\t'), max_size=20
)


@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=8), st.sampled_from([";", ",", "\t"]))
def test_what_a_spreadsheet_writes_is_read_back_cell_by_cell(cells: list[tuple[str, str]], separator: str) -> None:
    written = exports.written([{"nom": a, "prenom": f"x{b}x"} for a, b in cells], separator)
    rows = _rows(written.encode())
    assert [(row.cells["nom"], row.cells["prenom"]) for row in rows] == [
        (exported(a), exported(f"x{b}x")) for a, b in cells
    ]
    line = 2
    for row, (a, b) in zip(rows, cells, strict=True):
        assert row.line == line
        line += 1 + a.count("\n") + b.count("\n")


@pytest.mark.parametrize("start", [b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF-1.7", b"\0\0nom;prenom", b"nom\0;"])
def test_what_is_no_text_is_seen(start: bytes) -> None:
    assert not SourceFile("x.csv", lambda: io.BytesIO(start + b"...")).is_text()
    assert SourceFile("x.csv", lambda: io.BytesIO("nom;prénom".encode("cp1252"))).is_text()


@pytest.mark.parametrize("written", ["mobilite_km", "Mobilité (km)", "MOBILITE KM", " mobilité-km "])
def test_a_column_is_known_however_it_is_written(written: str) -> None:
    assert column_name(written) == "mobilite_km"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12,5", 12.5),
        ("12.5", 12.5),
        ("1 200", 1200.0),
        ("1\u202f200,5", 1200.5),
        ("-3", -3.0),
        ("douze", None),
        ("1,2,3", None),
    ],
)
def test_numbers_are_read_with_comma_or_point(text: str, number: float | None) -> None:
    assert read_number(text) == number


@pytest.mark.parametrize("text", ["à pied", "A PIED", " À  Pied", "a-pied"])
def test_spaces_case_and_accents_around_a_known_word_do_not_matter(text: str) -> None:
    assert TRANSPORTS.meaning(text) == "walk"
    assert HOURS.meaning("Week End") == "weekend"
    assert HOURS.meaning("aube") is None
