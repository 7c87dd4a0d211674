"""Sessions of workshops, and who came."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, delete, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.domain.workshop_sessions import Presence, SessionDetails, WorkshopSession
from services.registration.tables import PresenceRow, WorkshopSessionRow
from shared.asking import as_the_service
from shared.sql import among, insert_rows, put_rows, run, table_of, update_rows

SESSIONS = table_of(WorkshopSessionRow)
PRESENCES = table_of(PresenceRow)

DETAILS = tuple(SessionDetails.__dataclass_fields__)


async def sessions_by_identifier(session: AsyncSession, identifiers: Collection[str]) -> dict[str, WorkshopSession]:
    """The sessions with these external identifiers."""
    if not identifiers:
        return {}
    async with as_the_service(session):  # an identifier is one session's in the whole region
        found = await _load(session, among(SESSIONS.c.identifier, identifiers))
    return {each.details.identifier: each for each in found if each.details.identifier is not None}


async def sessions_by_id(
    session: AsyncSession, ids: Collection[UUID], *, lock: bool = False
) -> dict[UUID, WorkshopSession]:
    """The sessions with these ids."""
    return {each.id: each for each in await _load(session, among(SESSIONS.c.id, ids), lock=lock)} if ids else {}


async def sessions_of(session: AsyncSession, workshops: Collection[UUID]) -> list[WorkshopSession]:
    """The sessions of these workshops, by day and hour."""
    return await _load(session, among(SESSIONS.c.workshop_id, workshops)) if workshops else []


async def add_sessions(session: AsyncSession, sessions: Sequence[WorkshopSession]) -> None:
    """Keep new sessions."""
    await insert_rows(session, WorkshopSessionRow, [_row(each) for each in sessions])


async def change_sessions(session: AsyncSession, sessions: Sequence[WorkshopSession]) -> None:
    """Replace sessions that are known."""
    await update_rows(session, WorkshopSessionRow, [_row(each) for each in sessions], key=("id",))


async def remove_session(session: AsyncSession, session_id: UUID) -> None:
    """Forget a session and who came."""
    await run(session, delete(SESSIONS).where(SESSIONS.c.id == session_id))


async def presences_at(session: AsyncSession, sessions: Collection[UUID]) -> list[Presence]:
    """Of whom it is known whether they came to these sessions."""
    return await _presences(session, among(PRESENCES.c.session_id, sessions)) if sessions else []


async def presences_of(session: AsyncSession, people: Collection[UUID], workshops: Collection[UUID]) -> list[Presence]:
    """Where it is known of these people whether they came, at these workshops."""
    there = among(PRESENCES.c.participant_id, people) & among(PRESENCES.c.workshop_id, workshops)
    return await _presences(session, there) if people and workshops else []


async def presences_of_one(session: AsyncSession, participant_id: UUID) -> list[Presence]:
    """Everywhere that it is known whether somebody came."""
    return await _presences(session, PRESENCES.c.participant_id == participant_id)


async def put_presences(session: AsyncSession, presences: Sequence[Presence], by: UUID | None, now: datetime) -> None:
    """Keep who came and who did not."""
    rows = [{**asdict(each), "noted_at": now, "noted_by": by} for each in presences]
    await put_rows(session, PresenceRow, rows)


async def forget_presence(session: AsyncSession, session_id: UUID, participant_id: UUID) -> bool:
    """Have it unknown whether somebody came; false where it was."""
    theirs = (PRESENCES.c.session_id == session_id, PRESENCES.c.participant_id == participant_id)
    gone = await run(session, delete(PRESENCES).where(*theirs).returning(PRESENCES.c.session_id))
    return gone.first() is not None


async def hand_presences_over(session: AsyncSession, sessions: Collection[UUID], before: UUID, after: UUID) -> None:
    """Keep under another record whether the person came to these sessions."""
    theirs = (PRESENCES.c.participant_id == before, among(PRESENCES.c.session_id, sessions))
    await run(session, update(PRESENCES).where(*theirs).values(participant_id=after))


async def _load(session: AsyncSession, which: ColumnElement[bool], *, lock: bool = False) -> list[WorkshopSession]:
    order = (SESSIONS.c.held_on, SESSIONS.c.begins, SESSIONS.c.id)
    statement = select(SESSIONS).where(which).order_by(*order)
    return [_session(row) for row in await run(session, statement.with_for_update() if lock else statement)]


async def _presences(session: AsyncSession, which: ColumnElement[bool]) -> list[Presence]:
    order = (PRESENCES.c.session_id, PRESENCES.c.participant_id)
    columns = (PRESENCES.c[name] for name in Presence.__dataclass_fields__)
    return [Presence(**row) for row in (await run(session, select(*columns).where(which).order_by(*order))).mappings()]


def _session(row: Row[Any]) -> WorkshopSession:
    details = SessionDetails(**{name: getattr(row, name) for name in DETAILS})
    return WorkshopSession(row.id, row.revision, details, field_revisions=row.field_revisions)


def _row(kept: WorkshopSession) -> dict[str, Any]:
    return {
        "id": kept.id,
        "revision": kept.revision,
        "field_revisions": dict(kept.field_revisions),
        **asdict(kept.details),
    }
