"""What the API and forms take: shapes and ranges are checked here, meaning (places, skills, ids) where it is read."""

from __future__ import annotations

import re
from datetime import time
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError

from services.registration.domain.accounts import StaffRole
from services.registration.domain.contact_rules import reaches_somebody
from services.registration.domain.exports import ExportForm
from services.registration.domain.meetups import LONGEST_SLOT_MINUTES, MOST_SLOTS, MOST_TABLES, OutcomeKind
from services.registration.domain.needs import DEFAULT_POSTS, DEFAULT_SEATS, MOST_INTERVIEWERS, MOST_POSTS, MOST_SEATS
from services.registration.domain.participants import (
    ACCESS_NEEDS,
    DEFAULT_HOURS,
    DEFAULT_LANGUAGE,
    DEFAULT_TRANSPORT,
    DEFAULT_TRAVEL_LIMIT_KM,
    LONGEST_TRAVEL_KM,
    AccessNeed,
    ConsentWay,
    Hours,
    Purpose,
    Transport,
)
from services.registration.domain.said import UNSAID, Said
from services.registration.domain.workshops import LONGEST_NOTE, LONGEST_VENUE_NAME
from shared.contracts.vocabulary import Level
from shared.language import Language
from shared.reference.skills import DEFAULT_FRAMEWORK
from shared.web.values import MANY_LINES, ONE_LINE, SAYS_SOMETHING, Day, Decimal, Instant, Whole, YesNo

_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


def _reaching_nobody(name: str) -> str:
    if reaches_somebody(name):
        raise PydanticCustomError("contact_in_public_name", "a public name holds no contact")
    return name


def _written_time(value: object) -> object:
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        raise PydanticCustomError("time_parsing", "a time of day is expected")
    return value


Identifier = Annotated[str, StringConstraints(min_length=1, max_length=100), SAYS_SOMETHING, ONE_LINE]
Line = Annotated[str, StringConstraints(min_length=1, max_length=200), SAYS_SOMETHING, ONE_LINE]
TypedVenueName = Annotated[
    str,
    StringConstraints(min_length=1, max_length=LONGEST_VENUE_NAME),
    AfterValidator(_reaching_nobody),
    SAYS_SOMETHING,
    ONE_LINE,
]
FreeText = Annotated[str, StringConstraints(max_length=LONGEST_NOTE), MANY_LINES]
ClockTime = Annotated[
    time, BeforeValidator(_written_time), WithJsonSchema({"type": "string", "pattern": f"^{_TIME.pattern}$"})
]
"""A time of day, written HH:MM."""

TypedLevel = Annotated[Level, Field(strict=True)]
TypedLines = Annotated[list[Line], Field(max_length=50)]


ALWAYS_SHOWN = frozenset({"id", "revision"})


