"""How the bytes of an export were written: found by looking, mended where a program in between has spoilt them.

UTF-8 shows itself. Among the one-byte encodings the one wins in which most bytes are letters that French uses:
detectors for all languages take a list of short French names for another one.
"""

from __future__ import annotations

import codecs
import html
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

ONE_BYTE = {"cp1252": "Windows-1252", "mac_roman": "Mac Roman", "cp850": "DOS (CP850)"}
"""One-byte encodings of French exports, by their name in Python: as people know them. The first is the usual one."""

WIDE_BY_MARK = {
    codecs.BOM_UTF32_LE: "utf-32-le",
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
"""The longer marks first: that of UTF-32 begins like one of UTF-16."""

_COMMON, _SEEN, _STRANGE = 4, 1, -4
_WEIGHTS = {
    **dict.fromkeys("éèàêçôîûâùïë’«»", _COMMON),
    **dict.fromkeys("ÉÈÀÊÇÔÎÛÂÙÏËœŒæÆäöüÄÖÜÿñÑáíóúãõšžŠŽ°–—‘“”…€²\u00a0", _SEEN),
}

_LETTERS = "éèàêçôîûâùïëÿäöüñáíóúãõÉÈÀÊÇÔÎÛÂÙÏËÄÖÜÑœŒæÆŠšŽž«»°²’‘“”–—…€\u00a0"
_LEFT_BY_A_SECOND_TIME = "Ã¡¢£¤¥¦§¨©ª¬®¯±³´µ¶·¸¹º¼½¾¿ƒ„†‡ˆ‰‹•˜™›Ÿ"
_NO_LETTERS_IN_1252 = frozenset({0x81, 0x8D, 0x8F, 0x90, 0x9D})
_TWICE = {
    letter.encode("utf-8").decode(encoding): letter
    for encoding in ("latin-1", "cp1252")
    for letter in _LETTERS + _LEFT_BY_A_SECOND_TIME
    if encoding == "latin-1" or _NO_LETTERS_IN_1252.isdisjoint(letter.encode("utf-8"))
} | {"Ã ": "à"}
"""What letters look like that were written as UTF-8 and read as a one-byte encoding."""

_WRITTEN_TWICE = re.compile("|".join(sorted(map(re.escape, _TWICE), key=len, reverse=True)))
_MOST_TIMES = 3
_ENTITY = re.compile(r"&(?:[A-Za-z]{2,8}|#\d{2,5});")
"""A letter as it is written in pages: « Zo&eacute; »."""

_QUESTION = re.compile(r"[^\W\d_]\?[a-z]")
"""A question mark in the middle of a word stands for a letter: « Lef?vre »."""

LOST = "\ufffd"
"""Stands where a program has thrown a letter away."""


@dataclass(slots=True)
class Writing:
    """How a file was written, and what was seen in it.

    ``wide`` is its UTF-16 or UTF-32 encoding, if it has one; ``one_byte`` is the encoding of those lines that are no
    UTF-8. The lines are numbers from 1, 0 where there is none.
    """

    wide: str | None = None
    one_byte: str = "cp1252"
    is_sure: bool = True
    lines: int = 0
    first_utf8: int = 0
    first_one_byte: int = 0
    first_mended: int = 0
    first_lost: int = 0
    first_entity: int = 0
    first_question: int = 0

    @property
    def name(self) -> str:
        """The one-byte encoding as people know it."""
        return ONE_BYTE[self.one_byte]

    def text(self, raw: bytes) -> str:
        """The text of a line that is not wide."""
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError:
            text = raw.decode(self.one_byte, errors="replace")
        text = mended(text) if self.first_mended else text
        return _ENTITY.sub(_letter, text) if self.first_entity else text


def wide_encoding(head: bytes) -> str | None:
    """The UTF-16 or UTF-32 encoding of a file that begins so: by its mark, or UTF-16 by the zeros of Latin letters."""
    marked = next((encoding for mark, encoding in WIDE_BY_MARK.items() if head.startswith(mark)), None)
    if marked or b"\0" not in head:
        return marked
    pairs = len(head) // 2
    first, second = head[: 2 * pairs : 2].count(0) / max(pairs, 1), head[1 : 2 * pairs : 2].count(0) / max(pairs, 1)
    if second > 0.8 and first < 0.05:
        return "utf-16-le"
    return "utf-16-be" if first > 0.8 and second < 0.05 else None


def look_at(raw_lines: Iterable[bytes]) -> Writing:
    """How the lines of a file that is not wide were written."""
    writing = Writing()
    high_bytes: Counter[int] = Counter()
    for number, raw in enumerate(raw_lines, start=1):
        writing.lines = number
        _look_for_stand_ins(raw, number, writing)
        if raw.isascii():
            continue
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError:
            writing.first_one_byte = writing.first_one_byte or number
            high_bytes.update(byte for byte in raw if byte >= 0x80)
        else:
            if not text.removeprefix("\ufeff").isascii():
                writing.first_utf8 = writing.first_utf8 or number
            if LOST in text:
                writing.first_lost = writing.first_lost or number
            if _WRITTEN_TWICE.search(text):
                writing.first_mended = writing.first_mended or number
    if high_bytes:
        writing.one_byte, writing.is_sure = _most_french(high_bytes)
    return writing


def _look_for_stand_ins(raw: bytes, number: int, writing: Writing) -> None:
    """Look for what stands for a letter in whatever encoding: an entity, or a question mark in a word."""
    if b"&" in raw and any(_letter(found) != found[0] for found in _ENTITY.finditer(raw.decode("latin-1"))):
        writing.first_entity = writing.first_entity or number
    if b"?" in raw and b"://" not in raw and _QUESTION.search(raw.decode("latin-1")):
        writing.first_question = writing.first_question or number


def _letter(entity: re.Match[str]) -> str:
    """The letter or sign that an entity stands for; a separator stays as it is written: it would break the row."""
    letter = html.unescape(entity[0])
    return letter if len(letter) == 1 and letter not in '\r\n\t;,"' else entity[0]


def mended(text: str) -> str:
    """The text with letters that were encoded twice, or more often, as they were: « LefÃ¨vre » is « Lefèvre »."""
    for _ in range(_MOST_TIMES):
        once_less = _WRITTEN_TWICE.sub(lambda found: _TWICE[found[0]], text)
        if once_less == text:
            break
        text = once_less
    return text


def _most_french(high_bytes: Counter[int]) -> tuple[str, bool]:
    """The encoding in which these bytes are most of all French, and whether nearly all of them are."""

    def weight(encoding: str) -> int:
        return sum(count * _weight(byte, encoding) for byte, count in high_bytes.items())

    best = max(ONE_BYTE, key=weight)
    strange = sum(count for byte, count in high_bytes.items() if _weight(byte, best) == _STRANGE)
    return best, strange * 10 <= high_bytes.total()


def _weight(byte: int, encoding: str) -> int:
    return _WEIGHTS.get(bytes([byte]).decode(encoding, errors="replace"), _STRANGE)
