"""The services' databases, opened by an operator's command for one transaction or a few."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from click import get_current_context
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.asking import THE_SERVICE, Asker
from shared.database import Sessions, create_engine, create_sessions, unit_of_work
from shared.identity import Seal
from shared.settings import ServiceSettings


class DatabaseSilent(Exception):
    """A service's database does not answer; `str(error)` can be shown as it is."""


@asynccontextmanager
async def sessions_of(settings: ServiceSettings) -> AsyncIterator[Sessions]:
    """Sessions of one service's database, for as long as the context lasts. Raises `DatabaseSilent`."""
    engine = create_engine(settings.database_url, pool_size=2)
    try:
        yield create_sessions(engine, _by_command(), seal=Seal(settings.seal_secret.get_secret_value()))
    except OSError as error:
        where = f"{engine.url.host}:{engine.url.port}"
        raise DatabaseSilent(f"PostgreSQL does not answer at {where}: check that it runs.") from error
    finally:
        await engine.dispose()


def _by_command() -> Asker:
    context = get_current_context(silent=True)
    return replace(THE_SERVICE, route=context.command_path if context else "")


@asynccontextmanager
async def transaction_of(settings: ServiceSettings) -> AsyncIterator[AsyncSession]:
    """One transaction on a service's database. Raises `DatabaseSilent`."""
    async with sessions_of(settings) as sessions, unit_of_work(sessions) as session:
        yield session
