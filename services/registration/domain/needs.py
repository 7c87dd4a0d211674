"""Employers and what they need."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from services.registration.domain.participants import Hours, Language
from services.registration.domain.places import Place

WHOLE_PERCENT = 100.0
TOLERANCE_PERCENT = 2.0
MOST_POSTS, MOST_SEATS = 1000, 200


@dataclass(frozen=True, slots=True)
class EmployerDraft:
    """An employer as handed in."""

    identifier: str | None
    name: str
    siret: str | None
    contact_name: str | None
    email: str | None
    phone: str | None
    place: Place
    language: Language = "fr"


@dataclass(frozen=True, slots=True)
class Employer:
    """An employer as kept."""

    id: UUID
    revision: int
    draft: EmployerDraft


@dataclass(frozen=True, slots=True)
class RequiredSkill:
    """A minimal level (1 to 4) of one skill with its weight."""

    skill: str
    level: int
    weight: float


@dataclass(frozen=True, slots=True)
class NeedDraft:
    """A vacancy as handed in; the weights of its skills are shares that add up to 1."""

    identifier: str | None
    employer_id: UUID
    title: str
    occupation: str
    place: Place
    posts: int
    seats: int
    hours: tuple[Hours, ...]
    licences: tuple[str, ...]
    framework: str
    skills: tuple[RequiredSkill, ...]
    starts_on: date | None = None


@dataclass(frozen=True, slots=True)
class Need:
    """A vacancy as kept."""

    id: UUID
    revision: int
    draft: NeedDraft
    is_closed: bool = False


def adds_up(percents: Sequence[float]) -> bool:
    """Whether weights in percent make a whole, give or take what rounding does."""
    return abs(sum(percents) - WHOLE_PERCENT) <= TOLERANCE_PERCENT + 1e-9


def normalised(skills: Sequence[RequiredSkill]) -> tuple[RequiredSkill, ...]:
    """The skills with weights as shares of one; the last takes what rounding to six digits leaves.

    Weights must be positive in sum.
    """
    total = sum(skill.weight for skill in skills)
    shares = [round(skill.weight / total, 6) for skill in skills]
    shares[-1] = round(1.0 - sum(shares[:-1]), 6)
    return tuple(replace(skill, weight=share) for skill, share in zip(skills, shares, strict=True))
