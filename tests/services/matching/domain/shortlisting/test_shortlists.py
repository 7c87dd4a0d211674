"""Shortlists are what brute force gives, however they are computed and whatever changes."""

from collections.abc import Hashable
from dataclasses import fields, replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from services.matching.domain.commute import Transport
from services.matching.domain.constraints import Hours, Opening, Seeker, count_obstacles, obstacles
from services.matching.domain.shortlisting import Likings, Needs, Participants, ShortlistPolicy, Shortlists, shortlist
from tests.services.matching.domain.shortlisting.brute_force import brute_force

SKILLS, OCCUPATIONS, LICENCE_WORDS = 3, 40, 2

policies = st.builds(
    ShortlistPolicy,
    size=st.integers(1, 6),
    reserve=st.integers(0, 4),
    alpha=st.sampled_from([0.05, 0.5, 0.8, 1.0]),
    near_tie=st.sampled_from([0.0, 0.1, 1.0]),
    softness=st.sampled_from([0.0, 0.1, 0.25, 0.5]),
)
pools = st.builds(
    lambda seed, count, variety: some_participants(np.random.default_rng(seed), count, variety),
    st.integers(0, 2**32),
    st.integers(5, 300),
    st.integers(1, 40),
)
asked = st.builds(
    lambda seed, count: some_needs(np.random.default_rng(seed), count), st.integers(0, 2**32), st.integers(1, 6)
)


def some_participants(random: np.random.Generator, count: int, variety: int) -> Participants:
    """People of few different profiles, so that many are tied, in and around a few towns; some lack coordinates."""
    profiles = np.sort(random.random((variety, SKILLS, 4)), axis=2)[:, :, ::-1].reshape(variety, -1)
    known = random.random(count) < 0.95
    liked = [
        {int(code): float(random.choice([0.0, 0.6, 0.75, 1.0])) for code in random.integers(0, OCCUPATIONS, 3)}
        for _ in range(count)
    ]
    return Participants.build(
        profiles[random.integers(0, variety, count)].astype(np.float32),
        np.where(known, random.choice([50.4, 50.6, 49.9, 43.3], count) + random.normal(0, 0.05, count), np.nan),
        np.where(known, random.choice([2.8, 3.1, 2.3, 5.4], count) + random.normal(0, 0.05, count), np.nan),
        random.choice([0.0, 10.0, 30.0, 80.0, 1500.0, np.inf], count),
        available_from=np.datetime64("2026-12-01") + random.integers(0, 30, count),
        hours=random.choice([0b1111, 0b0011, 0b0001], count),
        licences=random.choice(np.array([0, 1, 3, 1 << 30], dtype=np.uint64), (count, LICENCE_WORDS)),
        consent=random.random(count) < 0.9,
        shortlisted=random.integers(0, 3, count),
        keys=random.integers(0, 2**64, count, dtype=np.uint64),
        likings=Likings.of(liked),
    )


def only_in_part(random: np.random.Generator, before: Participants, after: Participants) -> Participants:
    """Somebody of whom some columns changed, or one alone, and the others did not."""
    names = [field.name for field in fields(Participants)]
    kept = random.choice(names, random.choice([0, 5, len(names) - 1]), replace=False)
    return replace(after, **{name: getattr(before, name) for name in kept})


def some_needs(random: np.random.Generator, count: int) -> Needs:
    """Needs at the same towns, most of them easy to meet."""
    skills = [random.choice(SKILLS, random.integers(1, SKILLS + 1), replace=False) for _ in range(count)]
    asked = [4 * some + random.integers(0, 4, len(some)) for some in skills]
    return Needs.build(
        [
            list(zip(features.tolist(), random.dirichlet(np.ones(len(features))).tolist(), strict=True))
            for features in asked
        ],
        np.where(random.random(count) < 0.95, random.choice([50.4, 50.6, 49.9], count), np.nan),
        random.choice([2.8, 3.1, 2.3], count),
        occupations=random.integers(0, OCCUPATIONS, count),
        hours=random.choice([0, 1, 2, 4], count),
        licences=random.choice(np.array([0, 0, 1, 1 << 30], dtype=np.uint64), (count, LICENCE_WORDS)),
        starts_on=np.datetime64("2026-12-01") + random.integers(0, 60, count),
        open=random.random(count) < 0.9,
        keys=random.integers(0, 2**64, count, dtype=np.uint64),
        forbidden=[random.integers(0, 5, 2).tolist() if random.random() < 0.3 else [] for _ in range(count)],
    )


def listed(lists: Shortlists) -> list[list[int]]:
    """The numbers on all lists."""
    return [[person for person in row if person >= 0] for row in lists.people.tolist()]


def joined_needs(parts: list[Needs]) -> Needs:
    """Needs one behind the other."""
    columns = {field.name: np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Needs)}
    columns["starts"] = np.cumsum([0, *(len(part.features) for part in parts)])
    columns["forbidden_starts"] = np.cumsum([0, *(len(part.forbidden) for part in parts)])
    return Needs(**columns)


