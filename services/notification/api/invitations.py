"""What advisers heard and said: replies by phone, and who was told what no message tells."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict
from starlette.responses import Response

from services.notification.domain.replying import Choice
from services.notification.edge import OurSettings, check_invitation, check_shortlist
from services.notification.use_cases import attending, replying
from shared.contracts.invitations import DeclineReason
from shared.rights import Scope
from shared.web.edge import May, RequestMoment, Transaction
from shared.web.once import OnceOfRequest

router = APIRouter(prefix="/api/v1", tags=["invitations"])

_Settling = Annotated[Scope, May("settle messages")]


class PhoneReply(BaseModel):
    """What an adviser heard on the phone."""

    model_config = ConfigDict(extra="forbid")

    choice: Choice
    reason: DeclineReason | None = None


@router.post("/invitations/{invitation_id}/replies", status_code=204)
async def reply_by_phone(
    invitation_id: UUID,
    body: PhoneReply,
    scope: _Settling,
    session: Transaction,
    moment: RequestMoment,
    once: OnceOfRequest,
) -> Response:
    """Record what a participant said on the phone, until the meetup begins."""
    await check_invitation(session, invitation_id, scope)
    await once.silently(
        lambda: replying.reply_by_phone(session, invitation_id, body.choice, body.reason, moment=moment)
    )
    return Response(status_code=204)


@router.post("/invitations/{invitation_id}/told", status_code=204)
async def tell_participant(
    invitation_id: UUID,
    scope: _Settling,
    session: Transaction,
    moment: RequestMoment,
    settings: OurSettings,
    once: OnceOfRequest,
) -> Response:
    """Record that the signed-in person told a participant what is true now."""
    await check_invitation(session, invitation_id, scope)
    await once.silently(lambda: attending.tell_participant(session, invitation_id, moment=moment, rules=settings.rules))
    return Response(status_code=204)


@router.post("/shortlists/{shortlist_id}/told", status_code=204)
async def tell_employer(
    shortlist_id: UUID, scope: _Settling, session: Transaction, moment: RequestMoment, once: OnceOfRequest
) -> Response:
    """Record that the signed-in person told an employer what is true now."""
    await check_shortlist(session, shortlist_id, scope)
    await once.silently(lambda: attending.tell_employer(session, shortlist_id, moment=moment))
    return Response(status_code=204)
