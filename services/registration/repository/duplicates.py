"""Records that may be of one person: found by what they share, and the pairs that wait for somebody to look."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, and_, delete, or_, select, union_all, update
from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.domain.likeness import Likeness
from services.registration.tables import ContactRow, ParticipantRow, SuspicionRow
from shared.asking import as_the_service
from shared.paging import Order, Page, Paging, read_page
from shared.rights import Scope
from shared.scoping import within
from shared.sql import among, insert_new_rows, run, table_of

PARTICIPANTS = table_of(ParticipantRow)
CONTACTS = table_of(ContactRow)
SUSPICIONS = table_of(SuspicionRow)

Suspected = tuple[UUID, UUID]
"""Two records that are probably of one person, the one with the higher id first."""


@dataclass(frozen=True, slots=True)
class Registered:
    """A record, and what tells whose it is, without a birth date."""

    id: UUID
    identifier: str | None
    agency_id: UUID
    likeness: Likeness


def suspected(one: UUID, other: UUID) -> Suspected:
    """A pair of records as it is kept."""
    return max(one, other), min(one, other)


async def records_like(
    session: AsyncSession, likenesses: Collection[Likeness], born_alike: Collection[UUID]
) -> list[Registered]:
    """The records that share with one of these an e-mail address, a telephone or how the names sound.

    ``born_alike`` are others that share a birth date with one of them.
    """
    async with as_the_service(session):  # one person may be known to two agencies
        return await _records_like(session, likenesses, born_alike)


async def _records_like(
    session: AsyncSession, likenesses: Collection[Likeness], born_alike: Collection[UUID]
) -> list[Registered]:
    shared: tuple[tuple[ColumnElement[Any], set[Any]], ...] = (
        (CONTACTS.c.email, {each.email for each in likenesses if each.email is not None}),
        (CONTACTS.c.phone, {each.phone for each in likenesses if each.phone is not None}),
        (CONTACTS.c.name_key, {each.name_key for each in likenesses if each.name_key}),
        (CONTACTS.c.participant_id, set(born_alike)),
    )
    found = [select(CONTACTS.c.participant_id).where(among(column, values)) for column, values in shared if values]
    if not found:
        return []
    either = union_all(*found).subquery()
    return await _records(session, PARTICIPANTS.c.id.in_(select(either.c.participant_id)))


async def records_by_id(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, Registered]:
    """What tells whose these records are."""
    return {each.id: each for each in await _records(session, among(PARTICIPANTS.c.id, ids))} if ids else {}


async def keep_suspicions(
    session: AsyncSession, looked_at: Collection[UUID], pairs: Collection[Suspected], now: datetime
) -> None:
    """Keep the pairs that these records are in: new ones wait for somebody, those that no longer hold do not.

    A pair that somebody has settled stays as they settled it.
    """
    is_theirs = or_(among(SUSPICIONS.c.participant_id, looked_at), among(SUSPICIONS.c.resembles_id, looked_at))
    waiting = select(SUSPICIONS.c.participant_id, SUSPICIONS.c.resembles_id).where(
        is_theirs, SUSPICIONS.c.settled_at.is_(None)
    )
    rows = [{"participant_id": one, "resembles_id": other, "noticed_at": now} for one, other in sorted(pairs)]
    async with as_the_service(session):  # either of a pair may be of another agency
        for row in (await run(session, waiting)).all():
            if (row.participant_id, row.resembles_id) not in pairs:
                await run(session, delete(SUSPICIONS).where(_is((row.participant_id, row.resembles_id))))
        await insert_new_rows(session, SuspicionRow, rows)


async def open_suspicions(session: AsyncSession, scope: Scope, paging: Paging) -> Page[RowMapping]:
    """Pairs that nobody settled yet, the newest first, where both records are within a scope.

    Nobody learns from a pair that somebody is registered at another agency.
    """
    other = PARTICIPANTS.alias("other")
    statement = (
        select(
            SUSPICIONS.c.participant_id, SUSPICIONS.c.resembles_id, SUSPICIONS.c.noticed_at, PARTICIPANTS.c.agency_id
        )
        .join(PARTICIPANTS, PARTICIPANTS.c.id == SUSPICIONS.c.participant_id)
        .join(other, other.c.id == SUSPICIONS.c.resembles_id)
        .where(within(scope, PARTICIPANTS.c.agency_id), within(scope, other.c.agency_id))
        .where(SUSPICIONS.c.settled_at.is_(None), PARTICIPANTS.c.merged_into.is_(None), other.c.merged_into.is_(None))
    )
    key = {"participant_id": SUSPICIONS.c.participant_id, "resembles_id": SUSPICIONS.c.resembles_id}
    return await read_page(session, statement, Order(key, (SUSPICIONS.c.noticed_at,), descending=True), paging)


async def settle_suspicion(session: AsyncSession, pair: Suspected, by: UUID | None, now: datetime) -> bool:
    """Mark a suspicion as settled; false where there is none open."""
    statement = (
        update(SUSPICIONS)
        .where(_is(pair), SUSPICIONS.c.settled_at.is_(None))
        .values(settled_at=now, settled_by=by)
        .returning(SUSPICIONS.c.participant_id)
    )
    return (await run(session, statement)).first() is not None


def _is(pair: Suspected) -> ColumnElement[bool]:
    return and_(SUSPICIONS.c.participant_id == pair[0], SUSPICIONS.c.resembles_id == pair[1])


async def _records(session: AsyncSession, where: ColumnElement[bool]) -> list[Registered]:
    columns = (
        PARTICIPANTS.c.id,
        PARTICIPANTS.c.identifier,
        PARTICIPANTS.c.agency_id,
        PARTICIPANTS.c.commune,
        CONTACTS.c.first_name,
        CONTACTS.c.last_name,
        CONTACTS.c.email,
        CONTACTS.c.phone,
    )
    statement = (
        select(*columns)
        .join(CONTACTS, CONTACTS.c.participant_id == PARTICIPANTS.c.id)
        .where(where, PARTICIPANTS.c.merged_into.is_(None))
    )
    rows = (await run(session, statement.order_by(PARTICIPANTS.c.id))).all()
    return [
        Registered(
            row.id,
            row.identifier,
            row.agency_id,
            Likeness(row.first_name, row.last_name, row.email, row.phone, commune=row.commune),
        )
        for row in rows
    ]
