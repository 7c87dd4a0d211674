"""How a meetup's pairing stands: what is in force, what waits, what to ask whom, and whether a run is on."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.matching.domain.following.judging import Ask, judge
from services.matching.domain.rules import MeetupRules
from services.matching.domain.situation import Policy
from services.matching.repository import pairings, runs
from services.matching.repository.pairings import StoredPairing
from services.matching.use_cases.truth import true_now


@dataclass(frozen=True, slots=True)
class MeetupStanding:
    """What an adviser looks at first."""

    in_force: UUID | None
    waiting: UUID | None
    asks: tuple[Ask, ...]
    is_computing: bool


async def standing_of(session: AsyncSession, meetup_id: UUID, policy: Policy) -> MeetupStanding:
    """How the pairing of a meetup stands now. Raises `Unknown`."""
    in_force, waiting = await pairings.outlined(session, meetup_id)
    asks: tuple[Ask, ...] = ()
    if in_force:
        rules = MeetupRules(await true_now(session, meetup_id, in_force.outline, policy))
        asks = judge(rules, in_force.outline, of_in_force=True).asks
    return MeetupStanding(
        in_force=in_force.id if in_force else None,
        waiting=waiting.id if waiting else None,
        asks=asks,
        is_computing=await runs.is_under_way(session, meetup_id),
    )


async def asks_of(session: AsyncSession, stored: StoredPairing, policy: Policy) -> tuple[Ask, ...]:
    """Whom an adviser should ask about which meeting of a pairing that is in force or waits; of a past one nobody."""
    in_force, waiting = await pairings.outlined(session, stored.meetup_id)
    if stored.id not in {one.id for one in (in_force, waiting) if one}:
        return ()
    truth = await true_now(session, stored.meetup_id, in_force.outline if in_force else None, policy)
    is_in_force = in_force is not None and in_force.id == stored.id
    return judge(MeetupRules(truth), stored.pairing.outline, of_in_force=is_in_force).asks
