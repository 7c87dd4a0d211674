"""Statements take any number of values."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

from sqlalchemy import Column, MetaData, String, Table, Uuid, select
from sqlalchemy.ext.asyncio import create_async_engine

from shared.sql import among

ROOT = Path(__file__).parents[2]
MANY = 33_000
"""More than the 32,767 parameters that one statement of PostgreSQL can take."""

THINGS = Table("things", MetaData(), Column("id", Uuid, primary_key=True), Column("name", String(8)))


async def test_a_column_is_compared_with_more_values_than_a_statement_takes_parameters(
    service_database: Callable[[str], str],
) -> None:
    ids = [UUID(int=number) for number in range(MANY)]
    engine = create_async_engine(service_database("matching"))
    async with engine.begin() as connection:
        await connection.run_sync(THINGS.metadata.create_all)
        await connection.execute(THINGS.insert(), [{"id": one, "name": f"{one.int:05}"} for one in ids])
        found = await connection.execute(select(THINGS.c.id).where(among(THINGS.c.id, ids[1:])))
        assert len(found.all()) == MANY - 1
        found = await connection.execute(select(THINGS.c.id).where(among(THINGS.c.name, {"00007", "no such"})))
        assert list(found.scalars()) == [UUID(int=7)]
        found = await connection.execute(select(THINGS.c.id).where(among(THINGS.c.id, [])))
        assert found.all() == []
    await engine.dispose()


def test_only_written_lists_and_subqueries_are_asked_for_value_by_value() -> None:
    code = [*ROOT.glob("services/*/**/*.py"), *ROOT.glob("shared/**/*.py")]
    found = [f"{path.name}:{line}" for path in code for line in open_ended(ast.parse(path.read_text()))]
    assert not found, "use shared.sql.among"


def test_the_check_sees_what_it_is_there_for() -> None:
    def seen(code: str) -> list[int]:
        return list(open_ended(ast.parse(code)))

    assert seen("query.where(table.c.id.in_(ids))")
    assert seen("query.where(col(Row.id).not_in(list(ids)))")
    assert not seen("query.where(table.c.state.in_(['queued', 'sending']))")
    assert not seen("query.where(table.c.id.in_(select(other.c.id)))")
    assert not seen("known = select(other.c.id)\nquery.where(table.c.id.in_(known))")


def open_ended(tree: ast.Module) -> Iterator[int]:
    """The lines on which `in_` or `not_in` is handed a collection whose length nobody wrote down."""
    subqueries = {
        target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and selects(node.value)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("in_", "not_in"):
            asked = node.args[0]
            is_known = isinstance(asked, ast.Name) and asked.id in subqueries
            if not (isinstance(asked, ast.List | ast.Tuple) or selects(asked) or is_known):
                yield node.lineno


def selects(value: ast.expr) -> bool:
    """Whether an expression is a query of its own."""
    return any(isinstance(node, ast.Name) and node.id == "select" for node in ast.walk(value)) or (
        isinstance(value, ast.Call)
        and isinstance(value.func, ast.Attribute)
        and value.func.attr in ("scalar_subquery", "subquery")
    )
