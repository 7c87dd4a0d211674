"""One skeleton for all repositories: they ask the session through `shared/sql.py` and in no other way."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SERVICES = ("registration", "matching", "notification")
CARRIED = frozenset({"info"})
"""What a repository may take from a session itself: what the session carries."""
NO_STATEMENTS = frozenset({"SQLModel"})
"""What is imported from SQLModel beside its statements, which return a model a row."""


@pytest.mark.parametrize("service", SERVICES)
def test_a_repository_asks_through_shared_sql(service: str) -> None:
    modules = sorted((ROOT / "services" / service / "repository").rglob("*.py"))
    assert modules
    found = [f"{path.relative_to(ROOT)}:{line}" for path in modules for line in own_ways(ast.parse(path.read_text()))]
    assert not found, "one row: one_row, add_row; many: run and write_rows"


def own_ways(tree: ast.Module) -> Iterator[int]:
    """The lines on which a module asks a session itself, writes a statement on models, or hands over a list of one."""
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name(id="session"), attr=attribute) if attribute not in CARRIED:
                yield node.lineno
            case ast.ImportFrom(module="sqlmodel", names=names) if {name.name for name in names} - NO_STATEMENTS:
                yield node.lineno
            case ast.Call(func=ast.Name(id="insert_rows"), args=[*_, ast.List(elts=[_])]):
                yield node.lineno


def test_the_check_sees_what_it_is_there_for() -> None:
    def seen(code: str) -> list[int]:
        return list(own_ways(ast.parse(code)))

    assert seen("row = await session.get(PairingRow, pairing_id)")
    assert seen("rows = await session.exec(query)")
    assert seen("from sqlmodel import col, select")
    assert seen("await insert_rows(session, ErasureRow, [row])")
    assert not seen("from sqlmodel.ext.asyncio.session import AsyncSession")
    assert not seen("row = await one_row(session, PairingRow, _pairings.c.id == pairing_id)")
    assert not seen("await insert_rows(session, ErasureRow, [_row(each) for each in erasures])")
    assert not seen('seal = session.info["seal"]')
