"""How invitations stand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from uuid import UUID

from sqlalchemy import select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.matching.domain.situation import ReplyStatus
from services.matching.tables import ReplyRow
from shared.sql import run, table_of, write_latest

_replies = table_of(ReplyRow)


@dataclass(frozen=True, slots=True)
class ToldReply:
    """How an invitation stands."""

    revision: int
    meetup_id: UUID
    participant_id: UUID
    status: ReplyStatus


async def save_replies(session: AsyncSession, told: Iterable[ToldReply]) -> None:
    """Keep the newest word on each invitation."""
    await write_latest(session, ReplyRow, [asdict(one) for one in told])


async def replies_of(session: AsyncSession, meetup_id: UUID) -> dict[UUID, ReplyStatus]:
    """How the invitations to a meetup stand."""
    rows = await run(session, select(_replies).where(_replies.c.meetup_id == meetup_id))
    return {row.participant_id: row.status for row in rows}
