"""Lines of the audit: looks are noted here, changes by the database itself; all are searched."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Row, select
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.asking import Asker
from shared.auditing.tables import LINES
from shared.database import Sessions, unit_of_work
from shared.sql import driver_of, run

LOOKED_AT = "looked_at"
"""Under this name a session carries what its request looked at already."""

_Look = tuple[str, UUID | None, UUID]
"""What was shown, by what, of whom."""


@dataclass(frozen=True, slots=True)
class LinesWanted:
    """Which lines a search finds; what is absent does not matter. ``until`` is a position, to go on from."""

    person_id: UUID | None = None
    record_id: UUID | None = None
    participant_id: UUID | None = None
    kind: str | None = None
    what: str | None = None
    after: datetime | None = None
    before: datetime | None = None
    until: int | None = None


async def note_looks(
    session: AsyncSession, kind: str, participants: Iterable[UUID], record: UUID | None = None
) -> None:
    """Note that whoever asks is shown something of these people: once a request, kind and person.

    ``record`` is what shows it, where that is no record of theirs: a pairing, a letter, an employer's shortlist.
    A transaction that changed nothing before waits for no disk, so a crash of the machine may lose the looks of its
    last half second.
    """
    looked_at: set[_Look] = session.info.setdefault(LOOKED_AT, set())
    new = {one for one in participants if (kind, record, one) not in looked_at}
    if new:
        looked_at.update((kind, record, one) for one in new)
        # By the driver itself: this comes with nearly every request, and is half as long that way.
        await (await driver_of(session)).execute("SELECT audit.note_looks($1, $2, $3)", kind, record, sorted(new))


@asynccontextmanager
async def looking_if_refused(session: AsyncSession, kind: str, participants: Collection[UUID]) -> AsyncIterator[None]:
    """Note a look where the block refuses to go on: its refusal shows what stands there now."""
    try:
        yield
    except Exception:
        await note_looks(session, kind, participants)
        raise


async def keep_looks(session: AsyncSession, sessions: Sessions, asker: Asker) -> None:
    """Keep, in a transaction of their own, the looks of one that was taken back: a refusal shows things, too."""
    looked_at: set[_Look] = session.info.pop(LOOKED_AT, set())
    if looked_at:
        async with unit_of_work(sessions, asker) as keeping:
            for kind, record in {(kind, record) for kind, record, _ in looked_at}:
                people = [one for look, shown_by, one in looked_at if (look, shown_by) == (kind, record)]
                await note_looks(keeping, kind, people, record)


async def lines_of(session: AsyncSession, wanted: LinesWanted, limit: int) -> list[Row[tuple[object, ...]]]:
    """Lines, the latest first."""
    statement = select(LINES)
    for column, value in (
        (LINES.c.person_id, wanted.person_id),
        (LINES.c.record_id, wanted.record_id),
        (LINES.c.participant_id, wanted.participant_id),
        (LINES.c.kind, wanted.kind),
        (LINES.c.what, wanted.what),
    ):
        if value is not None:
            statement = statement.where(column == value)
    if wanted.after is not None:
        statement = statement.where(LINES.c.at >= wanted.after)
    if wanted.before is not None:
        statement = statement.where(LINES.c.at < wanted.before)
    if wanted.until is not None:
        statement = statement.where(LINES.c.position < wanted.until)
    return list(await run(session, statement.order_by(LINES.c.position.desc()).limit(limit)))
