"""Waiting for work that a commit announces, instead of asking again and again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta

import asyncpg

from shared.database import connect
from shared.travel.leading import leading


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

    With `leader_lock`, an advisory lock, the block is entered by one process at a time; the others wait their turn
    (`leading`). `database_url` begins with ``postgresql+asyncpg://`` and must not lead through a pooler.
    """
    async with AsyncExitStack() as ending:
        if leader_lock is not None:
            connection = await ending.enter_async_context(leading(database_url, leader_lock, channel))
        else:
            connection = await connect(database_url, name=channel)
            ending.callback(connection.terminate)
        bell = Bell(connection)
        await connection.add_listener(channel, bell.ring)
        connection.add_termination_listener(bell.ring)
        yield bell
