"""One way to compare words that people type: `fold`, shared by every reader of reference data and by the import."""

import re
import unicodedata
from collections.abc import Iterable
from itertools import islice

_ACCENTS = re.compile("[\u0300-\u036f\u064b-\u065f\u0670\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+")
_SEPARATORS = re.compile(r"\W+")
_AT_ONCE = 2000
_SEPARATORS_IN_A_LINE = re.compile(r"[^\w\n]+")


def fold(text: str) -> str:
    """Return `text` without case, accents, ligatures, apostrophes, hyphens, punctuation and needless spaces.

    What is left are letters and digits, words separated by one space: « L’Être-là » and « l'etre la » both give
    `l etre la`. Folding twice changes nothing.
    """
    return _SEPARATORS.sub(" ", _plain_letters(text)).strip()


def fold_all(lines: Iterable[str]) -> list[str]:
    """Fold many single-line texts at once, much faster than one by one. Raises ValueError if one holds a line break."""
    left = iter(lines)
    folded: list[str] = []
    while some := list(islice(left, _AT_ONCE)):
        folded += _fold_some(some)
    return folded


def _fold_some(texts: list[str]) -> list[str]:
    folded = _SEPARATORS_IN_A_LINE.sub(" ", _plain_letters("\n".join(texts))).split("\n")
    if len(folded) != len(texts):
        raise ValueError("a text to fold holds a line break; fold such texts one by one")
    return [line.strip() for line in folded]


def _plain_letters(text: str) -> str:
    if not text.isascii():
        # Decomposed before folding case (𝐀 is a capital only then) and again after it (İ gives an accent back).
        decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
        text = _ACCENTS.sub("", decomposed).replace("œ", "oe").replace("æ", "ae")
    return text.lower().replace("_", " ")
