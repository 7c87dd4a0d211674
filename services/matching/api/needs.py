"""Needs and their standing shortlists over the whole pool."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter

from services.matching.api.answers import Copy, ShortlistAnswer
from services.matching.domain.scoring import RequiredSkill
from services.matching.repository import facts, shortlists
from shared.auditing import note_looks
from shared.refusals import Unknown
from shared.rights import Scope
from shared.web.edge import May, Transaction
from shared.web.paging import ListAnswer, PagingOfRequest, cursor_of

router = APIRouter(prefix="/api/v1/needs", tags=["needs"])

_Reading = Annotated[Scope, May("read needs")]


class NeedAnswer(Copy):
    """A need as matching knows it."""

    id: UUID
    employer_id: UUID
    occupation: str
    seats: int
    framework: str
    requirements: tuple[RequiredSkill, ...]
    is_open: bool


@router.get("")
async def list_needs(session: Transaction, _scope: _Reading, paging: PagingOfRequest) -> ListAnswer[NeedAnswer]:
    """The open needs, by id."""
    found = await facts.list_open_needs(session, paging)
    return ListAnswer(items=[NeedAnswer.model_validate(need) for need in found.items], next=cursor_of(found))


@router.get("/{need_id}")
async def read_need(session: Transaction, need_id: UUID, _scope: _Reading) -> NeedAnswer:
    """One need, open or not."""
    need = await facts.find_need(session, need_id)
    if need is None:
        raise Unknown("need")
    return NeedAnswer.model_validate(need)


@router.get("/{need_id}/shortlist")
async def read_shortlist(
    session: Transaction, need_id: UUID, scope: Annotated[Scope, May("read shortlists")]
) -> ShortlistAnswer:
    """The best of the pool for a need; an adviser sees the people of their agency, with their places."""
    shortlist = await shortlists.find(session, need_id)
    if shortlist is None:
        raise Unknown("need")
    answer = ShortlistAnswer.of(shortlist)
    people = await facts.find_participants(session, {one.participant_id for one in answer.places})
    own = {one.id for one in people if scope.covers(one.agency_id)}
    await note_looks(session, "standing_shortlists", own, need_id)
    return answer.model_copy(update={"places": tuple(one for one in answer.places if one.participant_id in own)})
