"""Days and times as people and spreadsheets write them."""

from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.registration.adapters.files.dates import FIRST_DAY_OF_SPREADSHEETS, WrittenDay, read_date, read_time

TODAY = date(2026, 11, 25)
FIRST_OF_DECEMBER = date(2026, 12, 1)
MONTHS = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
]


@pytest.mark.parametrize(
    "text",
    [
        "01/12/2026",
        "1/12/2026",
        "01-12-2026",
        "01.12.2026",
        "01 12 2026",
        "01/12/26",
        "1-12-26",
        "2026-12-01",
        "2026/12/1",
        "2026-12-01T08:15:00",
        "2026-12-01 08:15:00.000",
        "2026-12-01T00:00:00+01:00",
        "2026-12-01T00:00:00+04:00",
        "2026-11-30T23:00:00Z",
        "01/12/2026 00:00",
        "01/12/2026 à 9h30",
        "1er décembre 2026",
        "1ER DÉCEMBRE 2026",
        "mardi 1er décembre 2026",
        "1 déc. 2026",
        "01-déc-26",
        "01-dec-2026",
    ],
)
def test_a_day_is_read_day_first_or_year_first_in_digits_or_words(text: str) -> None:
    assert read_date(text) == WrittenDay(FIRST_OF_DECEMBER)


@pytest.mark.parametrize(
    "text", ["31/02/2026", "11/30/2026", "30/11/0206", "32 décembre 2026", "2026-13-01", "2026-13-01T10:00:00Z"]
)
def test_a_day_that_does_not_exist_is_told_from_what_is_no_day(text: str) -> None:
    assert read_date(text) == WrittenDay(None)


@pytest.mark.parametrize("text", ["demain", "décembre 2026", "12 rue 2026", "1/12", "20261", "99999", "1", "46357 km"])
def test_what_is_not_written_like_a_day_is_none(text: str) -> None:
    assert read_date(text) is None


def test_a_spreadsheets_number_is_read_where_it_is_a_day_that_people_mean() -> None:
    assert read_date("46357") == read_date("46357,5") == WrittenDay(FIRST_OF_DECEMBER, is_numbered=True)
    assert read_date("30000", TODAY) == WrittenDay(date(1982, 2, 18), is_numbered=True)
    assert read_date("30000") is None, "no workshop was held in 1982"
    assert read_date("46357", TODAY) is None, "nobody was born tomorrow"


@pytest.mark.parametrize(
    ("text", "year"), [("26/05/88", 1988), ("26/05/05", 2005), ("26 mai 26", 2026), ("26/12/26", 1926)]
)
def test_a_year_in_two_digits_is_the_last_that_it_can_be(text: str, year: int) -> None:
    written = read_date(text, TODAY)
    assert written is not None
    assert written.day is not None
    assert written.day.year == year


@given(st.dates(date(1927, 6, 1), date(2026, 11, 25)))
def test_every_day_is_read_back_however_it_is_written(day: date) -> None:
    number = (day - FIRST_DAY_OF_SPREADSHEETS).days
    in_words = f"{day.day}{'er' if day.day == 1 else ''} {MONTHS[day.month - 1]} {day.year}"
    for text in (f"{day:%d/%m/%Y}", day.isoformat(), in_words, str(number)):
        written = read_date(text, TODAY)
        assert written is not None
        assert written.day == day


@pytest.mark.parametrize(
    "text", ["09:30", "9h30", "9 h 30", "9 H 30", "9 heures 30", "09:30:00", "9.30", "9h30min", "9 heures 30 minutes"]
)
def test_times_are_read_as_people_write_them(text: str) -> None:
    assert read_time(text) == time(9, 30)


@pytest.mark.parametrize(("text", "clock"), [("9h", time(9)), ("14 heures", time(14)), ("25:00", None), ("midi", None)])
def test_full_hours_are_read_and_what_is_no_time_is_none(text: str, clock: time | None) -> None:
    assert read_time(text) == clock
