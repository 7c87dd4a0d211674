"""Packed texts and indexes answer as lists and dictionaries would."""

from hypothesis import given
from hypothesis import strategies as st

from shared.reference.packed import PackedIndex, PackedTexts

WORDS = st.text(st.sampled_from("aboœé𝐀 "), max_size=4)


@given(st.lists(WORDS))
def test_texts_stay_as_they_came(texts: list[str]) -> None:
    packed = PackedTexts(iter(texts))
    assert list(packed) == texts
    assert [packed[place] for place in range(len(packed))] == texts


@given(st.lists(WORDS), WORDS)
def test_a_word_has_the_numbers_with_which_it_came_in_their_order(words: list[str], asked: str) -> None:
    index = PackedIndex(words, range(len(words)))
    for word in (*words, asked):
        theirs = [place for place, each in enumerate(words) if each == word]
        assert index.all(word) == theirs
        assert index.first(word) == next(iter(theirs), None)
        assert (word in index) is bool(theirs)


@given(st.lists(WORDS), WORDS)
def test_words_with_one_beginning_stand_together(words: list[str], beginning: str) -> None:
    index = PackedIndex(words, range(len(words)))
    begun = sorted((word, place) for place, word in enumerate(words) if word.startswith(beginning))
    assert index.all_beginning(beginning) == [place for _, place in begun]
    assert list(index.firsts()) == [(word, words.index(word)) for word in sorted(set(words))]
