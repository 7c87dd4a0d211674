"""What matching tells anew when another service is rebuilt: pairings that hold, that wait, or that were withdrawn."""

from __future__ import annotations

from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.matching.repository import facts, pairings
from services.matching.repository.pairings import StoredPairing
from services.matching.use_cases import announcing
from shared.contracts.envelope import Event
from shared.travel.retelling import PAGE, Chapters, Retold
from shared.travel.topics import PAIRINGS


async def _pairings(session: AsyncSession, after: UUID | None) -> Retold:
    told = await pairings.standing_after(session, after, PAGE)
    met = {meeting.need_id for one in told for meeting in one.pairing.meetings}
    needs = {need.id: need for need in await facts.find_needs(session, met)}
    events: list[Event] = []
    for one in told:
        if one.status == "withdrawn":
            events.append(announcing.withdrawn(one.meetup_id, one.id, one.revision))
        else:
            events.append(_event_of(one)(one, needs))
    return Retold(events, told[-1].id if len(told) == PAGE else None)


def _event_of(stored: StoredPairing) -> announcing.Telling:
    if stored.status == "proposed":
        return announcing.proposed
    return announcing.revised if stored.based_on else announcing.approved


CHAPTERS: Chapters = {PAIRINGS: (_pairings,)}
