"""Names and addresses, asked of registration when a message leaves or a page is shown, and kept nowhere."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

import httpx
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared.identity import Person, Role, Seal

NOTIFICATION = Person(UUID("00000000-0000-7000-8000-000000000003"), Role.SERVICE)
"""Who asks: the service itself."""

_TOKEN_LIFETIME = timedelta(minutes=5)
_TIMEOUT = httpx.Timeout(10)


class DirectoryUnavailable(Exception):
    """Registration did not answer, or not as agreed. The text holds nothing of the answer."""


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class ParticipantEntry(_Entry):
    """A participant's name and how to reach them."""

    first_name: str
    last_name: str
    email: str | None = None
    phone: str | None = None
    postal_address: str | None = None
    language: str = "fr"
    contact_consent: bool = False

    @property
    def full_name(self) -> str:
        """First name and name."""
        return f"{self.first_name} {self.last_name}".strip()


class EmployerEntry(_Entry):
    """An employer's name and contact."""

    name: str
    contact_name: str | None = None
    email: str | None = None
    language: str = "fr"


class NeedEntry(_Entry):
    """What a need is called."""

    title: str
    employer_id: UUID


class MeetupEntry(_Entry):
    """How people find a meetup."""

    title: str
    venue: str
    commune: str
    agency_id: UUID
    address: str | None = None
    access: str | None = None


class AgencyEntry(_Entry):
    """Whom to call."""

    name: str
    phone: str | None = None
    email: str | None = None


class Entries(_Entry):
    """What the directory answered; who is unknown or erased is absent."""

    participants: dict[UUID, ParticipantEntry] = Field(default_factory=dict)
    employers: dict[UUID, EmployerEntry] = Field(default_factory=dict)
    needs: dict[UUID, NeedEntry] = Field(default_factory=dict)
    meetups: dict[UUID, MeetupEntry] = Field(default_factory=dict)
    agencies: dict[UUID, AgencyEntry] = Field(default_factory=dict)


class Directory(Protocol):
    """Whoever knows names and addresses."""

    async def look_up(
        self,
        *,
        participants: Collection[UUID] = (),
        employers: Collection[UUID] = (),
        needs: Collection[UUID] = (),
        meetups: Collection[UUID] = (),
        agencies: Collection[UUID] = (),
    ) -> Entries:
        """What is known under these ids; raises `DirectoryUnavailable`."""


class RegistrationDirectory:
    """The directory behind registration's internal API; use as an async context manager."""

    def __init__(self, url: str, seal: Seal, clock: Callable[[], datetime]) -> None:
        self._seal = seal
        self._clock = clock
        self._client = httpx.AsyncClient(base_url=url, timeout=_TIMEOUT)

    async def __aenter__(self) -> RegistrationDirectory:
        """Keep connections open from now on."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def look_up(
        self,
        *,
        participants: Collection[UUID] = (),
        employers: Collection[UUID] = (),
        needs: Collection[UUID] = (),
        meetups: Collection[UUID] = (),
        agencies: Collection[UUID] = (),
    ) -> Entries:
        """What registration knows under these ids; raises `DirectoryUnavailable`."""
        asked = {
            "participants": participants,
            "employers": employers,
            "needs": needs,
            "meetups": meetups,
            "agencies": agencies,
        }
        body = {kind: sorted({str(id_) for id_ in ids}) for kind, ids in asked.items()}
        token = self._seal.sign(NOTIFICATION, now=self._clock(), lifetime=_TOKEN_LIFETIME)
        try:
            response = await self._client.post(
                "/internal/directory", json=body, headers={"authorization": f"Bearer {token}"}
            )
            response.raise_for_status()
            return Entries.model_validate_json(response.content)
        except (httpx.HTTPError, ValidationError) as error:
            # The chained error would quote the answer.
            raise DirectoryUnavailable(type(error).__name__) from None
