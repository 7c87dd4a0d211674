"""What shortlisting reads: participants and needs as columns of arrays, checked once, from records or as they are."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date
from functools import lru_cache
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from services.matching.domain.commute import check_degrees
from services.matching.domain.constraints import Hours, Opening, Seeker
from services.matching.domain.likings import Near
from services.matching.domain.records import AsGiven, records
from services.matching.domain.scoring import HIGHEST_LEVEL, WEIGHTS_TOLERANCE, RequiredSkill
from services.matching.domain.shortlisting.checking import MOST, bit_sets, column, days, whole_numbers, within
from services.matching.domain.shortlisting.coding import REMEMBERED, Codebook, Codes, Coding
from services.matching.domain.shortlisting.liked import Likings
from services.matching.domain.shortlisting.lots import lot_keys

LONG_AGO = np.datetime64("1900-01-01", "D")
ANY_DAY = np.datetime64("2200-01-01", "D")
_ALL_HOURS = (1 << len(Hours)) - 1


class Entrants(NamedTuple):
    """People as shortlisting knows them beside their profiles: a place a person in each column, their codes in words.

    Degrees are NaN where a place is unknown; whoever is available already has been for long.
    """

    ids: Iterable[Hashable]
    latitude: ArrayLike
    longitude: ArrayLike
    travel_limit_km: ArrayLike
    available_from: ArrayLike
    hours: Sequence[Codes]
    licences: Sequence[Codes]
    wishes: Sequence[Codes]
    refused: Sequence[Codes]

    @classmethod
    def of(cls, seekers: Sequence[Seeker]) -> Self:
        """From records, in their order."""
        return cls(
            [one.id for one in seekers],
            _degrees(one.latitude for one in seekers),
            _degrees(one.longitude for one in seekers),
            [one.travel_limit_km for one in seekers],
            [_day(one.available_from, LONG_AGO) for one in seekers],
            [one.hours for one in seekers],
            [one.licences for one in seekers],
            [one.wishes for one in seekers],
            [one.refused for one in seekers],
        )


@dataclass(frozen=True, slots=True, eq=False)
class Participants:
    """n participants as columns.

    `exceedance` (n, 4K) float32: P(level ≥ ℓ − ½), feature 4·skill + ℓ − 1. `latitude`, `longitude`: degrees, NaN when
    unknown. `travel_limit_km`: by road. `available_from`: days. `hours`: bit set in the order of `Hours`. `licences`
    (n, words): bit set. `consent`: in force. `shortlisted`: how often already. `keys`: see `lot_keys`. What is left out
    sets no limit: available, at all hours, consenting, never shortlisted, nothing known of likings.
    """

    exceedance: NDArray[np.float32]
    latitude: NDArray[np.float64]
    longitude: NDArray[np.float64]
    travel_limit_km: NDArray[np.float64]
    available_from: NDArray[np.datetime64]
    hours: NDArray[np.uint8]
    licences: NDArray[np.uint64]
    consent: NDArray[np.bool_]
    shortlisted: NDArray[np.int32]
    keys: NDArray[np.uint64]
    likings: Likings

    def __len__(self) -> int:
        return len(self.exceedance)

    @classmethod
    def build(
        cls,
        exceedance: NDArray[np.float32],
        latitude: ArrayLike,
        longitude: ArrayLike,
        travel_limit_km: ArrayLike,
        *,
        available_from: ArrayLike | None = None,
        hours: ArrayLike | None = None,
        licences: ArrayLike | None = None,
        consent: ArrayLike | None = None,
        shortlisted: ArrayLike | None = None,
        keys: ArrayLike | None = None,
        likings: Likings | None = None,
    ) -> Self:
        """From arrays; keys default to those of the numbers 0..n−1. Raises ValueError where values cannot be."""
        n = len(exceedance)
        if np.ndim(exceedance) != 2 or np.shape(exceedance)[1] % HIGHEST_LEVEL:
            raise ValueError(
                f"exceedance has the shape {np.shape(exceedance)}: give a row for each participant, of "
                f"{HIGHEST_LEVEL} numbers for each skill."
            )
        within("exceedance", exceedance, 0, 1)
        check_degrees(latitude, longitude)
        within("travel_limit_km", travel_limit_km, 0, math.inf)
        within("hours", _ALL_HOURS if hours is None else hours, 0, _ALL_HOURS)
        likings = likings or Likings(np.zeros(n + 1, np.int64), np.zeros(0, np.int32), np.zeros(0))
        if len(likings.starts) != n + 1:
            raise ValueError(f"likings hold {len(likings.starts) - 1} rows: give one for each of {n} participants.")
        return cls(
            column("exceedance", exceedance, np.float32, (n, np.shape(exceedance)[1])),
            column("latitude", latitude, np.float64, (n,)),
            column("longitude", longitude, np.float64, (n,)),
            column("travel_limit_km", travel_limit_km, np.float64, (n,)),
            days("available_from", LONG_AGO if available_from is None else available_from, n),
            column("hours", _ALL_HOURS if hours is None else hours, np.uint8, (n,)),
            bit_sets("licences", licences, n),
            column("consent", True if consent is None else consent, np.bool_, (n,)),
            column("shortlisted", 0 if shortlisted is None else shortlisted, np.int32, (n,)),
            column("keys", lot_keys(range(n)) if keys is None else keys, np.uint64, (n,)),
            likings,
        )

    @classmethod
    def of(
        cls,
        seekers: AsGiven[Seeker],
        exceedance: NDArray[np.float32],
        codebook: Codebook,
        near: Near,
        shortlisted: ArrayLike | None = None,
    ) -> Self:
        """From records of `Seeker`, in their order, with the exceedance of their profiles (n, 4K)."""
        seekers = records(Seeker, seekers, "seekers")
        consent = [one.consent for one in seekers]
        coding = Coding(codebook, near)
        return cls.entering(Entrants.of(seekers), exceedance, coding, consent=consent, shortlisted=shortlisted)

    @classmethod
    def entering(
        cls,
        people: Entrants,
        exceedance: NDArray[np.float32],
        coding: Coding,
        *,
        consent: ArrayLike | None = None,
        shortlisted: ArrayLike | None = None,
    ) -> Self:
        """The same from columns, whose codes a `Coding` works out once."""
        wide = HIGHEST_LEVEL * len(coding.codebook.skills)
        if np.shape(exceedance)[1:] != (wide,):
            raise ValueError(
                f"exceedance has the shape {np.shape(exceedance)}: give {wide} columns, {HIGHEST_LEVEL} for each skill "
                "of the codebook."
            )
        licences = np.array(list(map(coding.licence_bits, people.licences)), dtype=np.uint64)
        return cls.build(
            exceedance,
            people.latitude,
            people.longitude,
            people.travel_limit_km,
            available_from=people.available_from,
            hours=list(map(coding.hour_bits, people.hours)),
            licences=licences.reshape(len(people.licences), coding.words),
            consent=consent,
            shortlisted=shortlisted,
            keys=lot_keys(people.ids),
            likings=Likings.told(people.wishes, people.refused, coding),
        )

    @classmethod
    def joined(cls, parts: Sequence[Participants]) -> Self:
        """Several groups, one behind the other; one at least."""
        columns = (field.name for field in fields(cls) if field.name != "likings")
        return cls(
            **{name: np.concatenate([getattr(part, name) for part in parts]) for name in columns},
            likings=Likings.joined([part.likings for part in parts]),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Needs:
    """m needs as columns.

    Need j asks `features[starts[j]:starts[j + 1]]`, one a skill, with `weights` that sum to 1: the feature that
    `Participants` have for the level asked. How softly that level counts is said by the policy of the shortlists.
    `latitude`, `longitude`: degrees, NaN when unknown. `occupations`: numbers. `hours`, `licences`: required, as bit
    sets. `starts_on`: days. `open`: not closed. `keys`: see `lot_keys`. The participants forbidden to need j:
    `forbidden[forbidden_starts[j]:forbidden_starts[j + 1]]`, their numbers. What is left out sets no limit.
    """

    starts: NDArray[np.int64]
    features: NDArray[np.int32]
    weights: NDArray[np.float64]
    latitude: NDArray[np.float64]
    longitude: NDArray[np.float64]
    occupations: NDArray[np.int32]
    hours: NDArray[np.uint8]
    licences: NDArray[np.uint64]
    starts_on: NDArray[np.datetime64]
    open: NDArray[np.bool_]
    keys: NDArray[np.uint64]
    forbidden_starts: NDArray[np.int64]
    forbidden: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.latitude)

    @classmethod
    def build(
        cls,
        requirements: Sequence[Sequence[tuple[int, float]]],
        latitude: ArrayLike,
        longitude: ArrayLike,
        *,
        occupations: ArrayLike | None = None,
        hours: ArrayLike | None = None,
        licences: ArrayLike | None = None,
        starts_on: ArrayLike | None = None,
        open: ArrayLike | None = None,  # noqa: A002 # the word of `Opening`
        keys: ArrayLike | None = None,
        forbidden: Sequence[Iterable[int]] | None = None,
    ) -> Self:
        """From (feature, weight) pairs a need, and arrays; raises ValueError where they do not fit."""
        m = len(requirements)
        within("occupations", 0 if occupations is None else occupations, 0, MOST)
        within("hours", 0 if hours is None else hours, 0, _ALL_HOURS)
        check_degrees(latitude, longitude)
        for need, asked in enumerate(requirements):
            total = sum(weight for _, weight in asked)
            if not (abs(total - 1) <= WEIGHTS_TOLERANCE and all(weight >= 0 for _, weight in asked)):
                raise ValueError(
                    f"The weights of need {need} sum to {total:.6g}: give weights of 0 or more that sum to 1."
                )
        pairs = [pair for asked in requirements for pair in asked]
        banned = [sorted(set(people)) for people in forbidden] if forbidden is not None else [[]] * m
        if len(banned) != m:
            raise ValueError(f"forbidden holds {len(banned)} rows: give one for each of {m} needs.")
        return cls(
            np.cumsum([0, *map(len, requirements)], dtype=np.int64),
            whole_numbers("features", [feature for feature, _ in pairs]),
            np.array([weight for _, weight in pairs], dtype=np.float64),
            column("latitude", latitude, np.float64, (m,)),
            column("longitude", longitude, np.float64, (m,)),
            column("occupations", 0 if occupations is None else occupations, np.int32, (m,)),
            column("hours", 0 if hours is None else hours, np.uint8, (m,)),
            bit_sets("licences", licences, m),
            days("starts_on", ANY_DAY if starts_on is None else starts_on, m),
            column("open", True if open is None else open, np.bool_, (m,)),
            column("keys", lot_keys(range(m)) if keys is None else keys, np.uint64, (m,)),
            np.cumsum([0, *map(len, banned)], dtype=np.int64),
            whole_numbers("forbidden", [person for people in banned for person in people]),
        )

    @classmethod
    def of(
        cls,
        openings: AsGiven[Opening],
        requirements: Iterable[AsGiven[RequiredSkill]],
        codebook: Codebook,
        forbidden: Sequence[Iterable[int]] | None = None,
    ) -> Self:
        """From records of `Opening`, in their order, each with its records of `RequiredSkill`.

        `forbidden` holds the numbers of participants who must not meet each need.

        Raises ValueError when a need asks for a skill, an occupation or a licence that the codebook lacks.
        """
        openings = records(Opening, openings, "openings")
        of_needs = [records(RequiredSkill, asked, f"requirements[{need}]") for need, asked in enumerate(requirements)]
        coding = Coding(codebook, near=_nothing)
        numbers, licences = coding.occupations, [coding.licence_bits(one.licences) for one in openings]
        if unknown := sorted({one.occupation for one in openings} - numbers.keys()):
            raise ValueError(f"Unknown occupations: {', '.join(unknown)}. Add them to the codebook.")
        if unknown := sorted(frozenset().union(*(one.licences for one in openings)) - set(codebook.licences)):
            raise ValueError(f"Unknown licences: {', '.join(unknown)}. Add them to the codebook.")
        return cls.build(
            [[(codebook.feature(one), one.weight) for one in asked] for asked in of_needs],
            _degrees(one.latitude for one in openings),
            _degrees(one.longitude for one in openings),
            occupations=[numbers[one.occupation] for one in openings],
            hours=[coding.hour_bits(one.hours) for one in openings],
            licences=np.array(licences, dtype=np.uint64).reshape(len(openings), coding.words),
            starts_on=[_day(one.starts_on, ANY_DAY) for one in openings],
            open=[one.open for one in openings],
            keys=lot_keys(one.id for one in openings),
            forbidden=forbidden,
        )


def _degrees(values: Iterable[float | None]) -> NDArray[np.float64]:
    return np.array([math.nan if value is None else value for value in values], dtype=np.float64)


@lru_cache(REMEMBERED)
def _day(day: date | None, otherwise: np.datetime64) -> np.datetime64:
    return otherwise if day is None else np.datetime64(day, "D")


def _nothing(_occupation: str) -> Sequence[tuple[str, int]]:
    """No occupation is near another: needs have no wishes."""
    return ()
