"""What every intention needs to know of its moment, and what it says of each thing that it kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration import events
from services.registration.domain.findings import Finding
from services.registration.domain.participants import Source
from shared.contracts.envelope import Event
from shared.ids import NewId
from shared.travel import outbox


class Change(StrEnum):
    """What keeping something changed."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Moment:
    """When an intention is carried out, how new things are named, by whom, and through what."""

    now: datetime
    new_id: NewId
    by: UUID | None = None
    source: Source = "person"


@dataclass(frozen=True, slots=True)
class Saved:
    """Something that was kept; its findings are warnings."""

    id: UUID
    revision: int
    change: Change
    findings: Sequence[Finding] = ()


async def tell(session: AsyncSession, happened: list[Event], moment: Moment) -> None:
    """Add events to the outbox of the caller's transaction."""
    await outbox.add(session, *events.envelopes(happened, now=moment.now, new_id=moment.new_id))
