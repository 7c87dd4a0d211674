"""Matching is blind: no protected characteristic, nor what stands for one, has a place where it could enter."""

import dataclasses
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from pydantic import BaseModel

import services.matching.domain
import services.matching.tables
import shared.contracts.observations
import shared.contracts.participants

PROTECTED = frozenset(
    word
    for line in (Path(__file__).parent / "protected.txt").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
    for word in line.split()
)


def names(module: ModuleType) -> Iterator[tuple[str, str]]:
    """Each class of a module with the names of its fields: dataclasses, named tuples, models and tables."""
    for _, found in inspect.getmembers(module, inspect.isclass):
        if found.__module__ != module.__name__:
            continue
        if dataclasses.is_dataclass(found):
            yield from ((found.__name__, field.name) for field in dataclasses.fields(found))
        elif issubclass(found, BaseModel):
            yield from ((found.__name__, field) for field in found.model_fields)
        elif issubclass(found, tuple) and hasattr(found, "_fields"):
            yield from ((found.__name__, field) for field in found._fields)
    for name, found in inspect.getmembers(module, lambda one: isinstance(one, np.dtype)):
        yield from ((name, field) for field in found.names or ())


def words(name: str) -> set[str]:
    return set(re.findall(r"[a-z]+", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()))


def modules(package: ModuleType) -> Iterator[ModuleType]:
    yield package
    for found in pkgutil.walk_packages(getattr(package, "__path__", []), package.__name__ + "."):
        yield importlib.import_module(found.name)


@pytest.mark.parametrize(
    "package",
    [services.matching.domain, services.matching.tables, shared.contracts.participants, shared.contracts.observations],
    ids=lambda package: package.__name__,
)
def test_no_protected_characteristic_has_a_field(package: ModuleType) -> None:
    walked = [(module.__name__, *name) for module in modules(package) for name in names(module)]
    assert len(walked) > 5
    assert len(PROTECTED) > 80
    entered = [(module, owner, field) for module, owner, field in walked if words(field) & PROTECTED]
    assert entered == []


def test_the_walk_would_find_one() -> None:
    @dataclasses.dataclass
    class Planted:
        date_naissance: str

    planted = ModuleType("planted")
    Planted.__module__ = "planted"
    planted.Planted = Planted  # type: ignore[attr-defined] # planted here
    assert [words(field) & PROTECTED for _, field in names(planted)] == [{"naissance"}]
