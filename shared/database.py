"""PostgreSQL: the engine, its sessions, and the one place that commits."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import MetaData
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine
from sqlmodel.ext.asyncio.session import AsyncSession

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


def create_engine(url: str, *, pool_size: int = 5) -> AsyncEngine:
    """An engine on a ``postgresql+asyncpg://`` address.

    A connection that died is replaced unnoticed; an error quotes no parameter, which may be somebody's name.
    """
    return create_async_engine(url, pool_size=pool_size, max_overflow=0, pool_pre_ping=True, hide_parameters=True)


def create_sessions(engine: AsyncEngine) -> Sessions:
    """A factory of sessions whose objects stay readable after the commit."""
    return async_sessionmaker(engine, class_=AsyncSession, expire_on_commit=False)


@asynccontextmanager
async def unit_of_work(sessions: Sessions) -> AsyncIterator[AsyncSession]:
    """One transaction: committed when the block ends well, rolled back otherwise. Nothing else commits."""
    async with sessions() as session, session.begin():
        yield session


PASSING_STATES = ("08", "40", "53", "55P03", "57014", "57P", "58")
"""Beginnings of the SQLSTATE codes that pass: connection, conflict, resources, lock, time, shutdown, system."""


def is_transient(error: BaseException) -> bool:
    """Whether the same may well succeed later: the database was away, full, busy, slow, or in conflict."""
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or _passes(error.orig)
    return isinstance(error, (OSError, TimeoutError, PoolTimeout)) or _passes(error)


def _passes(error: BaseException | None) -> bool:
    state = getattr(error, "sqlstate", None)
    return isinstance(state, str) and state.startswith(PASSING_STATES)
