"""Migrations: each service's own, run by Alembic, and the tables of the rules of travel that all services have.

A service's ``migrations/env.py`` hands its metadata to `run_migrations`; its first version calls
`create_travel_tables`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol, TypeVar

from alembic import command, context
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, MetaData, text
from sqlalchemy.ext.asyncio import create_async_engine

from shared.travel import tables as travel_tables

Result = TypeVar("Result")

MIGRATION_LOCK = 7_236_001
"""The advisory lock that lets two migrations of one database follow each other."""


class Operations(Protocol):
    """What a version hands over: the module `alembic.op`."""

    def get_bind(self) -> Connection:
        """The connection on which the version runs."""


def upgrade(service: str, url: str) -> None:
    """Bring a service's database to the newest version; safe to call twice, at once, and inside an event loop.

    ``url`` begins with ``postgresql+asyncpg://``. All versions run in one transaction: all or nothing.
    """
    _in_own_loop(_on_connection(url, lambda connection: _upgrade_on(connection, service)))


def differences(url: str, metadata: MetaData) -> list[Any]:
    """What the database lacks, or has too much, beside ``metadata`` and the travel tables: empty when all is well."""
    return _in_own_loop(_on_connection(url, lambda connection: _compare(connection, metadata)))


def run_migrations(metadata: MetaData) -> None:
    """Run the migrations on the connection that `upgrade` opened; called by a service's ``env.py``."""
    context.configure(
        connection=context.config.attributes["connection"], target_metadata=[metadata, travel_tables.metadata]
    )
    with context.begin_transaction():
        context.run_migrations()


def create_travel_tables(op: Operations) -> None:
    """Create outbox, inbox and dead letters; called by a service's first version."""
    travel_tables.metadata.create_all(op.get_bind(), checkfirst=False)


def drop_travel_tables(op: Operations) -> None:
    """Undo `create_travel_tables`."""
    travel_tables.metadata.drop_all(op.get_bind(), checkfirst=False)


def _upgrade_on(connection: Connection, service: str) -> None:
    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
    config = Config()
    config.set_main_option("script_location", str(_folder(service)).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _compare(connection: Connection, metadata: MetaData) -> list[Any]:
    migration_context = MigrationContext.configure(connection)
    together = MetaData(naming_convention=metadata.naming_convention)
    for part in (metadata, travel_tables.metadata):
        for table in part.tables.values():
            table.to_metadata(together)
    return list(compare_metadata(migration_context, together))


async def _on_connection(url: str, act: Callable[[Connection], Result]) -> Result:
    engine = create_async_engine(url)
    try:
        async with engine.begin() as connection:
            return await connection.run_sync(act)
    finally:
        await engine.dispose()


def _in_own_loop(coroutine: Coroutine[Any, Any, Result]) -> Result:
    """Run a coroutine in a thread of its own, since the caller may already stand in an event loop."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result()


def _folder(service: str) -> Path:
    spec = find_spec(f"services.{service}")
    if spec is None or not spec.submodule_search_locations:
        raise LookupError(f"no service is named {service!r}")
    return Path(spec.submodule_search_locations[0]) / "migrations"
