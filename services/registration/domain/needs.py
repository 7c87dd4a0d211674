"""Employers and what they need."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from services.registration.domain.participants import DEFAULT_HOURS, Hours
from services.registration.domain.places import Place
from services.registration.domain.records import Record
from services.registration.domain.said import UNSAID, Said
from shared.language import Language

WHOLE_PERCENT = 100.0
TOLERANCE_PERCENT = 2.0
MOST_POSTS, MOST_SEATS, MOST_INTERVIEWERS = 1000, 200, 50
DEFAULT_POSTS, DEFAULT_SEATS = 1, 5

CONTACT = ("contact_name", "email", "phone")
"""How an employer is reached, by its main contact: where shortlists go that no need sends elsewhere."""


@dataclass(frozen=True, slots=True)
class EmployerDetails:
    """What is known of an employer and of its main contact; the agency vouches for it."""

    name: str
    place: Place
    identifier: str | None = None
    siret: str | None = None
    contact_name: str | None = None
    email: str | None = None
    phone: str | None = None
    language: Language = "fr"
    agency_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class EmployerDraft:
    """What was said of an employer."""

    identifier: Said[str | None] = UNSAID
    name: Said[str] = UNSAID
    place: Said[Place] = UNSAID
    siret: Said[str | None] = UNSAID
    contact_name: Said[str | None] = UNSAID
    email: Said[str | None] = UNSAID
    phone: Said[str | None] = UNSAID
    language: Said[Language] = UNSAID
    agency_id: Said[UUID] = UNSAID


@dataclass(frozen=True, slots=True)
class Employer(Record[EmployerDetails]):
    """An employer as kept."""


@dataclass(frozen=True, slots=True)
class RequiredSkill:
    """A minimal level (1 to 4) of one skill with its weight."""

    skill: str
    level: int
    weight: float


@dataclass(frozen=True, slots=True)
class NeedDetails:
    """What is known of a vacancy; the weights of its skills are shares that add up to 1.

    ``interviewers`` is how many people come to a meetup to interview side by side, ``access`` how the workplace is
    reached; the work is at the site where one is named, and the shortlist goes to the contact, or else to the
    employer's main one; the agency vouches for it.
    """

    employer_id: UUID
    title: str
    occupation: str
    place: Place
    framework: str
    skills: tuple[RequiredSkill, ...]
    identifier: str | None = None
    posts: int = DEFAULT_POSTS
    seats: int = DEFAULT_SEATS
    hours: tuple[Hours, ...] = DEFAULT_HOURS
    licences: tuple[str, ...] = ()
    starts_on: date | None = None
    interviewers: int = 1
    access: str | None = None
    site_id: UUID | None = None
    contact_id: UUID | None = None
    agency_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class NeedDraft:
    """What was said of a vacancy; framework and skills are said together, `NOWHERE` is where its site is."""

    identifier: Said[str | None] = UNSAID
    employer_id: Said[UUID] = UNSAID
    title: Said[str] = UNSAID
    occupation: Said[str] = UNSAID
    place: Said[Place] = UNSAID
    framework: Said[str] = UNSAID
    skills: Said[tuple[RequiredSkill, ...]] = UNSAID
    posts: Said[int] = UNSAID
    seats: Said[int] = UNSAID
    hours: Said[tuple[Hours, ...]] = UNSAID
    licences: Said[tuple[str, ...]] = UNSAID
    starts_on: Said[date | None] = UNSAID
    interviewers: Said[int] = UNSAID
    access: Said[str | None] = UNSAID
    site_id: Said[UUID | None] = UNSAID
    contact_id: Said[UUID | None] = UNSAID
    agency_id: Said[UUID] = UNSAID
    is_closed: Said[bool] = UNSAID


@dataclass(frozen=True, slots=True)
class Need(Record[NeedDetails]):
    """A vacancy as kept."""

    is_closed: bool = False


def adds_up(percents: Sequence[float]) -> bool:
    """Whether weights in percent make a whole, give or take what rounding does."""
    return abs(sum(percents) - WHOLE_PERCENT) <= TOLERANCE_PERCENT + 1e-9


def normalised(skills: Sequence[RequiredSkill]) -> tuple[RequiredSkill, ...]:
    """The skills with weights as shares of one; the greatest takes what rounding to six digits leaves.

    Weights must be positive in sum.
    """
    total = sum(skill.weight for skill in skills)
    shares = [round(skill.weight / total, 6) for skill in skills]
    greatest = shares.index(max(shares))
    shares[greatest] = round(shares[greatest] + 1.0 - sum(shares), 6)
    return tuple(replace(skill, weight=share) for skill, share in zip(skills, shares, strict=True))
