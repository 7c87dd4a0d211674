"""Words spelt nearly alike: which known words are a few keystrokes away from what somebody typed."""

from collections import defaultdict
from collections.abc import Iterable

from rapidfuzz import process
from rapidfuzz.distance import OSA


class NearSpelling:
    """The words of a list that are near a given one.

    An edit adds, drops or replaces one letter, or swaps two neighbours (optimal string alignment: Damerau 1964 with
    each letter edited at most once), so that only words of about the same length need to be compared.
    """

    def __init__(self, words: Iterable[str]) -> None:
        """Take the known `words`, folded (see `shared.reference.normalise.fold`)."""
        self._by_length: dict[int, list[str]] = defaultdict(list)
        for word in words:
            self._by_length[len(word)].append(word)

    def near(self, word: str, most: int) -> list[tuple[int, str]]:
        """Return the known words at most `most` edits from `word`, as (edits, word), nearest first."""
        lengths = range(len(word) - most, len(word) + most + 1)
        found = [each for length in lengths for each in self._near(word, self._by_length.get(length, []), most)]
        return sorted((int(edits), other) for other, edits, _ in found)

    def _near(self, word: str, words: list[str], most: int) -> list[tuple[str, float, int]]:
        # Its types know no overloaded scorer, of which its own is one.
        found: list[tuple[str, float, int]] = process.extract(  # type: ignore[call-overload]
            word, words, scorer=OSA.distance, score_cutoff=most, limit=None
        )
        return found


def allowed_edits(word: str) -> int:
    """Return how many slips are forgiven in a word of this length: none up to 3 letters, 1 up to 7, then 2."""
    return 0 if len(word) <= 3 else 1 if len(word) <= 7 else 2
