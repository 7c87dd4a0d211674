"""What an explanation may say: the terms of the score with the evidence behind each, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from services.matching.domain.scoring import Change, Score, Term, WhatWouldChange


@dataclass(frozen=True, slots=True)
class Label:
    """A skill's name in both languages."""

    fr: str
    en: str


class Evidence(Protocol):
    """What stands behind one skill: notes, distinct raters, where and in which exercises."""

    @property
    def observations(self) -> int: ...
    @property
    def raters(self) -> int: ...
    @property
    def venues(self) -> tuple[str, ...]: ...
    @property
    def exercises(self) -> tuple[str, ...]: ...


@dataclass(frozen=True, slots=True)
class SkillReason:
    """One term of the score with its evidence: contribution = weight × probability that the level is reached."""

    label: Label
    level: int
    weight: float
    probability: float
    contribution: float
    observations: int = 0
    raters: int = 0
    venues: tuple[str, ...] = ()
    exercises: tuple[str, ...] = ()

    @property
    def seen(self) -> bool:
        """Whether anybody noted this skill."""
        return self.observations > 0

    @property
    def shown(self) -> bool:
        """Whether it was noted and is rather reached than not."""
        return self.seen and self.probability >= 0.5


@dataclass(frozen=True, slots=True)
class Raise:
    """A skill, how many levels more, and the score that this would give."""

    label: Label
    levels: float
    score: float


@dataclass(frozen=True, slots=True)
class Reasons:
    """Everything that one pair's explanation rests on.

    ``score`` with ``low`` and ``high`` at ``coverage``; ``liking`` and ``utility`` in [0, 1]; distances in kilometres
    by road, None where a place is not known. ``one_level_more`` and ``smallest`` (which reaches ``target``) say what
    would change the score.
    """

    skills: tuple[SkillReason, ...]
    score: float
    low: float
    high: float
    coverage: float
    liking: float
    utility: float
    distance_km: float | None = None
    travel_limit_km: float | None = None
    one_level_more: tuple[Raise, ...] = ()
    target: float | None = None
    smallest: Raise | None = None

    @property
    def wish(self) -> str:
        """How the occupation stands to the participant's wishes: "asked", "near" or "unknown"."""
        if self.liking == 1:
            return "asked"
        return "near" if self.liking > _NOTHING_KNOWN else "unknown"


_NOTHING_KNOWN = 0.5
"""Liking of an occupation of which nothing is known."""


def reasons(
    score: Score,
    *,
    labels: Mapping[str, Label],
    evidence: Mapping[str, Evidence],
    liking: float,
    utility: float,
    distance_km: float | None = None,
    travel_limit_km: float | None = None,
    changing: WhatWouldChange | None = None,
) -> Reasons:
    """Bring a score, its evidence by skill code (absent: not yet seen) and its labels together.

    Raises KeyError for a skill without label.
    """
    skills = tuple(_skill_reason(term, labels[term.skill], evidence.get(term.skill)) for term in score.terms)

    def named(change: Change) -> Raise:
        return Raise(labels[change.skill], change.raised_by, change.score)

    return Reasons(
        skills=skills,
        score=score.value,
        low=score.low,
        high=score.high,
        coverage=score.coverage,
        liking=liking,
        utility=utility,
        distance_km=distance_km,
        travel_limit_km=travel_limit_km,
        one_level_more=tuple(named(change) for change in changing.one_level_more) if changing else (),
        target=changing.target if changing else None,
        smallest=named(changing.smallest) if changing and changing.smallest else None,
    )


def _skill_reason(term: Term, label: Label, found: Evidence | None) -> SkillReason:
    counted = (term.level, term.weight, term.probability, term.contribution)
    if found is None:
        return SkillReason(label, *counted)
    return SkillReason(label, *counted, found.observations, found.raters, found.venues, found.exercises)
