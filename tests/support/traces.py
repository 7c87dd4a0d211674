"""Where a database still speaks of somebody: in every table and column, as PostgreSQL itself lists them."""

from __future__ import annotations

import bz2
import gzip
import lzma
import zlib
from collections.abc import Callable
from contextlib import nullcontext, suppress
from typing import Any

from sqlalchemy import text

from shared.database import Sessions, unit_of_work
from shared.protected_role import as_protected_role
from shared.sql import run

PROTECTED = "protected"
"""The schema of what is protected."""

COLUMNS = """
    SELECT n.nspname AS schema_name, c.relname AS table_name, a.attname AS column_name,
           format_type(a.atttypid, a.atttypmod) AS type
    FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid
    WHERE c.relkind IN ('r', 'p', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
      AND a.attnum > 0 AND NOT a.attisdropped
    ORDER BY c.relname, a.attnum
"""

UNPACKING: tuple[Callable[[bytes], bytes], ...] = (
    zlib.decompress,
    gzip.decompress,
    lzma.decompress,
    bz2.decompress,
)

AUDIT = {"audit.lines.record_id", "audit.lines.participant_id"}
"""Where the opaque id of somebody erased stays for good: who looked at them and changed what must be answered for."""

HOW_TO_MEND = (
    "still speak of them. A row about a participant has a column participant_id, or one with info={'person': ROW}; "
    "a document is JSONB, or bytes of JSON, plain or Compressed: see shared/travel/erasure.py"
)


async def traces_of(sessions: Sessions, *words: str) -> set[str]:
    """The columns, as ``table.column``, in which one of these words stands, whatever the type of the column.

    Before a table that does not stand in the schema ``public`` stands its schema. What is protected is searched, too.
    """
    found: set[str] = set()
    async with unit_of_work(sessions) as session:
        for place in (await run(session, text(COLUMNS))).mappings().all():
            schema, table, column = place["schema_name"], place["table_name"], place["column_name"]
            shown = f'"{column}"' if place["type"] == "bytea" else f'"{column}"::text'
            query = text(f'SELECT {shown} FROM "{schema}"."{table}" WHERE "{column}" IS NOT NULL')  # noqa: S608 - names from the catalogue
            async with as_protected_role(session) if schema == PROTECTED else nullcontext():
                values = (await run(session, query)).scalars().all()
            if any(_speaks_of(value, words) for value in values):
                found.add(f"{table}.{column}" if schema == "public" else f"{schema}.{table}.{column}")
    return found


def _speaks_of(value: Any, words: tuple[str, ...]) -> bool:
    readings = _readings(value) if isinstance(value, bytes) else [str(value)]
    return any(_bare(word) in _bare(reading) for reading in readings for word in words)


def _readings(value: bytes) -> list[str]:
    """The bytes as text, and as the text that they hold where they are compressed."""
    readings = [value.decode("utf-8", "replace"), value.hex()]
    for unpack in UNPACKING:
        with suppress(Exception):
            readings.append(unpack(value).decode("utf-8", "replace"))
    return readings


def _bare(text_: str) -> str:
    """Without hyphens and case: an id in whatever way it is written."""
    return text_.casefold().replace("-", "")
