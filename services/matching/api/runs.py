"""Runs: how far one is, as it goes, and computing a recorded one again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel
from sqlmodel.ext.asyncio.session import AsyncSession

from services.matching.api.answers import RunAnswer
from services.matching.edge import is_visible
from services.matching.limits import REPLAYS
from services.matching.repository import runs
from services.matching.repository.runs import Run
from services.matching.use_cases import replaying
from services.matching.use_cases.queueing import WAITS_FOR_MEETUP
from shared.auditing import note_looks
from shared.database import Sessions, unit_of_work
from shared.identity import identify, person_or_none
from shared.refusals import Unknown
from shared.rights import Reach, Scope, may
from shared.web import Problem
from shared.web.edge import May, Transaction, asker_of
from shared.web.limiting import Limited

router = APIRouter(prefix="/api/v1/runs", tags=["runs"])

_Reading = Annotated[Scope, May("read pairings")]

LOOK_EVERY = 0.25
"""Seconds between two looks at a run whose progress somebody follows."""
LONGEST_FOLLOWING = 600.0
"""Seconds after which a browser that still follows has to ask again."""
LOOKS_UNTIL_ASKED_AGAIN = 20
"""After so many looks it is asked again who follows: without a right or a valid token one hears no more."""
MOST_FOLLOWERS = 100
"""How many follow at once at one process; each costs some small questions a second."""
SETTLED = frozenset({"done", "impossible", "outdated", "failed"})

ANOTHER_REPLAYS = Problem(
    429,
    "another-replay",
    "Un autre recalcul est en cours",
    "Le service recalcule un appariement à la fois. Attendez quelques secondes, puis recommencez.",
    english=(
        "Another replay is under way",
        "The service replays one pairing at a time. Wait for a few seconds, then try again.",
    ),
    headers={"retry-after": "5"},
)


TOO_MANY_FOLLOWERS = Problem(
    429,
    "too-many-followers",
    "Trop de suivis en même temps",
    "Beaucoup de personnes suivent des calculs en ce moment. Rechargez la page dans quelques secondes.",
    english=("Too many are following", "Many people follow runs at the moment. Load the page again in a few seconds."),
    headers={"retry-after": "5"},
)


class ReplayAnswer(BaseModel):
    """Whether a recorded run gives the same bytes again."""

    same: bool
    digest: str


@router.get("/{run_id}")
async def read_run(session: Transaction, run_id: UUID, scope: _Reading) -> RunAnswer:
    """A run, with the requests that it answers."""
    return await _answer(session, run_id, scope)


@router.get(
    "/{run_id}/progress",
    response_class=StreamingResponse,
    responses={200: {"description": "Server-sent events.", "content": {"text/event-stream": {}}}},
)
async def follow_run(request: Request, run_id: UUID, scope: _Reading) -> StreamingResponse:
    """The steps of a run as server-sent events, each a run as JSON, until it is settled."""
    sessions: Sessions = request.app.state.sessions
    places: asyncio.Semaphore = request.app.state.following
    if places.locked():
        raise TOO_MANY_FOLLOWERS
    async with unit_of_work(sessions, asker_of(request)) as session:
        first = await _answer(session, run_id, scope)

    async def steps() -> AsyncIterator[str]:
        told, answer = None, first
        async with places:
            for look in range(int(LONGEST_FOLLOWING / LOOK_EVERY)):
                if answer.step != told:
                    told = answer.step
                    yield f"event: {answer.step}\ndata: {answer.model_dump_json()}\n\n"
                if answer.status in SETTLED or await request.is_disconnected():
                    return
                await asyncio.sleep(LOOK_EVERY)
                if look % LOOKS_UNTIL_ASKED_AGAIN == 0 and not await _still_may(request):
                    return
                async with unit_of_work(sessions, asker_of(request)) as session:
                    answer = await _answer(session, run_id, scope)

    return StreamingResponse(steps(), media_type="text/event-stream", headers={"cache-control": "no-store"})


@router.post("/{run_id}/replay", dependencies=[Depends(Limited(REPLAYS))])
async def replay_run(request: Request, run_id: UUID, scope: _Reading) -> ReplayAnswer:
    """Compute a recorded run again and say whether the same bytes come out; one at a time.

    Safe to repeat: it changes nothing.
    """
    turn: asyncio.Lock = request.app.state.replaying
    if turn.locked():
        raise ANOTHER_REPLAYS
    async with turn:
        # Nothing of the database is held while it computes: others need the connections.
        async with unit_of_work(request.app.state.sessions, asker_of(request)) as session:
            answer = await _answer(session, run_id, scope)
            record = await replaying.record_of(session, run_id)
        return ReplayAnswer(same=await replaying.replay(record), digest=answer.digest or "")


async def _still_may(request: Request) -> bool:
    """Whether who asked is still who they said, and still has the right."""
    await identify(request)
    person = person_or_none(request)
    return person is not None and may(person, "read pairings")


async def _answer(session: AsyncSession, run_id: UUID, scope: Scope) -> RunAnswer:
    run = await runs.find(session, run_id)
    if run is None or not await _is_visible(session, run, scope):
        raise Unknown("run")
    await note_looks(session, "pairing_runs", run.in_conflict, run_id)
    return RunAnswer.of(run, await runs.requests_of_run(session, run_id))


async def _is_visible(session: AsyncSession, run: Run, scope: Scope) -> bool:
    """Whether a run is within the scope; one whose meetup nobody told of yet is seen by whoever sees all."""
    if run.step == WAITS_FOR_MEETUP and scope.reach is Reach.ALL:
        return True
    return await is_visible(session, run.meetup_id, scope)
