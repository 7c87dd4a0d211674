"""What makes a meeting impossible, and why: every dropped pair knows each of its reasons."""

from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from services.matching.domain.commute import (
    Transport,
    minutes,
    road_km,
    squared_chord,
    squared_chord_of,
    unit_vectors,
)
from services.matching.domain.records import codes, word

Fact = float | str | date | tuple[str, ...]


class Hours(StrEnum):
    """When work is done; a need lists the ones it needs worked, a participant the ones they can work."""

    DAY = "day"
    EVENING = "evening"
    NIGHT = "night"
    WEEKEND = "weekend"


def known_hours(given: Iterable[str]) -> frozenset[Hours]:
    """Hours from their words; ValueError names a word that is none of them."""
    return frozenset(word(Hours, one, "hours") for one in given)


class ObstacleKind(StrEnum):
    """Why a pair cannot be."""

    CONSENT = "consent"
    NEED_CLOSED = "need_closed"
    FORBIDDEN = "forbidden"
    REFUSED_OCCUPATION = "refused_occupation"
    PLACE_UNKNOWN = "place_unknown"
    COMMUTE = "commute"
    AVAILABILITY = "availability"
    HOURS = "hours"
    LICENCE = "licence"
    ELSEWHERE = "elsewhere"
    UNKNOWN_SKILLS = "unknown_skills"


@dataclass(frozen=True, slots=True)
class Seeker:
    """What matching knows of a participant beside the profile: constraints and wishes, nothing else.

    `latitude` and `longitude` are degrees, rounded to the commune, None when unknown. `travel_limit_km` is by road.
    `licences` holds licences and certificates; `wishes` and `refused` hold codes of occupations. Somebody without
    `available_from` is available now.
    """

    id: Hashable
    latitude: float | None
    longitude: float | None
    travel_limit_km: float
    transport: Transport
    hours: frozenset[Hours]
    available_from: date | None = None
    licences: frozenset[str] = frozenset()
    wishes: frozenset[str] = frozenset()
    refused: frozenset[str] = frozenset()
    consent: bool = False

    def __post_init__(self) -> None:
        for name in ("hours", "licences", "wishes", "refused"):
            object.__setattr__(self, name, codes(getattr(self, name), name))
        object.__setattr__(self, "hours", known_hours(self.hours))
        object.__setattr__(self, "transport", word(Transport, self.transport, "transport"))
        if not self.travel_limit_km >= 0:
            raise ValueError(f"The travel limit is {self.travel_limit_km}: give kilometres of 0 or more.")


@dataclass(frozen=True, slots=True)
class Opening:
    """What a need asks beside skills: where, from when, at which hours, with which licences, in which occupation.

    `starts_on` is None when the employer can wait; whoever meets the need must be available for all its `hours`.
    """

    id: Hashable
    latitude: float | None
    longitude: float | None
    occupation: str
    hours: frozenset[Hours] = frozenset()
    starts_on: date | None = None
    licences: frozenset[str] = frozenset()
    open: bool = True

    def __post_init__(self) -> None:
        for name in ("hours", "licences"):
            object.__setattr__(self, name, codes(getattr(self, name), name))
        object.__setattr__(self, "hours", known_hours(self.hours))


@dataclass(frozen=True, slots=True)
class Obstacle:
    """One reason why a pair cannot be, with the facts that make it so (kilometres, dates, what is missing)."""

    kind: ObstacleKind
    facts: Mapping[str, Fact]


def obstacles(
    seeker: Seeker, opening: Opening, forbidden: Collection[tuple[Hashable, Hashable]] = frozenset()
) -> tuple[Obstacle, ...]:
    """Every reason why this participant cannot meet this need, in the order of `ObstacleKind`; empty when they can.

    `forbidden` holds pairs (participant id, need id). A pair whose distance cannot be known, because one of the places
    has no coordinates, is not proposed but told apart (`PLACE_UNKNOWN`), so that a person can look at it.

    >>> lens = Opening("need", 50.43, 2.83, "N1103", frozenset({Hours.DAY, Hours.NIGHT}))
    >>> lille = Seeker("p", 50.63, 3.06, 20.0, Transport.CAR, frozenset({Hours.DAY}), consent=True)
    >>> [obstacle.kind.value for obstacle in obstacles(lille, lens)]
    ['commute', 'hours']
    """
    return tuple(_obstacles(seeker, opening, (seeker.id, opening.id) in forbidden))


def count_obstacles(found: Iterable[Iterable[Obstacle]]) -> dict[ObstacleKind, int]:
    """How many pairs each kind of obstacle drops; a pair with several counts in each of them."""
    counts = Counter(kind for pair in found for kind in {obstacle.kind for obstacle in pair})
    return {kind: counts[kind] for kind in ObstacleKind if counts[kind]}


def _obstacles(seeker: Seeker, opening: Opening, forbidden: bool) -> Iterator[Obstacle]:
    if not seeker.consent:
        yield Obstacle(ObstacleKind.CONSENT, {})
    if not opening.open:
        yield Obstacle(ObstacleKind.NEED_CLOSED, {})
    if forbidden:
        yield Obstacle(ObstacleKind.FORBIDDEN, {})
    if opening.occupation in seeker.refused:
        yield Obstacle(ObstacleKind.REFUSED_OCCUPATION, {"occupation": opening.occupation})
    yield from _too_far(seeker, opening)
    if opening.starts_on and seeker.available_from and seeker.available_from > opening.starts_on:
        facts: dict[str, Fact] = {"available_from": seeker.available_from, "starts_on": opening.starts_on}
        yield Obstacle(ObstacleKind.AVAILABILITY, facts)
    if missing_hours := tuple(hour.value for hour in Hours if hour in opening.hours - seeker.hours):
        yield Obstacle(ObstacleKind.HOURS, {"missing": missing_hours})
    if missing_licences := tuple(sorted(opening.licences - seeker.licences)):
        yield Obstacle(ObstacleKind.LICENCE, {"missing": missing_licences})


def _too_far(seeker: Seeker, opening: Opening) -> Iterator[Obstacle]:
    unknown = tuple(
        side
        for side, place in (("participant", seeker), ("need", opening))
        if place.latitude is None or place.longitude is None
    )
    if unknown:
        yield Obstacle(ObstacleKind.PLACE_UNKNOWN, {"of": unknown})
        return
    home = _vector(seeker.latitude, seeker.longitude)
    work = _vector(opening.latitude, opening.longitude)
    if squared_chord(home, work) > _squared_chord_of(seeker.travel_limit_km):
        distance = float(road_km(home, work))
        yield Obstacle(
            ObstacleKind.COMMUTE,
            {
                "distance_km": distance,
                "limit_km": seeker.travel_limit_km,
                "transport": seeker.transport.value,
                "minutes": float(minutes(distance, seeker.transport)),
            },
        )


@lru_cache(maxsize=4096)
def _vector(latitude: float, longitude: float) -> NDArray[np.float64]:
    """A commune as a unit vector: many people and needs share it, and each is asked about again and again."""
    vector = unit_vectors(latitude, longitude)
    vector.flags.writeable = False
    return vector


@lru_cache(maxsize=1024)
def _squared_chord_of(limit_km: float) -> float:
    return float(squared_chord_of(limit_km))
