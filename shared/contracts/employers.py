"""Topic `employers`: employers and what they need. Key: the employer."""

from __future__ import annotations

from datetime import date
from typing import Annotated, ClassVar

from pydantic import Field, model_validator

from shared.contracts.envelope import Event
from shared.contracts.vocabulary import (
    FrameworkName,
    Hours,
    Id,
    LicenceCode,
    OccupationCode,
    Part,
    Place,
    RequiredLevel,
    Revision,
    Share,
    SkillCode,
)


class EmployerState(Event):
    """An employer exists at a place; name and contact stay in registration."""

    key: ClassVar[str] = "employer_id"

    employer_id: Id
    revision: Revision
    place: Place


class EmployerRegistered(EmployerState):
    """An employer joined the programme."""

    type: ClassVar[str] = "vernissage.employer.registered.v1"


class EmployerChanged(EmployerState):
    """An employer's data changed."""

    type: ClassVar[str] = "vernissage.employer.changed.v1"


class RequiredSkill(Part):
    """A minimal level of one skill, with its share of the whole."""

    skill: SkillCode
    level: RequiredLevel
    weight: Share


class NeedState(Event):
    """A vacancy: what it asks, where, when. Weights of the skills add up to 1."""

    key: ClassVar[str] = "employer_id"

    employer_id: Id
    need_id: Id
    revision: Revision
    occupation: OccupationCode
    place: Place
    posts: Annotated[int, Field(ge=1)]
    seats: Annotated[int, Field(ge=1)]
    """How many candidates the employer can meet at one meetup."""
    hours: tuple[Hours, ...]
    licences: tuple[LicenceCode, ...]
    starts_on: date | None
    framework: FrameworkName
    skills: tuple[RequiredSkill, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _weights_are_shares_of_one(self) -> NeedState:
        if abs(sum(skill.weight for skill in self.skills) - 1.0) > 1e-6:
            raise ValueError("the weights do not add up to 1")
        if len({skill.skill for skill in self.skills}) != len(self.skills):
            raise ValueError("a skill is asked twice")
        return self


class NeedPublished(NeedState):
    """An employer looks for people."""

    type: ClassVar[str] = "vernissage.need.published.v1"


class NeedChanged(NeedState):
    """A need changed; the event holds all of it."""

    type: ClassVar[str] = "vernissage.need.changed.v1"


class NeedClosed(Event):
    """A need is filled or given up."""

    type: ClassVar[str] = "vernissage.need.closed.v1"
    key: ClassVar[str] = "employer_id"

    employer_id: Id
    need_id: Id
    revision: Revision


EVENTS: tuple[type[Event], ...] = (EmployerRegistered, EmployerChanged, NeedPublished, NeedChanged, NeedClosed)
