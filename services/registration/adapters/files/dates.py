"""Days and times of day in the ways that people and spreadsheets write them in French."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from services.registration.domain.places import civil_date
from shared.reference.normalise import fold

EARLIEST_YEAR, LATEST_YEAR = 1900, 2100
FIRST_DAY_OF_SPREADSHEETS = date(1899, 12, 30)
EARLIEST_NUMBERED = date(1927, 5, 18)
"""The first day whose number in a spreadsheet has five digits: fewer are rather something else."""

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            ("janvier", "janv", "jan"),
            ("fevrier", "fevr", "fev"),
            ("mars",),
            ("avril", "avr"),
            ("mai",),
            ("juin",),
            ("juillet", "juil"),
            ("aout",),
            ("septembre", "sept", "sep"),
            ("octobre", "oct"),
            ("novembre", "nov"),
            ("decembre", "dec"),
        ),
        start=1,
    )
    for name in names
}

_CLOCK = r"(?:[ T,]+(?:à )?\d{1,2}[:h]\d{2}(?::\d{2}(?:[.,]\d+)?)?)?"
_DAY_FIRST = re.compile(rf"(?P<day>\d{{1,2}})[/.\- ](?P<month>\d{{1,2}})[/.\- ](?P<year>\d{{4}}|\d{{2}}){_CLOCK}")
_OFFSET = r"(?:[+-]\d\d:?\d\d)?"
_YEAR_FIRST = re.compile(rf"(?P<year>\d{{4}})[/.-](?P<month>\d{{1,2}})[/.-](?P<day>\d{{1,2}}){_CLOCK}{_OFFSET}")
_IN_UTC = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?Z")
_IN_WORDS = re.compile(r"(?:[a-z]+ )?(?P<day>\d{1,2})(?:er)? (?P<month>[a-z]+) (?P<year>\d{4}|\d{2})(?: .*)?")
_NUMBERED = re.compile(r"\d{5}(?:[.,]\d+)?")
_TIME = re.compile(r"(\d{1,2})\s*(?:(?:[:.]|h(?:eures?)?)\s*(\d{2})?\s*(?::\d{2}|min(?:utes)?|mn)?)?\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class WrittenDay:
    """What a text says of a day: ``day`` is None where it is written like one and does not exist.

    ``is_numbered`` says that it was the number by which spreadsheets keep a day.
    """

    day: date | None
    is_numbered: bool = False


@lru_cache(maxsize=8192)
def read_date(text: str, latest: date | None = None) -> WrittenDay | None:
    """The day that a text says, day first or year first, in digits or words; None where it is not written like one.

    Of a year in two digits the century is the present one, or the last one in which the day is not after ``latest``.
    """
    if _IN_UTC.fullmatch(text):
        return WrittenDay(_day_in_paris(text))
    if _NUMBERED.fullmatch(text):
        return _numbered(int(text[:5]), latest)
    written = _DAY_FIRST.fullmatch(text) or _YEAR_FIRST.fullmatch(text)
    if written:
        return WrittenDay(_day(int(written["day"]), int(written["month"]), written["year"], latest))
    in_words = _IN_WORDS.fullmatch(fold(text))
    month = MONTHS.get(in_words["month"]) if in_words else None
    if in_words is None or month is None:
        return None
    return WrittenDay(_day(int(in_words["day"]), month, in_words["year"], latest))


def read_time(text: str) -> time | None:
    """The time of day that a text says: « 09:30 », « 9h30 », « 9 heures 30 », « 9 h »."""
    found = _TIME.fullmatch(text)
    if not found:
        return None
    try:
        return time(int(found[1]), int(found[2] or 0))
    except ValueError:
        return None


def _day_in_paris(moment: str) -> date | None:
    """The day on which a moment in UTC falls: midnight in Paris is the evening before in UTC."""
    try:
        return civil_date(datetime.fromisoformat(moment))
    except ValueError:
        return None


def _day(day: int, month: int, year: str, latest: date | None) -> date | None:
    try:
        if len(year) == 4:
            found = date(int(year), month, day)
        else:
            found = date(2000 + int(year), month, day)
            found = found if latest is None or found <= latest else date(1900 + int(year), month, day)
    except ValueError:
        return None
    return found if EARLIEST_YEAR <= found.year <= LATEST_YEAR else None


def _numbered(number: int, latest: date | None) -> WrittenDay | None:
    """The day that a spreadsheet keeps under this number, where it is one that people mean."""
    day = FIRST_DAY_OF_SPREADSHEETS + timedelta(days=number)
    earliest = EARLIEST_NUMBERED if latest is not None else date(2000, 1, 1)
    return WrittenDay(day, is_numbered=True) if earliest <= day <= (latest or date(LATEST_YEAR, 1, 1)) else None