class Body(BaseModel):
    """A request's body; a field that nobody knows is refused, since it is most often a misspelt one."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    stays_unless_named: ClassVar[frozenset[str]] = frozenset()
    """The fields that a replacement leaves as they are where it does not name them."""

    only_shown: ClassVar[frozenset[str]] = frozenset()
    """What the record shows beside `ALWAYS_SHOWN` and nobody sets: whoever sends back what they read leaves it in."""

    @model_validator(mode="before")
    @classmethod
    def _without_what_is_only_shown(cls, said: Any) -> Any:
        """Which record is meant is said by the address, and which revision was seen by `If-Match`."""
        if not isinstance(said, dict):
            return said
        set_aside = (ALWAYS_SHOWN | cls.only_shown) - set(cls.model_fields)
        return {name: value for name, value in said.items() if name not in set_aside}

    def says(self, name: str) -> bool:
        """Whether the body says something of a field: a whole one does of all, most by their defaults."""
        return name in self.model_fields_set or name not in self.stays_unless_named

    def said(self, name: str) -> Said[Any]:
        """What the body says of a field."""
        return getattr(self, name) if self.says(name) else UNSAID


class DutyBody(Body):
    """What somebody does, and at which agency; managers and operators belong to none."""

    role: StaffRole
    agency_id: UUID | None = None


class AccountBody(DutyBody):
    """Somebody to be invited."""

    email: Line
    name: Line | None = None
    language: Language = DEFAULT_LANGUAGE


class CredentialBody(Body):
    """Another system that gets access: what it is called, and what it may do until when, at an agency or everywhere."""

    name: Line
    agency_id: UUID | None = None
    rights: Annotated[list[Line], Field(min_length=1, max_length=60)]
    ends_at: Instant


class Patch(Body):
    """A body of which every field may be absent, and then says nothing (JSON Merge Patch, RFC 7396)."""

    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None:
        """Make all fields optional, whatever the whole body asks."""
        for field in cls.model_fields.values():
            field.default, field.default_factory = None, None
        cls.model_rebuild(force=True)

    def says(self, name: str) -> bool:
        """Whether the field is named."""
        return name in self.model_fields_set


class ProtectedBody(Body):
    """Criteria that never count: kept for outreach and the fairness audit; access needs bind timetables, unnamed."""

    publics: Annotated[list[Literal["DELD", "RSA", "JEUNE", "QPV", "TH"]], Field(max_length=5)] = []
    born_on: Day | None = None
    sex: Literal["F", "M"] | None = None
    access_needs: Annotated[list[AccessNeed], Field(max_length=len(ACCESS_NEEDS))] = []


class ConsentsBody(Body):
    """What somebody agrees to; what is absent stays as it is."""

    pairing: YesNo | None = None
    contact: YesNo | None = None
    way: ConsentWay | None = None
    """How it was handed in; the texts are those shown today."""


class ParticipantBody(Body):
    """A participant. Places, licences and occupations by any of their names or codes."""

    stays_unless_named = frozenset({"identifier", "agency_id", "available_from"})

    identifier: Identifier | None = None
    agency_id: UUID | None = None
    """Absent: the adviser's own."""
    first_name: Line
    last_name: Line
    email: Line | None = None
    phone: Line | None = None
    postal_address: Annotated[FreeText | None, Field(max_length=500)] = None
    language: Language = DEFAULT_LANGUAGE
    commune: Line
    travel_limit_km: Annotated[Decimal, Field(gt=0, le=LONGEST_TRAVEL_KM)] = DEFAULT_TRAVEL_LIMIT_KM
    transport: Transport = DEFAULT_TRANSPORT
    available_from: Day | None = None
    hours: Annotated[list[Hours], Field(min_length=1, max_length=4)] = list(DEFAULT_HOURS)
    licences: TypedLines = []
    wishes: TypedLines = []
    refused_occupations: TypedLines = []
    protected: ProtectedBody = ProtectedBody()
    consents: ConsentsBody = ConsentsBody()


class ParticipantPatch(Patch, ParticipantBody):
    """What changes of a participant."""


class ObjectionBody(Body):
    """What somebody objects to, and how that was handed in."""

    purpose: Purpose
    way: ConsentWay | None = None


class LiftingBody(Body):
    """Why an objection is lifted."""

    reason: Annotated[FreeText, Field(min_length=1, max_length=500), SAYS_SOMETHING]


class WorkshopBody(Body):
    """A workshop; mediators and adviser by their e-mail addresses, kept on first sight, or by the ids that it shows."""

    stays_unless_named = frozenset({"identifier", "agency_id", "operation_id"})

    identifier: Identifier | None = None
    agency_id: UUID | None = None
    title: Line
    venue: TypedVenueName
    commune: Line
    starts_on: Day
    ends_on: Day
    mediators: Annotated[list[Line], Field(max_length=20)] = []
    adviser: Line | None = None
    operation_id: UUID | None = None


class WorkshopPatch(Patch, WorkshopBody):
    """What changes of a workshop."""


