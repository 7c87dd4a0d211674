"""No free text travels: every text of every event is of a closed or patterned type of the vocabulary."""

import enum
import types
from collections.abc import Iterator
from datetime import date, datetime
from typing import Annotated, Any, Literal, Union, get_args, get_origin
from uuid import UUID

import pytest
from pydantic import BaseModel, StringConstraints
from pydantic.fields import FieldInfo

from shared.contracts import vocabulary
from shared.contracts.envelope import Event
from shared.contracts.vocabulary import GeneratedText, Part, VenueName
from shared.travel.topics import TOPIC_OF_EVENT

PLAIN = {UUID, int, float, bool, date, datetime, type(None)}
PERSONAL_WORDS = (
    *("name", "email", "mail", "phone", "address", "street", "birth", "age", "gender", "sex", "origin", "nationality"),
    *("disability", "health", "benefit", "family", "note", "comment", "text", "message", "photo", "voice", "language"),
)
ALLOWED_FIELDS = {"venue"}
OPEN_TEXTS = {VenueName, GeneratedText}
"""The two texts without a pattern: a museum's public name, and what the programme wrote from codes and numbers."""


def fields_of(model: type[BaseModel], path: str) -> Iterator[tuple[str, str, Any]]:
    """Each field with its path, its own name and its full annotation, nested parts unfolded."""
    for name, field in model.model_fields.items():
        yield f"{path}.{name}", name, annotation_of(field)
        for part in parts_in(annotation_of(field)):
            yield from fields_of(part, f"{path}.{name}")


def annotation_of(field: FieldInfo) -> Any:
    return Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation


def parts_in(annotation: Any) -> Iterator[type[Part]]:
    if isinstance(annotation, type) and issubclass(annotation, Part):
        yield annotation
    for argument in get_args(annotation):
        if argument is not annotation:
            yield from parts_in(argument)


def is_closed(annotation: Any) -> bool:
    """Whether nothing that somebody typed fits into the type."""
    origin = get_origin(annotation)
    if origin is Annotated:
        kind, *metadata = get_args(annotation)
        if kind is str:
            return any(isinstance(each, StringConstraints) and each.pattern for each in metadata)
        return is_closed(kind)
    if origin is Literal:
        return True
    if origin in (tuple, Union, types.UnionType):
        return all(is_closed(each) for each in get_args(annotation) if each is not Ellipsis)
    if isinstance(annotation, type):
        return annotation in PLAIN or issubclass(annotation, (enum.Enum, Part))
    return False


EVENTS = sorted(TOPIC_OF_EVENT, key=lambda event: event.type)


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.__name__)
def test_no_field_takes_free_text(event: type[Event]) -> None:
    free = [
        path
        for path, _, annotation in fields_of(event, event.__name__)
        if annotation not in OPEN_TEXTS and not is_closed(annotation)
    ]
    assert free == []


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.__name__)
def test_no_field_is_named_after_something_personal(event: type[Event]) -> None:
    suspicious = [
        path
        for path, name, _ in fields_of(event, event.__name__)
        if name not in ALLOWED_FIELDS and set(name.split("_")) & set(PERSONAL_WORDS)
    ]
    assert suspicious == []


def test_the_walk_would_find_free_text() -> None:
    class Nested(Part):
        label: str

    class Careless(Part):
        note: str
        maybe: str | None
        many: tuple[str, ...]
        inner: tuple[Nested, ...]
        long: Annotated[str, StringConstraints(max_length=9)]
        anything: dict[str, str]
        code: vocabulary.SkillCode

    open_fields = {path for path, _, annotation in fields_of(Careless, "") if not is_closed(annotation)}
    assert open_fields == {".note", ".maybe", ".many", ".inner.label", ".long", ".anything"}


def test_open_texts_are_only_where_they_are_meant_to_be() -> None:
    used = {
        path.rsplit(".", 1)[-1]
        for event in EVENTS
        for path, _, annotation in fields_of(event, event.__name__)
        if annotation in OPEN_TEXTS
    }
    assert used == {"venue", "fr", "en"}


def test_coordinates_are_those_of_a_commune() -> None:
    place = vocabulary.Place(commune="62498", latitude=50.43, longitude=2.83)
    assert set(vocabulary.Place.model_fields) == {"commune", "latitude", "longitude"}
    with pytest.raises(ValueError, match="commune"):
        vocabulary.Place.model_validate({**place.model_dump(), "commune": "12 rue Neuve"})
