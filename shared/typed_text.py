"""Texts that somebody typed, pasted or exported: one rule for what is kept of them, whichever way they come in.

Who types is told what is wrong and puts it right (`one_line`, `many_lines`); of what a program exported the same is
taken away without a word (`exported`), and what was kept before this rule is shown by it (`shown_on_one_line`).

What nobody sees is taken away: marks that turn the direction of writing, spaces of no width, soft hyphens, byte order
marks, fillers. What would break a line or drive a device is refused: it says something else on a page, in a mail or in
a list than what was meant. Letters are kept composed (NFC), so that two ways of typing « é » are one name.
"""

from __future__ import annotations

import re
import unicodedata

_FILLER = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\uffa0]")
"""Characters that are shown as nothing, though Unicode counts them as letters, marks or signs."""

_NEW_LINES = re.compile("\r\n|[\r\v\u0085\u2028\u2029]")
"""All ways of beginning a new line but the usual one; a vertical tab is what a slide writes for it."""

_UNSEEN_SPACES = "[\\s\u00a0\u202f]"
_AROUND = re.compile(f"^{_UNSEEN_SPACES}+|{_UNSEEN_SPACES}+$")


class UnfitText(ValueError):
    """A text that cannot be kept; ``code`` says why, in kebab-case. The text itself is never quoted."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


LINE_BREAK, CONTROL_CHARACTER, NO_CHARACTER = "line-break", "control-character", "no-character"


def one_line(text: str) -> str:
    """A text of one line, as it is kept. Raises `UnfitText`."""
    line = many_lines(text)
    if "\n" in line:
        raise UnfitText(LINE_BREAK)
    return line.replace("\t", " ")


def many_lines(text: str) -> str:
    """A text of any number of lines, as it is kept. Raises `UnfitText`."""
    if text.isprintable() and not _FILLER.search(text):
        return unicodedata.normalize("NFC", text.strip())
    lines = _AROUND.sub("", _NEW_LINES.sub("\n", _seen(text)))
    unfit = next((letter for letter in lines if letter not in "\n\t" and _is_unfit(letter)), None)
    if unfit is not None:
        raise UnfitText(CONTROL_CHARACTER if unicodedata.category(unfit) == "Cc" else NO_CHARACTER)
    return unicodedata.normalize("NFC", lines)


def exported(text: str) -> str:
    """A text of any number of lines as a program exported it: what a person would be told of is taken away."""
    if text.isascii() and text.isprintable():
        return text.strip()
    if text.isprintable() and not _FILLER.search(text):
        return unicodedata.normalize("NFC", text.strip())
    lines = _NEW_LINES.sub("\n", text)
    return many_lines("".join(letter for letter in lines if letter in "\n\t" or not _is_unfit(letter)))


def shown_on_one_line(text: str) -> str:
    """A text as one line can show it, whatever was kept of it: for what goes into a mail's head or a title."""
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()
    seen = "".join(
        " " if unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp") else letter for letter in _seen(text)
    )
    return re.sub(" +", " ", seen).strip()


def says_something(text: str) -> bool:
    """Whether there is a letter or a digit in a text."""
    return any(letter.isalnum() for letter in text)


def _seen(text: str) -> str:
    """The text without what nobody sees."""
    return "".join(letter for letter in _FILLER.sub("", text) if unicodedata.category(letter) != "Cf")


def _is_unfit(letter: str) -> bool:
    """Whether it drives a device, is half of a character, or never will be one (U+FFFE and its like)."""
    is_none = ord(letter) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(letter) <= 0xFDEF
    return is_none or unicodedata.category(letter) in ("Cc", "Cs")
