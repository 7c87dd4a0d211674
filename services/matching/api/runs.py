"""Runs: how far one is, as it goes, and computing a recorded one again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel
from sqlmodel.ext.asyncio.session import AsyncSession

from services.matching.api.answers import RunAnswer
from services.matching.edge import visible_meetup
from services.matching.limits import REPLAYS
from services.matching.repository import runs
from services.matching.use_cases import replaying
from services.matching.use_cases.queueing import WAITS_FOR_MEETUP
from shared.database import Sessions, unit_of_work
from shared.identity import Person, Role
from shared.refusals import Unknown
from shared.web import Problem
from shared.web.edge import Reader, Transaction
from shared.web.limiting import limited

router = APIRouter(prefix="/api/runs", tags=["runs"])

LOOK_EVERY = 0.25
"""Seconds between two looks at a run whose progress somebody follows."""
LONGEST_FOLLOWING = 600.0
"""Seconds after which a browser that still follows has to ask again."""
SETTLED = frozenset({"done", "impossible", "outdated", "failed"})

ANOTHER_REPLAYS = Problem(
    429,
    "another-replay",
    "Un autre recalcul est en cours",
    "Le service recalcule un appariement à la fois. Attendez quelques secondes, puis recommencez.",
    headers={"retry-after": "5"},
)


class ReplayAnswer(BaseModel):
    """Whether a recorded run gives the same bytes again."""

    same: bool
    digest: str


@router.get("/{run_id}")
async def read_run(session: Transaction, run_id: UUID, person: Reader) -> RunAnswer:
    """A run, with the requests that it answers."""
    return await _answer(session, run_id, person)


@router.get("/{run_id}/progress")
async def follow_run(request: Request, run_id: UUID, person: Reader) -> StreamingResponse:
    """The steps of a run as server-sent events, each a run as JSON, until it is settled."""
    sessions: Sessions = request.app.state.sessions
    async with unit_of_work(sessions) as session:
        first = await _answer(session, run_id, person)

    async def steps() -> AsyncIterator[str]:
        told, waited = None, 0.0
        answer = first
        while True:
            if answer.step != told:
                told = answer.step
                yield f"event: {answer.step}\ndata: {answer.model_dump_json()}\n\n"
            if answer.status in SETTLED or waited > LONGEST_FOLLOWING or await request.is_disconnected():
                return
            await asyncio.sleep(LOOK_EVERY)
            waited += LOOK_EVERY
            async with unit_of_work(sessions) as session:
                answer = await _answer(session, run_id, person)

    return StreamingResponse(steps(), media_type="text/event-stream", headers={"cache-control": "no-store"})


@router.post("/{run_id}/replay", dependencies=[Depends(limited(REPLAYS))])
async def replay_run(request: Request, run_id: UUID, person: Reader) -> ReplayAnswer:
    """Compute a recorded run again and say whether the same bytes come out; one at a time."""
    turn: asyncio.Lock = request.app.state.replaying
    if turn.locked():
        raise ANOTHER_REPLAYS
    async with turn:
        # Nothing of the database is held while it computes: others need the connections.
        async with unit_of_work(request.app.state.sessions) as session:
            answer = await _answer(session, run_id, person)
            record = await replaying.record_of(session, run_id)
        return ReplayAnswer(same=await replaying.replay(record), digest=answer.digest or "")


async def _answer(session: AsyncSession, run_id: UUID, person: Person) -> RunAnswer:
    run = await runs.find(session, run_id)
    if run is None:
        raise Unknown("run")
    if run.step != WAITS_FOR_MEETUP or person.role is Role.ADVISER:
        await visible_meetup(session, run.meetup_id, person)
    return RunAnswer.of(run, await runs.requests_of_run(session, run_id))
