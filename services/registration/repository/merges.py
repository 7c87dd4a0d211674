"""Merges of two records of one person, and what moved."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import exists, literal, or_, select, tuple_, update
from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.domain.merging import Moved
from services.registration.tables import EnrolmentRow, InvitationRow, MeetupRow, MergeRow, PairedRow
from shared.sql import add_row, among, one_row, run, table_of

MERGES = table_of(MergeRow)
MEETUPS = table_of(MeetupRow)
ENROLMENTS = table_of(EnrolmentRow)
PAIRED = table_of(PairedRow)
INVITATIONS = table_of(InvitationRow)

_moved = TypeAdapter(Moved)


@dataclass(frozen=True, slots=True)
class Merge:
    """That two records became one, by whom and when, and whether it was undone."""

    id: UUID
    participant_id: UUID
    merged_id: UUID
    merged_at: datetime
    merged_by: UUID | None
    moved: Moved
    undone_at: datetime | None = None
    undone_by: UUID | None = None


async def add_merge(session: AsyncSession, merge: Merge) -> None:
    """Keep a merge."""
    row = {name: getattr(merge, name) for name in Merge.__slots__}
    await add_row(session, MergeRow(**{**row, "moved": _moved.dump_python(merge.moved, mode="json")}))


async def stands_after(session: AsyncSession, merge: Merge) -> bool:
    """Whether another record was merged into the same one since, and still is."""
    later = tuple_(MERGES.c.merged_at, MERGES.c.id) > tuple_(literal(merge.merged_at), literal(merge.id))
    theirs = exists().where(MERGES.c.participant_id == merge.participant_id, MERGES.c.undone_at.is_(None), later)
    return bool((await run(session, select(theirs))).scalar_one())


async def merge_by_id(session: AsyncSession, participant_id: UUID, merge_id: UUID) -> Merge | None:
    """A merge into this record, locked until the transaction ends."""
    here = (MERGES.c.id == merge_id, MERGES.c.participant_id == participant_id)
    row = await one_row(session, MergeRow, *here, lock=True)
    return _merge(row) if row else None


async def merges_into(session: AsyncSession, participant_id: UUID) -> Sequence[Merge]:
    """The merges into this record, the latest first, undone ones too."""
    theirs = select(MERGES).where(MERGES.c.participant_id == participant_id)
    rows = await run(session, theirs.order_by(MERGES.c.merged_at.desc(), MERGES.c.id.desc()))
    return [_merge(MergeRow(**row)) for row in rows.mappings()]


async def objections_taken_over(session: AsyncSession, participant_id: UUID) -> set[UUID]:
    """The objections that this record has from those merged into it; where a merge was undone, it took none."""
    return {each for merge in await merges_into(session, participant_id) for each in merge.moved.objections}


async def note_undone(session: AsyncSession, merge_id: UUID, by: UUID | None, now: datetime) -> None:
    """Keep who undid a merge, and when; what it moved is put back and no longer kept."""
    undone = {"undone_at": now, "undone_by": by, "moved": _moved.dump_python(Moved(), mode="json")}
    await run(session, update(MERGES).where(MERGES.c.id == merge_id).values(undone))


async def meetups_ahead_of(session: AsyncSession, participant_id: UUID, now: datetime) -> list[UUID]:
    """The meetups in which somebody is enrolled, that are not over or cancelled."""
    theirs = (
        select(MEETUPS.c.id)
        .join(ENROLMENTS, ENROLMENTS.c.meetup_id == MEETUPS.c.id)
        .where(ENROLMENTS.c.participant_id == participant_id, MEETUPS.c.starts_at > now)
        .where(MEETUPS.c.is_cancelled.is_(False))
        .order_by(MEETUPS.c.id)
    )
    return list((await run(session, theirs)).scalars())


async def expected_at(session: AsyncSession, participant_id: UUID, meetups: Collection[UUID]) -> set[UUID]:
    """Those of the meetups where somebody is enrolled and has meetings in the pairing in force, or was invited."""
    is_enrolled, *told = (
        exists().where(table.c.meetup_id == MEETUPS.c.id, table.c.participant_id == participant_id)
        for table in (ENROLMENTS, PAIRED, INVITATIONS)
    )
    expecting = select(MEETUPS.c.id).where(among(MEETUPS.c.id, meetups), is_enrolled, or_(*told))
    return set((await run(session, expecting)).scalars())


async def is_expected_ahead(session: AsyncSession, participant_id: UUID, now: datetime) -> bool:
    """Whether somebody is expected at a meetup that has not begun."""
    return bool(await expected_at(session, participant_id, await meetups_ahead_of(session, participant_id, now)))


def _merge(row: MergeRow) -> Merge:
    fields = {name: getattr(row, name) for name in Merge.__slots__ if name != "moved"}
    return Merge(**fields, moved=_moved.validate_python(row.moved))
