"""Kinds of values that any request may hold, each with the bounds of what can be kept."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime
from pydantic_core import PydanticCustomError

EARLIEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
NUL = "\0"
"""The one character that PostgreSQL keeps in no text."""


def _printable(text: str) -> str:
    if any(ord(letter) < ord(" ") and letter not in "\r\n\t" for letter in text):
        raise ValueError("control characters are no text")
    return text


def _within_reach(instant: datetime) -> datetime:
    # At the ends of the calendar an hour's offset alone leaves it.
    if not EARLIEST <= instant < LATEST:
        raise PydanticCustomError("instant_out_of_range", "an instant from 1900 to 2199 is expected")
    return instant


PRINTABLE = AfterValidator(_printable)
"""Refuses a text with control characters that nobody types."""

Instant = Annotated[AwareDatetime, AfterValidator(_within_reach)]
"""A date and time with its offset, in years that somebody can mean."""
