"""One word, one meaning: a class or type has one home, and what several houses of the code call alike is one thing."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CONTRACTS = Path("shared/contracts")
SERVICES = (Path("services/registration"), Path("services/matching"), Path("services/notification"))
HOUSES = (*SERVICES, Path("shared"), CONTRACTS, Path("deploy"))
PLACEHOLDERS = frozenset({"TypeVar", "ParamSpec"})
"""What stands for any type has no meaning of its own."""

OF_EACH_SERVICE = frozenset({"Base", "Settings"})
"""The skeleton: who knows one service finds these in the others. Rows of tables have their name from the field."""

OF_THE_FIELD = frozenset(
    {
        "Bilingual",
        "Cause",
        "Change",
        "Channel",
        "Difference",
        "Enrolment",
        "Hours",
        "InvitedNeed",
        "Meeting",
        "Meetup",
        "Need",
        "Observation",
        "Pair",
        "Participant",
        "Place",
        "RequiredSkill",
        "ReservePlace",
        "Shortlist",
        "ShortlistPlace",
        "Transport",
    }
)
"""The field's own things: the same one for everybody, of which events and each service say what they know of it."""


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


def placeholders_in(source: str) -> Iterator[str]:
    """What a module calls its types that stand for any."""
    for node in ast.parse(source).body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if _is_placeholder(value):
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


def houses_of_names() -> dict[str, set[Path]]:
    """The houses in which each name that is no table's row is defined."""
    found: dict[str, set[Path]] = defaultdict(set)
    for house in HOUSES:
        for name, modules in homes(house).items():
            if not all(_is_row(name, house, module) for module in modules):
                found[name].add(house)
    return found


@pytest.mark.parametrize("house", HOUSES, ids=str)
def test_a_word_has_one_meaning_in_a_house(house: Path) -> None:
    found = homes(house)
    assert found
    assert {name: modules for name, modules in found.items() if len(modules) > 1} == {}


def test_houses_share_the_words_of_the_skeleton_and_of_the_field_and_no_others() -> None:
    shared = {name for name, houses in houses_of_names().items() if len(houses) > 1}
    assert shared - OF_EACH_SERVICE - OF_THE_FIELD == set()
    assert OF_THE_FIELD - shared == set()


def test_the_skeleton_is_of_services_and_what_is_deployed_has_names_of_its_own() -> None:
    found = houses_of_names()
    assert {name for name in OF_EACH_SERVICE if not found[name] <= set(SERVICES)} == set()
    assert {name for name in OF_THE_FIELD if Path("deploy") in found[name]} == set()


def test_no_placeholder_is_called_like_a_thing() -> None:
    modules = (path for house in HOUSES for path in (ROOT / house).rglob("*.py"))
    placeholders = {name for path in modules for name in placeholders_in(path.read_text(encoding="utf-8"))}
    assert placeholders
    assert placeholders & houses_of_names().keys() == set()


def test_classes_and_types_are_seen_and_placeholders_are_not() -> None:
    source = 'class Meeting: ...\nPair = tuple[int, int]\nSaid: TypeAlias = int\nValue = TypeVar("Value")\nMOST = 3\n'
    assert list(names_in(source)) == ["Meeting", "Pair", "Said"]
    assert list(placeholders_in(source)) == ["Value"]


def _is_named_like_a_type(name: str) -> bool:
    return name[0].isupper() and not name.isupper()


def _is_placeholder(value: ast.expr | None) -> bool:
    return isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id in PLACEHOLDERS


def _is_row(name: str, house: Path, module: str) -> bool:
    return name.endswith("Row") and module.startswith(f"{house}/tables")
