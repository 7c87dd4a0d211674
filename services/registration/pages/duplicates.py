"""Records that are probably of one person: looked at side by side, merged or told apart."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from services.registration.pages.sending import SentByPage
from services.registration.repository.participants import participants_by_id
from services.registration.use_cases import duplicates as use_cases
from services.registration.use_cases import merging
from shared.auditing import note_looks
from shared.rights import Scope, may
from shared.web import pages_of
from shared.web.edge import May, RequestMoment, RequestPerson, Transaction
from shared.web.paging import PagingOfRequest, cursor_of

router = APIRouter(prefix="/duplicates", include_in_schema=False)

_Reading = Annotated[Scope, May("read duplicates")]
_Settling = Annotated[Scope, May("settle duplicates")]
_Merging = Annotated[Scope, May("merge participants")]


@router.get("")
async def list_duplicates(
    request: Request,
    person: RequestPerson,
    scope: _Reading,
    session: Transaction,
    paging: PagingOfRequest,
    done: Literal["merged", "settled"] | None = None,
) -> Response:
    """Pairs that nobody looked at yet, side by side, with why they seem to be one person."""
    found = await use_cases.list_suspicions(session, scope, paging)
    ids = {one for each in found.items for one in each.pair}
    await note_looks(session, "duplicate_suspicions", list(ids))
    return pages_of(request).page(
        request,
        "duplicates.html",
        pairs=found.items,
        known=await participants_by_id(session, scope, ids),
        next=cursor_of(found),
        asked={},
        done=done,
        may_merge=may(person, "merge participants"),
    )


@router.post("/{participant_id}/{resembles_id}/settle")
async def tell_apart(
    participant_id: UUID,
    resembles_id: UUID,
    _sent: SentByPage,
    scope: _Settling,
    session: Transaction,
    moment: RequestMoment,
) -> Response:
    """They are two people: the pair is not shown again."""
    await use_cases.settle_suspicion(session, scope, participant_id, resembles_id, moment)
    return RedirectResponse("/duplicates?done=settled", 303)


@router.post("/{participant_id}/{resembles_id}/merge")
async def merge(
    participant_id: UUID,
    resembles_id: UUID,
    sent: SentByPage,
    scope: _Merging,
    session: Transaction,
    moment: RequestMoment,
) -> Response:
    """They are one person: the record that was chosen goes on, and answers for the other."""
    goes_on = resembles_id if sent.form.get("goes_on") == str(resembles_id) else participant_id
    other = participant_id if goes_on == resembles_id else resembles_id
    await merging.merge(session, scope, goes_on, other, moment)
    return RedirectResponse("/duplicates?done=merged", 303)
