"""How people are told of: participants, their decisions, merges and erasures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.registration.api.answers.common import CodeOfCommune, CodeOfOccupation, Listed, Told
from services.registration.domain.participants import (
    AccessNeed,
    ConsentWay,
    Hours,
    Origin,
    Purpose,
    Sex,
    Transport,
)
from shared.language import Language
from shared.web.telling_records import RecordOfService


class ProtectedShown(Told):
    """What must never count: told to the advisers of the participant's agency alone."""

    publics: Sequence[str]
    born_on: date | None
    sex: Sex | None
    access_needs: Sequence[AccessNeed]


class ParticipantShown(Told):
    """A participant; `protected` is there for those alone who may read it."""

    id: UUID
    identifier: str | None
    revision: int
    agency_id: UUID
    first_name: str
    last_name: str
    email: str | None
    phone: str | None
    postal_address: str | None
    language: Language
    commune: CodeOfCommune
    travel_limit_km: float
    transport: Transport
    available_from: date
    hours: Sequence[Hours]
    licences: Sequence[str]
    wishes: Sequence[CodeOfOccupation]
    refused_occupations: Sequence[CodeOfOccupation]
    consents: Mapping[Purpose, bool]
    protected: ProtectedShown | None = None


class ParticipantListed(Listed):
    """A participant in a list; names and identifier are there for those alone who may know them."""

    id: UUID
    agency_id: UUID
    commune: CodeOfCommune
    revision: int
    merged_into: UUID | None
    has_email: bool
    identifier: str | None = None
    first_name: str = ""
    last_name: str = ""


class ConsentDecided(Told):
    """One decision on a consent; of what was decided before `way` and `text_version` were noted, both are null."""

    purpose: Purpose
    granted: bool
    source: Origin
    decided_at: datetime
    decided_by: UUID | None
    way: ConsentWay | None
    text_version: int | None


class ObjectionShown(Told):
    """That somebody objects to a purpose; in force until somebody lifted it."""

    id: UUID
    participant_id: UUID
    purpose: Purpose
    objected_at: datetime
    noted_by: UUID | None
    way: ConsentWay | None
    lifted_at: datetime | None
    lifted_by: UUID | None
    lifted_because: str | None


class MergeShown(Told):
    """That one record goes on for another, as long as it was not undone."""

    id: UUID
    participant_id: UUID
    merged_id: UUID
    merged_at: datetime
    merged_by: UUID | None
    undone_at: datetime | None
    undone_by: UUID | None


class ReasonTold(Told):
    """One thing that speaks for, or against, two records being of one person."""

    french: str
    english: str
    speaks_for: bool


class SuspicionShown(Told):
    """Two records that are probably of one person."""

    participant_id: UUID
    resembles_id: UUID
    agency_id: UUID | None
    noticed_at: datetime
    probability: float
    reasons: Sequence[ReasonTold]


class PlannedErasure(Told):
    """Somebody who is to be erased on a day, and whether they were told."""

    participant_id: UUID
    agency_id: UUID
    noticed_at: datetime
    erases_on: date
    told_at: datetime | None
    told_by: UUID | None


class ErasureListed(Listed):
    """An erasure in a list, with how many notes wait to be looked at."""

    id: UUID
    participant_id: UUID | None
    agency_id: UUID
    erased_at: datetime
    notes_to_look_at: int


class KeptOfErased(Told):
    """What is left of somebody who was erased, until when, and why."""

    participant_id: UUID | None
    participant_id_goes_by: date
    identifier_digest: bool
    why: str


class NamingNote(Told):
    """Somebody else's observation that may name them; its words are there for the advisers of its agency alone."""

    observation_id: UUID
    participant_id: UUID
    workshop_id: UUID
    note: str = ""


class ReceiptShown(Told):
    """The receipt of an erasure: what went by table, what is left, and which notes wait to be looked at."""

    id: UUID
    erased_at: datetime
    erased_by: UUID | None
    gone: Mapping[str, int]
    kept: KeptOfErased
    told_at: datetime | None
    ages_out_on: date
    notes_to_look_at: Sequence[NamingNote]


class ServiceRecord(RecordOfService):
    """What one service holds of somebody; with the profile that matching worked out."""

    profile: Mapping[str, Any] | None = None


class RecordShown(Told):
    """All that is held of somebody: by service, and there by table; `ids` says what the ids in it stand for."""

    participant_id: UUID
    told_at: datetime
    services: Mapping[str, ServiceRecord]
    ids: Mapping[str, Mapping[str, Any]]
