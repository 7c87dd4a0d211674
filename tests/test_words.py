"""One word, one meaning: within one house of the code, a class or type has one home and no second one of its name."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CONTRACTS = Path("shared/contracts")
HOUSES = (
    Path("services/registration"),
    Path("services/matching"),
    Path("services/notification"),
    Path("shared"),
    CONTRACTS,
    Path("deploy"),
)
PLACEHOLDERS = frozenset({"TypeVar", "ParamSpec"})
"""What stands for any type has no meaning of its own."""


def names_in(source: str) -> Iterator[str]:
    """The public classes and types that a module defines for itself."""
    for node in ast.parse(source).body:
        match node:
            case ast.ClassDef(name=name):
                yield name
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.AnnAssign(target=ast.Name(id=name), value=value)
            ) if _is_named_like_a_type(name) and not _is_placeholder(value):
                yield name


def homes(house: Path) -> dict[str, list[str]]:
    """Where each name of a house is defined; the contracts, words between services, are a house of their own."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted((ROOT / house).rglob("*.py")):
        module = path.relative_to(ROOT)
        if house != CONTRACTS and module.is_relative_to(CONTRACTS):
            continue
        for name in names_in(path.read_text(encoding="utf-8")):
            if not name.startswith("_"):
                found[name].append(str(module))
    return found


@pytest.mark.parametrize("house", HOUSES, ids=str)
def test_a_word_has_one_meaning_in_a_house(house: Path) -> None:
    found = homes(house)
    assert found
    assert {name: modules for name, modules in found.items() if len(modules) > 1} == {}


def test_classes_and_types_are_seen_and_placeholders_are_not() -> None:
    source = 'class Meeting: ...\nPair = tuple[int, int]\nSaid: TypeAlias = int\nValue = TypeVar("Value")\nMOST = 3\n'
    assert list(names_in(source)) == ["Meeting", "Pair", "Said"]


def _is_named_like_a_type(name: str) -> bool:
    return name[0].isupper() and not name.isupper()


def _is_placeholder(value: ast.expr | None) -> bool:
    return isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id in PLACEHOLDERS
