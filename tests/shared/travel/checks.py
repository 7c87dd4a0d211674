"""What the tests of travel look for in the small service's effects."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from shared.contracts.envelope import Envelope
from shared.database import Sessions
from shared.travel.broker import KafkaAddress
from shared.travel.status import group_lags, groups_of
from tests.shared.travel.small_service import applied, count_applied


def in_order(effects: Sequence[tuple[UUID, UUID, int]]) -> bool:
    """Whether the revisions of each participant were applied in the order in which they were written."""
    by_participant = defaultdict(list)
    for _, participant, revision in effects:
        by_participant[participant].append(revision)
    return all(revisions == sorted(revisions) for revisions in by_participant.values())


async def check_effects(sessions: Sessions, events: Sequence[Envelope]) -> None:
    """Fail unless each event was applied, none twice, and those of one participant in order."""
    effects = await applied(sessions)
    assert sorted(event for event, *_ in effects) == sorted(envelope.id for envelope in events)
    assert in_order(effects)


async def has_applied(sessions: Sessions, count: int) -> bool:
    """Whether there are so many effects."""
    return await count_applied(sessions) >= count


async def has_no_lag(address: KafkaAddress) -> bool:
    """Whether the small service has committed all offsets of its topic."""
    lags = await group_lags(address, groups_of("matching", address))
    return not any(lags["observations"].values())
