"""Migrations: each service's own, run by Alembic, and the tables of the rules of travel that all services have.

A service's ``migrations/env.py`` hands its metadata to `run_migrations`; its first version calls
`create_travel_tables`.

They run as the role that owns the tables. The role under which the service works owns nothing: after the migrations it
is given its rights to rows and, in the audit, to add and read lines, and no other but those in the service's own
``migrations/rights.sql``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol, TypeVar

from alembic import command, context
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, MetaData, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.asking import THE_SERVICE, told
from shared.database import NAMING_CONVENTION, SERVICE, create_engine
from shared.protected_role import ProtectedRoleMissing, protected_role_of, quoted
from shared.revisions import (
    DatabaseTooOld,
    MigrationBlocked,
    check_revision,
    known_revisions,
    migrations_folder,
    revision_of,
)
from shared.travel import tables as travel_tables

Result = TypeVar("Result")

MIGRATION_LOCK = 7_236_001
"""The advisory lock that lets two migrations of one database follow each other."""


WAIT_FOR_ANOTHER = timedelta(minutes=1)
"""How long a migration waits for another one of the same database."""

WAIT_FOR_TABLE = timedelta(seconds=5)
"""How long it waits for a table that somebody uses: whoever comes after it waits behind it."""

LOCK_NOT_AVAILABLE = "55P03"


MIGRATING = "vernissage-migrate"
"""What the server shows of a connection on which a migration runs."""


class ProcessesAtWork(Exception):
    """Processes of the former release work on the database, and cannot once it is migrated."""


@dataclass(frozen=True)
class Migration:
    """What `upgrade` did: the revision it found (None where there were no tables) and the one it left."""

    found: str | None
    left: str


class Operations(Protocol):
    """What a version hands over: the module `alembic.op`."""

    def get_bind(self) -> Connection:
        """The connection on which the version runs."""


RIGHTS = """\
GRANT USAGE ON SCHEMA public TO {role};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role};
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role};
REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM {role};
GRANT USAGE ON SCHEMA audit TO {role};
REVOKE ALL ON ALL TABLES IN SCHEMA audit FROM {role};
GRANT SELECT, INSERT (what, kind, record_id, participant_id, why) ON audit.lines TO {role};
GRANT SELECT ON audit.seals, audit.to_seal TO {role};
"""
"""What a service may do with its tables: nothing that changes them, and nothing that goes past their policies.

The audit is written, read and never changed: neither who asked nor when is the service's to say.
"""


def role_of(url: str) -> str:
    """The role in a database's address. Raises `LookupError` where there is none."""
    role = make_url(url).username
    if not role:
        raise LookupError("the address of the database names no role")
    return role


def upgrade(service: str, url: str, *, works_as: str | None = None) -> Migration:
    """Bring a service's database to the newest version; safe to call twice, at once, and inside an event loop.

    ``url`` begins with ``postgresql+asyncpg://`` and is that of the tables' owner; ``works_as`` is the role under which
    the service works, which gets its rights each time. All versions run in one transaction: all or nothing. Raises
    `DatabaseTooNew`, `MigrationBlocked` and `ProtectedRoleMissing`.
    """
    try:
        return _in_own_loop(_on_connection(url, lambda connection: _upgrade(connection, service, works_as)))
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) == LOCK_NOT_AVAILABLE:
            held = "another migration or a long transaction holds its tables"
            raise MigrationBlocked(service, held, "try again") from error
        raise
    except ProcessesAtWork:
        raise MigrationBlocked(
            service,
            "processes of the former release work on it, and could not once it is migrated",
            "stop all processes of the service, migrate, and start those of the new release",
        ) from None


def differences(url: str, *metadata: MetaData) -> list[Any]:
    """What the database lacks, or has too much, beside ``metadata`` and the travel tables: empty when all is well."""
    return _in_own_loop(
        _on_connection(url, lambda connection: connection.run_sync(lambda found: _compare(found, metadata)))
    )


def run_migrations(metadata: MetaData) -> None:
    """Run the migrations on the connection that `upgrade` opened; called by a service's ``env.py``."""
    context.configure(
        connection=context.config.attributes["connection"], target_metadata=[metadata, travel_tables.metadata]
    )
    with context.begin_transaction():
        context.run_migrations()


