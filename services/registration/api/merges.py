"""Merging two records of one person, and telling them apart again."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response

from services.registration.api.answers.people import MergeShown
from services.registration.intake.bodies import MergeBody
from services.registration.use_cases import merging
from shared.auditing import note_looks
from shared.rights import Scope
from shared.web.edge import May, RequestMoment, Transaction
from shared.web.once import OnceOfRequest
from shared.web.paging import WholeList

router = APIRouter(prefix="/api/v1/participants/{participant_id}/merges", tags=["participants"])

_Merging = Annotated[Scope, May("merge participants")]


@router.post("", status_code=201)
async def merge(
    participant_id: UUID,
    body: MergeBody,
    scope: _Merging,
    session: Transaction,
    moment: RequestMoment,
    once: OnceOfRequest,
) -> MergeShown:
    """Make one record of two: the one in the address goes on, and answers for the other.

    Both have to be within reach of whoever asks: of two agencies, only operators merge records.
    """

    async def act() -> MergeShown:
        return MergeShown.model_validate(await merging.merge(session, scope, participant_id, body.merged_id, moment))

    return await once(MergeShown, act)


@router.get("")
async def list_merges(participant_id: UUID, scope: _Merging, session: Transaction) -> WholeList[MergeShown]:
    """The merges into a record, the latest first: by whom, when, and whether they were undone."""
    found = await merging.merges_of(session, scope, participant_id)
    await note_looks(session, "merges", [one for each in found for one in (each.participant_id, each.merged_id)])
    return WholeList(items=[MergeShown.model_validate(each) for each in found])


@router.delete("/{merge_id}", status_code=204)
async def undo(
    participant_id: UUID, merge_id: UUID, scope: _Merging, session: Transaction, moment: RequestMoment
) -> Response:
    """Tell the two records apart again; what came in meanwhile stays with the one that went on."""
    await merging.undo(session, scope, participant_id, merge_id, moment)
    return Response(status_code=204)
