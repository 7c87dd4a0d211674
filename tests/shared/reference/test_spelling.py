"""Words spelt nearly alike."""

from hypothesis import given
from hypothesis import strategies as st

from shared.reference.spelling import NearSpelling

words = st.text("abcde ", max_size=7)


def plain_edits(first: str, second: str) -> int:
    """The definition written as a recursion over the last letters, without cut-off."""
    table = {(i, j): max(i, j) for i in range(len(first) + 1) for j in range(len(second) + 1) if not i or not j}
    for i in range(1, len(first) + 1):
        for j in range(1, len(second) + 1):
            choices = [table[i - 1, j] + 1, table[i, j - 1] + 1, table[i - 1, j - 1] + (first[i - 1] != second[j - 1])]
            if i > 1 and j > 1 and first[i - 2 : i] == second[j - 2 : j][::-1]:
                choices.append(table[i - 2, j - 2] + 1)
            table[i, j] = min(choices)
    return table[len(first), len(second)]


@given(st.lists(words.filter(bool), max_size=20), words, st.integers(0, 4))
def test_no_near_word_is_passed_over(known: list[str], word: str, most: int) -> None:
    expected = sorted((plain_edits(word, other), other) for other in known if plain_edits(word, other) <= most)
    assert NearSpelling(known).near(word, most) == expected


def test_a_swap_of_neighbours_is_one_edit() -> None:
    assert NearSpelling(["leivin", "lens"]).near("lievin", 2) == [(1, "leivin")]
    assert NearSpelling(["lens"]).near("lens", 0) == [(0, "lens")]
