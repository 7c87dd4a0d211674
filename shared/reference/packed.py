"""Texts by the ten thousand in two pieces of memory: each as an object of its own, they take three times as much.

They are taken one by one, so that a process never holds both at once: what it held once, it seldom gives back.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, takewhile
from operator import itemgetter


class PackedTexts:
    """Texts in the order in which they came."""

    def __init__(self, texts: Iterable[str]) -> None:
        """Take the texts."""
        written, ends = bytearray(), array("I", [0])
        for text in texts:
            written += text.encode()
            ends.append(len(written))
        self._written, self._ends = bytes(written), ends

    def __len__(self) -> int:
        return len(self._ends) - 1

    def __getitem__(self, place: int) -> str:
        return self._written[self._ends[place] : self._ends[place + 1]].decode()

    def __iter__(self) -> Iterator[str]:
        return (self[place] for place in range(len(self)))


class PackedIndex:
    """Numbers by word; those of one word in the order in which they came."""

    def __init__(self, words: Sequence[str], numbers: Sequence[int]) -> None:
        """Take words, in any order and one perhaps several times, each with its number."""
        order = sorted(range(len(words)), key=words.__getitem__)
        self._words = PackedTexts(words[place] for place in order)
        self._numbers = array("I", (numbers[place] for place in order))

    def __contains__(self, word: object) -> bool:
        return isinstance(word, str) and self.first(word) is not None

    def first(self, word: str) -> int | None:
        """The first number of a word, or None where it is unknown."""
        return next(iter(self.all(word)), None)

    def all(self, word: str) -> list[int]:
        """The numbers of a word; none where it is unknown."""
        return [number for _, number in takewhile(lambda pair: pair[0] == word, self._from(word))]

    def all_beginning(self, text: str) -> list[int]:
        """The numbers of all words that begin with a text, in the order of the words."""
        return [number for _, number in takewhile(lambda pair: pair[0].startswith(text), self._from(text))]

    def firsts(self) -> Iterator[tuple[str, int]]:
        """All words in order, each once, with its first number."""
        return (next(pairs) for _, pairs in groupby(self._from(""), key=itemgetter(0)))

    def _from(self, text: str) -> Iterator[tuple[str, int]]:
        """The words from where a text is or would be, each with a number."""
        start = bisect_left(self._words, text)
        return ((self._words[place], self._numbers[place]) for place in range(start, len(self._words)))
