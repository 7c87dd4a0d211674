"""A number is the same number in every width: none wraps where it is added, multiplied, or kept in fewer bits."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import ArrayLike

from services.matching.domain import (
    Codebook,
    Likings,
    Needs,
    Participants,
    Placement,
    PlanProblem,
    RequiredSkill,
    ShortlistPolicy,
    TimetableProblem,
    exceedance,
    lots,
    mutual_utility,
    plan,
    score,
    shortlist,
    steps,
    timetable,
)
from services.matching.domain.profiling.cells import take_down

WHOLE = [np.int8, np.uint8, np.int16, np.uint16, np.int32, np.uint32, np.int64, np.uint64]
FRACTIONS = [np.float16, np.float32]
AROUND_POWERS = [127, 128, 255, 256, 257, 511, 512, 513, 32_767, 32_768, 65_535, 65_536, 65_537, 2**31 - 1]
FEATURES = np.full((1, 8), 0.5, np.float32)

widths = st.sampled_from(WHOLE)
counts = st.one_of(st.sampled_from(AROUND_POWERS), st.integers(0, 2**31 - 1))


def held_in(width: Any, number: int) -> int:
    """The number, or the largest of this width."""
    return min(number, int(np.iinfo(width).max))


@given(width=widths, number=st.one_of(counts, st.integers(-(2**63), 2**64 - 1)))
def test_a_column_holds_the_number_given_or_refuses_it(width: Any, number: int) -> None:
    limits = np.iinfo(width)
    number = min(max(number, int(limits.min)), int(limits.max))
    given_as = np.array([number], dtype=width)
    for name, most in (("shortlisted", 2**31 - 1), ("hours", 15), ("keys", 2**64 - 1), ("licences", 2**64 - 1)):
        columns: dict[str, Any] = {name: given_as}
        least = -(2**31) if name == "shortlisted" else 0
        if least <= number <= most:
            pool = Participants.build(FEATURES, 50.4, 2.8, 30, **columns)
            assert getattr(pool, name).ravel().tolist() == [number]
        else:
            with pytest.raises(ValueError, match=name):
                Participants.build(FEATURES, 50.4, 2.8, 30, **columns)


@given(width=widths, number=counts)
def test_occupations_features_and_forbidden_people_are_numbered_alike_in_every_width(width: Any, number: int) -> None:
    number = held_in(width, number)
    asked = Needs.build(
        [[(width(number), 1.0)]], [50.4], [2.8], occupations=np.array([number], width), forbidden=[[width(number)]]
    )
    assert [asked.features[0], asked.occupations[0], asked.forbidden[0]] == [number] * 3
    assert Likings.of([{width(number): 0.5}]).occupations.tolist() == [number]


@pytest.mark.parametrize("width", WHOLE)
def test_a_level_of_few_bits_asks_for_the_same_column(width: Any) -> None:
    skills = tuple(f"S{number}" for number in range(20_000))
    codebook = Codebook(skills, (), ())
    for place in (31, 32, 63, 64, 65, 127, 128, 8_191, 8_192, 16_383, 16_384):
        required = RequiredSkill(skills[place], width(4), 1.0)
        assert codebook.feature(required) == 4 * place + 3
        assert type(codebook.feature(required)) is int


@pytest.mark.parametrize("occupation", [255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537])
def test_a_wish_counts_for_its_own_occupation_only(occupation: int) -> None:
    others = [occupation - 256, occupation - 1, occupation, occupation + 1, occupation + 65_536]
    wished = sorted({one for one in others if one >= 0})
    pool = Participants.build(
        np.full((len(wished), 8), 0.5, np.float32), 50.4, 2.8, 30, likings=Likings.of([{one: 1.0} for one in wished])
    )
    asked = Needs.build([[(0, 1.0)]], [50.4], [2.8], occupations=[occupation])
    first = shortlist(pool, asked, policy=ShortlistPolicy(near_tie=0.0)).of(0).places[0]
    assert wished[first.participant] == occupation


@pytest.mark.parametrize("width", WHOLE)
def test_a_list_and_its_reserve_are_added_in_full(width: Any) -> None:
    size, reserve = held_in(width, 200), held_in(width, 100)
    pool = Participants.build(np.full((400, 8), 0.5, np.float32), 50.4, 2.8, 30)
    lists = shortlist(
        pool,
        Needs.build([[(0, 1.0)]], [50.4], [2.8]),
        policy=ShortlistPolicy(size=width(size), reserve=width(reserve)),
    )
    assert (len(lists.of(0).places), len(lists.of(0).reserve)) == (size, reserve)


@pytest.mark.parametrize("width", WHOLE)
def test_lots_are_drawn_alike_for_keys_of_every_width(width: Any) -> None:
    keys = np.array([0, 1, 127], dtype=width)
    drawn = lots(np.uint64(5), np.uint64(7), keys)
    assert drawn.tolist() == lots(np.uint64(5), np.uint64(7), keys.astype(np.uint64)).tolist()


@pytest.mark.parametrize("width", WHOLE)
def test_a_long_meeting_late_in_the_day_is_placed_alike_in_every_width(width: Any) -> None:
    pair, first, length = ("p", "n"), held_in(width, 254), 5
    found = timetable(
        TimetableProblem(
            meetings=[pair],
            slots=first + length,
            lengths={pair: width(length)},
            windows={"p": (width(first), first + length - 1)},
            interviewers={"n": width(1)},
            announced={pair: Placement(width(first), ("n", 1))},
            held=frozenset({pair}),
        )
    )
    assert [(meeting.slot, meeting.table) for meeting in found.meetings] == [(first, ("n", 1))]
    assert [type(meeting.slot) for meeting in found.meetings] == [int]


@pytest.mark.parametrize("width", WHOLE)
def test_seats_and_maxima_count_alike_in_every_width(width: Any) -> None:
    people = [f"p{number}" for number in range(130)]
    most = held_in(width, 130)
    made = plan(
        PlanProblem(
            participants=people,
            needs=["n", "m"],
            utility=np.full((130, 2), 0.6),
            seats=np.array([most, most], dtype=width),
            maximum=width(2),
        )
    )
    assert len(made.meetings) == 2 * most


@given(width=widths, low=st.integers(-(2**63), 2**64 - 1), apart=st.lists(st.integers(0, 600), min_size=1, max_size=9))
def test_people_and_raters_numbered_in_any_width_stay_who_they_are(width: Any, low: int, apart: list[int]) -> None:
    limits = np.iinfo(width)
    low = min(max(low, int(limits.min)), int(limits.max))
    labels = [min(low + one, int(limits.max)) for one in apart]
    column = np.array(labels, dtype=width)
    notes: dict[str, ArrayLike] = {
        "participant": column,
        "skill": ["care"] * len(labels),
        "rater": column,
        "level": [2] * len(labels),
    }
    book = take_down(notes, ("care",))
    assert list(book.participants) == list(book.raters) == sorted(set(labels))
    assert book.cells.weight.tolist() == [labels.count(one) for one in sorted(set(labels))]


@pytest.mark.parametrize("width", [*WHOLE, *FRACTIONS])
def test_levels_and_shares_of_any_width_are_computed_with_in_full(width: Any) -> None:
    mean = np.array([2, 3], dtype=width)
    deviation = np.array([1, 1], dtype=width)
    expected = exceedance(mean.astype(np.float64), deviation.astype(np.float64))
    np.testing.assert_array_equal(exceedance(mean, deviation), expected)
    skills, asked = ("order", "care"), [RequiredSkill("order", 3, 0.5), RequiredSkill("care", 2, 0.5)]
    narrow = score(mean, np.diag(deviation), skills, asked)
    assert narrow == score(mean.astype(np.float64), np.eye(2), skills, asked)
    assert mutual_utility(width(1), width(1), width(1)) == 1.0


@pytest.mark.parametrize("width", FRACTIONS)
def test_parts_of_few_bits_are_multiplied_in_full(width: Any) -> None:
    parts = [width(0.7), width(0.3), width(0.8)]
    assert mutual_utility(*parts) == mutual_utility(*map(float, parts))
    policy = ShortlistPolicy(alpha=parts[2], near_tie=parts[1], softness=parts[1])
    assert policy == ShortlistPolicy(alpha=float(parts[2]), near_tie=float(parts[1]), softness=float(parts[1]))
    assert type(policy.alpha) is type(policy.near_tie) is type(policy.softness) is float
    assert steps(width(3), parts[1]) == steps(3, float(parts[1]))
