"""Exports: asked for, made, kept for a day; and the records that go into them, page by page."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, RowMapping, delete, exists, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.domain.exports import Export, ExportForm
from services.registration.domain.queueing import Queued, WorkState
from services.registration.repository import queueing
from services.registration.repository.queueing import WorkQueue
from services.registration.tables import (
    Base,
    ExportPieceRow,
    ExportRow,
    ObservationRow,
    ParticipantRow,
    StaffRow,
    WorkshopEnrolmentRow,
    WorkshopRow,
)
from shared.paging import Page, Paging
from shared.rights import Scope
from shared.scoping import within
from shared.sql import add_row, among, next_by, run, table_of, wake

EXPORTS, PIECES = table_of(ExportRow), table_of(ExportPieceRow)
PARTICIPANTS, WORKSHOPS, IN_WORKSHOPS = table_of(ParticipantRow), table_of(WorkshopRow), table_of(WorkshopEnrolmentRow)
OBSERVATIONS, STAFF = table_of(ObservationRow), table_of(StaffRow)


async def forget_file(session: AsyncSession, export_id: UUID) -> None:
    """Let the file of an export go."""
    await run(session, delete(PIECES).where(PIECES.c.export_id == export_id))


async def forget_files(session: AsyncSession) -> None:
    """Let the files of all exports go, and have those that are being made begin anew: somebody was erased."""
    await run(session, delete(PIECES))
    being_made = update(EXPORTS).where(EXPORTS.c.state == WorkState.RUNNING)
    await run(session, being_made.values(state=WorkState.WAITING, lease=None, lease_until=None))


async def has_file(session: AsyncSession, export_id: UUID, *, ended_after: datetime) -> bool:
    """Whether the file of an export that ended after a moment is there."""
    here = (EXPORTS.c.id == export_id, PIECES.c.export_id == EXPORTS.c.id, EXPORTS.c.ended_at > ended_after)
    return bool((await run(session, select(exists().where(*here)))).scalar_one())


async def _begin_anew(session: AsyncSession, wanted: UUID, state: WorkState) -> None:
    if state is not WorkState.DONE:
        await forget_file(session, wanted)


QUEUE = WorkQueue(EXPORTS, "registration_exports", _begin_anew)


async def add_export(session: AsyncSession, queued: Queued, lists: Sequence[str], form: ExportForm) -> None:
    """Put an export in the queue and, with the commit, wake those who work."""
    await add_row(session, ExportRow(**queueing.to_columns(queued), lists=list(lists), form=form.value))
    await wake(session, QUEUE.channel)


async def add_piece(session: AsyncSession, export_id: UUID, number: int, content: bytes) -> None:
    """Keep the next piece of a file."""
    await add_row(session, ExportPieceRow(export_id=export_id, number=number, content=content))


async def pieces_of(session: AsyncSession, export_id: UUID) -> AsyncIterator[bytes]:
    """The file of an export, piece by piece."""
    number = 0
    while True:
        here = (PIECES.c.export_id == export_id, PIECES.c.number == number)
        piece = (await run(session, select(PIECES.c.content).where(*here))).scalar_one_or_none()
        if piece is None:
            return
        yield piece
        number += 1


async def list_exports(session: AsyncSession, scope: Scope, paging: Paging) -> Page[Export]:
    """Exports within a scope, the latest first."""
    found = await queueing.some(session, EXPORTS, scope, paging)
    return Page(tuple(export_of(dict(row)) for row in found.items), found.next)


async def export_by_id(session: AsyncSession, scope: Scope, export_id: UUID) -> Export | None:
    """An export within a scope."""
    row = await queueing.one(session, EXPORTS, scope, export_id)
    return export_of(row) if row is not None else None


def export_of(row: Mapping[str, Any]) -> Export:
    """An export, as its row says."""
    return Export(queueing.queued_of(row), tuple(row["lists"]), ExportForm(row["form"]), row["rows"], row["size"])


async def ids_within(
    session: AsyncSession, model: type[Base], scope: Scope, after: UUID | None, limit: int
) -> list[UUID]:
    """The next ids of an agency's records within a scope, in their order."""
    table = table_of(model)
    query = select(table.c.id).where(within(scope, table.c.agency_id))
    return list((await run(session, next_by(table.c.id, query, after, limit))).scalars())


async def names_of(session: AsyncSession, model: type[Base], ids: Iterable[UUID | None]) -> dict[UUID | None, str]:
    """Under which name the format speaks of records: their identifier, and their id where they have none."""
    table = table_of(model)
    named = {each for each in ids if each is not None}
    rows = await run(session, select(table.c.id, table.c.identifier).where(among(table.c.id, named)))
    return {row.id: row.identifier or str(row.id) for row in rows}


async def people_within(session: AsyncSession, scope: Scope, ids: Sequence[UUID]) -> dict[UUID, str]:
    """The same for those of these participants who are within a scope."""
    theirs = (among(PARTICIPANTS.c.id, set(ids)), within(scope, PARTICIPANTS.c.agency_id))
    rows = await run(session, select(PARTICIPANTS.c.id, PARTICIPANTS.c.identifier).where(*theirs))
    return {row.id: row.identifier or str(row.id) for row in rows}


async def enrolled_in(session: AsyncSession, workshops: Sequence[UUID]) -> Sequence[tuple[UUID, UUID]]:
    """Who is enrolled in these workshops: workshop and participant."""
    query = select(IN_WORKSHOPS).where(among(IN_WORKSHOPS.c.workshop_id, workshops))
    ordered = query.order_by(IN_WORKSHOPS.c.workshop_id, IN_WORKSHOPS.c.participant_id)
    return [(row.workshop_id, row.participant_id) for row in await run(session, ordered)]


async def observations_within(
    session: AsyncSession, scope: Scope, after: UUID | None, limit: int
) -> Sequence[RowMapping]:
    """The next notes that hold about a scope's people, each with its workshop, its person and whoever saw it."""
    columns: list[Column[Any]] = [
        *(OBSERVATIONS.c[name] for name in ("id", "participant_id", "seen_on", "exercise", "skill", "level", "note")),
    ]
    query = (
        select(
            *columns,
            WORKSHOPS.c.id.label("workshop_id"),
            WORKSHOPS.c.identifier.label("workshop"),
            PARTICIPANTS.c.identifier.label("participant"),
            STAFF.c.email.label("observer"),
        )
        .join(WORKSHOPS, WORKSHOPS.c.id == OBSERVATIONS.c.workshop_id)
        .join(PARTICIPANTS, PARTICIPANTS.c.id == OBSERVATIONS.c.participant_id)
        .join(STAFF, STAFF.c.id == OBSERVATIONS.c.rater_id)
        .where(OBSERVATIONS.c.retracted_at.is_(None), within(scope, PARTICIPANTS.c.agency_id))
    )
    return (await run(session, next_by(OBSERVATIONS.c.id, query, after, limit))).mappings().all()