class SessionBody(Body):
    """A session of a workshop: its day, and by the clock of its place when it begins and ends."""

    only_shown = frozenset({"workshop_id"})
    stays_unless_named = frozenset({"identifier"})

    identifier: Identifier | None = None
    held_on: Day
    begins: ClockTime | None = None
    ends: ClockTime | None = None
    exercise: Line | None = None
    title: Line | None = None


class SessionPatch(Patch, SessionBody):
    """What changes of a session."""


class PresenceBody(Body):
    """Whether somebody came; ``null``: it is not known."""

    present: YesNo | None


class ObservationBody(Body):
    """What was seen; skill and exercise by any of their names or codes."""

    stays_unless_named = frozenset({"note"})

    workshop_id: UUID
    participant_id: UUID
    exercise: Line
    skill: Line
    level: TypedLevel
    seen_on: Day
    note: FreeText = ""
    observer: Line | None = None
    """The e-mail address of whoever saw it, where that is not whoever writes it down."""


class CorrectionBody(Body):
    """An observation put right."""

    only_shown = frozenset(
        {"framework", "written_by", "workshop_id", "participant_id", "rater_id", "seen_on", "exercise", "skill"}
    )

    level: TypedLevel
    note: FreeText = ""


class CorrectionPatch(Patch, CorrectionBody):
    """What is put right of an observation."""


class EmployerBody(Body):
    """An employer and its main contact; its agency is the adviser's own where none is named."""

    stays_unless_named = frozenset({"identifier", "agency_id"})

    identifier: Identifier | None = None
    agency_id: UUID | None = None
    name: Line
    siret: Line | None = None
    contact_name: Line | None = None
    email: Line | None = None
    phone: Line | None = None
    commune: Line
    language: Language = DEFAULT_LANGUAGE


class EmployerPatch(Patch, EmployerBody):
    """What changes of an employer."""


class RequiredSkillBody(Body):
    """A skill that a need asks; weights in percent make 100, or 1 as the shares that a need shows."""

    skill: Line
    level: Annotated[Whole, Field(ge=1, le=4)]
    weight: Annotated[Decimal, Field(gt=0, le=1000)]


class NeedBody(Body):
    """A vacancy; its agency is the adviser's own where none is named, and it is where its site is."""

    stays_unless_named = frozenset({"identifier", "agency_id", "site_id", "contact_id"})
    only_shown = frozenset({"is_open"})

    identifier: Identifier | None = None
    agency_id: UUID | None = None
    employer_id: UUID
    site_id: UUID | None = None
    contact_id: UUID | None = None
    """To whom the shortlist goes; absent: the employer's main one."""
    title: Line
    occupation: Line
    commune: Line | None = None
    posts: Annotated[Whole, Field(ge=1, le=MOST_POSTS)] = DEFAULT_POSTS
    seats: Annotated[Whole, Field(ge=1, le=MOST_SEATS)] = DEFAULT_SEATS
    hours: Annotated[list[Hours], Field(min_length=1, max_length=4)] = list(DEFAULT_HOURS)
    licences: TypedLines = []
    starts_on: Day | None = None
    interviewers: Annotated[Whole, Field(ge=1, le=MOST_INTERVIEWERS)] = 1
    access: Annotated[FreeText | None, Field(max_length=500)] = None
    framework: Line = DEFAULT_FRAMEWORK
    skills: Annotated[list[RequiredSkillBody], Field(min_length=1, max_length=56)]


class NeedPatch(Patch, NeedBody):
    """What changes of a vacancy."""


