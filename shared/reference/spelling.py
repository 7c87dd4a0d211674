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
        """Take the known `words`, none of them empty, folded (see `shared.reference.normalise.fold`)."""
        by_length: dict[int, list[str]] = defaultdict(list)
        for word in words:
            by_length[len(word)].append(word)
        # One after the other in one text, in which tens of thousands take a fifth of the memory.
        self._by_length = {length: "".join(some) for length, some in by_length.items()}

    def near(self, word: str, most: int) -> list[tuple[int, str]]:
        """Return the known words at most `most` edits from `word`, as (edits, word), nearest first."""
        lengths = range(max(1, len(word) - most), len(word) + most + 1)
        found = [each for length in lengths for each in self._near(word, self._of_length(length), most)]
        return sorted((int(edits), other) for other, edits, _ in found)

    def _of_length(self, length: int) -> list[str]:
        words = self._by_length.get(length, "")
        return [words[start : start + length] for start in range(0, len(words), length)]

    def _near(self, word: str, words: list[str], most: int) -> list[tuple[str, float, int]]:
        # Its types know no overloaded scorer, of which its own is one.
        found: list[tuple[str, float, int]] = process.extract(  # type: ignore[call-overload]
            word, words, scorer=OSA.distance, score_cutoff=most, limit=None
        )
        return found


def allowed_edits(word: str) -> int:
    """Return how many slips are forgiven in a word of this length: none up to 3 letters, 1 up to 7, then 2."""
    return 0 if len(word) <= 3 else 1 if len(word) <= 7 else 2
