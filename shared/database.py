"""PostgreSQL: how it is reached, the engine, its sessions, and the one place that commits.

An address is spelt as libpq spells it, TLS included: ``postgresql+asyncpg://role:password@host/database?sslmode=verify-full
&sslrootcert=/path``. Everything that connects goes through `connect`, so one spelling serves all.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

import asyncpg
from sqlalchemy import MetaData, func, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.asking import ASKER, Asker

Sessions = async_sessionmaker[AsyncSession]
"""Makes sessions of one service's database."""

NAMING_CONVENTION = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


def named_metadata() -> MetaData:
    """Metadata whose constraints have predictable names, so that migrations can name them."""
    return MetaData(naming_convention=NAMING_CONVENTION)


SERVICE = "vernissage"
"""What the server shows of connections on which a service or a command works."""

CONNECT_DEADLINE = 10.0
"""Seconds in which PostgreSQL must have let us in."""

POOL_PATIENCE = 5.0
"""Seconds to wait for a connection of the pool: whoever waits longer is told to come again."""

NOTICE_DEATH: dict[str, str] = {
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "20000",
    "client_connection_check_interval": "10000",
}
"""Has the server notice within half a minute that a client or the way to it is gone, and let go of its locks."""


@dataclass(frozen=True)
class Patience:
    """How many seconds a statement may wait for a lock, and take altogether; 0 leaves it to the server."""

    lock: float
    statement: float

    def settings(self) -> dict[str, str]:
        """The server's settings that say so, in milliseconds."""
        wanted = {"lock_timeout": self.lock, "statement_timeout": self.statement}
        return {name: str(round(seconds * 1000)) for name, seconds in wanted.items() if seconds}


FOR_EVER = Patience(0, 0)


class DatabaseAway(ConnectionError):
    """PostgreSQL cannot be reached."""


async def connect(
    url: str, *, patience: Patience = FOR_EVER, name: str = SERVICE, command_timeout: float | None = None
) -> asyncpg.Connection:
    """A connection of its own to the database at a ``postgresql+asyncpg://`` address; raises `DatabaseAway`.

    ``name`` is what the server shows; ``command_timeout`` is in seconds.
    """
    address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    try:
        return await asyncpg.connect(
            address,
            timeout=CONNECT_DEADLINE,
            command_timeout=command_timeout,
            server_settings={"application_name": name, **NOTICE_DEATH, **patience.settings()},
        )
    except (OSError, TimeoutError) as error:
        raise DatabaseAway(f"PostgreSQL cannot be reached ({type(error).__name__})") from error


def create_engine(url: str, *, pool_size: int = 5, patience: Patience = FOR_EVER, name: str = SERVICE) -> AsyncEngine:
    """An engine on a ``postgresql+asyncpg://`` address; ``name`` is what the server shows of its connections.

    A connection that died is replaced unnoticed; an error quotes no parameter, which may be somebody's name.
    """
    return create_async_engine(
        url,
        async_creator=partial(connect, url, patience=patience, name=name),
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=POOL_PATIENCE,
        pool_pre_ping=True,
        hide_parameters=True,
    )


async def allow(session: AsyncSession, patience: Patience) -> None:
    """Give the rest of the session's transaction more patience, or less, than its engine has; 0 is without end."""
    wanted = {"lock_timeout": patience.lock, "statement_timeout": patience.statement}
    settings = [func.set_config(name, str(round(seconds * 1000)), True) for name, seconds in wanted.items()]
    await (await session.connection()).execute(select(*settings))


def create_sessions(engine: AsyncEngine, asker: Asker | None = None, **carried: object) -> Sessions:
    """A factory of sessions whose objects stay readable after the commit; each carries ``carried`` in its ``info``.

    ``asker`` is in whose name they work, unless a transaction names another.
    """
    return async_sessionmaker(engine, class_=AsyncSession, expire_on_commit=False, info={ASKER: asker, **carried})


@asynccontextmanager
async def unit_of_work(sessions: Sessions, asker: Asker | None = None) -> AsyncIterator[AsyncSession]:
    """One transaction: committed when the block ends well, rolled back otherwise. Nothing else commits.

    ``asker`` is in whose name it works; where it is absent, that of ``sessions``.
    """
    async with sessions() as session:
        if asker is not None:
            session.info[ASKER] = asker
        async with session.begin():
            yield session


PASSING_STATES = ("08", "40", "53", "55P03", "57014", "57P", "58")
"""Beginnings of the SQLSTATE codes that pass: connection, conflict, resources, lock, time, shutdown, system."""


def is_away(error: BaseException) -> bool:
    """Whether the database is what failed, for now: it was away, full, busy, slow, or in conflict."""
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or _passes(error.orig)
    return isinstance(error, (DatabaseAway, PoolTimeout)) or _passes(error)


def is_transient(error: BaseException) -> bool:
    """Whether the same may well succeed later: the database is away, or another part of the world is."""
    return is_away(error) or isinstance(error, (OSError, TimeoutError))


def _passes(error: BaseException | None) -> bool:
    state = getattr(error, "sqlstate", None)
    return isinstance(state, str) and state.startswith(PASSING_STATES)
