"""What notification decided and heard itself, read through from one end to the other."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.notification.tables import AnswerRow, InvitationRow, ShortlistRow
from shared.sql import among, run, table_of

_invitations = table_of(InvitationRow)
_shortlists = table_of(ShortlistRow)
_answers = table_of(AnswerRow)


async def invitations_after(session: AsyncSession, after: UUID | None, limit: int) -> list[Any]:
    """The invitations behind an id, or the first ones, by id."""
    query = select(_invitations).order_by(_invitations.c.id).limit(limit)
    return list(await run(session, query if after is None else query.where(_invitations.c.id > after)))


async def shortlists_after(session: AsyncSession, after: UUID | None, limit: int) -> list[Any]:
    """The shortlists behind an id, or the first ones, by id."""
    query = select(_shortlists).order_by(_shortlists.c.id).limit(limit)
    return list(await run(session, query if after is None else query.where(_shortlists.c.id > after)))


async def answers_on(session: AsyncSession, shortlist_ids: list[UUID]) -> list[Any]:
    """What employers answered on these shortlists."""
    return list(await run(session, select(_answers).where(among(_answers.c.shortlist_id, shortlist_ids))))
