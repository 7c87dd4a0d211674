"""What a new plan changes beside the one before, and why.

changes = Changes(refusals=frozenset({("p1", "n1")}))
found = difference(before.placements, after.placements, changes)
[(change.pair, change.cause, change.because) for change in found.added]
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from services.matching.domain.pair_key import PairKey
from services.matching.domain.pairing import Cause
from services.matching.domain.timetabling import Placement


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What happened since the plan that is compared.

    ``capacity`` names needs whose seats or interviewers changed and participants whose maximum did; ``arrivals`` those
    enrolled or added since; ``changed_participants`` those whose constraints or wishes changed; ``observations`` those
    newly observed; ``clashes`` those who meet elsewhere; ``meetup`` says that times or tables changed, ``mended``
    that the plan before was mended without planning anew, ``policy`` that thresholds, stability or weights changed.
    """

    pins: frozenset[PairKey] = frozenset()
    forbids: frozenset[PairKey] = frozenset()
    refusals: frozenset[PairKey] = frozenset()
    withdrawals: frozenset[Hashable] = frozenset()
    closed_needs: frozenset[Hashable] = frozenset()
    uninvited_needs: frozenset[Hashable] = frozenset()
    changed_needs: frozenset[Hashable] = frozenset()
    capacity: frozenset[Hashable] = frozenset()
    arrivals: frozenset[Hashable] = frozenset()
    changed_participants: frozenset[Hashable] = frozenset()
    observations: frozenset[Hashable] = frozenset()
    clashes: frozenset[Hashable] = frozenset()
    meetup: bool = False
    mended: bool = False
    policy: bool = False


@dataclass(frozen=True, slots=True)
class ChangedMeeting:
    """One added, removed or moved meeting.

    The cause "follows" means: because another change, ``because``, touched the same participant, need or table.
    """

    pair: PairKey
    cause: Cause
    because: PairKey | None = None
    before: Placement | None = None
    after: Placement | None = None


@dataclass(frozen=True, slots=True)
class PlanDifference:
    """What a new plan changes; ``kept`` are the pairs that stay as they are."""

    added: tuple[ChangedMeeting, ...]
    removed: tuple[ChangedMeeting, ...]
    moved: tuple[ChangedMeeting, ...]
    kept: tuple[PairKey, ...]

    @property
    def empty(self) -> bool:
        """Whether nothing changes."""
        return not (self.added or self.removed or self.moved)


def difference(
    before: Mapping[Any, Placement | None], after: Mapping[Any, Placement | None], changes: Changes
) -> PlanDifference:
    """Compare two plans, pair by pair with slot and table (None where there is no timetable), and give causes.

    A change that ``changes`` does not explain by itself follows from the nearest one that it does, by way of shared
    participants and needs, or of a slot at a table taken over.
    """
    added = [pair for pair in after if pair not in before]
    removed = [pair for pair in before if pair not in after]
    moved = [pair for pair in before if pair in after and before[pair] != after[pair]]
    touched = {pair: _own_cause(pair, pair in before, pair in after, changes) for pair in (*added, *removed, *moved)}
    explained = _explain(touched, before, after, changes)

    def changed(pairs: list[PairKey]) -> tuple[ChangedMeeting, ...]:
        return tuple(ChangedMeeting(pair, *explained[pair], before.get(pair), after.get(pair)) for pair in pairs)

    kept = tuple(pair for pair in before if pair in after and pair not in touched)
    return PlanDifference(changed(added), changed(removed), changed(moved), kept)


def _own_cause(pair: PairKey, was: bool, is_now: bool, changes: Changes) -> Cause | None:
    """The first recorded fact that explains the change without looking at other meetings."""
    participant, need = pair
    facts: tuple[tuple[Cause, bool], ...] = (
        ("pin", is_now and pair in changes.pins),
        ("forbid", not is_now and pair in changes.forbids),
        ("refusal", not is_now and pair in changes.refusals),
        ("withdrawal", not is_now and participant in changes.withdrawals),
        ("closed-need", not is_now and need in changes.closed_needs),
        ("uninvited-need", not is_now and need in changes.uninvited_needs),
        ("clash", was and participant in changes.clashes),
        ("changed-need", need in changes.changed_needs),
        ("capacity", participant in changes.capacity or need in changes.capacity),
        ("arrival", not was and (participant in changes.arrivals or need in changes.arrivals)),
        ("changed-participant", participant in changes.changed_participants),
        ("observations", participant in changes.observations),
    )
    return next((cause for cause, applies in facts if applies), None)


def _explain(
    touched: Mapping[PairKey, Cause | None],
    before: Mapping[PairKey, Placement | None],
    after: Mapping[PairKey, Placement | None],
    changes: Changes,
) -> dict[PairKey, tuple[Cause, PairKey | None]]:
    """Breadth first from the changes that explain themselves to their neighbours."""
    sharing: dict[Hashable, list[PairKey]] = {}
    for pair in touched:
        for place in _places(pair, before, after):
            sharing.setdefault(place, []).append(pair)
    explained: dict[PairKey, tuple[Cause, PairKey | None]] = {
        pair: (cause, None) for pair, cause in touched.items() if cause is not None
    }
    waiting = deque(explained)
    while waiting:
        origin = waiting.popleft()
        for place in _places(origin, before, after):
            for pair in sharing[place]:
                if pair not in explained:
                    explained[pair] = ("follows", origin)
                    waiting.append(pair)
    rest = _rest(changes)
    return {pair: explained.get(pair, (rest, None)) for pair in touched}


def _rest(changes: Changes) -> Cause:
    """What explains a change that nothing near it does."""
    wide: tuple[tuple[Cause, bool], ...] = (
        ("changed-meetup", changes.meetup),
        ("policy", changes.policy),
        ("follows", changes.mended),
    )
    return next((cause for cause, applies in wide if applies), "unexplained")


def _places(
    pair: PairKey, before: Mapping[PairKey, Placement | None], after: Mapping[PairKey, Placement | None]
) -> Iterator[Hashable]:
    yield ("participant", pair[0])
    yield ("need", pair[1])
    for placement in (before.get(pair), after.get(pair)):
        if placement is not None:
            yield placement
