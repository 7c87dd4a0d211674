"""What notification tells anew when another service is rebuilt: how invitations stand, which shortlists left, and what
employers answered."""

from __future__ import annotations

from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.notification.repository import invitations, shortlists
from services.notification.use_cases.telling import employer_replied, event_of, shortlist_sent
from shared.travel.retelling import PAGE, Chapters, Retold
from shared.travel.topics import INVITATIONS


async def _invitations(session: AsyncSession, after: UUID | None) -> Retold:
    found = await invitations.seen_after(session, after, PAGE)
    told = [event_of(one) for one in found if one.revision > 0]
    return Retold(told, found[-1].id if len(found) == PAGE else None)


async def _shortlists(session: AsyncSession, after: UUID | None) -> Retold:
    found = await shortlists.seen_after(session, after, PAGE)
    told = [shortlist_sent(one) for one in found if one.revision > 0]
    return Retold(told, found[-1].id if len(found) == PAGE else None)


async def _answers(session: AsyncSession, after: UUID | None) -> Retold:
    found = await shortlists.seen_after(session, after, PAGE)
    of = {one.id: one for one in found}
    told = [employer_replied(of[id_], answer) for id_, answer in await shortlists.answers_on(session, list(of))]
    return Retold(told, found[-1].id if len(found) == PAGE else None)


CHAPTERS: Chapters = {INVITATIONS: (_invitations, _shortlists, _answers)}
