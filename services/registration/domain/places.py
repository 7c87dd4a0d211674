"""Where something is: a commune and its middle, and what day it is there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from shared.moment import PARIS

OVERSEAS: Mapping[str, ZoneInfo] = {
    "971": ZoneInfo("America/Guadeloupe"),
    "972": ZoneInfo("America/Martinique"),
    "973": ZoneInfo("America/Cayenne"),
    "974": ZoneInfo("Indian/Reunion"),
    "975": ZoneInfo("America/Miquelon"),
    "976": ZoneInfo("Indian/Mayotte"),
    "977": ZoneInfo("America/St_Barthelemy"),
    "978": ZoneInfo("America/Marigot"),
    "986": ZoneInfo("Pacific/Wallis"),
    "987": ZoneInfo("Pacific/Tahiti"),
    "988": ZoneInfo("Pacific/Noumea"),
}
"""The clocks of the départements and territories overseas, by the beginning of their communes' INSEE codes."""


@dataclass(frozen=True, slots=True)
class Place:
    """A commune by its INSEE code, with its coordinates in degrees where they are known."""

    commune: str
    latitude: float | None = None
    longitude: float | None = None

    @property
    def zone(self) -> ZoneInfo:
        """The clock that people read there."""
        return OVERSEAS.get(self.commune[:3], PARIS)


NOWHERE = Place("00000")
"""Stands for a place that was refused, and is kept nowhere."""


def civil_date(now: datetime, place: Place | None = None) -> date:
    """The day that it is at a place, or by the programme's clock."""
    return now.astimezone(place.zone if place else PARIS).date()
