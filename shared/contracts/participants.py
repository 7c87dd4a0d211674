"""Topic `participants`: who takes part, as far as pairing may know. Key: the participant."""

from __future__ import annotations

from datetime import date
from typing import Annotated, ClassVar

from pydantic import Field

from shared.contracts.envelope import Event
from shared.contracts.vocabulary import (
    ConsentPurpose,
    Hours,
    Id,
    LicenceCode,
    OccupationCode,
    Place,
    PointInTime,
    Revision,
    Transport,
)


class ParticipantState(Event):
    """What pairing may know of a participant: mobility, availability, hours, licences, wishes.

    ``travel_limit_km`` is the longest way to work in kilometres. In which language somebody is written to is not told:
    whoever writes asks for it with the address. Older events may say it; it is passed over like any unknown field.
    ``merged_into`` is the record of the same person that goes on for this one: what was said of it holds of that.
    """

    key: ClassVar[str] = "participant_id"

    participant_id: Id
    revision: Revision
    agency_id: Id
    home: Place
    travel_limit_km: Annotated[float, Field(gt=0, le=2000)]
    transport: Transport
    available_from: date
    hours: tuple[Hours, ...]
    licences: tuple[LicenceCode, ...]
    wishes: tuple[OccupationCode, ...]
    refused_occupations: tuple[OccupationCode, ...]
    merged_into: Id | None = None


class ParticipantRegistered(ParticipantState):
    """A participant joined the programme."""

    type: ClassVar[str] = "vernissage.participant.registered.v1"


class ParticipantChanged(ParticipantState):
    """A participant's situation changed; the event holds all of it."""

    type: ClassVar[str] = "vernissage.participant.changed.v1"


class ConsentGranted(Event):
    """A participant agreed to be paired or to be contacted."""

    type: ClassVar[str] = "vernissage.participant.consent-granted.v1"
    key: ClassVar[str] = "participant_id"

    participant_id: Id
    revision: Revision
    purpose: ConsentPurpose


class ConsentWithdrawn(Event):
    """A participant no longer agrees; it takes effect at once."""

    type: ClassVar[str] = "vernissage.participant.consent-withdrawn.v1"
    key: ClassVar[str] = "participant_id"

    participant_id: Id
    revision: Revision
    purpose: ConsentPurpose


class ParticipantErased(Event):
    """A participant's data were erased; every service forgets what it holds of them, the bare id in the end, too."""

    type: ClassVar[str] = "vernissage.participant.erased.v1"
    key: ClassVar[str] = "participant_id"

    participant_id: Id
    revision: Revision
    erased_at: PointInTime


EVENTS: tuple[type[Event], ...] = (
    ParticipantRegistered,
    ParticipantChanged,
    ConsentGranted,
    ConsentWithdrawn,
    ParticipantErased,
)