class MeetupBody(Body):
    """A meetup; the first `front_tables` of its tables stand near the entrance without steps, all where absent."""

    stays_unless_named = frozenset({"identifier", "agency_id", "operation_id"})
    only_shown = frozenset({"ends_at", "is_cancelled", "needs", "participants"})

    identifier: Identifier | None = None
    agency_id: UUID | None = None
    title: Line
    venue: TypedVenueName
    commune: Line
    address: Line | None = None
    access: Annotated[FreeText | None, Field(max_length=500)] = None
    starts_at: Instant
    slot_minutes: Annotated[Whole, Field(ge=1, le=LONGEST_SLOT_MINUTES)] = 12
    slots: Annotated[Whole, Field(ge=1, le=MOST_SLOTS)] = 10
    breaks: Annotated[list[Annotated[Whole, Field(ge=0, lt=MOST_SLOTS)]], Field(max_length=MOST_SLOTS)] = []
    front_tables: Annotated[Whole, Field(ge=0, le=MOST_TABLES)] | None = None
    operation_id: UUID | None = None


class MeetupPatch(Patch, MeetupBody):
    """What changes of a meetup."""


class InvitedNeedBody(Body):
    """How many people interview side by side for a need; as many as it says itself where nothing is named."""

    interviewers: Annotated[Whole, Field(ge=1, le=MOST_INTERVIEWERS)] | None = None


class ConstraintsBody(Body):
    """What the timetable must respect for one person, for whatever reason: two slots a meeting, front tables only."""

    first_slot: Annotated[Whole, Field(ge=0, lt=MOST_SLOTS)] | None = None
    last_slot: Annotated[Whole, Field(ge=0, lt=MOST_SLOTS)] | None = None
    double_slot: YesNo = False
    front_table: YesNo = False


class AttendanceBody(Body):
    """Whether somebody came."""

    present: YesNo


class OutcomeBody(Body):
    """What came of a meeting, and on which day."""

    stays_unless_named = frozenset({"happened_on"})

    participant_id: UUID
    need_id: UUID
    outcome: OutcomeKind
    happened_on: Day | None = None


class MergeBody(Body):
    """The record that becomes one with that in the address."""

    merged_id: UUID


class AgencyContactBody(Body):
    """How an agency is reached."""

    only_shown = frozenset({"name", "department"})

    phone: Line | None = None
    email: Line | None = None
    address: Annotated[FreeText | None, Field(max_length=400)] = None


class AgencyContactPatch(Patch, AgencyContactBody):
    """What changes of how an agency is reached."""


class AgencyBody(AgencyContactBody):
    """An agency and how it is reached; its name says where it is, as « Agence de Lens » or « Agence de Lens (62) »."""

    only_shown = frozenset({"department"})

    name: Line


class VenueBody(Body):
    """A venue and how it is found; its name and commune tell it from others."""

    name: TypedVenueName
    commune: Line
    address: Annotated[FreeText | None, Field(max_length=400)] = None
    access: Annotated[FreeText | None, Field(max_length=500)] = None
    contact: Line | None = None


class VenuePatch(Patch, VenueBody):
    """What changes of a venue."""


class OperationBody(Body):
    """An operation; workshops and a meetup name it. Its agency is the adviser's own where none is named."""

    stays_unless_named = frozenset({"identifier", "agency_id"})
    only_shown = frozenset({"workshops", "meetup_id", "people"})

    identifier: Identifier | None = None
    agency_id: UUID | None = None
    name: Line
    venue_id: UUID
    starts_on: Day
    ends_on: Day


class OperationPatch(Patch, OperationBody):
    """What changes of an operation."""


class ExportBody(Body):
    """Which lists of the import format to write, by their stems, and how; all that one may have where none is named."""

    lists: Annotated[TypedLines, Field(min_length=1)] | None = None
    form: ExportForm = ExportForm.CSV


class DirectoryBody(Body):
    """The ids whose names and contacts another service needs now."""

    participants: Annotated[list[UUID], Field(max_length=1000)] = []
    employers: Annotated[list[UUID], Field(max_length=1000)] = []
    needs: Annotated[list[UUID], Field(max_length=1000)] = []
    meetups: Annotated[list[UUID], Field(max_length=1000)] = []
    agencies: Annotated[list[UUID], Field(max_length=1000)] = []
