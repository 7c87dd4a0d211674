"""What an explanation may say: the terms of the score with the evidence behind each, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from services.matching.domain.pairing import Evidence
from services.matching.domain.profiling import Profile
from services.matching.domain.scoring import Raise, Score, Term, WhatWouldChange
from shared.language import Bilingual


@dataclass(frozen=True, slots=True)
class SkillGround:
    """One term of the score with its evidence: contribution = weight × share.

    `share` is how much of what was asked the level is expected to count; `probability` that the level asked is reached.
    """

    label: Bilingual
    level: int
    weight: float
    probability: float
    share: float
    contribution: float
    observations: int = 0
    raters: int = 0
    venues: tuple[str, ...] = ()
    exercises: tuple[str, ...] = ()
    own: float | None = None
    """How far this skill's own part sets the person's level apart from the programme's mean, in levels."""

    @property
    def seen(self) -> bool:
        """Whether anybody noted this skill."""
        return self.observations > 0

    @property
    def shown(self) -> bool:
        """Whether it was noted and is rather reached than not."""
        return self.seen and self.probability >= 0.5


@dataclass(frozen=True, slots=True)
class NamedRaise:
    """A skill, how many levels more, and the score that this would give."""

    label: Bilingual
    levels: float
    score: float


@dataclass(frozen=True, slots=True)
class Grounds:
    """Everything that one pair's explanation rests on.

    ``score`` with ``low`` and ``high`` at ``coverage``; ``liking`` and ``utility`` in [0, 1]; distances in kilometres
    by road, None where a place is not known. ``one_level_more`` and ``smallest`` (which reaches ``target``) say what
    would change the score. ``shared`` is how far what all skills of the person share sets each level apart from the
    programme's mean, in levels.
    """

    skills: tuple[SkillGround, ...]
    score: float
    low: float
    high: float
    coverage: float
    liking: float
    utility: float
    distance_km: float | None = None
    travel_limit_km: float | None = None
    one_level_more: tuple[NamedRaise, ...] = ()
    target: float | None = None
    smallest: NamedRaise | None = None
    shared: float | None = None

    @property
    def wish(self) -> str:
        """How the occupation stands to the participant's wishes: "asked", "near" or "unknown"."""
        if self.liking == 1:
            return "asked"
        return "near" if self.liking > _NOTHING_KNOWN else "unknown"


_NOTHING_KNOWN = 0.5
"""Liking of an occupation of which nothing is known."""


def grounds(
    score: Score,
    *,
    labels: Mapping[str, Bilingual],
    evidence: Mapping[str, Evidence],
    liking: float,
    utility: float,
    distance_km: float | None = None,
    travel_limit_km: float | None = None,
    changing: WhatWouldChange | None = None,
    profile: Profile | None = None,
) -> Grounds:
    """Bring a score, its evidence by skill code (absent: not yet seen) and its labels together.

    Raises KeyError for a skill without label, ValueError for a liking or a utility that is none.
    """
    for name, value in (("liking", liking), ("utility", utility)):
        if not 0 <= value <= 1:
            raise ValueError(f"The {name} is {value}: give a number from 0 to 1.")
    own = dict(zip(profile.skills, profile.own.tolist(), strict=True)) if profile else {}
    skills = tuple(
        _skill_ground(term, labels[term.skill], evidence.get(term.skill), own.get(term.skill)) for term in score.terms
    )

    def named(one: Raise) -> NamedRaise:
        return NamedRaise(labels[one.skill], one.raised_by, one.score)

    return Grounds(
        skills=skills,
        score=score.value,
        low=score.low,
        high=score.high,
        coverage=score.coverage,
        liking=liking,
        utility=utility,
        distance_km=distance_km,
        travel_limit_km=travel_limit_km,
        one_level_more=tuple(named(one) for one in changing.one_level_more) if changing else (),
        target=changing.target if changing else None,
        smallest=named(changing.smallest) if changing and changing.smallest else None,
        shared=profile.shared if profile else None,
    )


def _skill_ground(term: Term, label: Bilingual, found: Evidence | None, own: float | None) -> SkillGround:
    counted = (term.level, term.weight, term.probability, term.share, term.contribution)
    if found is None:
        return SkillGround(label, *counted, own=own)
    return SkillGround(label, *counted, found.observations, found.raters, found.venues, found.exercises, own)
