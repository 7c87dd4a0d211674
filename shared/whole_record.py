"""Somebody's whole record in a service, found by its tables' own metadata, as an erasure finds it: no list can forget a
table.

A table or column that is not told is named with its reason; a test in each service holds what is told against what an
erasure takes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Column, MetaData, Row, Table, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.auditing import LinesWanted, lines_of
from shared.sql import among, run
from shared.travel.erasure import BYTES, columns_of_documents, columns_of_people, columns_of_tombstones, is_named_in
from shared.travel.redaction import about

ToldRow = dict[str, Any]

WholeRecord = dict[str, Sequence[ToldRow]]
"""What is held of somebody, by table."""

LINES_AT_ONCE = 1_000


async def record_in(
    session: AsyncSession, metadata: MetaData, ids: Sequence[UUID], *, untold: Mapping[str, str]
) -> WholeRecord:
    """What these tables hold of somebody under any of their ids.

    ``untold`` names tables and columns that are left out, and why.
    """
    record: WholeRecord = {}
    for column in columns_told(metadata, untold):
        rows = await run(session, select(column.table).where(among(column, ids)))
        record[column.table.name] = [_told(row, column.table, untold) for row in rows]
    for table, columns in _by_table(documents_told(metadata, untold)).items():
        if table.name not in record:
            names = or_(*(is_named_in(each, ids) for each in columns))
            found = await run(session, select(table).where(names))
            parts = [_part_of(row, table, columns, ids, untold) for row in found]
            record |= {table.name: parts} if parts else {}
    return record


async def looks_of(session: AsyncSession, participant_id: UUID) -> Sequence[ToldRow]:
    """Who looked at somebody's data here and who changed them: by role and agency, without names, the latest first."""
    found: list[ToldRow] = []
    until: int | None = None
    told = ("at", "role", "agency_id", "what", "kind")
    while lines := await lines_of(session, LinesWanted(participant_id=participant_id, until=until), LINES_AT_ONCE):
        found += [{name: getattr(line, name) for name in told} for line in lines]
        until = lines[-1].position
    return found


def columns_told(metadata: MetaData, untold: Mapping[str, str]) -> list[Column[Any]]:
    """The columns by which rows that are told stand for somebody."""
    columns = [*columns_of_people(metadata.sorted_tables), *columns_of_tombstones(metadata)]
    return [column for column in columns if _is_told(column, untold)]


def documents_told(metadata: MetaData, untold: Mapping[str, str]) -> list[Column[Any]]:
    """The columns whose documents are searched for what they say of somebody."""
    return [column for column in columns_of_documents(metadata.sorted_tables) if _is_told(column, untold)]


def _is_told(column: Column[Any], untold: Mapping[str, str]) -> bool:
    return not {column.table.name, f"{column.table.name}.{column.name}"} & set(untold)


def _by_table(columns: Iterable[Column[Any]]) -> dict[Table, list[Column[Any]]]:
    found: dict[Table, list[Column[Any]]] = {}
    for column in columns:
        found.setdefault(column.table, []).append(column)
    return found


def _told(row: Row[Any], table: Table, untold: Mapping[str, str]) -> ToldRow:
    kept = [each for each in table.columns if _is_told(each, untold) and not isinstance(each.type, BYTES)]
    return {each.name: row._mapping[each] for each in kept}


def _part_of(
    row: Row[Any], table: Table, documents: Sequence[Column[Any]], ids: Collection[UUID], untold: Mapping[str, str]
) -> ToldRow:
    """Where a document stands, and the parts of it that are about somebody: what it says of others is theirs."""
    parts = {each.name: about(row._mapping[each], ids) for each in documents}
    return {**_told(row, table, untold), **parts}
