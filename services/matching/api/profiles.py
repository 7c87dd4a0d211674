"""Profiles, and fitting the components behind them anew."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel

from services.matching.api.answers import ProfileAnswer
from services.matching.edge import RequestPolicy, check_participant
from services.matching.repository import components
from services.matching.repository.components import RefitRequest
from services.matching.use_cases.profiles import read_profile
from shared.auditing import note_looks
from shared.reference.skills import DEFAULT_FRAMEWORK, framework
from shared.refusals import Unknown
from shared.rights import Scope
from shared.web.edge import May, RequestMoment, RequestPerson, Transaction
from shared.web.once import OnceOfRequest

router = APIRouter(prefix="/api/v1", tags=["profiles"])

AskedFramework = Annotated[str, Query(max_length=40)]

_Fitting = Annotated[Scope, May("fit profiles")]

NEWEST = 20
"""Requests to fit anew that are shown at once."""


class RefitAccepted(BaseModel):
    """The fit is on its way."""

    request_id: UUID


@router.get("/participants/{participant_id}/profile")
async def profile(
    session: Transaction,
    policy: RequestPolicy,
    participant_id: UUID,
    scope: Annotated[Scope, May("read profiles")],
    framework: AskedFramework = DEFAULT_FRAMEWORK,
) -> ProfileAnswer:
    """A participant's profile with intervals and what stands behind each skill."""
    await check_participant(session, participant_id, scope)
    _check_framework(framework)
    await note_looks(session, "profiles", [participant_id])
    return ProfileAnswer.of(await read_profile(session, participant_id, framework), policy.coverage)


class RefitAnswer(BaseModel):
    """A request to fit anew; `asked_by` is null where it was time, `error` the kind of the last error met."""

    request_id: UUID
    asked_by: UUID | None
    asked_at: datetime
    status: Literal["waiting", "done", "failed"]
    settled_at: datetime | None
    attempts_failed: int
    error: str | None

    @classmethod
    def of(cls, request: RefitRequest) -> Self:
        """From the repository."""
        return cls(
            request_id=request.id,
            asked_by=request.requested_by,
            asked_at=request.requested_at,
            status="done" if request.done_at else "failed" if request.failed_at else "waiting",
            settled_at=request.done_at or request.failed_at,
            attempts_failed=request.attempts,
            error=request.error,
        )


@router.get("/profiles/refits")
async def refits(
    session: Transaction, _scope: _Fitting, framework: AskedFramework = DEFAULT_FRAMEWORK
) -> list[RefitAnswer]:
    """The last requests to fit a framework anew, the newest first, and how each ended."""
    _check_framework(framework)
    found = await components.newest_requests(session, framework, at_most=NEWEST)
    return [RefitAnswer.of(request) for request in found]


@router.post("/profiles/refit", status_code=202)
async def refit(
    session: Transaction,
    moment: RequestMoment,
    person: RequestPerson,
    _scope: _Fitting,
    once: OnceOfRequest,
    framework: AskedFramework = DEFAULT_FRAMEWORK,
) -> RefitAccepted:
    """Have variance components and rater severities fitted anew from all observations."""
    _check_framework(framework)

    async def act() -> RefitAccepted:
        asked = components.RefitRequest(moment.new_id(), framework, person.id, moment.now)
        await components.ask_for_refit(session, asked)
        return RefitAccepted(request_id=asked.id)

    return await once(RefitAccepted, act)


def _check_framework(name: str) -> None:
    try:
        framework(name)
    except (LookupError, ValueError):
        raise Unknown("framework") from None
