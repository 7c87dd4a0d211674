"""Waiting for work that a commit announces, instead of asking again and again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import asyncpg

from shared.database import connect


class LostDatabase(ConnectionError):
    """The connection that listened is gone: whoever waits begins again."""


class Bell:
    """Rings when a transaction that notified its channel commits."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection
        self._rung = asyncio.Event()

    def ring(self, *_: object) -> None:
        """Say that there is work."""
        self._rung.set()

    async def wait(self, at_most: timedelta) -> None:
        """Wait for the next ring, and no longer than `at_most`; raises `LostDatabase`."""
        try:
            async with asyncio.timeout(at_most.total_seconds()):
                await self._rung.wait()
        except TimeoutError:
            pass
        self._rung.clear()
        if self._connection.is_closed():
            raise LostDatabase("the connection that listened is gone")


@asynccontextmanager
async def listening(database_url: str, channel: str, *, leader_lock: int | None = None) -> AsyncIterator[Bell]:
    """A bell on a channel of PostgreSQL.

    With `leader_lock`, an advisory lock, the block is entered by one process at a time; the others wait their turn.
    `database_url` begins with ``postgresql+asyncpg://``.
    """
    connection = await connect(database_url, name=f"vernissage-{channel}")
    try:
        if leader_lock is not None:
            await connection.execute("SELECT pg_advisory_lock($1)", leader_lock)
        bell = Bell(connection)
        await connection.add_listener(channel, bell.ring)
        connection.add_termination_listener(bell.ring)
        yield bell
    finally:
        connection.terminate()
