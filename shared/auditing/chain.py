"""The chain over the audit's lines: sealed by workers, worked out anew by whoever doubts it.

A line that is changed, removed, put in between or moved breaks the seal that covers it. Whoever owns the tables could
work the whole chain out anew, or cut off its end: that shows by a head that was noted elsewhere before.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from sqlalchemy import func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.auditing.tables import LINES, SEALS
from shared.database import Sessions, unit_of_work
from shared.sql import run

log = logging.getLogger(__name__)

SEAL_EVERY = timedelta(seconds=5)
"""How often a worker seals: a line waits for twice that, and as long as the longest transaction of its time."""

TELL_HEAD_EVERY = timedelta(hours=1)
"""How often a worker logs the head of the chain: logs are kept elsewhere, by others."""

LINES_A_SEAL = 5_000

SEALS_AT_ONCE = 500
"""Seals that one query works out anew."""


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a chain: the last seal's number and hash; written ``number:hash``."""

    number: int
    hash: str

    @classmethod
    def read(cls, text: str) -> Self:
        """From what was noted. Raises `ValueError`."""
        number, _, hash_ = text.partition(":")
        return cls(int(number), bytes.fromhex(hash_).hex())

    def __str__(self) -> str:
        return f"{self.number}:{self.hash}"


@dataclass(frozen=True, slots=True)
class Chain:
    """What working out a chain anew found: its head, how many lines are not sealed yet, the first seal that breaks.

    ``holds_noted`` says whether a head that was noted before is still a part of it. One over lines that are gone
    since is no longer looked for: ``gone_until`` tells whether they were due.
    """

    head: Head | None
    unsealed: int
    first_broken: int | None
    holds_noted: bool = True
    gone_until: datetime | None = None
    """Until when lines were sealed that have outlived their time and are gone; None where all are there."""

    @property
    def is_whole(self) -> bool:
        """Whether nothing was changed, removed, put in between, moved or, as far as was noted, cut off."""
        return self.first_broken is None and self.holds_noted


async def seal_lines(sessions: Sessions) -> None:
    """Seal the lines that no earlier one can follow any more: for a timer of the service's worker."""
    async with unit_of_work(sessions) as session:
        await run(session, select(func.audit.seal(LINES_A_SEAL)))


async def tell_head(sessions: Sessions) -> None:
    """Log the end of the chain: for a timer of the service's worker."""
    async with unit_of_work(sessions) as session:
        log.info("the audit is sealed up to %s", await head_of_chain(session) or "nothing")


async def head_of_chain(session: AsyncSession) -> Head | None:
    """The end of the chain; None where nothing is sealed."""
    last = (await run(session, select(SEALS.c.number, SEALS.c.hash).order_by(SEALS.c.number.desc()).limit(1))).first()
    return Head(last.number, last.hash.hex()) if last else None


async def unsealed_lines(session: AsyncSession) -> int:
    """How many lines wait for their seal."""
    last = func.coalesce(select(func.max(SEALS.c.up_to)).scalar_subquery(), 0)
    return int((await run(session, select(func.count()).where(LINES.c.position > last))).scalar_one())


async def verify_chain(session: AsyncSession, noted: Head | None = None) -> Chain:
    """Work out every seal anew, and look for a head that was noted before."""
    head = await head_of_chain(session)
    first = (await run(session, select(SEALS).order_by(SEALS.c.number).limit(1))).first()
    gone = first if first is not None and first.lines_gone else None
    broken: int | None = None
    for after in range(first.number - 1 if first else 0, head.number if head else 0, SEALS_AT_ONCE):
        query = select(func.audit.first_broken(after, after + SEALS_AT_ONCE))
        broken = (await run(session, query)).scalar_one()
        if broken is not None:
            break
    is_gone = noted is not None and gone is not None and noted.number < gone.number
    holds_noted = noted is None or is_gone or await _is_held(session, noted)
    return Chain(head, await unsealed_lines(session), broken, holds_noted, gone.sealed_at if gone else None)


async def _is_held(session: AsyncSession, noted: Head) -> bool:
    hash_ = (await run(session, select(SEALS.c.hash).where(SEALS.c.number == noted.number))).scalar_one_or_none()
    return hash_ is not None and hash_.hex() == noted.hash
