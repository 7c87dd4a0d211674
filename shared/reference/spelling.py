"""Words spelt nearly alike: which known words are a few keystrokes away from what somebody typed."""

from collections import defaultdict
from collections.abc import Iterable

_ALPHABET = {letter: 1 << place for place, letter in enumerate("abcdefghijklmnopqrstuvwxyz0123456789 ")}


class NearSpelling:
    """The words of a list that are near a given one.

    A word is first compared by its length and by the set of its letters (one bit each): an edit brings in at most one
    letter and takes out at most one, which rules out nearly all words, so that a list of 40,000 needs no other index.
    """

    def __init__(self, words: Iterable[str]) -> None:
        """Take the known `words`, folded (see `shared.reference.normalise.fold`)."""
        self._by_length: dict[int, list[tuple[int, str]]] = defaultdict(list)
        for word in words:
            self._by_length[len(word)].append((_letters_of(word), word))

    def near(self, word: str, most: int) -> list[tuple[int, str]]:
        """Return the known words at most `most` edits from `word`, as (edits, word), nearest first."""
        letters = _letters_of(word)
        found = []
        for length in range(len(word) - most, len(word) + most + 1):
            for other_letters, other in self._by_length.get(length, ()):
                if (other_letters & ~letters).bit_count() <= most and (letters & ~other_letters).bit_count() <= most:
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
    each letter edited at most once). Only cells within `most` of the diagonal are computed (Ukkonen 1985): beyond it
    every way costs more.
    """
    if abs(len(first) - len(second)) > most:
        return None
    too_many = most + 1
    before_last: list[int] = []
    last = [j if j <= most else too_many for j in range(len(second) + 1)]
    for i, letter in enumerate(first, start=1):
        row = [too_many] * (len(second) + 1)
        row[0] = fewest = min(i, too_many)
        for j in range(max(1, i - most), min(len(second), i + most) + 1):
            other = second[j - 1]
            cost = last[j - 1] + (letter != other)
            if last[j] < cost:
                cost = last[j] + 1
            if row[j - 1] < cost:
                cost = row[j - 1] + 1
            if j > 1 and i > 1 and letter == second[j - 2] and first[i - 2] == other and before_last[j - 2] < cost:
                cost = before_last[j - 2] + 1
            row[j] = cost
            if cost < fewest:
                fewest = cost
        if fewest > most:
            return None
        before_last, last = last, row
    return last[-1] if last[-1] <= most else None


def _letters_of(word: str) -> int:
    letters = 0
    for letter in word:
        letters |= _ALPHABET.get(letter, 0)
    return letters
