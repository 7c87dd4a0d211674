"""Audits whose lines are all sealed: the first call says up to where, a later one seals when nobody else writes."""

from __future__ import annotations

from sqlalchemy import text

from shared.asking import THE_SERVICE
from shared.auditing import seal_lines, unsealed_lines
from shared.database import Sessions, create_engine, unit_of_work
from tests.shared.travel.small_service import until

FOUR_YEARS_EARLIER = """
    DO $$
    DECLARE
        seal audit.seals;
        before audit.seals;
    BEGIN
        FOR seal IN SELECT * FROM audit.seals ORDER BY number LOOP
            seal.sealed_at := seal.sealed_at - CASE WHEN seal.number <= {last} THEN interval '4 years' ELSE '0' END;
            UPDATE audit.seals SET sealed_at = seal.sealed_at, hash = audit.hash_of(
                before.hash, seal.number, coalesce(before.up_to, 0), seal.up_to, seal.sealed_at
            ) WHERE number = seal.number RETURNING * INTO before;
        END LOOP;
    END $$
"""


async def seal_all(sessions: Sessions) -> None:
    """Seal until no line waits: whoever else writes on the same server, as other tests do, has it wait."""

    async def all_are_sealed() -> bool:
        await seal_lines(sessions)
        async with unit_of_work(sessions, THE_SERVICE) as session:
            return await unsealed_lines(session) == 0

    await until(all_are_sealed)


async def seal_four_years_earlier(owner_url: str, last: int) -> None:
    """Have the seals up to one be four years older, as if the chain had begun by then: what only its owner can do."""
    engine = create_engine(owner_url, pool_size=1)
    async with engine.begin() as connection:
        await connection.execute(text(FOUR_YEARS_EARLIER.format(last=int(last))))
    await engine.dispose()
