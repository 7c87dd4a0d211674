"""What waits for a worker: claimed by lease on the database's clock, given back, given up, cancelled, listed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, Table, Update, func, or_, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.domain.queueing import ENDED, AskedBy, Queued, WhyFailed, WorkState
from shared.paging import Order, Page, Paging, read_page
from shared.rights import Scope
from shared.scoping import within
from shared.sql import among, run, wake

MOST_ATTEMPTS = 3
"""What fails, or whose worker dies, this often without getting any further is given up."""

Settles = Callable[[AsyncSession, UUID, WorkState], Awaitable[None]]
"""Lets go of what only going on needed, once something has ended."""


@dataclass(frozen=True, slots=True)
class WorkQueue:
    """The table of what waits, the PostgreSQL channel that wakes whoever works, and what goes at the end."""

    table: Table
    channel: str
    settles: Settles


LETTING_GO = {"lease": None, "lease_until": None}


def to_columns(queued: Queued) -> dict[str, Any]:
    """The columns of something new that waits."""
    asked = queued.asked_by
    return {
        "id": queued.id,
        "person_id": asked.person_id,
        "role": asked.role,
        "agency_id": asked.agency_id,
        "rights": None if asked.rights is None else sorted(asked.rights),
        "vouched": asked.vouched,
        "asked_at": queued.asked_at,
        "state": queued.state.value,
    }


def queued_of(row: Mapping[str, Any]) -> Queued:
    """What waits, as its row says."""
    rights = None if row["rights"] is None else frozenset(row["rights"])
    return Queued(
        id=row["id"],
        asked_by=AskedBy(row["person_id"], row["role"], row["agency_id"], rights, row["vouched"]),
        asked_at=row["asked_at"],
        state=WorkState(row["state"]),
        failure=WhyFailed(row["failure"]) if row["failure"] else None,
        ended_at=row["ended_at"],
    )


async def claim(
    session: AsyncSession, queue: WorkQueue, lease: UUID, lease_for: timedelta, now: datetime
) -> Mapping[str, Any] | None:
    """Claim the oldest that waits or whose lease ran out; None when there is none.

    Nobody waits for anybody (`SKIP LOCKED`); leases run by the database's clock, so that clocks of machines do not
    matter. What was claimed too often without getting any further comes back as failed.
    """
    table = queue.table
    lapsed = (table.c.state == WorkState.RUNNING) & (table.c.lease_until < func.clock_timestamp())
    oldest = (
        select(table.c.id)
        .where(or_(table.c.state == WorkState.WAITING, lapsed))
        .order_by(table.c.asked_at, table.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    claiming = update(table).where(table.c.id == oldest)
    claimed = claiming.values(
        state=WorkState.RUNNING, attempts=table.c.attempts + 1, lease=lease, lease_until=_from_now(lease_for)
    )
    row = (await run(session, claimed.returning(*table.c))).mappings().one_or_none()
    if row is not None and row["attempts"] > MOST_ATTEMPTS:
        await end(session, queue, row["id"], lease, WorkState.FAILED, now, WhyFailed.ITS_WORKER_DIED)
        return {**row, "state": WorkState.FAILED.value}
    return None if row is None else dict(row)


async def renew(session: AsyncSession, queue: WorkQueue, wanted: UUID, lease: UUID, lease_for: timedelta) -> None:
    """Say that somebody still works at it."""
    await run(session, _held(queue, wanted, lease).values(lease_until=_from_now(lease_for)))


async def give_back(session: AsyncSession, queue: WorkQueue, wanted: UUID, lease: UUID) -> None:
    """Let anybody work at it at once; the attempt does not count."""
    waiting = {**LETTING_GO, "state": WorkState.WAITING, "attempts": queue.table.c.attempts - 1}
    await run(session, _held(queue, wanted, lease).values(waiting))
    await wake(session, queue.channel)


async def get_further(session: AsyncSession, queue: WorkQueue, wanted: UUID, lease: UUID, **values: Any) -> bool:
    """Keep how far it is; False where the lease holds it no more, and nothing may be kept."""
    return (await run(session, _held(queue, wanted, lease).values(attempts=1, **values))).rowcount == 1


async def fail(
    session: AsyncSession, queue: WorkQueue, wanted: UUID, lease: UUID, now: datetime, *, again_after: timedelta
) -> None:
    """Have it tried again a little later, or give it up after the last try."""
    table = queue.table
    tried = select(table.c.attempts).where(table.c.id == wanted, table.c.lease == lease)
    attempts = (await run(session, tried)).scalar_one_or_none()
    if attempts is not None and attempts >= MOST_ATTEMPTS:
        await end(session, queue, wanted, lease, WorkState.FAILED, now, WhyFailed.UNEXPECTED)
    else:
        await run(session, _held(queue, wanted, lease).values(lease=None, lease_until=_from_now(again_after)))


async def end(
    session: AsyncSession,
    queue: WorkQueue,
    wanted: UUID,
    lease: UUID,
    state: WorkState,
    now: datetime,
    failure: WhyFailed | None = None,
) -> bool:
    """Settle it; False where the lease holds it no more."""
    settled = {"state": state.value, "ended_at": now, "failure": failure.value if failure else None, **LETTING_GO}
    is_held = (await run(session, _held(queue, wanted, lease).values(settled))).rowcount == 1
    if is_held:
        await queue.settles(session, wanted, state)
    return is_held


async def cancel(session: AsyncSession, queue: WorkQueue, wanted: UUID, now: datetime) -> bool:
    """Have nobody work at it any more; False where it has ended."""
    open_still = update(queue.table).where(queue.table.c.id == wanted, ~among(queue.table.c.state, ENDED))
    cancelled = open_still.values(state=WorkState.CANCELLED, ended_at=now, **LETTING_GO)
    was_open = (await run(session, cancelled)).rowcount == 1
    if was_open:
        await queue.settles(session, wanted, WorkState.CANCELLED)
    return was_open


def is_visible(table: Table, scope: Scope) -> ColumnElement[bool]:
    """The condition that something was asked for within a scope, or by whoever asks."""
    return within(scope, table.c.agency_id) | (table.c.person_id == scope.staff_id)


async def some(session: AsyncSession, table: Table, scope: Scope, paging: Paging) -> Page[RowMapping]:
    """What was asked for within a scope, the latest first."""
    order = Order({"id": table.c.id}, (table.c.asked_at,), descending=True)
    return await read_page(session, select(table).where(is_visible(table, scope)), order, paging)


async def one(session: AsyncSession, table: Table, scope: Scope, wanted: UUID) -> Mapping[str, Any] | None:
    """What was asked for under an id, within a scope."""
    query = select(table).where(table.c.id == wanted, is_visible(table, scope))
    row = (await run(session, query)).mappings().one_or_none()
    return None if row is None else dict(row)


def _held(queue: WorkQueue, wanted: UUID, lease: UUID) -> Update:
    return update(queue.table).where(queue.table.c.id == wanted, queue.table.c.lease == lease)


def _from_now(lease_for: timedelta) -> ColumnElement[datetime]:
    return func.clock_timestamp() + lease_for
