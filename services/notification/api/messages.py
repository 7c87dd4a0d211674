"""Messages that a person settles, and letters that a person prints and posts."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.responses import HTMLResponse, Response

from services.notification.adapters.directory import DirectoryUnavailable
from services.notification.adapters.letters import letter_values
from services.notification.api.problems import NO_DIRECTORY
from services.notification.domain.contents import Contents
from services.notification.domain.delivery import Channel
from services.notification.edge import AskedDirectory, OurSettings, check_message
from services.notification.repository import messages
from services.notification.use_cases import attending, refusals, sending
from shared.auditing import note_looks
from shared.identity import seal_of
from shared.refusals import Unknown
from shared.rights import Scope
from shared.web import pages_of
from shared.web.describing import telling
from shared.web.edge import May, RequestMoment, Transaction

router = APIRouter(prefix="/api/v1", tags=["messages"])

OBSOLETE = telling(410, "The letter has lost its object.")

_Settling = Annotated[Scope, May("settle messages")]
_Printing = Annotated[Scope, May("print letters")]


class Settlement(BaseModel):
    """What a person found out about a message."""

    model_config = ConfigDict(extra="forbid")

    outcome: Literal["sent", "send-again"]


@router.post("/messages/{message_id}/resolve", status_code=204)
async def resolve_message(
    message_id: UUID,
    body: Settlement,
    scope: _Settling,
    session: Transaction,
    moment: RequestMoment,
    settings: OurSettings,
) -> Response:
    """Settle a message whose fate is uncertain, or send a failed one again.

    Safe to repeat: a message that is settled or waits is `409`, and leaves once.
    """
    await check_message(session, message_id, scope)
    await sending.settle_by_hand(
        session, message_id, was_sent=body.outcome == "sent", moment=moment, rules=settings.rules
    )
    return Response(status_code=204)


@router.get("/letters/{message_id}", response_class=HTMLResponse, responses=OBSOLETE)
async def show_letter(
    request: Request,
    message_id: UUID,
    scope: _Printing,
    session: Transaction,
    moment: RequestMoment,
    names: AskedDirectory,
    settings: OurSettings,
) -> HTMLResponse:
    """A letter to print, for somebody without e-mail; changes nothing. Its names and address are kept nowhere."""
    await check_message(session, message_id, scope)
    contents = await _letter(session, message_id)
    try:
        values = await letter_values(
            contents,
            names,
            public_url=settings.public_url,
            seal=seal_of(request),
            reply_days=settings.reply_days,
            now=moment.now,
        )
    except DirectoryUnavailable:
        raise NO_DIRECTORY from None
    if values is None:
        raise refusals.ObsoleteLetter
    if contents.invitation is not None:
        await note_looks(session, "letters", [contents.invitation.participant_id], message_id)
    return pages_of(request).page(request, "letter.html", **values)


@router.post("/letters/{message_id}/printed", status_code=204, responses=OBSOLETE)
async def print_letter(message_id: UUID, scope: _Printing, session: Transaction) -> Response:
    """Record that a letter was printed as it is now. Safe to repeat."""
    await check_message(session, message_id, scope)
    await attending.print_letter(session, message_id)
    return Response(status_code=204)


@router.post("/letters/{message_id}/posted", status_code=204, responses=OBSOLETE)
async def post_letter(
    message_id: UUID, scope: _Printing, session: Transaction, moment: RequestMoment, settings: OurSettings
) -> Response:
    """Record that a printed letter was posted: the time to answer begins.

    Safe to repeat: a letter that was posted is `410`, and stays so.
    """
    await check_message(session, message_id, scope)
    await attending.post_letter(session, message_id, moment=moment, rules=settings.rules)
    return Response(status_code=204)


async def _letter(session: AsyncSession, message_id: UUID) -> Contents:
    message = await messages.seen_by_id(session, message_id)
    if message is None or message.channel != Channel.LETTER:
        raise Unknown("message")
    contents = await sending.contents_of(session, message)
    if contents is None:
        raise refusals.ObsoleteLetter
    return contents
