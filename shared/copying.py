"""Reads many rows by COPY: as they leave PostgreSQL, without an object for each row or value.

The rows go through as bytes, which costs the event loop next to nothing, and become arrays wherever there is time: in a
thread. The format is that of PostgreSQL's documentation of COPY, "Binary Format".
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import DTypeLike, NDArray
from sqlalchemy import Select
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.sql import driver_of

AT_ONCE = 2 << 20
"""Bytes handed on at a time, or some more."""

_SIGNATURE = b"PGCOPY\n\xff\r\n\0"
_HEADER = len(_SIGNATURE) + 8
_TRAILER = b"\xff\xff"
_LENGTH = np.dtype(">i4")


async def copy_rows_of(
    session: AsyncSession, query: Select[tuple[object, ...]], take: Callable[[bytes], Awaitable[None]]
) -> None:
    """Hand the rows of a query on, whole rows at a time, as they are when it begins: `rows_in` tells what they hold."""
    connection = await session.connection()
    text = query.compile(dialect=connection.dialect, compile_kwargs={"literal_binds": True})
    waiting = bytearray()

    async def gather(more: bytes) -> None:
        waiting.extend(more)
        if len(waiting) >= AT_ONCE:
            part = bytes(waiting)
            waiting.clear()
            await take(part)

    await (await driver_of(session)).copy_from_query(str(text), output=gather, format="binary")
    await take(bytes(waiting))


class Rows(NamedTuple):
    """Rows as columns: the fields of one width each, by name, and of each row the text of its last column."""

    fields: NDArray[np.void]
    texts: list[bytes]


class RowFormat:
    """What rows hold: columns of one width, none of them empty, and a text behind them."""

    def __init__(self, columns: Sequence[tuple[str, DTypeLike]]) -> None:
        """`columns` by name and kind; numbers are big-endian, as PostgreSQL sends them."""
        self._columns = columns
        lengths = [(f"{name} bytes", _LENGTH) for name, _ in columns]
        pairs = [pair for both in zip(lengths, columns, strict=True) for pair in both]
        self._kind = np.dtype([("columns", ">i2"), *pairs, ("text bytes", _LENGTH)])

    def rows_in(self, part: bytes) -> Rows:
        """The rows that a part holds. ValueError where they are not of this format."""
        width = self._kind.itemsize
        place = _HEADER if part.startswith(_SIGNATURE) else 0
        fields, texts = [], []
        while place + width <= len(part):
            fields.append(part[place : place + width])
            begin = place + width
            place = begin + int.from_bytes(part[begin - _LENGTH.itemsize : begin], "big")
            texts.append(part[begin:place])
        rows = np.frombuffer(b"".join(fields), dtype=self._kind)
        for name, kind in self._columns:
            if (rows[f"{name} bytes"] != np.dtype(kind).itemsize).any():
                raise ValueError(f"the column {name} is not of {np.dtype(kind).itemsize} bytes in each row")
        if part[place:] not in (b"", _TRAILER) or place > len(part):
            raise ValueError("the last column is not a text in each row, or the rows are not whole")
        return Rows(rows, texts)