@settings(max_examples=250, deadline=None)
@given(pools, asked, policies)
def test_lists_are_those_of_brute_force(participants: Participants, needs: Needs, policy: ShortlistPolicy) -> None:
    assert listed(shortlist(participants, needs, run="r", policy=policy)) == brute_force(
        participants, needs, "r", policy
    )


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from([3, 40, 2_000]), asked, policies)
def test_of_many_who_can_come_the_lists_are_those_of_brute_force(
    seed: int, variety: int, needs: Needs, policy: ShortlistPolicy
) -> None:
    """More than wait at once to be looked at in full: most of two thousand can reach most needs."""
    random = np.random.default_rng(seed)
    participants = replace(some_participants(random, 2_000, variety), travel_limit_km=np.full(2_000, 1500.0))
    assert listed(shortlist(participants, needs, run="r", policy=policy)) == brute_force(
        participants, needs, "r", policy
    )


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 80), st.integers(1, 4), policies)
def test_changes_give_what_brute_force_gives_anew(seed: int, people: int, asking: int, policy: ShortlistPolicy) -> None:
    random = np.random.default_rng(seed)
    pool = [some_participants(random, 1, 1) for _ in range(people)]
    needs = [some_needs(random, 1) for _ in range(asking)]
    lists = shortlist(Participants.joined(pool), joined_needs(needs), run="r", policy=policy)
    lists.dropped()
    gone: set[int] = set()
    for _ in range(8):
        if random.random() < 0.2:
            number = int(random.integers(0, len(needs) + 1))
            needs[number : number + 1] = [some_needs(random, 1)]
            lists.update_need(number, needs[number])
        elif random.random() < 0.3 and len(gone) + 1 < len(pool):
            number = int(random.integers(0, len(pool)))
            gone.add(number)
            lists.remove_participant(number)
            pool[number] = replace(pool[number], consent=np.array([False]))
        else:
            number = int(random.integers(0, len(pool) + 1))
            gone.discard(number)
            changed = some_participants(random, 1, 1)
            pool[number : number + 1] = [only_in_part(random, one, changed) for one in pool[number:][:1]] or [changed]
            before = listed(lists)
            remade = lists.update_participant(number, pool[number])
            assert all(before[need] == listed(lists)[need] for need in set(range(len(needs))) - set(remade.tolist()))
        assert listed(lists) == brute_force(Participants.joined(pool), joined_needs(needs), "r", policy)
        left = Participants.joined([one for number, one in enumerate(pool) if number not in gone])
        anew = shortlist(left, joined_needs(needs), run="r", policy=policy).dropped()
        assert [lists.dropped().of(need) for need in range(len(needs))] == [anew.of(need) for need in range(len(needs))]


@settings(max_examples=25, deadline=None)
@given(pools, asked, policies)
def test_the_number_of_threads_changes_nothing(
    participants: Participants, needs: Needs, policy: ShortlistPolicy
) -> None:
    alone = shortlist(participants, needs, run="r", policy=policy, threads=1)
    together = shortlist(participants, needs, run="r", policy=policy, threads=4)
    assert alone.people.tobytes() == together.people.tobytes()
    assert alone.utilities.tobytes() == together.utilities.tobytes()


@settings(max_examples=30, deadline=None)
@given(pools, asked, policies)
def test_every_dropped_participant_is_counted_by_each_of_their_reasons(
    participants: Participants, needs: Needs, policy: ShortlistPolicy
) -> None:
    dropped = shortlist(participants, needs, run="r", policy=policy).dropped()
    for need in range(len(needs)):
        candidates, opening, forbidden = as_records(participants, needs, need)
        found = [obstacles(candidate, opening, forbidden) for candidate in candidates]
        assert dropped.of(need) == count_obstacles(found)


def as_records(
    participants: Participants, needs: Needs, need: int
) -> tuple[list[Seeker], Opening, set[tuple[Hashable, Hashable]]]:
    """The columns as records, for the rules on pairs."""
    candidates = [
        Seeker(
            id=number,
            latitude=degrees(participants.latitude[number]),
            longitude=degrees(participants.longitude[number]),
            travel_limit_km=float(participants.travel_limit_km[number]),
            transport=Transport.CAR,
            available_from=participants.available_from[number].item(),
            hours=hours(int(participants.hours[number])),
            licences=licences(participants.licences[number]),
            consent=bool(participants.consent[number]),
            refused=refused(participants, number),
        )
        for number in range(len(participants))
    ]
    opening = Opening(
        id="need",
        latitude=degrees(needs.latitude[need]),
        longitude=degrees(needs.longitude[need]),
        occupation=str(needs.occupations[need]),
        hours=hours(int(needs.hours[need])),
        starts_on=needs.starts_on[need].item(),
        licences=licences(needs.licences[need]),
        open=bool(needs.open[need]),
    )
    forbidden = needs.forbidden[needs.forbidden_starts[need] : needs.forbidden_starts[need + 1]]
    return candidates, opening, {(number, "need") for number in forbidden.tolist()}


def degrees(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def hours(bits: int) -> frozenset[Hours]:
    return frozenset(hour for place, hour in enumerate(Hours) if bits >> place & 1)


def licences(words: NDArray[np.uint64]) -> frozenset[str]:
    return frozenset(
        f"{word}.{bit}" for word, bits in enumerate(words.tolist()) for bit in range(64) if bits >> bit & 1
    )


def refused(participants: Participants, number: int) -> frozenset[str]:
    known = participants.likings
    mine = slice(known.starts[number], known.starts[number + 1])
    return frozenset(str(code) for code in known.occupations[mine][known.values[mine] == 0].tolist())


def test_no_score_is_above_1_where_weights_come_to_a_little_more() -> None:
    shares = [5, 87, 10, 11, 3]
    needs = Needs.build([[(4 * skill, share / sum(shares)) for skill, share in enumerate(shares)]], [50.4], [2.8])
    people = Participants.build(np.ones((1, 20), dtype=np.float32), [50.4], [2.8], 30, likings=Likings.of([{0: 1.0}]))
    (place,) = shortlist(people, needs).of(0).places
    assert (place.score, place.utility) == (1.0, 1.0)
