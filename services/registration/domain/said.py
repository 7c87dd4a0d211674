"""What somebody said, and what they said nothing of: absent is not empty.

A draft is a frozen dataclass whose fields are `Said`: a column that a file does not have, a field that a body does not
name, stays `UNSAID` and changes nothing.
"""

from __future__ import annotations

from dataclasses import fields, replace
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Value = TypeVar("Value")
Kept = TypeVar("Kept", bound="DataclassInstance")


class Unsaid(Enum):
    """The one value that stands for silence."""

    UNSAID = "unsaid"


UNSAID: Final = Unsaid.UNSAID

Said: TypeAlias = Value | Unsaid
"""A value that somebody said, or silence."""


def said_or(said: Said[Value], otherwise: Value) -> Value:
    """What was said, or something else where nothing was."""
    return otherwise if isinstance(said, Unsaid) else said


def what_was_said(draft: DataclassInstance) -> dict[str, Any]:
    """The fields of a draft that say something."""
    return _said_of(_names_of(type(draft)), draft)


def made_of(record: type[Kept], draft: DataclassInstance, **more: Any) -> Kept:
    """A new record of what was said; the record's own defaults stand for the rest."""
    return record(**{**more, **_meant_for(record, draft)})


def amended(record: Kept, draft: DataclassInstance) -> Kept:
    """A kept record with what was said; the rest stays as it is."""
    return replace(record, **_meant_for(record, draft))


def differing(before: DataclassInstance, after: DataclassInstance) -> tuple[str, ...]:
    """The fields in which two records of one kind differ."""
    return tuple(name for name in _names_of(type(before)) if getattr(before, name) != getattr(after, name))


def _meant_for(record: Kept | type[Kept], draft: DataclassInstance) -> dict[str, Any]:
    kind = record if isinstance(record, type) else type(record)
    return _said_of(_names_in_both(type(draft), kind), draft)


def _said_of(names: tuple[str, ...], draft: DataclassInstance) -> dict[str, Any]:
    return {name: value for name in names if (value := getattr(draft, name)) is not UNSAID}


@cache
def _names_of(kind: type[DataclassInstance]) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


@cache
def _names_in_both(kind: type[DataclassInstance], other: type[DataclassInstance]) -> tuple[str, ...]:
    names = _names_of(other)
    return tuple(name for name in _names_of(kind) if name in names)
