"""Runs: asked for, claimed by lease on the database's clock, recorded."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

import sqlalchemy as sql
from sqlalchemy import ColumnElement, func, or_, text, update
from sqlalchemy.orm import defer
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.matching.domain.situation import Pair
from services.matching.tables import MeetupRow, RematchRequestRow, RunRow
from shared.sql import run, table_of

RunStatus = Literal["queued", "running", "done", "impossible", "outdated", "failed"]
"""`outdated`: what was true changed while it computed, so that another run answers in its place."""

WAKE_CHANNEL = "matching_runs"
"""The PostgreSQL channel on which a commit wakes those who compute."""

MOST_ATTEMPTS = 3
"""A run whose computer died this often is given up."""


_without_record = (defer(RunRow.inputs), defer(RunRow.outcome))  # type: ignore[arg-type]  # they are mapped columns


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
    if await session.get(RematchRequestRow, request.id):
        return False
    session.add(
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
        )
    )
    await session.flush()
    return True


async def find_request(session: AsyncSession, request_id: UUID) -> RematchRequest | None:
    """A request by its id."""
    row = await session.get(RematchRequestRow, request_id)
    return _request(row) if row else None


async def assign_request(session: AsyncSession, request_id: UUID, run_id: UUID) -> None:
    """Say which run answers a request."""
    await session.exec(update(RematchRequestRow).where(col(RematchRequestRow.id) == request_id).values(run_id=run_id))


async def requests_of_run(session: AsyncSession, run_id: UUID) -> list[RematchRequest]:
    """The requests that a run answers, the oldest first."""
    rows = await session.exec(
        select(RematchRequestRow)
        .where(RematchRequestRow.run_id == run_id)
        .order_by(col(RematchRequestRow.requested_at), col(RematchRequestRow.id))
    )
    return [_request(row) for row in rows]


async def hand_on(session: AsyncSession, run_id: UUID, next_run_id: UUID) -> None:
    """Let another run answer the requests of this one, and say so."""
    await session.exec(
        update(RematchRequestRow).where(col(RematchRequestRow.run_id) == run_id).values(run_id=next_run_id)
    )
    await session.exec(update(RunRow).where(col(RunRow.id) == run_id).values(next_run_id=next_run_id))


async def queued_run(session: AsyncSession, meetup_id: UUID) -> UUID | None:
    """The run of a meetup that nobody has claimed yet; nobody claims it either until the transaction ends."""
    rows = await session.exec(
        select(RunRow.id).where(RunRow.meetup_id == meetup_id, RunRow.status == "queued").with_for_update()
    )
    return rows.one_or_none()


async def count_outdated(session: AsyncSession, meetup_id: UUID, since: datetime) -> int:
    """How many runs of a meetup were overtaken since a moment."""
    query = select(func.count()).where(
        RunRow.meetup_id == meetup_id, RunRow.status == "outdated", col(RunRow.finished_at) > since
    )
    return (await session.exec(query)).one()


async def is_under_way(session: AsyncSession, meetup_id: UUID) -> bool:
    """Whether a run of a meetup waits or computes."""
    rows = await session.exec(
        select(RunRow.id).where(RunRow.meetup_id == meetup_id, col(RunRow.status).in_(("queued", "running"))).limit(1)
    )
    return rows.first() is not None


async def queue_run(
    session: AsyncSession, run_id: UUID, meetup_id: UUID, reason: str, queued_at: datetime, *, step: str = "queued"
) -> None:
    """Put a run in the queue and, with the commit, wake those who compute."""
    session.add(RunRow(id=run_id, meetup_id=meetup_id, status="queued", reason=reason, step=step, queued_at=queued_at))
    await session.flush()
    await session.exec(select(func.pg_notify(WAKE_CHANNEL, "")))


async def claim(session: AsyncSession, lease: UUID, lease_for: timedelta) -> Run | None:
    """Claim the oldest run that waits or whose lease ran out; None when there is none.

    Nobody waits for anybody (`SKIP LOCKED`); time is the database's, so that clocks of machines do not matter. A run
    asked for before its meetup was told of waits until it is.
    """
    lapsed = (col(RunRow.status) == "running") & (col(RunRow.lease_until) < func.clock_timestamp())
    known = select(MeetupRow.id).where(col(MeetupRow.state).is_not(None))
    rows = await session.exec(
        select(RunRow)
        .options(*_without_record)
        .where(or_(col(RunRow.status) == "queued", lapsed), col(RunRow.meetup_id).in_(known))
        .order_by(col(RunRow.queued_at))
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    row = rows.one_or_none()
    if row is None:
        return None
    row.attempts += 1
    row.status, row.step, row.lease = "running", "gathering", lease
    session.add(row)
    await session.flush()
    claimed = _run(row)
    if claimed.attempts > MOST_ATTEMPTS:
        await _give_up(session, claimed.id, "its-computer-died")
        return replace(claimed, status="failed")
    await session.exec(update(RunRow).where(col(RunRow.id) == claimed.id).values(lease_until=_from_now(lease_for)))
    return claimed


async def renew(session: AsyncSession, run_id: UUID, lease: UUID, lease_for: timedelta) -> None:
    """Say that somebody still computes a run."""
    await session.exec(
        update(RunRow)
        .where(col(RunRow.id) == run_id, col(RunRow.lease) == lease)
        .values(lease_until=_from_now(lease_for))
    )


async def give_back(session: AsyncSession, run_id: UUID, lease: UUID) -> None:
    """Let anybody compute a run at once; the attempt does not count."""
    await session.exec(
        update(RunRow)
        .where(col(RunRow.id) == run_id, col(RunRow.lease) == lease)
        .values(lease=None, lease_until=func.clock_timestamp(), step="queued", attempts=RunRow.attempts - 1)
    )
    await session.exec(select(func.pg_notify(WAKE_CHANNEL, "")))


async def fail(session: AsyncSession, run_id: UUID, lease: UUID, failure: str, again_after: timedelta) -> None:
    """Note that computing a run failed with this kind of error: it is tried again, or given up after the last try."""
    if not await holds(session, run_id, lease):
        return
    attempts = (await session.exec(select(RunRow.attempts).where(RunRow.id == run_id))).one()
    if attempts >= MOST_ATTEMPTS:
        await _give_up(session, run_id, failure)
        return
    await session.exec(
        update(RunRow)
        .where(col(RunRow.id) == run_id)
        .values(lease=None, lease_until=_from_now(again_after), step="queued", failure=failure)
    )


async def _give_up(session: AsyncSession, run_id: UUID, failure: str) -> None:
    await session.exec(
        update(RunRow)
        .where(col(RunRow.id) == run_id)
        .values(
            status="failed",
            step="failed",
            failure=failure,
            finished_at=func.clock_timestamp(),
            lease=None,
            lease_until=None,
        )
    )


def _from_now(lease_for: timedelta) -> ColumnElement[datetime]:
    return func.clock_timestamp() + text(f"interval '{lease_for.total_seconds()} seconds'")


async def holds(session: AsyncSession, run_id: UUID, lease: UUID) -> bool:
    """Whether this lease still holds the run; locks the run until the transaction ends."""
    rows = await session.exec(
        select(RunRow.lease).where(RunRow.id == run_id, RunRow.status == "running").with_for_update()
    )
    return rows.one_or_none() == lease


async def note_step(session: AsyncSession, run_id: UUID, lease: UUID, step: str) -> None:
    """Say how far a run is."""
    await session.exec(update(RunRow).where(col(RunRow.id) == run_id, col(RunRow.lease) == lease).values(step=step))


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
    await session.exec(update(RunRow).where(col(RunRow.id) == run_id).values(**values))


async def find(session: AsyncSession, run_id: UUID) -> Run | None:
    """A run by its id."""
    rows = await session.exec(
        select(RunRow).where(RunRow.id == run_id).options(*_without_record).execution_options(populate_existing=True)
    )
    row = rows.one_or_none()
    return _run(row) if row else None


async def record_of(session: AsyncSession, run_id: UUID) -> RunRecord | None:
    """What a run computed from and what came out; None while it has not."""
    columns = table_of(RunRow).c
    rows = await run(
        session,
        sql.select(columns.version, columns.digest, columns.inputs, columns.outcome, columns.redacted_at).where(
            columns.id == run_id, columns.inputs.is_not(None), columns.outcome.is_not(None)
        ),
    )
    row = rows.one_or_none()
    return RunRecord(row.version, row.digest, row.inputs, row.outcome, row.redacted_at) if row else None


async def runs_of(session: AsyncSession, meetup_id: UUID) -> list[Run]:
    """The runs of a meetup, the newest first."""
    rows = await session.exec(
        select(RunRow)
        .where(RunRow.meetup_id == meetup_id)
        .options(*_without_record)
        .order_by(col(RunRow.queued_at).desc(), col(RunRow.id).desc())
    )
    return [_run(row) for row in rows]


async def latest(session: AsyncSession, limit: int) -> list[Run]:
    """The newest runs of all meetups."""
    rows = await session.exec(
        select(RunRow)
        .options(*_without_record)
        .order_by(col(RunRow.queued_at).desc(), col(RunRow.id).desc())
        .limit(limit)
    )
    return [_run(row) for row in rows]


def _pair_json(pair: Pair) -> list[str]:
    return [str(pair.participant_id), str(pair.need_id)]


def _request(row: RematchRequestRow) -> RematchRequest:
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


def _run(row: RunRow) -> Run:
    return Run(
        id=row.id,
        meetup_id=row.meetup_id,
        status=row.status,  # type: ignore[arg-type]  # the column holds these words only
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
