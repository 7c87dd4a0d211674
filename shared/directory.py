"""What registration's directory answers other services: names and contacts at the moment of need, stored by nobody.

Registration writes these shapes, notification reads them. An unknown field is passed over: fields are only ever added.
"""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from shared.typed_text import shown_on_one_line

ShownLine = Annotated[str, AfterValidator(shown_on_one_line)]
"""A name or title as one line shows it, whatever was kept."""


class _Known(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class ParticipantEntry(_Known):
    """A participant's name and how to reach them."""

    first_name: ShownLine
    last_name: ShownLine
    email: ShownLine | None = None
    phone: ShownLine | None = None
    postal_address: str | None = None
    language: str = "fr"
    contact_consent: bool = False

    @property
    def full_name(self) -> str:
        """First name and name."""
        return f"{self.first_name} {self.last_name}".strip()


class EmployerEntry(_Known):
    """An employer's name and contact."""

    name: ShownLine
    contact_name: ShownLine | None = None
    email: ShownLine | None = None
    language: str = "fr"


class ContactEntry(_Known):
    """Somebody at an employer who is reached by e-mail."""

    name: ShownLine | None = None
    email: ShownLine
    language: str = "fr"


class NeedEntry(_Known):
    """What a need is called."""

    title: ShownLine
    employer_id: UUID
    access: str | None = None
    """How to get to the work."""
    contact: ContactEntry | None = None
    """To whom its shortlist goes, where that is not the employer's own contact."""


class MeetupEntry(_Known):
    """How people find a meetup."""

    title: ShownLine
    venue: ShownLine
    commune: ShownLine
    agency_id: UUID
    address: str | None = None
    access: str | None = None


class AgencyEntry(_Known):
    """Whom to call, or write to."""

    name: ShownLine
    phone: ShownLine | None = None
    email: ShownLine | None = None
    address: str | None = None


class Entries(_Known):
    """What the directory answered; who is unknown or erased is absent."""

    participants: dict[UUID, ParticipantEntry] = Field(default_factory=dict)
    employers: dict[UUID, EmployerEntry] = Field(default_factory=dict)
    needs: dict[UUID, NeedEntry] = Field(default_factory=dict)
    meetups: dict[UUID, MeetupEntry] = Field(default_factory=dict)
    agencies: dict[UUID, AgencyEntry] = Field(default_factory=dict)
