"""Kinds of values that any request may hold, each with the bounds of what can be kept, and no looser than JSON says.

A JSON number is no text, a text no number, and neither is yes or no: what is written otherwise is most often a mistake
of the program that sends it, which should hear of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from shared.typed_text import UnfitText, many_lines, one_line, says_something

EARLIEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
NUL = "\0"
"""The one character that PostgreSQL keeps in no text."""

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ].*")


def _cleaned_by(clean: Callable[[str], str]) -> Callable[[object], object]:
    def cleaned(value: object) -> object:
        if not isinstance(value, str):
            return value
        try:
            return clean(value)
        except UnfitText as unfit:
            raise PydanticCustomError(unfit.code.replace("-", "_"), "this text cannot be kept") from None

    return cleaned


def _saying_something(text: str) -> str:
    if not says_something(text):
        raise PydanticCustomError("says_nothing", "a letter or a digit is expected")
    return text


def _written_day(value: object) -> object:
    if not isinstance(value, str):
        raise PydanticCustomError("date_type", "a date is expected")
    if not _DAY.fullmatch(value):
        raise PydanticCustomError("date_parsing", "a date is expected")
    return value


def _written_instant(value: object) -> object:
    if not isinstance(value, str):
        raise PydanticCustomError("datetime_type", "a date and time is expected")
    if not _INSTANT.fullmatch(value):
        raise PydanticCustomError("datetime_parsing", "a date and time is expected")
    return value


def _day_within_reach(day: date) -> date:
    if not EARLIEST.date() <= day < LATEST.date():
        raise PydanticCustomError("day_out_of_range", "a day from 1900 to 2199 is expected")
    return day


def _within_reach(instant: datetime) -> datetime:
    # At the ends of the calendar an hour's offset alone leaves it.
    if not EARLIEST <= instant < LATEST:
        raise PydanticCustomError("instant_out_of_range", "an instant from 1900 to 2199 is expected")
    return instant


ONE_LINE = BeforeValidator(_cleaned_by(one_line))
"""Takes a text of one line as it is kept; refuses line breaks and control characters. Stands last in an annotation."""

MANY_LINES = BeforeValidator(_cleaned_by(many_lines))
"""The same for a text of any number of lines."""

SAYS_SOMETHING = AfterValidator(_saying_something)
"""Refuses a text without a letter or a digit."""

Whole = Annotated[int, Field(strict=True)]
"""A whole number, written as one."""

Decimal = Annotated[float, Field(strict=True)]
"""A number, written as one."""

YesNo = Annotated[bool, Field(strict=True)]
"""Yes or no, written as true or false."""

Day = Annotated[date, AfterValidator(_day_within_reach), BeforeValidator(_written_day)]
"""A day, written YYYY-MM-DD, in years that somebody can mean."""

Instant = Annotated[AwareDatetime, AfterValidator(_within_reach), BeforeValidator(_written_instant)]
"""A date and time with its offset, in years that somebody can mean."""
