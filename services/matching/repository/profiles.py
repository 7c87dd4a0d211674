"""What a profile says of each skill, a row a person: worked out once, loaded with the pool.

A row is true by the components that its fit found, unless its person is due (`shortlists.read_due`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.matching.tables import ConsentRow, ParticipantRow, ProfileRow
from shared.sql import among, next_by, put_rows, run, table_of, wake

WAKE_CHANNEL = "matching_profiles"
"""The PostgreSQL channel on which a fit wakes whoever keeps profiles."""

_WRITING = 7_236_015
"""The advisory lock by which those who work profiles out follow each other: so the last word is the newest."""

_participants = table_of(ParticipantRow)
_consents = table_of(ConsentRow)
_profiles = table_of(ProfileRow)


async def take_turns(session: AsyncSession) -> None:
    """Wait until nobody else works profiles out, and let nobody begin until the transaction ends."""
    await run(session, select(func.pg_advisory_xact_lock(_WRITING)))


async def announce_fit(session: AsyncSession) -> None:
    """Wake, with the commit, whoever keeps profiles."""
    await wake(session, WAKE_CHANNEL)


async def missing(session: AsyncSession, framework: str, at_most: int) -> list[UUID]:
    """Members of whom there is no row, in no order: in order, all the tables would be read row by row."""
    query = (
        select(_participants.c.id)
        .select_from(_participants.join(_consents, agrees()).outerjoin(_profiles, is_of(framework)))
        .where(_participants.c.state.is_not(None), _profiles.c.participant_id.is_(None))
        .limit(at_most)
    )
    return list((await run(session, query)).scalars())


async def outdated_after(
    session: AsyncSession, framework: str, fit_id: UUID | None, after: UUID | None, at_most: int
) -> list[UUID]:
    """The next people by id whose row is by another fit than this one."""
    query = select(_profiles.c.participant_id).where(
        _profiles.c.framework == framework, _profiles.c.fit_id.is_distinct_from(fit_id)
    )
    return list((await run(session, next_by(_profiles.c.participant_id, query, after, at_most))).scalars())


async def save(session: AsyncSession, framework: str, fit_id: UUID | None, exceedances: Mapping[UUID, bytes]) -> None:
    """Keep what the profiles of these people say by a fit, or by what is believed before any."""
    rows = [
        {"participant_id": person, "framework": framework, "fit_id": fit_id, "exceedance": exceedance}
        for person, exceedance in sorted(exceedances.items())
    ]
    await put_rows(session, ProfileRow, rows)


async def drop(session: AsyncSession, participant_ids: Collection[UUID]) -> None:
    """Keep nothing of people who are no members."""
    await run(session, delete(_profiles).where(among(_profiles.c.participant_id, participant_ids)))


def agrees() -> ColumnElement[bool]:
    """What joins a participant with their consent to be paired, if it is in force."""
    return and_(
        _consents.c.participant_id == _participants.c.id, _consents.c.purpose == "pairing", _consents.c.is_granted
    )


def is_of(framework: str) -> ColumnElement[bool]:
    """What joins a participant with the row of their profile."""
    return (_profiles.c.participant_id == _participants.c.id) & (_profiles.c.framework == framework)
