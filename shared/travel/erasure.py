"""Erasure: what a service holds of somebody is found by its tables' own metadata, so that no list can forget a table.

A row stands for a person by a column named ``participant_id``, or one marked ``info={"person": ROW}``; it goes. A
document (JSON, or bytes of JSON, `Compressed` or not) is searched for the person, and loses what it says of them; one
that is about them alone takes its row with it. Where the table has a column ``redacted_at``, that says when a document
lost somebody.

Two marks say otherwise: ``info={"person": TOMBSTONE}``, an id that stays as long as something late can come, so that it
changes nothing, beside a column ``erased_at``; and ``info={"person": NOBODY}``, a document that never speaks of
participants. A test in each service erases somebody and searches every column of every table for them, so a mark that
does not keep its word is found.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Column,
    ColumnElement,
    LargeBinary,
    MetaData,
    Table,
    Text,
    and_,
    any_,
    cast,
    delete,
    literal,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.compressed import Compressed
from shared.database import Patience, allow
from shared.sql import among, run
from shared.travel import tables as travel_tables
from shared.travel.redaction import GONE, bytes_without, without

ROW: Final = "row"
TOMBSTONE: Final = "tombstone"
NOBODY: Final = "nobody"

BYTES = LargeBinary | Compressed
"""The types of documents in bytes. A compressed one names in plain whom it speaks of, so both are searched alike."""

SEARCHING = Patience(lock=5, statement=240)
"""A search reads every document of a service, within the time that Kafka gives a consumer for a batch."""

PEOPLE_A_SEARCH = 50
"""How many people one search through the documents looks for."""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What an erasure took away, by table: whole rows, and documents that go on without the person."""

    rows: Counter[str] = field(default_factory=Counter)
    documents: Counter[str] = field(default_factory=Counter)


async def forget(session: AsyncSession, metadata: MetaData, people: Collection[UUID], *, now: datetime) -> Forgotten:
    """Take everything about these people out of a service's tables and those of the rules of travel.

    Doing it twice changes nothing. What a service tells of the erasure it tells afterwards.
    """
    forgotten = Forgotten()
    if not people:
        return forgotten
    await allow(session, SEARCHING)
    tables = [*metadata.sorted_tables, *travel_tables.metadata.sorted_tables]
    for column in columns_of_people(tables):
        is_theirs = among(column, people)
        forgotten.rows[column.table.name] += (await run(session, delete(column.table).where(is_theirs))).rowcount
    for column in columns_of_documents(tables):
        for start in range(0, len(people), PEOPLE_A_SEARCH):
            some = sorted(people)[start : start + PEOPLE_A_SEARCH]
            await _redact(session, column, some, now, forgotten)
    return forgotten


async def sweep_dead_letters(session: AsyncSession, metadata: MetaData, *, now: datetime) -> int:
    """Take everybody who was erased out of the letters that died since; how many letters spoke of them.

    What comes late about them is applied by nobody, and nobody's to read.
    """
    swept = Forgotten()
    people = [person for column in columns_of_tombstones(metadata) for person in await _erased(session, column)]
    await allow(session, SEARCHING)
    for column in columns_of_documents([travel_tables.dead_letters]):
        for start in range(0, len(people), PEOPLE_A_SEARCH):
            await _redact(session, column, sorted(people[start : start + PEOPLE_A_SEARCH]), now, swept)
    return sum((swept.rows + swept.documents).values())


async def let_tombstones_go(session: AsyncSession, metadata: MetaData, *, erased_before: datetime) -> int:
    """Forget the bare ids of those who were erased so long ago; how many there were.

    A record of the erasure that can do without the id goes on without it; else the row goes.
    """
    gone = 0
    for column in columns_of_tombstones(metadata):
        table = column.table
        is_old = column.is_not(None) & (table.c.erased_at < erased_before)
        change = update(table).values({column: None}) if column.nullable else delete(table)
        gone += (await run(session, change.where(is_old))).rowcount
    return gone


async def _erased(session: AsyncSession, column: Column[Any]) -> list[UUID]:
    query = select(column).where(column.is_not(None), column.table.c.erased_at.is_not(None))
    return list((await run(session, query)).scalars())


def columns_of_tombstones(metadata: MetaData) -> Iterator[Column[Any]]:
    """The columns that keep the bare ids of those who were erased."""
    return (column for column in _columns(metadata.sorted_tables) if column.info.get("person") == TOMBSTONE)


def columns_of_people(tables: Sequence[Table]) -> Iterator[Column[Any]]:
    """The columns by which a row stands for a participant; referring tables before those that they refer to."""
    for column in _columns(reversed(tables)):
        mark = column.info.get("person", ROW if column.name == "participant_id" else NOBODY)
        if mark == ROW:
            yield column


def columns_of_documents(tables: Sequence[Table]) -> Iterator[Column[Any]]:
    """The columns whose documents may speak of participants."""
    for column in _columns(tables):
        if isinstance(column.type, JSONB | BYTES) and column.info.get("person") != NOBODY:
            yield column


def _columns(tables: Iterable[Table]) -> Iterator[Column[Any]]:
    return (column for table in tables for column in table.columns)


async def _redact(
    session: AsyncSession, column: Column[Any], people: Sequence[UUID], now: datetime, forgotten: Forgotten
) -> None:
    table = column.table
    keys = list(table.primary_key)
    found = await run(session, select(*keys).where(is_named_in(column, people)).with_for_update())
    for row in found.all():
        here = and_(*(key == value for key, value in zip(keys, row, strict=True)))
        # One after the other: hundreds of records of large meetups would not fit into memory together.
        document = (await run(session, select(column).where(here))).scalar_one()
        left = await asyncio.to_thread(_left_of, document, people)
        if left is GONE:
            await run(session, delete(table).where(here))
            forgotten.rows[table.name] += 1
        else:
            stamp = {"redacted_at": now} if "redacted_at" in table.columns else {}
            await run(session, update(table).where(here).values({column.name: left, **stamp}))
            forgotten.documents[table.name] += 1


def _left_of(document: Any, people: Sequence[UUID]) -> Any:
    return bytes_without(document, people) if isinstance(document, bytes) else without(document, people)


def is_named_in(column: Column[Any], people: Sequence[UUID]) -> ColumnElement[bool]:
    """Whether a document holds the id of one of these people, wherever in it."""
    patterns = [f"%{person}%" for person in people]
    if isinstance(column.type, BYTES):
        return column.op("LIKE", is_comparison=True)(
            any_(literal([each.encode() for each in patterns], ARRAY(LargeBinary)))
        )
    return cast(column, Text).like(any_(literal(patterns, ARRAY(Text))))
