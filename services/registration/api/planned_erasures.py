"""People who are to be erased because there was no contact for long: told, or kept because they say so."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response

from services.registration.api.answers.people import PlannedErasure
from services.registration.repository import retention as repository
from services.registration.use_cases import retention as use_cases
from shared.auditing import note_looks
from shared.rights import Scope
from shared.web.edge import May, RequestMoment, Transaction
from shared.web.paging import ListAnswer, PagingOfRequest, page_of

router = APIRouter(prefix="/api/v1/planned-erasures", tags=["erasures"])

_Settling = Annotated[Scope, May("settle erasures")]


@router.get("")
async def list_planned(
    scope: Annotated[Scope, May("read erasures")], session: Transaction, paging: PagingOfRequest
) -> ListAnswer[PlannedErasure]:
    """Who is to be erased, and when: first whom no mail told, for somebody to tell them by letter or telephone.

    They go on their day, told or not, unless there is contact before.
    """
    page = await repository.list_planned(session, scope, paging)
    await note_looks(session, "planned_erasures", [each["participant_id"] for each in page.items])
    return page_of(page, PlannedErasure.of_row)


@router.post("/{participant_id}/tell", status_code=204)
async def tell(participant_id: UUID, scope: _Settling, session: Transaction, moment: RequestMoment) -> Response:
    """Say that somebody told them by letter, by telephone or in person. Safe to repeat."""
    await use_cases.note_told(session, scope, participant_id, moment)
    return Response(status_code=204)


@router.post("/{participant_id}/keep", status_code=204)
async def keep(participant_id: UUID, scope: _Settling, session: Transaction, moment: RequestMoment) -> Response:
    """Say that they were heard from and stay: they are kept as if registered today.

    Safe to repeat: whose erasure is not planned any more is `404`, and stays.
    """
    await use_cases.keep_participant(session, scope, participant_id, moment)
    return Response(status_code=204)
