"""Audits whose lines are all sealed: the first call says up to where, a later one seals when nobody else writes."""

from __future__ import annotations

from shared.asking import THE_SERVICE
from shared.auditing import seal_lines, unsealed_lines
from shared.database import Sessions, unit_of_work
from tests.shared.travel.small_service import until


async def seal_all(sessions: Sessions) -> None:
    """Seal until no line waits: whoever else writes on the same server, as other tests do, has it wait."""

    async def all_are_sealed() -> bool:
        await seal_lines(sessions)
        async with unit_of_work(sessions, THE_SERVICE) as session:
            return await unsealed_lines(session) == 0

    await until(all_are_sealed)
