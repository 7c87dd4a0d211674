"""Runs: asked for, claimed by lease on the database's clock, recorded."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, exists, func, or_, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from services.matching.domain.situation import Pair
from services.matching.tables import MeetupRow, RematchRequestRow, RunRow
from shared.paging import FROM_THE_BEGINNING, Order, Page, Paging, read_page
from shared.sql import add_row, among, one_row, run, table_of, wake

_runs = table_of(RunRow)
_requests = table_of(RematchRequestRow)
_meetups = table_of(MeetupRow)
_TOLD_OF_A_RUN = [column for column in _runs.c if column.name not in ("inputs", "outcome")]
"""All but its record, which can be large."""

RunStatus = Literal["queued", "running", "done", "impossible", "outdated", "failed"]
"""`outdated`: what was true changed while it computed, so that another run answers in its place."""

WAKE_CHANNEL = "matching_runs"
"""The PostgreSQL channel on which a commit wakes those who compute."""

MOST_ATTEMPTS = 3
"""A run whose computer died this often is given up."""


@dataclass(frozen=True, slots=True)
class RematchRequest:
    """Somebody asks for a pairing; `note` is what they typed."""

    id: UUID
    meetup_id: UUID
    requested_by: UUID
    reason: str
    note: str | None
    pins: tuple[Pair, ...]
    forbids: tuple[Pair, ...]
    requested_at: datetime
    run_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """One computation of a pairing.

    `step` says how far it is, `conflicts` why it is impossible, `failure` the kind of error on which it was given up,
    `next_run_id` which run answers in its place, `redacted_at` when its record lost somebody who was erased.
    """

    id: UUID
    meetup_id: UUID
    status: RunStatus
    reason: str
    step: str
    attempts: int
    failure: str | None
    next_run_id: UUID | None
    queued_at: datetime
    finished_at: datetime | None
    version: str | None
    digest: str | None
    conflicts: tuple[dict[str, Any], ...]
    redacted_at: datetime | None = None

    @property
    def in_conflict(self) -> set[UUID]:
        """The people who could not be placed as was asked."""
        return {UUID(pair[0]) for conflict in self.conflicts for pair in conflict["pairs"]}


@dataclass(frozen=True, slots=True)
class RunRecord:
    """What a run computed from and what came out, byte for byte, with the version of the code."""

    version: str
    digest: str
    inputs: bytes
    outcome: bytes
    redacted_at: datetime | None = None


async def add_request(session: AsyncSession, request: RematchRequest) -> bool:
    """Keep a request; False when it is known already."""
    if await find_request(session, request.id):
        return False
    await add_row(
        session,
        RematchRequestRow(
            id=request.id,
            meetup_id=request.meetup_id,
            requested_by=request.requested_by,
            reason=request.reason,
            note=request.note,
            pins=[_pair_json(pair) for pair in request.pins],
            forbids=[_pair_json(pair) for pair in request.forbids],
            requested_at=request.requested_at,
            run_id=request.run_id,
        ),
    )
    return True


async def find_request(session: AsyncSession, request_id: UUID) -> RematchRequest | None:
    """A request by its id."""
    row = await one_row(session, RematchRequestRow, _requests.c.id == request_id)
    return _request(row) if row else None


async def assign_request(session: AsyncSession, request_id: UUID, run_id: UUID) -> None:
    """Say which run answers a request."""
    await run(session, update(_requests).where(_requests.c.id == request_id).values(run_id=run_id))


async def requests_of_runs(session: AsyncSession, run_ids: Collection[UUID]) -> dict[UUID, list[RematchRequest]]:
    """The requests that each of these runs answers, the oldest first."""
    query = select(_requests).where(among(_requests.c.run_id, run_ids))
    found: dict[UUID, list[RematchRequest]] = {run_id: [] for run_id in run_ids}
    for row in await run(session, query.order_by(_requests.c.requested_at, _requests.c.id)):
        found[row.run_id].append(_request(row))
    return found


async def requests_of_run(session: AsyncSession, run_id: UUID) -> list[RematchRequest]:
    """The requests that a run answers, the oldest first."""
    return (await requests_of_runs(session, [run_id]))[run_id]


async def hand_on(session: AsyncSession, run_id: UUID, next_run_id: UUID) -> None:
    """Let another run answer the requests of this one, and say so."""
    await run(session, update(_requests).where(_requests.c.run_id == run_id).values(run_id=next_run_id))
    await run(session, update(_runs).where(_runs.c.id == run_id).values(next_run_id=next_run_id))


async def queued_run(session: AsyncSession, meetup_id: UUID) -> UUID | None:
    """The run of a meetup that nobody has claimed yet; nobody claims it either until the transaction ends."""
    query = select(_runs.c.id).where(_runs.c.meetup_id == meetup_id, _runs.c.status == "queued").with_for_update()
    return (await run(session, query)).scalar_one_or_none()


async def count_outdated(session: AsyncSession, meetup_id: UUID, since: datetime) -> int:
    """How many runs of a meetup were overtaken since a moment."""
    query = select(func.count()).where(
        _runs.c.meetup_id == meetup_id, _runs.c.status == "outdated", _runs.c.finished_at > since
    )
    return int((await run(session, query)).scalar_one())


async def is_under_way(session: AsyncSession, meetup_id: UUID) -> bool:
    """Whether a run of a meetup waits or computes."""
    goes_on = (_runs.c.meetup_id == meetup_id) & _runs.c.status.in_(("queued", "running"))
    return bool((await run(session, select(exists().where(goes_on)))).scalar_one())


async def queue_run(
    session: AsyncSession, run_id: UUID, meetup_id: UUID, reason: str, queued_at: datetime, *, step: str = "queued"
) -> None:
    """Put a run in the queue and, with the commit, wake those who compute."""
    row = RunRow(id=run_id, meetup_id=meetup_id, status="queued", reason=reason, step=step, queued_at=queued_at)
    await add_row(session, row)
    await wake(session, WAKE_CHANNEL)


async def claim(session: AsyncSession, lease: UUID, lease_for: timedelta) -> Run | None:
    """Claim the oldest run that waits or whose lease ran out; None when there is none.

    Nobody waits for anybody (`SKIP LOCKED`); time is the database's, so that clocks of machines do not matter. A run
    asked for before its meetup was told of waits until it is.
    """
    lapsed = (_runs.c.status == "running") & (_runs.c.lease_until < func.clock_timestamp())
    known = select(_meetups.c.id).where(_meetups.c.state.is_not(None))
    oldest = (
        select(_runs.c.id)
        .where(or_(_runs.c.status == "queued", lapsed), _runs.c.meetup_id.in_(known))
        .order_by(_runs.c.queued_at)
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    claimed = await run(
        session,
        update(_runs)
        .where(_runs.c.id == oldest)
        .values(
            status="running",
            step="gathering",
            attempts=_runs.c.attempts + 1,
            lease=lease,
            lease_until=_from_now(lease_for),
        )
        .returning(*_TOLD_OF_A_RUN),
    )
    row = claimed.one_or_none()
    if row is None:
        return None
    if row.attempts > MOST_ATTEMPTS:
        await _give_up(session, row.id, "its-computer-died")
        return replace(_run(row), status="failed")
    return _run(row)


async def renew(session: AsyncSession, run_id: UUID, lease: UUID, lease_for: timedelta) -> None:
    """Say that somebody still computes a run."""
    await run(
        session,
        update(_runs).where(_runs.c.id == run_id, _runs.c.lease == lease).values(lease_until=_from_now(lease_for)),
    )


async def give_back(session: AsyncSession, run_id: UUID, lease: UUID) -> None:
    """Let anybody compute a run at once; the attempt does not count."""
    await run(
        session,
        update(_runs)
        .where(_runs.c.id == run_id, _runs.c.lease == lease)
        .values(lease=None, lease_until=func.clock_timestamp(), step="queued", attempts=_runs.c.attempts - 1),
    )
    await wake(session, WAKE_CHANNEL)


async def fail(session: AsyncSession, run_id: UUID, lease: UUID, failure: str, again_after: timedelta) -> None:
    """Note that computing a run failed with this kind of error: it is tried again, or given up after the last try."""
    if not await holds(session, run_id, lease):
        return
    attempts = (await run(session, select(_runs.c.attempts).where(_runs.c.id == run_id))).scalar_one()
    if attempts >= MOST_ATTEMPTS:
        await _give_up(session, run_id, failure)
        return
    await run(
        session,
        update(_runs)
        .where(_runs.c.id == run_id)
        .values(lease=None, lease_until=_from_now(again_after), step="queued", failure=failure),
    )


async def _give_up(session: AsyncSession, run_id: UUID, failure: str) -> None:
    await run(
        session,
        update(_runs)
        .where(_runs.c.id == run_id)
        .values(
            status="failed",
            step="failed",
            failure=failure,
            finished_at=func.clock_timestamp(),
            lease=None,
            lease_until=None,
        ),
    )


def _from_now(lease_for: timedelta) -> ColumnElement[datetime]:
    return func.clock_timestamp() + lease_for


async def holds(session: AsyncSession, run_id: UUID, lease: UUID) -> bool:
    """Whether this lease still holds the run; locks the run until the transaction ends."""
    query = select(_runs.c.lease).where(_runs.c.id == run_id, _runs.c.status == "running").with_for_update()
    return bool((await run(session, query)).scalar_one_or_none() == lease)


async def note_step(session: AsyncSession, run_id: UUID, lease: UUID, step: str) -> None:
    """Say how far a run is."""
    await run(session, update(_runs).where(_runs.c.id == run_id, _runs.c.lease == lease).values(step=step))


async def finish(
    session: AsyncSession,
    run_id: UUID,
    status: RunStatus,
    *,
    finished_at: datetime,
    record: RunRecord | None = None,
    conflicts: list[dict[str, Any]] | None = None,
    failure: str | None = None,
) -> None:
    """Settle a run, with its record."""
    values: dict[str, Any] = {
        "status": status,
        "step": status,
        "finished_at": finished_at,
        "lease": None,
        "lease_until": None,
        "conflicts": conflicts,
        "failure": failure,
    }
    if record:
        values |= {
            "version": record.version,
            "digest": record.digest,
            "inputs": record.inputs,
            "outcome": record.outcome,
            "redacted_at": record.redacted_at,
        }
    await run(session, update(_runs).where(_runs.c.id == run_id).values(**values))


async def find(session: AsyncSession, run_id: UUID) -> Run | None:
    """A run by its id."""
    row = (await run(session, select(*_TOLD_OF_A_RUN).where(_runs.c.id == run_id))).one_or_none()
    return _run(row) if row else None


async def record_of(session: AsyncSession, run_id: UUID) -> RunRecord | None:
    """What a run computed from and what came out; None while it has not."""
    query = select(*(_runs.c[field.name] for field in fields(RunRecord))).where(
        _runs.c.id == run_id, _runs.c.inputs.is_not(None), _runs.c.outcome.is_not(None)
    )
    row = (await run(session, query)).mappings().one_or_none()
    return RunRecord(**row) if row else None


async def runs_of(session: AsyncSession, meetup_id: UUID, paging: Paging = FROM_THE_BEGINNING) -> Page[Run]:
    """The runs of a meetup, the newest first, a part of them."""
    order = Order({"id": _runs.c.id}, (_runs.c.queued_at,), descending=True)
    found = await read_page(session, select(*_TOLD_OF_A_RUN).where(_runs.c.meetup_id == meetup_id), order, paging)
    return found.turned(_run)


async def latest(session: AsyncSession, limit: int) -> list[Run]:
    """The newest runs of all meetups."""
    return [_run(row) for row in await run(session, _newest_first().limit(limit))]


def _newest_first() -> Select[Any]:
    return select(*_TOLD_OF_A_RUN).order_by(_runs.c.queued_at.desc(), _runs.c.id.desc())


def _pair_json(pair: Pair) -> list[str]:
    return [str(pair.participant_id), str(pair.need_id)]


def _request(row: RematchRequestRow | Row[Any]) -> RematchRequest:
    return RematchRequest(
        id=row.id,
        meetup_id=row.meetup_id,
        requested_by=row.requested_by,
        reason=row.reason,
        note=row.note,
        pins=tuple(Pair(UUID(participant), UUID(need)) for participant, need in row.pins),
        forbids=tuple(Pair(UUID(participant), UUID(need)) for participant, need in row.forbids),
        requested_at=row.requested_at,
        run_id=row.run_id,
    )


def _run(row: Any) -> Run:
    return Run(
        id=row.id,
        meetup_id=row.meetup_id,
        status=row.status,
        reason=row.reason,
        step=row.step,
        attempts=row.attempts,
        failure=row.failure,
        next_run_id=row.next_run_id,
        queued_at=row.queued_at,
        finished_at=row.finished_at,
        version=row.version,
        digest=row.digest,
        conflicts=tuple(row.conflicts or ()),
        redacted_at=row.redacted_at,
    )
