"""What notification tells anew when another service is rebuilt: how invitations stand, and what employers answered."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.notification.domain.inviting import Reply
from services.notification.domain.telling import Delivery
from services.notification.repository import standing
from shared.contracts.envelope import Event
from shared.contracts.invitations import (
    CallRequested,
    EmployerReplied,
    InvitationAccepted,
    InvitationDeclined,
    InvitationEvent,
    InvitationExpired,
    InvitationFailed,
    InvitationSent,
    InvitationUncertain,
)
from shared.travel.retelling import PAGE, Chapters, Page
from shared.travel.topics import INVITATIONS


async def _invitations(session: AsyncSession, after: UUID | None) -> Page:
    found = await standing.invitations_after(session, after, PAGE)
    told = [event for row in found if (event := _event_of(row)) is not None]
    return Page(told, found[-1].id if len(found) == PAGE else None)


def _event_of(row: Any) -> InvitationEvent | None:
    """How an invitation stands; None while nothing of it was told yet."""
    step = {name: getattr(row, name) for name in ("meetup_id", "participant_id", "revision")}
    step["invitation_id"] = row.id
    if row.revision == 0:
        return None
    if row.reply == Reply.DECLINED:
        return InvitationDeclined(**step, reason=row.decline_reason or "unsaid")
    if row.reply == Reply.ACCEPTED:
        return InvitationAccepted(**step)
    if row.reply == Reply.EXPIRED:
        return InvitationExpired(**step)
    if row.wants_call:
        return CallRequested(**step)
    if row.delivery == Delivery.FAILED:
        return InvitationFailed(**step)
    if row.delivery == Delivery.UNCERTAIN:
        return InvitationUncertain(**step)
    return InvitationSent(**step, channel="email")


async def _answers(session: AsyncSession, after: UUID | None) -> Page:
    found = await standing.shortlists_after(session, after, PAGE)
    shortlists = {row.id: row for row in found}
    told: list[Event] = [
        EmployerReplied(
            meetup_id=shortlists[answer.shortlist_id].meetup_id,
            employer_id=shortlists[answer.shortlist_id].employer_id,
            need_id=answer.need_id,
            participant_id=answer.participant_id,
            revision=answer.revision,
            answer=answer.choice,
            reason=answer.reason,
        )
        for answer in await standing.answers_on(session, list(shortlists))
    ]
    return Page(told, found[-1].id if len(found) == PAGE else None)


CHAPTERS: Chapters = {INVITATIONS: (_invitations, _answers)}
