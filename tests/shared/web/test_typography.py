"""Dates, times and numbers as people read them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from jinja2 import UndefinedError

from shared.moment import PARIS
from shared.web import create_environment
from shared.web.typography import (
    date_in_words,
    english_moment,
    french_date,
    french_moment,
    french_time,
    number_in_words,
    percent_in_words,
    phone_in_words,
    time_in_words,
)

MOMENT = datetime(2026, 12, 1, 8, 30, tzinfo=UTC)
SUMMER = datetime(2026, 7, 14, 22, 30, tzinfo=UTC)


def plain(text: str) -> str:
    """The text with ordinary spaces."""
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def test_french_dates_and_times_are_those_of_paris() -> None:
    assert plain(french_moment(MOMENT)) == "mardi 1er décembre 2026, 9 h 30"
    assert plain(french_moment(SUMMER)) == "mercredi 15 juillet 2026, 0 h 30"
    assert plain(french_time(datetime(2026, 12, 1, 13, 0, tzinfo=UTC))) == "14 h"
    assert plain(french_time(datetime(2026, 12, 1, 13, 5, tzinfo=UTC))) == "14 h 05"
    assert plain(french_date(date(2026, 8, 2))) == "dimanche 2 août 2026"


def test_no_line_breaks_between_a_number_and_its_word() -> None:
    assert french_moment(MOMENT) == "mardi 1er\u00a0décembre 2026, 9\u00a0h\u00a030"


def test_english_dates_and_times() -> None:
    assert plain(english_moment(MOMENT)) == "Tuesday 1 December 2026, 9.30 am"
    assert plain(time_in_words(datetime(2026, 12, 1, 11, 0, tzinfo=UTC), "en")) == "12 pm"
    assert plain(time_in_words(datetime(2026, 11, 30, 23, 15, tzinfo=UTC), "en")) == "12.15 am"
    assert plain(date_in_words(MOMENT, "en")) == "Tuesday 1 December 2026"


def test_numbers_and_percentages() -> None:
    assert number_in_words(12345.67, "fr", 1) == "12\u202f345,7"
    assert number_in_words(12345.67, "en", 1) == "12,345.7"
    assert percent_in_words(0.424, "fr") == "42\u00a0%"
    assert percent_in_words(0.424, "en") == "42%"


def test_templates_speak_the_language_of_the_page(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(
        '{{ say("Bonjour <toi>", "Hello <you>") }} {{ at | moment }} {{ 0.5 | percent }}'
    )
    template = create_environment(tmp_path).get_template("page.html")
    assert plain(template.render(language="fr", at=MOMENT)) == (
        "Bonjour &lt;toi&gt; mardi 1er décembre 2026, 9 h 30 50 %"
    )
    assert plain(template.render(language="en", at=MOMENT)) == "Hello &lt;you&gt; Tuesday 1 December 2026, 9.30 am 50%"


def test_a_missing_variable_is_an_error_and_text_files_hold_no_markup(tmp_path: Path) -> None:
    (tmp_path / "mail.txt").write_text("{{ name }}")
    template = create_environment(tmp_path).get_template("mail.txt")
    assert template.render(name="A & B", language="fr") == "A & B"
    with pytest.raises(UndefinedError):
        template.render(language="fr")


def test_phone_numbers_are_read_in_pairs() -> None:
    assert plain(phone_in_words("+33321000000")) == "03 21 00 00 00"
    assert plain(phone_in_words("0321000000")) == "03 21 00 00 00"
    assert plain(phone_in_words("+262692123456")) == "0692 12 34 56"
    assert plain(phone_in_words("+32470123456")) == "+32 470 12 34 56"
    assert "\u00a0" in phone_in_words("+32470123456")
    assert phone_in_words("3 rue du Musée") == "3 rue du Musée"
    assert phone_in_words("") == ""


def test_all_months_and_days_have_names() -> None:
    french = {plain(french_date(date(2026, month, month))) for month in range(1, 13)}
    assert len(french) == 12
    assert PARIS.key == "Europe/Paris"
