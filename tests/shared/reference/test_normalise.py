"""Folding: one spelling for all the ways in which people write the same words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.reference.normalise import fold, fold_all


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Être à l’écoute", "etre a l ecoute"),
        ("ETRE A L'ECOUTE", "etre a l ecoute"),
        ("  Mons-en-Barœul ", "mons en baroeul"),
        ("L’Haÿ-les-Roses", "l hay les roses"),
        ("créativité,\u00a0inventivité", "creativite inventivite"),
        ("e\u0301te\u0301", "ete"),
        ("CACES_R489 – 1A", "caces r489 1a"),
        ("İzmir", "izmir"),
        ("—", ""),
    ],
)
def test_case_accents_and_punctuation_do_not_matter(written: str, folded: str) -> None:
    assert fold(written) == folded


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text())
def test_only_words_separated_by_single_spaces_are_left(text: str) -> None:
    assert all(word.isalnum() for word in fold(text).split(" ")) or fold(text) == ""


@given(st.lists(st.text(st.characters(exclude_characters="\n"))))
def test_folding_many_is_folding_each(texts: list[str]) -> None:
    assert fold_all(texts) == [fold(text) for text in texts]


def test_a_line_break_among_many_is_refused() -> None:
    with pytest.raises(ValueError, match="line break"):
        fold_all(["Lens", "Li\névin"])
