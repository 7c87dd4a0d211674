"""Every impossible demand is refused with the contradiction named."""

from __future__ import annotations

import numpy as np
import pytest

from services.matching.domain.pair_key import PairKey
from services.matching.domain.planning import Conflict, ConflictKind, ImpossiblePlan, PlanProblem, plan

A_X: PairKey = ("a", "x")
A_Y: PairKey = ("a", "y")
B_X: PairKey = ("b", "x")


def conflicts(
    *,
    kept: frozenset[PairKey] = frozenset(),
    pins: frozenset[PairKey] = frozenset(),
    forbids: frozenset[PairKey] = frozenset(),
    infeasible: bool = False,
) -> tuple[Conflict, ...]:
    """What is said about demands on two participants with one meeting each and two needs with one seat each."""
    utility = np.full((2, 2), 0.8)
    if infeasible:
        utility[0, 0] = np.nan
    problem = PlanProblem(
        participants=["a", "b"],
        needs=["x", "y"],
        utility=utility,
        seats=[1, 1],
        maximum=1,
        kept=kept,
        pins=pins,
        forbids=forbids,
        obstacles={A_X: ("31.2 km, limit 20 km",)},
    )
    with pytest.raises(ImpossiblePlan) as refusal:
        plan(problem)
    assert all(str(conflict) in str(refusal.value) for conflict in refusal.value.conflicts)
    return refusal.value.conflicts


def test_a_pin_that_is_forbidden() -> None:
    assert conflicts(pins=frozenset({A_X}), forbids=frozenset({A_X})) == (Conflict(ConflictKind.PIN_FORBIDDEN, (A_X,)),)


def test_an_accepted_meeting_is_never_forbidden_silently() -> None:
    assert conflicts(kept=frozenset({A_X}), forbids=frozenset({A_X})) == (
        Conflict(ConflictKind.KEPT_FORBIDDEN, (A_X,)),
    )


def test_a_pin_that_cannot_be_comes_back_with_its_obstacles() -> None:
    (conflict,) = conflicts(pins=frozenset({A_X}), infeasible=True)
    assert (conflict.kind, conflict.pairs) == (ConflictKind.PIN_INFEASIBLE, (A_X,))
    assert conflict.obstacles == ("31.2 km, limit 20 km",)
    assert "31.2 km" in str(conflict)


def test_an_accepted_meeting_that_can_no_longer_be() -> None:
    (conflict,) = conflicts(kept=frozenset({A_X}), infeasible=True)
    assert (conflict.kind, conflict.pairs) == (ConflictKind.KEPT_INFEASIBLE, (A_X,))


def test_pins_beyond_the_seats_name_the_need_and_all_pairs() -> None:
    assert conflicts(kept=frozenset({A_X}), pins=frozenset({B_X})) == (
        Conflict(ConflictKind.SEATS_EXCEEDED, (A_X, B_X), limit=1),
    )


def test_pins_beyond_the_maximum_name_the_participant_and_all_pairs() -> None:
    assert conflicts(pins=frozenset({A_X, A_Y})) == (Conflict(ConflictKind.MAXIMUM_EXCEEDED, (A_X, A_Y), limit=1),)


def test_pins_of_somebody_not_enrolled_or_a_need_not_invited() -> None:
    stranger, elsewhere = ("z", "x"), ("a", "w")
    kinds = {conflict.kind: conflict.pairs for conflict in conflicts(pins=frozenset({stranger, elsewhere}))}
    assert kinds == {
        ConflictKind.UNKNOWN_PARTICIPANT: (stranger,),
        ConflictKind.UNKNOWN_NEED: (elsewhere,),
    }


def test_all_contradictions_are_named_at_once() -> None:
    found = conflicts(pins=frozenset({A_X, A_Y, B_X}), forbids=frozenset({B_X}))
    assert [conflict.kind for conflict in found] == [
        ConflictKind.PIN_FORBIDDEN,
        ConflictKind.SEATS_EXCEEDED,
        ConflictKind.MAXIMUM_EXCEEDED,
    ]
