"""Meetups and who is enrolled."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.matching.domain.situation import Enrolment, Meetup
from services.matching.tables import EnrolmentRow, MeetupRow
from shared.paging import Order, Page, Paging, read_page
from shared.rights import Scope
from shared.scoping import within
from shared.sql import among, one_row, run, table_of, write_latest

_meetup = TypeAdapter(Meetup)
_enrolment = TypeAdapter(Enrolment)
_meetups = table_of(MeetupRow)
_enrolments = table_of(EnrolmentRow)
_is_told = _meetups.c.state.is_not(None)


@dataclass(frozen=True, slots=True)
class ToldEnrolment:
    """A participant is enrolled at a meetup, or no longer (then without an enrolment)."""

    revision: int
    meetup_id: UUID
    participant_id: UUID
    enrolment: Enrolment | None


async def save_meetups(session: AsyncSession, told: Sequence[tuple[int, Meetup]]) -> None:
    """Keep the newest state of each meetup."""
    rows = [
        {
            "id": meetup.id,
            "revision": revision,
            "agency_id": meetup.agency_id,
            "state": _meetup.dump_python(meetup, mode="json"),
        }
        for revision, meetup in told
    ]
    await write_latest(session, MeetupRow, rows)


async def cancel_meetups(session: AsyncSession, told: Sequence[tuple[int, UUID]]) -> None:
    """Mark meetups as cancelled, known or not yet known."""
    rows: list[dict[str, Any]] = [{"id": meetup_id, "cancelled_revision": revision} for revision, meetup_id in told]
    await write_latest(session, MeetupRow, rows, revision="cancelled_revision")


async def find_meetup(session: AsyncSession, meetup_id: UUID) -> Meetup | None:
    """A meetup as last told, also a cancelled one; None when nothing but its cancellation is known."""
    row = await one_row(session, MeetupRow, _meetups.c.id == meetup_id, _is_told)
    return _told_meetup(row) if row else None


async def find_meetups(session: AsyncSession, ids: Collection[UUID]) -> list[Meetup]:
    """The meetups with these ids as last told, cancelled ones too."""
    query = select(_meetups).where(among(_meetups.c.id, ids), _is_told)
    return [_told_meetup(row) for row in await run(session, query)]


async def list_meetups(session: AsyncSession, scope: Scope, paging: Paging) -> Page[Meetup]:
    """The meetups within a scope by id, a part of them."""
    seen = select(_meetups).where(_is_told, within(scope, _meetups.c.agency_id))
    found = await read_page(session, seen, Order({"id": _meetups.c.id}), paging)
    return found.turned(_told_meetup)


async def save_enrolments(session: AsyncSession, told: Iterable[ToldEnrolment]) -> None:
    """Keep the newest word on each enrolment."""
    rows = [
        {
            "meetup_id": one.meetup_id,
            "participant_id": one.participant_id,
            "revision": one.revision,
            "is_enrolled": one.enrolment is not None,
            "state": _enrolment.dump_python(one.enrolment, mode="json") if one.enrolment else None,
        }
        for one in told
    ]
    await write_latest(session, EnrolmentRow, rows)


async def enrolments_of(session: AsyncSession, meetup_id: UUID) -> list[Enrolment]:
    """Who may be paired at a meetup, by id."""
    query = (
        select(_enrolments.c.state)
        .where(_enrolments.c.meetup_id == meetup_id, _enrolments.c.is_enrolled)
        .order_by(_enrolments.c.participant_id)
    )
    return [_enrolment.validate_python(state) for state in (await run(session, query)).scalars()]


def _told_meetup(row: Any) -> Meetup:
    return _meetup.validate_python({**(row.state or {}), "is_cancelled": row.cancelled_revision > 0})
