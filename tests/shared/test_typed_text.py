"""What is kept of a text that somebody typed: nothing unseen, nothing that breaks a line."""

import unicodedata

import pytest
from hypothesis import given

from shared.typed_text import UnfitText, many_lines, one_line, says_something, shown_on_one_line
from tests.support.attacks import BROKEN_LINES, CONTROLS, NO_CHARACTERS, NOTHING, UNSEEN, hostile_texts


@pytest.mark.parametrize(("typed", "kept"), UNSEEN.items())
def test_what_nobody_sees_is_taken_away(typed: str, kept: str) -> None:
    assert one_line(typed) == many_lines(typed) == kept


@pytest.mark.parametrize("typed", NOTHING)
def test_a_text_that_shows_nothing_is_empty(typed: str) -> None:
    assert one_line(typed) == ""


@pytest.mark.parametrize("typed", BROKEN_LINES)
def test_one_line_is_one_line(typed: str) -> None:
    with pytest.raises(UnfitText) as refusal:
        one_line(typed)
    assert refusal.value.code == "line-break"
    assert many_lines(typed).startswith("Ann\nBcc")


@pytest.mark.parametrize("typed", CONTROLS)
def test_what_drives_a_device_is_no_text(typed: str) -> None:
    for keep in (one_line, many_lines):
        with pytest.raises(UnfitText) as refusal:
            keep(typed)
        assert refusal.value.code == "control-character"


@pytest.mark.parametrize("typed", [*NO_CHARACTERS, "Ann\ud800"])
def test_what_is_no_character_is_no_text(typed: str) -> None:
    with pytest.raises(UnfitText) as refusal:
        one_line(typed)
    assert refusal.value.code == "no-character"


def test_lines_and_tabs_of_a_long_text_stay() -> None:
    assert many_lines("Un\r\n\tdeux\u2028trois\v« quatre\u00a0» ") == "Un\n\tdeux\ntrois\n« quatre\u00a0»"
    assert one_line("Un\tdeux") == "Un deux"


def test_signs_alone_say_nothing() -> None:
    assert not any(map(says_something, ("", "?", "…", "-", "\u0301")))
    assert all(map(says_something, ("Ô", "7", "李", "d’")))


@given(hostile_texts())
def test_what_is_kept_is_seen_composed_and_kept_alike_when_it_comes_again(typed: str) -> None:
    try:
        kept = many_lines(typed)
    except UnfitText:
        return
    assert all(
        unicodedata.category(letter) not in ("Cc", "Cf", "Cs", "Zl", "Zp") or letter in "\n\t" for letter in kept
    )
    assert many_lines(kept) == kept == unicodedata.normalize("NFC", kept)


@given(hostile_texts())
def test_any_text_can_be_shown_on_one_line(typed: str) -> None:
    shown = shown_on_one_line(typed)
    assert len(shown.splitlines()) <= 1
    assert all(unicodedata.category(letter) not in ("Cc", "Cf", "Cs", "Zl", "Zp") for letter in shown)
    assert shown_on_one_line(shown) == shown
