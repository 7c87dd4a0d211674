"""Profiles, and fitting the components behind them anew."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel

from services.matching.api.answers import ProfileAnswer
from services.matching.api.edge import Reading, transaction
from services.matching.repository import components, facts
from services.matching.use_cases.profiles import read_profile
from services.matching.use_cases.refusals import Unknown
from shared.identity import Person, Role, check_agency, now_of, require
from shared.ids import new_id
from shared.reference.skills import DEFAULT_FRAMEWORK, framework

router = APIRouter(prefix="/api", tags=["profiles"])

Framework = Annotated[str, Query(max_length=40)]


class RefitAccepted(BaseModel):
    """The fit is on its way."""

    request_id: UUID


@router.get("/participants/{participant_id}/profile")
async def profile(
    request: Request, participant_id: UUID, person: Reading, framework: Framework = DEFAULT_FRAMEWORK
) -> ProfileAnswer:
    """A participant's profile with intervals and what stands behind each skill."""
    async with transaction(request) as session:
        participant = await facts.find_participant(session, participant_id)
        if participant is None:
            raise Unknown("participant", participant_id)
        check_agency(person, participant.agency_id)
        _check_framework(framework)
        seen = await read_profile(session, participant_id, framework)
    return ProfileAnswer.of(seen, request.app.state.settings.policy.coverage)


@router.post("/profiles/refit", status_code=202)
async def refit(
    request: Request,
    person: Annotated[Person, Depends(require(Role.MANAGER, Role.OPERATOR))],
    framework: Framework = DEFAULT_FRAMEWORK,
) -> RefitAccepted:
    """Have variance components and rater severities fitted anew from all observations."""
    async with transaction(request) as session:
        _check_framework(framework)
        asked = components.RefitRequest(new_id(), framework, person.id, now_of(request))
        await components.ask_for_refit(session, asked)
    return RefitAccepted(request_id=asked.id)


def _check_framework(name: str) -> None:
    try:
        framework(name)
    except (LookupError, ValueError):
        raise Unknown("framework", UUID(int=0)) from None
