"""Words spelt nearly alike: which known words are a few keystrokes away from what somebody typed."""

from collections.abc import Iterable

_ALPHABET = {letter: 1 << place for place, letter in enumerate("abcdefghijklmnopqrstuvwxyz0123456789 ")}


class NearSpelling:
    """The words of a list that are near a given one.

    A word is first compared by the set of its letters (one bit each): an edit changes at most two of them, which rules
    out nearly all words by one exclusive-or, so that a list of 40,000 needs no other index.
    """

    def __init__(self, words: Iterable[str]) -> None:
        """Take the known `words`, folded (see `shared.reference.normalise.fold`)."""
        self._letters: list[tuple[int, int, str]] = [(_letters_of(word), len(word), word) for word in words]

    def near(self, word: str, most: int) -> list[tuple[int, str]]:
        """Return the known words at most `most` edits from `word`, as (edits, word), nearest first."""
        letters, length = _letters_of(word), len(word)
        found = []
        for other_letters, other_length, other in self._letters:
            if abs(other_length - length) <= most and (other_letters ^ letters).bit_count() <= 2 * most:
                edits = edits_between(word, other, most)
                if edits is not None:
                    found.append((edits, other))
        return sorted(found)


def allowed_edits(word: str) -> int:
    """Return how many slips are forgiven in a word of this length: none up to 3 letters, 1 up to 7, then 2."""
    return 0 if len(word) <= 3 else 1 if len(word) <= 7 else 2


def edits_between(first: str, second: str, most: int) -> int | None:
    """Return the number of edits that turn `first` into `second`, or None if it is more than `most`.

    An edit adds, drops or replaces one letter, or swaps two neighbours (optimal string alignment: Damerau 1964 with
    each letter edited at most once).
    """
    before_last: list[int] = []
    last = list(range(len(second) + 1))
    for i, letter in enumerate(first, start=1):
        row = [i]
        for j, other in enumerate(second, start=1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == second[j - 2] and first[i - 2] == other:
                cost = min(cost, before_last[j - 2] + 1)
            row.append(cost)
        if min(row) > most and min(last) > most:
            return None
        before_last, last = last, row
    return last[-1] if last[-1] <= most else None


def _letters_of(word: str) -> int:
    letters = 0
    for letter in word:
        letters |= _ALPHABET.get(letter, 0)
    return letters
