"""Scores too close to tell apart: those shortlisted less often come first, then lots that favour nobody."""

import numpy as np

from services.matching.domain.shortlisting import Needs, Participants, ShortlistPolicy, lot_keys, lots, shortlist
from services.matching.domain.situation import Policy


def pool(probabilities: list[float], shortlisted: list[int] | None = None) -> Participants:
    """People at one place, each with the same probability of every level of one skill."""
    features = np.repeat(np.array(probabilities, dtype=np.float32)[:, np.newaxis], 4, axis=1)
    return Participants.build(features, 50.4, 2.8, 30, shortlisted=shortlisted or 0)


ONE_NEED = Needs.build([[(1, 1.0)]], [50.4], [2.8])


def numbers(participants: Participants, policy: ShortlistPolicy, run: str = "run") -> list[int]:
    return [entry.participant for entry in shortlist(participants, ONE_NEED, run=run, policy=policy).of(0).places]


def test_within_the_leaders_uncertainty_the_less_shortlisted_come_first() -> None:
    close = pool([0.80, 0.70, 0.60, 0.20], shortlisted=[5, 1, 0, 0])
    assert numbers(close, ShortlistPolicy(near_tie=1.0)) == [
        2,
        1,
        0,
        3,
    ]  # √(0.8·0.2) = 0.4: near are all but the last
    assert numbers(close, ShortlistPolicy(near_tie=0.3)) == [1, 0, 2, 3]  # 0.12 behind at most
    assert numbers(close, ShortlistPolicy(near_tie=0.0)) == [0, 1, 2, 3]


def test_how_near_is_policy_and_a_quarter_of_a_standard_deviation_where_nothing_is_said() -> None:
    """√(0.8·0.2) = 0.4, so nearer than 0.1 is a tie."""
    assert numbers(pool([0.80, 0.71], shortlisted=[1, 0]), ShortlistPolicy()) == [1, 0]
    assert numbers(pool([0.80, 0.69], shortlisted=[1, 0]), ShortlistPolicy()) == [0, 1]
    assert Policy().near_tie == ShortlistPolicy().near_tie


def test_each_group_has_its_own_leader() -> None:
    chain = pool([0.80, 0.75, 0.70, 0.65], shortlisted=[1, 0, 1, 0])
    assert numbers(chain, ShortlistPolicy(near_tie=0.15)) == [
        1,
        0,
        3,
        2,
    ]  # 0.06 behind at most: 0.70 leads the next


def test_the_list_may_leave_out_its_best_when_they_were_often_listed() -> None:
    close = pool([0.80, 0.79, 0.78], shortlisted=[9, 0, 0])
    assert 0 not in numbers(close, ShortlistPolicy(size=2, reserve=0, near_tie=0.5))


def test_lots_spread_places_among_equals_over_needs_and_runs() -> None:
    equals = pool([0.5] * 200)
    needs = Needs.build([[(1, 1.0)]] * 300, np.full(300, 50.4), np.full(300, 2.8))
    policy = ShortlistPolicy(size=10, reserve=0, near_tie=0.0)
    places = np.bincount(shortlist(equals, needs, run="run", policy=policy).people.ravel(), minlength=200)
    assert places.min() > 0
    assert places.max() < 40  # 15 expected: nobody is drawn everywhere
    assert numbers(equals, policy) == numbers(equals, policy)
    assert numbers(equals, policy) != numbers(equals, policy, run="another run")


def test_lots_depend_on_ids_alone_not_on_order() -> None:
    ids = ["p1", "p2", "p3"]
    run, need = lot_keys(["run"])[0], lot_keys(["need"])[0]
    forward, backward = lots(run, need, lot_keys(ids)), lots(run, need, lot_keys(ids[::-1]))
    assert forward.tolist() == backward.tolist()[::-1]
    assert len(set(forward.tolist())) == 3


def test_a_list_follows_a_leader_who_is_not_on_it() -> None:
    policy = ShortlistPolicy(size=1, reserve=0, near_tie=0.5)
    lists = shortlist(pool([0.80, 0.65, 0.62, 0.55], shortlisted=[9, 2, 1, 0]), ONE_NEED, run="run", policy=policy)
    assert lists.people.tolist() == [[2]]  # √(0.8·0.2)/2 = 0.2: the last is beyond
    lists.update_participant(0, pool([0.10], shortlisted=[9]))
    assert lists.people.tolist() == [[3]]  # 0.65 leads now, and the last is within its reach


def test_a_list_follows_somebody_who_comes_to_lead_it_from_outside() -> None:
    two_skills = Needs.build([[(0, 0.5), (4, 0.5)]], [50.4], [2.8])
    policy = ShortlistPolicy(size=1, reserve=0, near_tie=1.0)

    def people(rows: list[tuple[float, float]], shortlisted: list[int]) -> Participants:
        features = np.repeat(np.array(rows, np.float32), 4, axis=1)
        return Participants.build(features, 50.4, 2.8, 30, shortlisted=shortlisted)

    surer = people([(1.0, 0.5)], [8])
    lists = shortlist(
        people([(0.75, 0.75), (0.45, 0.45), (0.6, 0.6), (0.1, 0.1)], [9, 0, 1, 0]), two_skills, run="run", policy=policy
    )
    assert lists.people.tolist() == [[1]]  # 0.75 − 0.31
    lists.update_participant(3, surer)  # as high as the leader, shortlisted less often, and surer
    assert lists.people.tolist() == [[2]]  # 0.75 − 0.25
