"""How matching tells others of what it decided: in the transaction that decides it."""

from __future__ import annotations

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.contracts.envelope import Event
from shared.moment import Moment
from shared.travel import outbox

SOURCE = "/matching"


async def tell(session: AsyncSession, *events: Event, moment: Moment) -> None:
    """Add events to the outbox; they travel once the transaction is committed."""
    await outbox.tell(session, *events, source=SOURCE, moment=moment)
