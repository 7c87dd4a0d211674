"""What the audit costs: the same calls of an adviser with it, and with neither looks nor changes noted."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.api import observations, participants
from shared.auditing import note_looks
from tests.bench.registration_ground import Desk, overhead

WITH_TRIGGERS = "SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE tgname LIKE 'notes_%'"


def run() -> list[dict[str, object]]:
    """The rate with the audit over the rate without."""
    return [overhead("audit-overhead", _switch, peer="the same calls without an audit", goal=0.9)]


async def _switch(place: Desk, is_on: bool) -> None:
    async with place.owner.connect() as connection:
        tables = list((await connection.execute(text(WITH_TRIGGERS))).scalars())
    word = "ENABLE" if is_on else "DISABLE"
    await place.change_tables(*(f"ALTER TABLE {table} {word} TRIGGER USER" for table in tables))
    for module in (observations, participants):
        vars(module)["note_looks"] = note_looks if is_on else _note_nothing


async def _note_nothing(
    _session: AsyncSession, _kind: str, _participants: Iterable[UUID], _record: UUID | None = None
) -> None:
    pass
