"""Many records in one request: each is read for itself, so that one that is not as described stops no other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, ValidationError, ValidatorFunctionWrapHandler, WrapValidator

from services.registration.intake.bodies import Body, NeedBody, ObservationBody, ParticipantBody

MOST_AT_ONCE = 200
"""How many records one request may hold; more are an import's."""


@dataclass(frozen=True, slots=True)
class NotAsDescribed:
    """What stands in the place of a record that cannot be read: what is wrong with it, as pydantic tells."""

    errors: Sequence[Any]


def _or_what_is_wrong(said: Any, read: ValidatorFunctionWrapHandler) -> Any:
    try:
        return read(said)
    except ValidationError as error:
        return NotAsDescribed(error.errors(include_url=False, include_input=False))


FOR_ITSELF = WrapValidator(_or_what_is_wrong)
SOME = Field(min_length=1, max_length=MOST_AT_ONCE)


class EnrolmentBody(Body):
    """Who is enrolled."""

    participant_id: UUID


class ParticipantsBody(Body):
    """Participants to register."""

    items: Annotated[list[Annotated[ParticipantBody, FOR_ITSELF]], SOME]


class ObservationsBody(Body):
    """Observations to record."""

    items: Annotated[list[Annotated[ObservationBody, FOR_ITSELF]], SOME]


class NeedsBody(Body):
    """Needs to publish."""

    items: Annotated[list[Annotated[NeedBody, FOR_ITSELF]], SOME]


class EnrolmentsBody(Body):
    """Participants to enrol in a workshop."""

    items: Annotated[list[Annotated[EnrolmentBody, FOR_ITSELF]], SOME]
