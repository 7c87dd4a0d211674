"""The forms of a job title: ROME writes masculine and feminine together, people write one of them.

« Abatteur / Abatteuse de carrière » is « abatteur de carrière » and « abatteuse de carrière »; « Agent administratif /
Agente administrative de l’État » shares its last words; « Technicien(ne) de maintenance » hides both in one word.
"""

import re

_FEMININE_ENDINGS = {
    "e": "",
    "ne": "",
    "le": "",
    "te": "",
    "fe": "",
    "sse": "",
    "s": "",
    "trice": "teur",
    "rice": "eur",
    "teuse": "teur",
    "bleuse": "bleur",
    "euse": "eur",
    "se": "r",
    "ère": "er",
    "ière": "ier",
    "ve": "f",
    "ive": "if",
    "tive": "tif",
}
"""What a word loses before each feminine ending that ROME writes in brackets."""

_BRACKETED_ENDING = re.compile(r"(?<=\w)\((\w+)\)|(?<=\w)/\((\w+)\)")
_REMARK = re.compile(r"\s*\([^)]*\)")
_BOTH_WORDS = re.compile(r"(\w+)/(\w+)")


def forms(title: str) -> tuple[str, ...]:
    """Return the title itself and every way to write it in one gender, without remarks in brackets, without repeats."""
    written = [title]
    for half in _halves(title):
        for gendered in _both_words(half):
            written += _bracketed(gendered)
    bare = [_REMARK.sub("", form).strip() for form in written if "(" in form]
    return tuple(dict.fromkeys(form for form in written + bare if form))


def _halves(title: str) -> list[str]:
    """Split « X / Y rest » into « X rest » and « Y rest », where Y has as many words as X."""
    masculine, slash, after = title.partition(" / ")
    if not slash:
        return [title]
    words = after.split(" ")
    shared = words[len(masculine.split(" ")) :]
    return [" ".join([masculine, *shared]), after]


def _both_words(text: str) -> list[str]:
    """Turn « aide conducteur/conductrice » into both; texts without such a pair stay as they are."""
    if "/" not in text:
        return [text]
    return [_BOTH_WORDS.sub(r"\1", text), _BOTH_WORDS.sub(r"\2", text)]


def _bracketed(text: str) -> list[str]:
    """Turn « attaché(e) commercial(e) » into the masculine and the feminine."""
    if "(" not in text:
        return [text]
    masculine = _BRACKETED_ENDING.sub("", text)
    feminine = re.sub(r"(\w+)/?\((\w+)\)", lambda found: _feminine(found[1], found[2]), text)
    return [masculine, feminine]


def _feminine(word: str, ending: str) -> str:
    lost = _FEMININE_ENDINGS.get(ending)
    if lost is None:
        return word
    return (word.removesuffix(lost) if lost else word) + ending
