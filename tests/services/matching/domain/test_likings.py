"""A participant's liking follows their wishes, ROME's near occupations, and their refusals above all."""

from hypothesis import given
from hypothesis import strategies as st

from services.matching.domain.likings import known_likings, liking
from shared.reference.occupations import near

CODES = ("G1602", "G1603", "G1604", "N1103", "M1601", "K1302")
codes = st.frozensets(st.sampled_from(CODES), max_size=4)


def test_a_wish_counts_fully_a_near_one_by_its_rank_and_an_unknown_one_by_half() -> None:
    ranks = dict(near("G1602"))
    closest = min(ranks, key=lambda code: ranks[code])
    farthest = max(ranks, key=lambda code: ranks[code])
    asked = [liking({"G1602"}, set(), code, near) for code in ("G1602", closest, farthest, "A1101")]
    assert asked[0] == 1.0
    assert asked == sorted(asked, reverse=True)
    assert len(set(asked)) == 4
    assert asked[-1] == 0.5


def test_nothing_known_is_half_and_never_is_zero_even_when_wished() -> None:
    assert liking(set(), set(), "G1602", near) == 0.5
    assert liking({"G1602"}, {"G1602"}, "G1602", near) == 0.0


@given(codes, codes, st.sampled_from(CODES))
def test_what_is_known_agrees_with_the_liking_of_one(
    wishes: frozenset[str], refused: frozenset[str], code: str
) -> None:
    value = liking(wishes, refused, code, near)
    assert known_likings(wishes, refused, near).get(code, 0.5) == value
    assert (value == 0) == (code in refused)
    assert value == 0 or 0.5 <= value <= 1


@given(codes, st.sampled_from(CODES), st.sampled_from(CODES))
def test_one_more_wish_never_lowers_a_liking(wishes: frozenset[str], more: str, code: str) -> None:
    assert liking(wishes | {more}, set(), code, near) >= liking(wishes, set(), code, near)
