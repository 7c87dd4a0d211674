"""What shortlisting reads: participants and needs as columns of arrays, checked once, from records or as they are."""

from __future__ import annotations

import math
from array import array
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from services.matching.domain.commute import check_degrees
from services.matching.domain.constraints import Hours, Opening, Seeker
from services.matching.domain.likings import Near
from services.matching.domain.records import AsGiven, records
from services.matching.domain.scoring import HIGHEST_LEVEL, WEIGHTS_TOLERANCE, RequiredSkill
from services.matching.domain.shortlisting.coding import REMEMBERED, Codebook, Coding
from services.matching.domain.shortlisting.lots import lot_keys

LONG_AGO = np.datetime64("1900-01-01", "D")
ANY_DAY = np.datetime64("2200-01-01", "D")
_ALL_HOURS = (1 << len(Hours)) - 1
_MOST = np.iinfo(np.int32).max
"""What the compiled passes number goes up to here."""


class Entrant(NamedTuple):
    """Somebody as shortlisting knows them beside their profile: the same as `constraints.Seeker`, and cheap."""

    id: Hashable
    latitude: float | None
    longitude: float | None
    travel_limit_km: float
    available_from: date | None
    hours: Collection[str]
    licences: Collection[str]
    wishes: Collection[str]
    refused: Collection[str]


