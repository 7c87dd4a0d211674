"""What row-level security costs: the same calls of an adviser with the policies, and with them switched off."""

from __future__ import annotations

from services.registration.tables import Base
from tests.bench.registration_ground import Desk, overhead

WALLED = sorted((set(Base.metadata.tables) | {"protected.criteria"}) - {"limits"})


def run() -> list[dict[str, object]]:
    """The rate with policies over the rate without."""
    return [overhead("rls-overhead", _switch, peer="the same calls without policies", goal=0.85)]


async def _switch(place: Desk, is_on: bool) -> None:
    word = "ENABLE" if is_on else "DISABLE"
    await place.change_tables(*(f"ALTER TABLE {table} {word} ROW LEVEL SECURITY" for table in WALLED))
