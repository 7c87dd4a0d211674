"""How the records of the programme are told: workshops, notes, employers, needs, meetups, operations, venues."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.registration.api.answers.common import (
    CodeOfCommune,
    CodeOfOccupation,
    Listed,
    ListedByRevision,
    Located,
    Told,
)
from services.registration.domain.participants import Hours
from shared.language import Language


class WorkshopData(Told):
    """What is known of a workshop."""

    id: UUID
    revision: int
    identifier: str | None
    agency_id: UUID
    title: str
    venue: str
    commune: CodeOfCommune
    starts_on: date
    ends_on: date
    operation_id: UUID | None


class WorkshopShown(WorkshopData):
    """A workshop with its team."""

    mediators: Sequence[UUID]
    adviser: UUID | None


class WorkshopListed(WorkshopData, ListedByRevision, Located):
    """A workshop in a list, with how many people are enrolled."""

    participants: int


class SessionShown(Told):
    """A session of a workshop, its times by the clock of its place."""

    id: UUID
    revision: int
    workshop_id: UUID
    held_on: date
    identifier: str | None
    begins: str | None
    ends: str | None
    exercise: str | None
    title: str | None


class PresenceShown(Told):
    """Whether somebody came; null where that is not known."""

    participant_id: UUID
    present: bool | None


class ObservationShown(Told):
    """What was seen of somebody: by whom, in which workshop and exercise, at which level, with the words beside it."""

    id: UUID
    revision: int
    framework: str
    written_by: UUID | None
    workshop_id: UUID
    participant_id: UUID
    rater_id: UUID
    seen_on: date
    exercise: str
    skill: str
    level: int
    note: str


class ObservationListed(ObservationShown, Listed):
    """An observation in a list, with where it was made and whether it still holds."""

    ordinal: int
    recorded_at: datetime
    retracted_at: datetime | None
    agency_id: UUID
    venue: str


class EmployerShown(Told):
    """An employer; whom to talk to there is told to the agency that vouches for it alone."""

    id: UUID
    revision: int
    identifier: str | None
    name: str
    siret: str | None
    commune: CodeOfCommune
    agency_id: UUID | None
    contact_name: str | None = None
    email: str | None = None
    phone: str | None = None
    language: Language = "fr"


class EmployerListed(EmployerShown, ListedByRevision, Located):
    """An employer in a list."""


class FormerContactShown(Told):
    """How an employer, its contact or a need of it was reached before somebody changed it."""

    id: UUID
    employer_id: UUID
    contact_id: UUID | None
    need_id: UUID | None
    contact_name: str | None
    email: str | None
    phone: str | None
    language: Language
    changed_at: datetime
    changed_by: UUID | None


class SiteShown(Told):
    """A site of an employer."""

    id: UUID
    revision: int
    identifier: str | None
    employer_id: UUID
    name: str
    siret: str | None
    address: str | None
    access: str | None
    commune: CodeOfCommune


class SiteListed(SiteShown, ListedByRevision, Located):
    """A site in a list."""


class ContactShown(Told):
    """Somebody at an employer."""

    id: UUID
    revision: int
    identifier: str | None
    employer_id: UUID
    name: str | None
    function: str | None
    email: str | None
    phone: str | None
    language: Language
    is_main: bool


class ContactListed(ContactShown, ListedByRevision):
    """A contact in a list."""


class SkillAsked(Told):
    """A skill that a need asks: at which level at least, and its share of the whole."""

    skill: str
    level: int
    weight: float


class NeedData(Told):
    """What is known of a need; weights are shares of one."""

    id: UUID
    revision: int
    identifier: str | None
    employer_id: UUID
    site_id: UUID | None
    contact_id: UUID | None
    title: str
    occupation: CodeOfOccupation
    commune: CodeOfCommune
    posts: int
    seats: int
    hours: Sequence[Hours]
    licences: Sequence[str]
    starts_on: date | None
    interviewers: int
    access: str | None
    framework: str
    skills: Sequence[SkillAsked]
    agency_id: UUID | None


class NeedShown(NeedData):
    """A need, and whether it is open."""

    is_open: bool


class NeedListed(NeedData, ListedByRevision, Located):
    """A need in a list, with the name of its employer."""

    is_closed: bool
    employer_name: str


class MeetupData(Told):
    """What is known of a meetup; slots are counted from 0."""

    id: UUID
    revision: int
    identifier: str | None
    agency_id: UUID
    title: str
    venue: str
    address: str | None
    access: str | None
    commune: CodeOfCommune
    starts_at: datetime
    slot_minutes: int
    slots: int
    breaks: Sequence[int]
    front_tables: int | None
    is_cancelled: bool
    operation_id: UUID | None


class NeedInvited(Told):
    """A need that is invited, and how many people interview for it."""

    need_id: UUID
    interviewers: int


class EnrolmentShown(Told):
    """Somebody enrolled, what the timetable must respect for them, and whether they came."""

    participant_id: UUID
    revision: int
    is_present: bool | None
    first_slot: int | None
    last_slot: int | None
    double_slot: bool
    front_table: bool


class MeetupShown(MeetupData):
    """A meetup with the needs invited; `participants` is there for those alone who may know who is enrolled."""

    ends_at: datetime
    needs: Sequence[NeedInvited]
    participants: Sequence[EnrolmentShown] = ()


class MeetupListed(MeetupData, ListedByRevision, Located):
    """A meetup in a list, with how many needs are invited and people enrolled."""

    directions: int
    needs: int
    participants: int


class PairingTold(Told):
    """How the pairing of a meetup stands, as matching told."""

    pairing_id: UUID
    state: str
    meetings: int


class PairedPerson(Told):
    """Somebody who has meetings, and how many."""

    participant_id: UUID
    meetings: int


class InvitationState(Told):
    """How an invitation stands, as notification told."""

    participant_id: UUID
    state: str
    reason: str | None


class EmployerReply(Told):
    """What an employer answered about somebody."""

    need_id: UUID
    participant_id: UUID
    answer: str
    reason: str


class InvitationsShown(Told):
    """The state of the pairing of a meetup, of each invitation, and of the employers' answers."""

    pairing: PairingTold | None
    paired: Sequence[PairedPerson]
    invitations: Sequence[InvitationState]
    answers: Sequence[EmployerReply]


class PeopleTold(Told):
    """How many people an operation was about: enrolled, met employers, and hired."""

    enrolled: int
    met: int
    hired: int


class OperationData(Told):
    """What is known of an operation."""

    id: UUID
    revision: int
    identifier: str | None
    agency_id: UUID
    name: str
    venue_id: UUID
    starts_on: date
    ends_on: date
    people: PeopleTold


class OperationShown(OperationData):
    """An operation with what is part of it."""

    workshops: Sequence[UUID]
    meetup_id: UUID | None


class OperationListed(OperationData, ListedByRevision):
    """An operation in a list."""


class VenueShown(Told):
    """A venue and how it is found; `contact` is whom the agency calls there."""

    id: UUID
    revision: int
    name: str
    commune: CodeOfCommune
    address: str | None
    access: str | None
    contact: str | None


class ProposalShown(Told):
    """What another agency would change of a record, or add to an employer; `changes` is the body of that change."""

    id: UUID
    employer_id: UUID | None
    need_id: UUID | None
    site_id: UUID | None
    adds: str | None
    changes: Mapping[str, Any]
    agency_id: UUID | None
    proposed_by: UUID | None
    proposing_agency_id: UUID | None
    proposed_at: datetime
    is_accepted: bool | None
    settled_by: UUID | None
    settled_at: datetime | None