@dataclass(frozen=True, slots=True, eq=False)
class Likings:
    """What is known of participants' likings, sparse: row i holds `occupations[starts[i]:starts[i + 1]]`, ascending.

    `values` are in [0, 1]: 0 is "never". Pairs that are not listed have the liking ½.
    """

    starts: NDArray[np.int64]
    occupations: NDArray[np.int32]
    values: NDArray[np.float64]

    def __post_init__(self) -> None:
        if len(self.occupations) > _MOST or len(self.values) != len(self.occupations):
            raise ValueError(
                f"likings hold {len(self.occupations)} occupations and {len(self.values)} values: "
                f"give one for one, and no more than {_MOST}."
            )
        _within("likings", self.values, 0, 1)
        _within("occupations liked", self.occupations, 0, _MOST)
        self._check_rows()

    @classmethod
    def of(cls, rows: Iterable[Mapping[int, float]]) -> Self:
        """From one mapping a participant: number of occupation → liking."""
        starts, occupations, values = array("q", [0]), array("q"), array("d")
        for row in rows:
            known = sorted(row)
            occupations.extend(known)
            values.extend(map(row.__getitem__, known))
            starts.append(len(occupations))
        numbers = _column("occupations liked", occupations, np.int32, (len(occupations),))
        return cls(np.array(starts, np.int64), numbers, np.array(values, np.float64))

    @classmethod
    def joined(cls, parts: Sequence[Likings]) -> Self:
        """Those of several groups of participants, one behind the other."""
        lengths = [np.diff(part.starts) for part in parts]
        return cls(
            np.cumsum(np.concatenate([np.zeros(1, np.int64), *lengths]), dtype=np.int64),
            np.concatenate([np.zeros(0, np.int32), *(part.occupations for part in parts)]),
            np.concatenate([np.zeros(0), *(part.values for part in parts)]),
        )

    def _check_rows(self) -> None:
        ends = [*self.starts[:1], *self.starts[-1:]]
        if ends != [0, len(self.occupations)] or (np.diff(self.starts) < 0).any():
            raise ValueError(f"The starts of likings must ascend from 0 to {len(self.occupations)}.")
        ascends = np.diff(self.occupations) > 0
        ascends[self.starts[(self.starts > 0) & (self.starts < len(self.occupations))] - 1] = True
        if not ascends.all():
            raise ValueError("The occupations liked must ascend in each row, and none stand twice.")


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
        _within("exceedance", exceedance, 0, 1)
        check_degrees(latitude, longitude)
        _within("travel_limit_km", travel_limit_km, 0, math.inf)
        _within("hours", _ALL_HOURS if hours is None else hours, 0, _ALL_HOURS)
        likings = likings or Likings(np.zeros(n + 1, np.int64), np.zeros(0, np.int32), np.zeros(0))
        if len(likings.starts) != n + 1:
            raise ValueError(f"likings hold {len(likings.starts) - 1} rows: give one for each of {n} participants.")
        return cls(
            _column("exceedance", exceedance, np.float32, (n, np.shape(exceedance)[1])),
            _column("latitude", latitude, np.float64, (n,)),
            _column("longitude", longitude, np.float64, (n,)),
            _column("travel_limit_km", travel_limit_km, np.float64, (n,)),
            _days("available_from", LONG_AGO if available_from is None else available_from, n),
            _column("hours", _ALL_HOURS if hours is None else hours, np.uint8, (n,)),
            _bit_sets("licences", licences, n),
            _column("consent", True if consent is None else consent, np.bool_, (n,)),
            _column("shortlisted", 0 if shortlisted is None else shortlisted, np.int32, (n,)),
            _column("keys", lot_keys(range(n)) if keys is None else keys, np.uint64, (n,)),
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
        return cls.entering(seekers, exceedance, Coding(codebook, near), consent=consent, shortlisted=shortlisted)

    @classmethod
    def entering(
        cls,
        people: Sequence[Entrant | Seeker],
        exceedance: NDArray[np.float32],
        coding: Coding,
        *,
        consent: ArrayLike | None = None,
        shortlisted: ArrayLike | None = None,
    ) -> Self:
        """The same from many, whose codes a `Coding` works out once."""
        wide = HIGHEST_LEVEL * len(coding.codebook.skills)
        if np.shape(exceedance)[1:] != (wide,):
            raise ValueError(
                f"exceedance has the shape {np.shape(exceedance)}: give {wide} columns, {HIGHEST_LEVEL} for each skill "
                "of the codebook."
            )
        licences = np.array([coding.licence_bits(one.licences) for one in people], dtype=np.uint64)
        return cls.build(
            exceedance,
            _degrees(one.latitude for one in people),
            _degrees(one.longitude for one in people),
            [one.travel_limit_km for one in people],
            available_from=[_day(one.available_from, LONG_AGO) for one in people],
            hours=[coding.hour_bits(one.hours) for one in people],
            licences=licences.reshape(len(people), coding.words),
            consent=consent,
            shortlisted=shortlisted,
            keys=lot_keys(one.id for one in people),
            likings=Likings.of(coding.likings(one.wishes, one.refused) for one in people),
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
        _within("occupations", 0 if occupations is None else occupations, 0, _MOST)
        _within("hours", 0 if hours is None else hours, 0, _ALL_HOURS)
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
            _numbers("features", [feature for feature, _ in pairs]),
            np.array([weight for _, weight in pairs], dtype=np.float64),
            _column("latitude", latitude, np.float64, (m,)),
            _column("longitude", longitude, np.float64, (m,)),
            _column("occupations", 0 if occupations is None else occupations, np.int32, (m,)),
            _column("hours", 0 if hours is None else hours, np.uint8, (m,)),
            _bit_sets("licences", licences, m),
            _days("starts_on", ANY_DAY if starts_on is None else starts_on, m),
            _column("open", True if open is None else open, np.bool_, (m,)),
            _column("keys", lot_keys(range(m)) if keys is None else keys, np.uint64, (m,)),
            np.cumsum([0, *map(len, banned)], dtype=np.int64),
            _numbers("forbidden", [person for people in banned for person in people]),
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


def _column(name: str, values: ArrayLike, kind: DTypeLike, shape: tuple[int, ...]) -> NDArray[Any]:
    try:
        with np.errstate(invalid="ignore"):  # what is no number is told below
            column = np.asarray(values, dtype=kind)
    except (OverflowError, TypeError, ValueError) as error:
        raise ValueError(f"{name} holds what {np.dtype(kind)} cannot: {error}.") from None
    given = np.asarray(values)
    if column.dtype.kind in "biu" and (column != given).any():
        # an array is cut to fewer bits without a word: 256 would be 0, and NaN a consent
        raise ValueError(
            f"{name} holds {np.atleast_1d(given)[np.atleast_1d(column != given)][0]}: {column.dtype} cannot."
        )
    if column.ndim == 0:
        column = np.broadcast_to(column, shape)
    if column.shape != shape:
        raise ValueError(f"{name} has the shape {column.shape}: give {shape}.")
    return column


def _within(name: str, values: ArrayLike, low: float, high: float) -> None:
    if np.size(values) and not (np.min(values) >= low and np.max(values) <= high):
        raise ValueError(f"{name} holds {np.min(values)} to {np.max(values)}: give numbers from {low} to {high}.")


def _numbers(name: str, values: Sequence[int]) -> NDArray[np.int32]:
    _within(name, values, 0, _MOST)
    return _column(name, values, np.int32, (len(values),))


def _days(name: str, values: ArrayLike, rows: int) -> NDArray[np.datetime64]:
    days = _column(name, values, "datetime64[D]", (rows,))
    if np.isnat(days).any():
        raise ValueError(f"{name} holds NaT: give a day, or leave out the column where none sets a limit.")
    _within(name, days.astype(np.int64), -_MOST, _MOST)
    return days


def _bit_sets(name: str, values: ArrayLike | None, rows: int) -> NDArray[np.uint64]:
    if values is None:
        return np.zeros((rows, 1), dtype=np.uint64)
    sets = _column(name, values, np.uint64, np.shape(values))
    if sets.ndim == 1:
        sets = sets[:, np.newaxis]
    if sets.ndim != 2 or len(sets) != rows:
        raise ValueError(f"{name} has the shape {np.shape(values)}: give a row of words for each of {rows}.")
    return sets


def _degrees(values: Iterable[float | None]) -> NDArray[np.float64]:
    return np.array([math.nan if value is None else value for value in values], dtype=np.float64)


@lru_cache(REMEMBERED)
def _day(day: date | None, otherwise: np.datetime64) -> np.datetime64:
    return otherwise if day is None else np.datetime64(day, "D")


def _nothing(_occupation: str) -> Sequence[tuple[str, int]]:
    """No occupation is near another: needs have no wishes."""
    return ()