def check_nobody_works(op: Operations) -> None:
    """Refuse to go on while processes of the service work on the database.

    Called by a version with which those of the release before it cannot live. Raises `ProcessesAtWork`.
    """
    others = text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND application_name = :service AND pid <> pg_backend_pid()"
    )
    if op.get_bind().execute(others, {"service": SERVICE}).scalar_one():
        raise ProcessesAtWork


def create_travel_tables(op: Operations) -> None:
    """Create outbox, inbox and dead letters; called by a service's first version."""
    travel_tables.metadata.create_all(op.get_bind(), checkfirst=False)


def drop_travel_tables(op: Operations) -> None:
    """Undo `create_travel_tables`."""
    travel_tables.metadata.drop_all(op.get_bind(), checkfirst=False)


async def _upgrade(connection: AsyncConnection, service: str, works_as: str | None) -> Migration:
    newest = known_revisions(service)[-1]
    await connection.execute(told(THE_SERVICE))
    await _wait_at_most(connection, WAIT_FOR_ANOTHER)
    await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
    found = await revision_of(connection)
    try:
        check_revision(service, found)
    except DatabaseTooOld:
        await _wait_at_most(connection, WAIT_FOR_TABLE)
        await connection.run_sync(lambda open_one: _upgrade_on(open_one, service))
    if works_as is not None:
        await _give_rights(connection, service, works_as)
    return Migration(found, newest)


async def _give_rights(connection: AsyncConnection, service: str, role: str) -> None:
    own = migrations_folder(service) / "rights.sql"
    rights = RIGHTS + (own.read_text(encoding="utf-8") if own.exists() else "")
    if "{protected}" in rights:
        await _check_protected_role(connection, service, role)
    driver = (await connection.get_raw_connection()).driver_connection
    if driver is None:
        raise TypeError("the connection is none of asyncpg")
    await driver.execute(rights.replace("{role}", quoted(role)).replace("{protected}", quoted(protected_role_of(role))))


async def _check_protected_role(connection: AsyncConnection, service: str, role: str) -> None:
    """Raise `ProtectedRoleMissing` unless the role under which the service works can become that role, and only so."""
    question = text(
        "SELECT EXISTS (SELECT FROM pg_auth_members JOIN pg_roles theirs ON theirs.oid = roleid"
        " JOIN pg_roles ours ON ours.oid = member"
        " WHERE theirs.rolname = :theirs AND ours.rolname = :ours AND set_option AND NOT inherit_option)"
    )
    names = {"theirs": protected_role_of(role), "ours": role}
    if not (await connection.execute(question, names)).scalar_one():
        raise ProtectedRoleMissing(service, role)


async def _wait_at_most(connection: AsyncConnection, wait: timedelta) -> None:
    """Give up on a lock after `wait`, for the rest of the transaction."""
    milliseconds = int(wait.total_seconds() * 1000)
    await connection.execute(text(f"SET LOCAL lock_timeout = {milliseconds}"))


def _upgrade_on(connection: Connection, service: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(migrations_folder(service)).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _compare(connection: Connection, metadata: Sequence[MetaData]) -> list[Any]:
    together = MetaData(naming_convention=NAMING_CONVENTION)
    for part in (*metadata, travel_tables.metadata):
        for table in part.tables.values():
            table.to_metadata(together)
    schemas = {table.schema for table in together.tables.values()}
    options = {
        "include_schemas": True,
        "include_name": lambda name, kind, _: kind != "schema" or name in schemas,
    }
    return list(compare_metadata(MigrationContext.configure(connection, opts=options), together))


async def _on_connection(url: str, act: Callable[[AsyncConnection], Awaitable[Result]]) -> Result:
    engine = create_engine(url, name=MIGRATING)
    try:
        async with engine.begin() as connection:
            return await act(connection)
    finally:
        await engine.dispose()


def _in_own_loop(coroutine: Coroutine[Any, Any, Result]) -> Result:
    """Run a coroutine in a thread of its own, since the caller may already stand in an event loop."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result()
