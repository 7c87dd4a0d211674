"""The words of reference tables that an event holds: which table each is of, found once for each kind of event."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple, get_args

from shared.contracts.vocabulary import Part, ReferenceTable, WordOf


class Word(NamedTuple):
    """A word of a table; a skill is of the framework that its event names."""

    table: ReferenceTable
    code: str
    framework: str | None


def words_in(part: Part, framework: str | None = None) -> Iterator[Word]:
    """Every word of a reference table in an event or a piece of one."""
    places = _places(type(part))
    framework = next((getattr(part, name) for name, table in places if table == "framework"), framework)
    for name, table in places:
        value = getattr(part, name)
        for each in value if isinstance(value, tuple) else (value,):
            if isinstance(each, Part):
                yield from words_in(each, framework)
            elif each is not None and table is not None:
                yield Word(table, each, framework)


@cache
def _places(kind: type[Part]) -> tuple[tuple[str, ReferenceTable | None], ...]:
    """The fields that hold words, with their table, and those that hold further pieces, without."""
    found = ((name, *_table_in((field.annotation, *field.metadata))) for name, field in kind.model_fields.items())
    return tuple((name, table) for name, table, is_place in found if is_place)


def _table_in(annotation: Any) -> tuple[ReferenceTable | None, bool]:
    """The table whose words an annotation allows, and whether it allows any, or a piece that may."""
    if isinstance(annotation, WordOf):
        return annotation.table, True
    if isinstance(annotation, type) and issubclass(annotation, Part):
        return None, True
    inside = annotation if isinstance(annotation, tuple) else get_args(annotation)
    return next((found for each in inside if (found := _table_in(each))[1]), (None, False))
