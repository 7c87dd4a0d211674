"""Rows read by COPY are those that the query gives, whole and however many."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from sqlalchemy import Integer, LargeBinary, Select, Text, Uuid, cast, func, literal, select
from sqlalchemy.ext.asyncio import create_async_engine
from sqlmodel.ext.asyncio.session import AsyncSession

from shared import copying
from shared.copying import RowFormat, Rows, copy_rows_of, texts_of_ids

FORMAT = RowFormat([("id", "V16"), ("number", ">i4"), ("weight", "V3")])
MANY = 3_000


@pytest.fixture
async def session(service_database: Callable[[str], str]) -> AsyncIterator[AsyncSession]:
    engine = create_async_engine(service_database("matching"))
    async with AsyncSession(engine) as session:
        yield session
    await engine.dispose()


async def test_many_rows_come_in_whole_parts_as_they_are(
    session: AsyncSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copying, "AT_ONCE", 10_000)
    parts = await rows_of(session, numbered(MANY))
    assert len(parts) > 2
    numbers = [number for part in parts for number in part.fields["number"].tolist()]
    assert numbers == list(range(1, MANY + 1))
    assert {one for part in parts for one in part.fields["id"].tolist()} == {UUID(int=7).bytes}
    assert [text.decode() for part in parts for text in part.texts] == ["é" * (number % 5) for number in numbers]


async def test_no_rows_come_as_none(session: AsyncSession) -> None:
    (part,) = await rows_of(session, numbered(0))
    assert len(part.fields) == 0
    assert part.texts == []


@pytest.mark.parametrize("weight", [b"four", b"xy", None])
async def test_a_column_of_another_width_is_refused(session: AsyncSession, weight: bytes | None) -> None:
    with pytest.raises(ValueError, match="weight"):
        await rows_of(session, numbered(1, weight))


async def test_a_last_column_that_is_empty_is_refused(session: AsyncSession) -> None:
    query = numbered(2).with_only_columns(*list(numbered(2).selected_columns)[:-1], literal(None, Text))
    with pytest.raises(ValueError, match="last column"):
        await rows_of(session, query)


async def rows_of(session: AsyncSession, query: Select[Any]) -> list[Rows]:
    """What a query gives, part by part."""
    parts: list[Rows] = []

    async def take(part: bytes) -> None:
        parts.append(FORMAT.rows_in(part))

    await copy_rows_of(session, query, take)
    return parts


def numbered(count: int, weight: bytes | None = b"abc") -> Select[Any]:
    """Rows with an id, a number from 1 on, three bytes, and a text of up to four letters."""
    number = func.generate_series(1, count).column_valued("number")
    said = literal(None if weight is None else f"\\x{weight.hex()}", Text)
    return select(
        cast(literal(str(UUID(int=7)), Text), Uuid),
        cast(number, Integer),
        cast(said, LargeBinary),
        func.repeat("é", cast(number, Integer) % 5),
    )


async def test_the_next_part_is_read_while_one_is_taken_and_each_is_taken_in_its_turn(
    session: AsyncSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copying, "AT_ONCE", 10_000)
    began: list[bytes] = []
    ended: list[bytes] = []

    async def take(part: bytes) -> None:
        assert began == ended
        began.append(part)
        await asyncio.to_thread(FORMAT.rows_in, part)
        ended.append(part)

    await copy_rows_of(session, numbered(MANY), take)
    assert sum(len(FORMAT.rows_in(part).texts) for part in ended) == MANY


async def test_who_cannot_take_a_part_ends_the_reading(session: AsyncSession, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copying, "AT_ONCE", 10_000)

    async def take(part: bytes) -> None:
        raise LookupError

    with pytest.raises(LookupError):
        await copy_rows_of(session, numbered(100 * MANY), take)


def test_ids_have_the_text_that_they_have_one_by_one() -> None:
    ids = [UUID(int=0), UUID(int=7), UUID(int=2**128 - 1), UUID("0c0a1d4e-5f0e-4a77-8a3b-1f5f3a9a4c00")]
    assert texts_of_ids(np.frombuffer(b"".join(one.bytes for one in ids), "V16")) == list(map(str, ids))
    assert texts_of_ids(np.zeros(0, "V16")) == []
