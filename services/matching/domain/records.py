"""Records as callers have them: the domain's own, mappings, rows, a data frame's, any object with the same fields."""

import operator
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import MISSING, fields
from enum import StrEnum
from typing import Any, TypeVar

Described = TypeVar("Described")
Coded = TypeVar("Coded", bound=StrEnum)

AsGiven = Iterable[Described] | Iterable[Mapping[str, Any]] | Iterable[tuple[Any, ...]]
"""What `records` takes, beside data frames and objects with the same fields."""


def records(kind: type[Described], given: object, argument: str) -> tuple[Described, ...]:
    """Each of `given` as a `kind`, a dataclass; `given` is anything that can be walked through once, or a data frame.

    Taken are a `kind`, a mapping or an object with its fields, and a row (a tuple or a list) of them in their order.
    What else a mapping or an object holds is left aside; but a mapping's key that is no field is refused where `kind`
    has fields that may be absent, since it may be one of them misspelt. TypeError for what is no record, ValueError for
    one that lacks a field; both name `argument`, say what was given and what to give.
    """
    if hasattr(given, "to_dict") and hasattr(given, "columns"):
        given = given.to_dict("records")
    if isinstance(given, str | bytes | Mapping) or not isinstance(given, Iterable):
        forms = f"a sequence of {kind.__name__}, or of mappings or rows of {', '.join(_names(kind))}"
        raise TypeError(f"{argument} must be {forms}, not {_named(given)}")
    return tuple(
        one if isinstance(one, kind) else _record(kind, one, f"{argument}[{place}]") for place, one in enumerate(given)
    )


def _record(kind: type[Described], one: object, place: str) -> Described:
    if isinstance(one, Mapping):
        return kind(**_of_mapping(kind, one, place))
    if isinstance(one, Sequence) and not isinstance(one, str | bytes) and not hasattr(one, "_fields"):
        return kind(*_of_row(kind, one, place))
    held = {name: getattr(one, name) for name in _names(kind) if hasattr(one, name)}
    if not held:
        forms = f"{kind.__name__}, or a mapping or a row of {', '.join(_names(kind))}"
        raise TypeError(f"{place} must be {forms}, not {_named(one)}")
    return kind(**_whole(kind, held, place))


def _of_mapping(kind: type[Any], one: Mapping[Any, object], place: str) -> dict[str, object]:
    known = _names(kind)
    held = _whole(kind, {name: one[name] for name in known if name in one}, place)
    unknown = [key for key in one if key not in known]
    if unknown and len(_required(kind)) < len(known):
        raise ValueError(f"{place} holds {', '.join(map(str, unknown))}: give {', '.join(known)}")
    return held


def _of_row(kind: type[Any], one: Sequence[object], place: str) -> Sequence[object]:
    known, least = _names(kind), len(_required(kind))
    if not least <= len(one) <= len(known):
        raise ValueError(f"{place} is a row of {len(one)}: give {', '.join(known)}, in this order")
    return one


def _whole(kind: type[Any], held: dict[str, object], place: str) -> dict[str, object]:
    if lacking := [name for name in _required(kind) if name not in held]:
        raise ValueError(f"{place} lacks {', '.join(lacking)}: give {', '.join(_names(kind))}")
    return held


def _names(kind: type[Any]) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


def _required(kind: type[Any]) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind) if field.default is MISSING and field.default_factory is MISSING)


def _named(given: object) -> str:
    return "None" if given is None else type(given).__name__


def codes(given: Iterable[str], argument: str) -> frozenset[str]:
    """A set of codes from any collection of them; TypeError for a single text, which is one of letters."""
    if isinstance(given, frozenset):
        return given
    if isinstance(given, str | bytes) or not isinstance(given, Iterable):
        raise TypeError(f"{argument} must be a collection of codes, not {given!r}")
    return frozenset(given)


def word(kind: type[Coded], given: str, argument: str) -> Coded:
    """One of the few words that `kind` holds; ValueError names the one given where it is none of them."""
    try:
        return kind(given)
    except ValueError:
        raise ValueError(f"{argument}: {given!r} is not known, give {', '.join(kind)}") from None


def whole(given: Any, argument: str) -> int:
    """A whole number of any width as a plain one, which never wraps; ValueError for what is none."""
    try:
        return operator.index(given)
    except TypeError:
        raise ValueError(f"{argument}: give a whole number, not {given!r}") from None
