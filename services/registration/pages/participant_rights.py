"""What somebody may ask of the programme: to object, to be told apart from another, to be forgotten."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from services.registration.domain.participants import Purpose
from services.registration.pages.sending import SentByPage
from services.registration.use_cases import erasing, merging, objections
from services.registration.use_cases.participants import participant_named
from shared.auditing import note_looks
from shared.rights import Scope
from shared.web import pages_of
from shared.web.edge import May, RequestMoment, Transaction

router = APIRouter(prefix="/participants/{participant_id}", include_in_schema=False)

_Objecting = Annotated[Scope, May("record objections")]
_Lifting = Annotated[Scope, May("lift objections")]
_Merging = Annotated[Scope, May("merge participants")]
_Erasing = Annotated[Scope, May("erase participants")]


@router.post("/objections/{purpose}")
async def object_to(
    participant_id: UUID,
    purpose: Purpose,
    _sent: SentByPage,
    scope: _Objecting,
    session: Transaction,
    moment: RequestMoment,
) -> Response:
    """Note that somebody objects: it holds at once, and nothing that comes in undoes it."""
    await objections.object_to(session, scope, participant_id, purpose, "oral", moment)
    return RedirectResponse(f"/participants/{participant_id}?done=decided", 303)


@router.post("/objections/{objection_id}/lift")
async def lift(
    participant_id: UUID,
    objection_id: UUID,
    sent: SentByPage,
    scope: _Lifting,
    session: Transaction,
    moment: RequestMoment,
) -> Response:
    """Note that somebody no longer objects; without a word on why, nothing is lifted."""
    reason = str(sent.form.get("reason", "")).strip()[:500]
    if reason:
        await objections.lift(session, scope, participant_id, objection_id, reason, moment)
    return RedirectResponse(f"/participants/{participant_id}{'?done=decided' if reason else ''}", 303)


@router.post("/merges/{merge_id}/undo")
async def undo_merge(
    participant_id: UUID,
    merge_id: UUID,
    _sent: SentByPage,
    scope: _Merging,
    session: Transaction,
    moment: RequestMoment,
) -> Response:
    """Tell two records apart again that were made one."""
    await merging.undo(session, scope, participant_id, merge_id, moment)
    return RedirectResponse(f"/participants/{participant_id}?done=saved", 303)


@router.get("/erase")
async def ask_to_erase(request: Request, participant_id: UUID, scope: _Erasing, session: Transaction) -> Response:
    """What erasing does, before it is done."""
    participant = await participant_named(session, scope, participant_id)
    await note_looks(session, "participants", [participant.id])
    return pages_of(request).page(request, "participant_erase.html", participant=participant)


@router.post("/erase")
async def erase(
    request: Request,
    participant_id: UUID,
    _sent: SentByPage,
    scope: _Erasing,
    session: Transaction,
    moment: RequestMoment,
) -> Response:
    """Forget somebody for good; the page is the receipt."""
    receipt = await erasing.erase_participant(session, scope, participant_id, moment)
    return pages_of(request).page(request, "participant_erased.html", receipt=receipt)
