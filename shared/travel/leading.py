"""Leading: of all processes of a service, one does a thing, until it dies, hangs, or is cut off.

The leader holds an advisory lock on a connection of its own, so whoever loses the connection loses the lead. A lock
alone has no heartbeat: a frozen process keeps it for ever. So the leader's heart beats in the table ``leaders``, on the
database's clock, and a follower that finds it silent ends the leader's connection.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import asyncpg

from shared.database import connect
from shared.ending import end

log = logging.getLogger(__name__)

BEAT_EVERY = 3.0
"""Seconds between two beats."""

SILENCE = 15.0
"""Seconds of silence after which a leader has lost the lead."""

STANDBY_POLL = 1.0
"""Seconds between two attempts of a follower to take the lead."""

COMMAND_DEADLINE = 60.0
"""Seconds in which PostgreSQL must have answered."""

LOST = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError)
"""What ends a connection without being a mistake of ours."""

TAKE_NOTE = (
    "INSERT INTO leaders (lock, name, pid) VALUES ($1, $2, pg_backend_pid())"
    " ON CONFLICT (lock) DO UPDATE SET name = excluded.name, pid = excluded.pid, beat_at = clock_timestamp()"
    " RETURNING pid"
)
BEAT = "UPDATE leaders SET beat_at = clock_timestamp() WHERE lock = $1 AND pid = $2"
# Who holds the lock without having noted it is judged by what it did last.
END_SILENT_LEADER = (
    "SELECT pg_terminate_backend(holder.pid)"
    " FROM pg_locks AS holder"
    " JOIN pg_database ON pg_database.oid = holder.database AND datname = current_database()"
    " JOIN pg_stat_activity AS doing ON doing.pid = holder.pid"
    " LEFT JOIN leaders ON leaders.lock = $1 AND leaders.pid = holder.pid"
    " WHERE holder.locktype = 'advisory' AND holder.granted AND holder.objid = $1"
    " AND coalesce(leaders.beat_at, doing.state_change) < clock_timestamp() - make_interval(secs => $2)"
)


@asynccontextmanager
async def leading(
    database_url: str, lock: int, name: str, *, on_standby: Callable[[], None] = lambda: None
) -> AsyncIterator[asyncpg.Connection]:
    """Wait for the lead, and keep it for the length of the block; gives the connection that holds it.

    Each service has its own database, so one number ``lock`` (below 2³²) stands for a lead in all of them. The wait
    polls: a blocking lock would wait with a snapshot, and stop VACUUM. ``on_standby`` is called each time that somebody
    else is found leading. ``database_url`` must not lead through a pooler.
    """
    connection = await connect(database_url, name=name, command_timeout=COMMAND_DEADLINE)
    try:
        while not await connection.fetchval("SELECT pg_try_advisory_lock($1)", lock):
            if await connection.fetchval(END_SILENT_LEADER, lock, SILENCE):
                log.warning("%s ends a leader that was silent", name)
                continue
            on_standby()
            await asyncio.sleep(STANDBY_POLL)
        pid = await connection.fetchval(TAKE_NOTE, lock, name)
        log.info("%s leads", name)
        beating = asyncio.create_task(_beat(database_url, lock, pid, name), name=f"{name}-heart")
        try:
            yield connection
        finally:
            await end(beating)
    finally:
        connection.terminate()


async def _beat(database_url: str, lock: int, pid: int, name: str) -> None:
    """Show that the process lives, on another connection: the leader's own may be busy for long."""
    while True:
        try:
            connection = await connect(database_url, name=f"{name}-heart", command_timeout=BEAT_EVERY)
            try:
                while True:
                    await connection.execute(BEAT, lock, pid)
                    await asyncio.sleep(BEAT_EVERY)
            finally:
                connection.terminate()
        except LOST as error:
            log.info("%s missed a beat: %s", name, type(error).__name__)
        await asyncio.sleep(STANDBY_POLL)
