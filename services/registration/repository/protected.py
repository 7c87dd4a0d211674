"""The one door to protected data: within it a transaction has the role that reaches them, before and after it not.

Who writes: whoever registers or corrects somebody, by form, API or import. Who reads them back: an adviser of the
person's agency, to correct what is kept, and what is made for outreach and the fairness audit. Nothing else gets more
than the answer to a bounded question: how near the birth dates of two people are, what a timetable must respect.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.domain.likeness import compare_birth_dates, dates_to_look_at
from services.registration.domain.meetups import Constraints, asked_by
from services.registration.domain.names import Agreement
from services.registration.domain.participants import Participant, Protected
from services.registration.tables import CriteriaRow
from shared.asking import as_the_service
from shared.protected_role import as_protected_role
from shared.sql import among, put_rows, run, table_of

CRITERIA = table_of(CriteriaRow)

Pair = tuple[UUID, UUID]
"""Two participants."""


async def opened(session: AsyncSession, participants: Iterable[Participant]) -> list[Participant]:
    """The same participants, with their protected data."""
    asked = list(participants)
    if not asked:
        return []
    theirs = select(CRITERIA).where(among(CRITERIA.c.participant_id, [each.id for each in asked]))
    async with as_protected_role(session):
        known = {row.participant_id: _protected(row) for row in await run(session, theirs)}
    return [replace(each, protected=known.get(each.id, Protected())) for each in asked]


async def keep(session: AsyncSession, participants: Iterable[Participant]) -> None:
    """Keep the protected data with which these participants come."""
    rows = [_row(each.id, each.protected) for each in participants if each.protected is not None]
    if rows:
        async with as_protected_role(session):
            await put_rows(session, CriteriaRow, rows)


async def born_alike(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, list[UUID]]:
    """For each of these participants, who was born on the same day, or on that with day and month swapped.

    The dates themselves stay where they are.
    """
    if not ids:
        return {}
    async with as_the_service(session), as_protected_role(session):  # one person may be known to two agencies
        dates = await _birth_dates(session, ids)
        looked_at = {one: dates_to_look_at(born_on) for one, born_on in dates.items()}
        days = {day for found in looked_at.values() for day in found}
        born = select(CRITERIA.c.born_on, CRITERIA.c.participant_id).where(among(CRITERIA.c.born_on, days))
        born = born.order_by(CRITERIA.c.participant_id)
        on_day: dict[date, list[UUID]] = defaultdict(list)
        for row in await run(session, born):
            on_day[row.born_on].append(row.participant_id)
    return {one: [other for day in found for other in on_day[day]] for one, found in looked_at.items()}


async def birth_dates_compared(session: AsyncSession, pairs: Collection[Pair]) -> dict[Pair, Agreement | None]:
    """How near the birth dates of each of these pairs are; None where one of both is not known."""
    if not pairs:
        return {}
    async with as_the_service(session), as_protected_role(session):  # one person may be known to two agencies
        dates = await _birth_dates(session, {one for pair in pairs for one in pair})
    return {(one, other): compare_birth_dates(dates.get(one), dates.get(other)) for one, other in pairs}


async def _birth_dates(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, date]:
    known = (CRITERIA.c.born_on.is_not(None), among(CRITERIA.c.participant_id, ids))
    rows = await run(session, select(CRITERIA.c.participant_id, CRITERIA.c.born_on).where(*known))
    return {row.participant_id: row.born_on for row in rows}


async def asked_of_timetables(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, Constraints]:
    """What a timetable must respect for those of these participants who have access needs; not which they are."""
    if not ids:
        return {}
    theirs = select(CRITERIA.c.participant_id, CRITERIA.c.access_needs).where(
        among(CRITERIA.c.participant_id, ids), func.cardinality(CRITERIA.c.access_needs) > 0
    )
    async with as_the_service(session), as_protected_role(session):  # a meetup may have people of several agencies
        return {row.participant_id: asked_by(row.access_needs) for row in await run(session, theirs)}


async def erase(session: AsyncSession, ids: Sequence[UUID]) -> int:
    """Forget what is protected of these participants; how many rows went."""
    theirs = among(CRITERIA.c.participant_id, ids)
    async with as_protected_role(session):
        return (await run(session, delete(CRITERIA).where(theirs))).rowcount


def _protected(row: Row[Any]) -> Protected:
    return Protected(tuple(row.publics), row.born_on, row.sex, tuple(row.access_needs))


def _row(participant_id: UUID, protected: Protected) -> dict[str, Any]:
    return {
        "participant_id": participant_id,
        "publics": list(protected.publics),
        "born_on": protected.born_on,
        "sex": protected.sex,
        "access_needs": list(protected.access_needs),
    }
