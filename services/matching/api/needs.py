"""Needs and their standing shortlists over the whole pool."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Depends, Request

from services.matching.api.answers import Copy, ShortlistAnswer
from services.matching.api.edge import Reading, reading, transaction
from services.matching.domain.scoring import Requirement
from services.matching.repository import facts, shortlists
from services.matching.use_cases.refusals import Unknown
from shared.identity import Role

router = APIRouter(prefix="/api/needs", tags=["needs"])


class NeedAnswer(Copy):
    """A need as matching knows it."""

    id: UUID
    employer_id: UUID
    occupation: str
    seats: int
    framework: str
    requirements: tuple[Requirement, ...]
    is_open: bool


@router.get("", dependencies=[Depends(reading)])
async def list_needs(request: Request) -> list[NeedAnswer]:
    """The open needs."""
    async with transaction(request) as session:
        return [NeedAnswer.model_validate(need) for need in await facts.find_needs(session)]


@router.get("/{need_id}", dependencies=[Depends(reading)])
async def read_need(request: Request, need_id: UUID) -> NeedAnswer:
    """One need, open or not."""
    async with transaction(request) as session:
        need = await facts.find_need(session, need_id)
        if need is None:
            raise Unknown("need", need_id)
        return NeedAnswer.model_validate(need)


@router.get("/{need_id}/shortlist")
async def read_shortlist(request: Request, need_id: UUID, person: Reading) -> ShortlistAnswer:
    """The best of the pool for a need; an adviser sees the people of their agency, with their places."""
    async with transaction(request) as session:
        shortlist = await shortlists.find(session, need_id)
        if shortlist is None:
            raise Unknown("need", need_id)
        answer = ShortlistAnswer.of(shortlist)
        if person.role is not Role.ADVISER:
            return answer
        people = await facts.find_participants(session, {one.participant_id for one in answer.places})
        own = {one.id for one in people if one.agency_id == person.agency_id}
        return answer.model_copy(update={"places": tuple(one for one in answer.places if one.participant_id in own)})
