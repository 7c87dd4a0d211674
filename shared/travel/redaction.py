"""Redaction: a document without certain people, so that what remains still reads as what it was."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from enum import Enum
from typing import Any, Final
from uuid import UUID


class Gone(Enum):
    """Nothing remains: the document is itself about one of the people."""

    GONE = "gone"


GONE: Final = Gone.GONE

Names = Callable[[str], bool]


def without(document: Any, people: Collection[UUID]) -> Any:
    """A JSON document without these people, or `GONE`.

    A collection (a list, a mapping by id) loses its entries about them; a record that names one of them (an object, or
    a list within a list such as ``[participant, need]``) goes as a whole, from the smallest collection that holds it.
    """
    ids = {str(person) for person in people}

    def names(text: str) -> bool:
        return any(person in text for person in ids)

    return _without(document, names, within_list=False)


def bytes_without(document: bytes, people: Collection[UUID]) -> bytes | Gone:
    """The same for the bytes of a JSON document; what is no JSON goes as a whole."""
    try:
        left = without(json.loads(document), people)
    except ValueError:
        return GONE
    return GONE if left is GONE else json.dumps(left, ensure_ascii=False, separators=(",", ":")).encode()


def about(document: Any, people: Collection[UUID]) -> list[Any]:
    """The parts of a JSON document that `without` takes away: what it says of these people."""
    ids = {str(person) for person in people}

    def names(text: str) -> bool:
        return any(person in text for person in ids)

    goes, parts = _about(document, names, within_list=False)
    return [document] if goes else parts


def _about(part: Any, names: Names, *, within_list: bool) -> tuple[bool, list[Any]]:
    """Whether a part goes as a whole; else what goes of it."""
    if isinstance(part, str):
        return names(part), []
    parts: list[Any] = []
    if isinstance(part, list):
        for each in part:
            goes, inner = _about(each, names, within_list=True)
            if goes and within_list:
                return True, []
            parts += [each] if goes else inner
    if isinstance(part, dict):
        for key, value in part.items():
            goes, inner = _about(value, names, within_list=False)
            if goes and not names(key):
                return True, []
            parts += [{key: value}] if names(key) else inner
    return False, parts


def _without(part: Any, names: Names, *, within_list: bool) -> Any:
    if isinstance(part, str):
        return GONE if names(part) else part
    if isinstance(part, list):
        left = [_without(each, names, within_list=True) for each in part]
        if within_list and GONE in left:
            return GONE
        return [each for each in left if each is not GONE]
    if isinstance(part, dict):
        entries = {key: _without(value, names, within_list=False) for key, value in part.items() if not names(key)}
        return GONE if GONE in entries.values() else entries
    return part
