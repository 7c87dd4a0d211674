"""What the APIs take in their bodies, field by field: no looser than JSON, and no text that shows something else."""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType
from typing import Annotated, Any, get_args

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

from services.matching.api import meetups as matching_meetups
from services.matching.api import pairings as matching_pairings
from services.notification.api import invitations, messages
from services.registration.intake import bodies
from tests.support.attacks import CONTROLS, NO_CHARACTERS, UNSEEN

MODULES = (bodies, matching_meetups, matching_pairings, messages, invitations)
OTHER_THAN: dict[str, list[Any]] = {
    "integer": [True, "1", 1.0],
    "number": [True, "1"],
    "boolean": [1, 0, "yes", "true"],
    "date": [0, "0", 1.5, "2026-11-30T00:00:00", "0001-01-01", "9999-12-31"],
    "date-time": [0, "0", 1.5, "2026-11-30", "9999-12-31T23:59:59-14:00"],
    "time": [0, 930, "9:30", "09:30:00", "24:00", "\ufeff09:30"],
    "string": [1, True, 1.5],
}
"""What a lax reader would take for a value of each kind."""


def models_in(module: ModuleType) -> list[type[BaseModel]]:
    """The bodies that a module describes; answers are made by us."""
    models = [each for each in vars(module).values() if isinstance(each, type) and issubclass(each, BaseModel)]
    return [each for each in models if each.model_config.get("extra") == "forbid"]


def kinds_of(annotation: Any, metadata: tuple[Any, ...] = ()) -> Iterator[tuple[str, TypeAdapter[Any]]]:
    """The kinds of value that an annotation allows, each with its reader, down to the items of lists."""
    for part in get_args(annotation) if type(None) in get_args(annotation) else [annotation]:
        whole: Any = Annotated[(part, *metadata)] if metadata else part
        reader: TypeAdapter[Any] = TypeAdapter(whole)
        schema = reader.json_schema()
        if schema.get("type") == "array":
            items = get_args(part)[0] if not get_args(part) or not hasattr(part, "__metadata__") else None
            yield from kinds_of(items if items is not None else get_args(part.__origin__)[0])
        elif "enum" not in schema and "const" not in schema and schema.get("type") in OTHER_THAN:
            kind = "time" if "pattern" in schema else schema["type"]
            yield schema.get("format", kind), reader


def fields() -> Iterator[Any]:
    """Every field of every body."""
    for module in MODULES:
        for model in models_in(module):
            for name, field in model.model_fields.items():
                for kind, reader in kinds_of(field.annotation, tuple(field.metadata)):
                    yield pytest.param(kind, reader, id=f"{model.__name__}.{name}")


FIELDS = list(fields())


def test_there_are_fields_of_every_kind() -> None:
    assert {each.values[0] for each in FIELDS} >= set(OTHER_THAN)
    assert len(FIELDS) > 80


@pytest.mark.parametrize(("kind", "reader"), FIELDS)
def test_a_field_takes_nothing_of_another_kind(kind: str, reader: TypeAdapter[Any]) -> None:
    for value in OTHER_THAN.get(kind, ()):
        with pytest.raises(ValidationError):
            reader.validate_python(value)


@pytest.mark.parametrize(("kind", "reader"), [each for each in FIELDS if each.values[0] == "string"])
def test_a_text_is_kept_as_it_is_seen_or_refused(kind: str, reader: TypeAdapter[Any]) -> None:
    for typed in (*CONTROLS, *NO_CHARACTERS, "Ann\ud800"):
        with pytest.raises(ValidationError):
            reader.validate_python(typed)
    for typed, kept in UNSEEN.items():
        assert reader.validate_python(typed) == kept
