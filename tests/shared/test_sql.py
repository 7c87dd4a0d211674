"""Statements take any number of values."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import Column, MetaData, Select, String, Table, Uuid, event, select, update
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.ext.asyncio import create_async_engine
from sqlmodel import Field, SQLModel, col
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.sql import (
    add_row,
    among,
    insert_new_rows,
    insert_rows,
    next_by,
    one_row,
    put_rows,
    run,
    table_of,
    update_rows,
    write_latest,
)
from tests.support.databases import Databases

ROOT = Path(__file__).parents[2]
MANY = 33_000
"""More than the 32,767 parameters that one statement of PostgreSQL can take."""

THINGS = Table("things", MetaData(), Column("id", Uuid, primary_key=True), Column("name", String(8)))


class Told(SQLModel, table=True):
    """What was told last of a thing."""

    metadata = MetaData()
    id: UUID = Field(primary_key=True)
    revision: int
    name: str


class ToldInLists(SQLModel, table=True):
    """What was told last of a thing, in columns that hold more than one value."""

    metadata = MetaData()
    id: UUID = Field(primary_key=True)
    revision: int
    name: str
    words: list[str] | None = Field(sa_column=Column(ARRAY(String)))
    more: dict[str, int] | list[int] = Field(sa_column=Column(JSONB))


@pytest.fixture
def database(postgres: Databases) -> Iterator[str]:
    """The address of an empty database, in which the test makes its own tables."""
    name = postgres.create_database()
    yield postgres.url(name)
    postgres.drop_database(name)


async def test_a_column_is_compared_with_more_values_than_a_statement_takes_parameters(
    database: str,
) -> None:
    ids = [UUID(int=number) for number in range(MANY)]
    engine = create_async_engine(database)
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


async def test_many_rows_are_written_by_the_statement_that_writes_one(database: str) -> None:
    """One that named its values would be compiled anew for each batch, and keep the event loop for half a second."""
    statements: set[str] = set()
    engine = create_async_engine(database)
    event.listen(engine.sync_engine, "before_cursor_execute", lambda *call: statements.add(call[2]))
    async with AsyncSession(engine) as session:
        await (await session.connection()).run_sync(Told.metadata.create_all)
        statements.clear()
        await write_latest(session, Told, [told(number, revision=2) for number in range(2_500)])
        await write_latest(session, Told, [told(7, revision=3), told(8, revision=1)])
        await write_latest(session, Told, [])
        assert len(statements) == 1
        told_last = await run(session, select(col(Told.id), col(Told.revision)))
        revisions = {row.id: row.revision for row in told_last}
        assert len(revisions) == 2_500
        assert [revisions[UUID(int=number)] for number in (6, 7, 8)] == [2, 3, 2]
    await engine.dispose()


async def test_many_rows_are_inserted_and_updated_by_one_statement_whatever_their_columns_hold(database: str) -> None:
    """So a trigger that notes what a statement changed notes it once, and nothing is compiled anew."""
    rows = [{**told(number, revision=1), "words": words(number), "more": more(number)} for number in range(2_500)]
    statements: list[str] = []
    engine = create_async_engine(database)
    event.listen(engine.sync_engine, "before_cursor_execute", lambda *call: statements.append(call[2]))
    async with AsyncSession(engine) as session:
        await (await session.connection()).run_sync(ToldInLists.metadata.create_all)
        statements.clear()
        await insert_rows(session, ToldInLists, rows)
        await insert_rows(session, ToldInLists, [])
        assert len(statements) == 3
        assert len(set(statements)) == 1
        again = {**rows[0], "revision": 2, "words": None, "more": {}}
        await insert_new_rows(session, ToldInLists, [again, {**again, "id": UUID(int=2_500)}])
        kept = await run(session, select(table_of(ToldInLists)).order_by(col(ToldInLists.id)))
        assert [row._asdict() for row in kept] == [*rows, {**again, "id": UUID(int=2_500)}]
        statements.clear()
        changed = [{"id": row["id"], "words": ["new"], "more": more(number + 1)} for number, row in enumerate(rows)]
        await update_rows(session, ToldInLists, changed, key=("id",))
        await update_rows(session, ToldInLists, [], key=("id",))
        assert len(statements) == 3
        kept = await run(session, select(table_of(ToldInLists)).order_by(col(ToldInLists.id)).limit(len(rows)))
        assert [row._asdict() for row in kept] == [{**row, **new} for row, new in zip(rows, changed, strict=True)]
        statements.clear()
        replaced = [{**row, "revision": 2, "words": ["autre"]} for row in rows]
        await put_rows(session, ToldInLists, replaced)
        await write_latest(session, ToldInLists, [{**row, "revision": 3, "more": [3]} for row in replaced])
        assert len(statements) == 6
        assert len(set(statements)) == 2
        kept = await run(session, select(table_of(ToldInLists)).order_by(col(ToldInLists.id)).limit(len(rows)))
        assert [row._asdict() for row in kept] == [{**row, "revision": 3, "more": [3]} for row in replaced]
    await engine.dispose()


def more(number: int) -> dict[str, int] | list[int]:
    return {"turn": number} if number % 2 else list(range(number % 3))


def words(number: int) -> list[str]:
    return ["", "l’œuf, « {l'autre} »", 'a "b" \\ c', "NULL"][: number % 5]


async def test_one_row_is_read_as_it_is_now_whatever_the_session_saw_of_it(
    database: str,
) -> None:
    things = table_of(Told)
    engine = create_async_engine(database)
    async with AsyncSession(engine) as session:
        await (await session.connection()).run_sync(Told.metadata.create_all)
        await add_row(session, Told(id=UUID(int=1), revision=1, name="first"))
        before = await one_row(session, Told, things.c.id == UUID(int=1))
        await run(session, update(things).values(name="second"))
        after = await one_row(session, Told, things.c.name == "second", lock=True)
        assert before is not None
        assert after is not None
        assert (after.id, after.name) == (UUID(int=1), "second")
        assert await one_row(session, Told, things.c.name == "first") is None
    await engine.dispose()


async def test_asked_again_with_the_last_key_a_list_gives_all_its_rows_once(
    database: str,
) -> None:
    things = table_of(Told)
    engine = create_async_engine(database)
    async with AsyncSession(engine) as session:
        await (await session.connection()).run_sync(Told.metadata.create_all)
        await write_latest(session, Told, [told(number, revision=1) for number in range(7)])
        found: list[UUID] = []
        while page := list((await run(session, after(things, found[-1] if found else None))).scalars()):
            assert len(page) <= 3
            found += page
        assert found == [UUID(int=number) for number in range(7)]
    await engine.dispose()


def after(things: Table, last: UUID | None) -> Select[tuple[UUID]]:
    return next_by(things.c.id, select(things.c.id), last, 3)


async def test_what_is_replaced_keeps_what_it_is_told_to_keep(database: str) -> None:
    engine = create_async_engine(database)
    async with AsyncSession(engine) as session:
        await (await session.connection()).run_sync(Told.metadata.create_all)
        await put_rows(session, Told, [told(1, revision=1), told(2, revision=1)])
        again = {"id": UUID(int=2), "revision": 2, "name": "another"}
        await put_rows(session, Told, [again, told(3, revision=2)], keeping=["name"])
        kept = await run(session, select(table_of(Told)).order_by(col(Told.id)))
        assert [(row.revision, row.name) for row in kept] == [(1, "1"), (2, "2"), (2, "3")]
    await engine.dispose()


async def test_of_several_rows_with_one_key_the_last_one_counts(database: str) -> None:
    engine = create_async_engine(database)
    async with AsyncSession(engine) as session:
        await (await session.connection()).run_sync(Told.metadata.create_all)
        await put_rows(session, Told, [told(1, revision=1), told(2, revision=1), told(1, revision=2)])
        kept = await run(session, select(table_of(Told)).order_by(col(Told.id)))
        assert [row.revision for row in kept] == [2, 1]
    await engine.dispose()


def told(number: int, *, revision: int) -> dict[str, object]:
    return {"id": UUID(int=number), "revision": revision, "name": f"{number}"}


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
