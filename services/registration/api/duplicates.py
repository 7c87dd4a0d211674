"""Records that are probably of one person."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response

from services.registration.api.answers.people import ReasonTold, SuspicionShown
from services.registration.use_cases import duplicates as use_cases
from services.registration.use_cases.duplicates import Suspicion
from shared.auditing import note_looks
from shared.rights import Scope
from shared.web.edge import May, RequestMoment, Transaction
from shared.web.paging import ListAnswer, PagingOfRequest, cursor_of

router = APIRouter(prefix="/api/v1", tags=["participants"])


@router.get("/duplicates")
async def list_duplicates(
    scope: Annotated[Scope, May("read duplicates")], session: Transaction, paging: PagingOfRequest
) -> ListAnswer[SuspicionShown]:
    """Pairs of records that are probably of one person and that nobody looked at yet: how probably, and why.

    Advisers see those of their own agency; of two agencies, only operators.
    """
    page = await use_cases.list_suspicions(session, scope, paging)
    await note_looks(session, "duplicate_suspicions", [one for each in page.items for one in each.pair])
    items = [_shown(each) for each in page.items]
    return ListAnswer(items=items, next=cursor_of(page))


@router.post("/duplicates/{participant_id}/{resembles_id}/settle", status_code=204)
async def settle_duplicate(
    participant_id: UUID,
    resembles_id: UUID,
    scope: Annotated[Scope, May("settle duplicates")],
    session: Transaction,
    moment: RequestMoment,
) -> Response:
    """Note that somebody looked at the pair; what follows (an erasure, a correction) is theirs to do.

    Safe to repeat: a pair that somebody has looked at is `404`, and stays so.
    """
    await use_cases.settle_suspicion(session, scope, participant_id, resembles_id, moment)
    return Response(status_code=204)


def _shown(suspicion: Suspicion) -> SuspicionShown:
    return SuspicionShown(
        participant_id=suspicion.pair[0],
        resembles_id=suspicion.pair[1],
        agency_id=suspicion.agency_id,
        noticed_at=suspicion.noticed_at,
        probability=round(suspicion.probability, 4),
        reasons=[ReasonTold.model_validate(each) for each in suspicion.reasons],
    )
