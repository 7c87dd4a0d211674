"""Objections of participants, those that were lifted too."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.domain.objections import Objection
from services.registration.tables import ObjectionRow
from shared.sql import among, insert_rows, run, table_of

OBJECTIONS = table_of(ObjectionRow)


async def add_objections(session: AsyncSession, objections: Sequence[Objection]) -> None:
    """Keep objections."""
    await insert_rows(session, ObjectionRow, [asdict(each) for each in objections])


async def objections_of(session: AsyncSession, participant_id: UUID) -> list[Objection]:
    """All objections of somebody, the oldest first."""
    theirs = select(OBJECTIONS).where(OBJECTIONS.c.participant_id == participant_id)
    rows = await run(session, theirs.order_by(OBJECTIONS.c.objected_at, OBJECTIONS.c.id))
    return [Objection(**row) for row in rows.mappings()]


async def note_lifted(session: AsyncSession, lifted: Objection) -> None:
    """Keep that an objection was lifted, by whom and why."""
    said = {name: getattr(lifted, name) for name in ("lifted_at", "lifted_by", "lifted_because")}
    await run(session, update(OBJECTIONS).where(OBJECTIONS.c.id == lifted.id).values(said))


async def take_back(session: AsyncSession, ids: Collection[UUID]) -> None:
    """Forget objections that nobody made, as far as nobody lifted them: those that a merge took over."""
    made = (among(OBJECTIONS.c.id, ids), OBJECTIONS.c.lifted_at.is_(None))
    await run(session, delete(OBJECTIONS).where(*made))
