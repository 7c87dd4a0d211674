"""Which revision a service's database has, and whether this code can work on it.

The revisions that the code knows are read off the names of its migrations: Alembic itself would cost each process
twenty megabytes for this one question.
"""

from __future__ import annotations

import asyncio
import logging
from importlib.util import find_spec
from pathlib import Path

import asyncpg
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.database import create_engine

log = logging.getLogger(__name__)


STARTING = "vernissage-start"
"""What the server shows of a process that asks for the revision, and works on nothing yet."""


class WrongRevision(Exception):
    """The database is older than this code needs, or newer than it knows; `str(error)` can be shown as it is."""


class DatabaseTooOld(WrongRevision):
    """The database has to be migrated first."""

    def __init__(self, service: str, found: str | None, needed: str) -> None:
        state = "has no tables yet" if found is None else f"is at revision {found}"
        super().__init__(
            f"The database of {service} {state} and this version needs {needed}: run “vernissage migrate {service}”."
        )


class DatabaseTooNew(WrongRevision):
    """A newer version of the product migrated the database."""

    def __init__(self, service: str, found: str, known: str) -> None:
        super().__init__(
            f"The database of {service} is at revision {found}, newer than the {known} that this version knows: "
            "start the version that migrated it, or a newer one."
        )


class MigrationBlocked(Exception):
    """Something stands in a migration's way; nothing was changed, and `str(error)` can be shown as it is."""

    def __init__(self, service: str, because: str, then: str) -> None:
        super().__init__(f"The database of {service} was not migrated, because {because}: nothing was changed, {then}.")


def migrations_folder(service: str) -> Path:
    """Where a service's migrations lie. Raises `LookupError`."""
    spec = find_spec(f"services.{service}")
    if spec is None or not spec.submodule_search_locations:
        raise LookupError(f"no service is named {service!r}")
    return Path(spec.submodule_search_locations[0]) / "migrations"


def known_revisions(service: str) -> list[str]:
    """The revisions that this code knows, the oldest first; the last is the one that it needs."""
    return sorted(path.name.partition("_")[0] for path in (migrations_folder(service) / "versions").glob("*_*.py"))


async def revision_of(connection: AsyncConnection) -> str | None:
    """The revision of the database; None where it was never migrated."""
    if await connection.scalar(text("SELECT to_regclass('alembic_version')")) is None:
        return None
    found: str | None = await connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def check_revision(service: str, found: str | None) -> None:
    """Raise `WrongRevision` where this code cannot work on a database at revision `found`."""
    known = known_revisions(service)
    if found is not None and found not in known:
        raise DatabaseTooNew(service, found, known[-1])
    if found != known[-1]:
        raise DatabaseTooOld(service, found, known[-1])


def refuse_other_revisions(service: str, url: str) -> None:
    """End this process with one sentence where its database is too old or too new; called before it serves anybody.

    A database that does not answer is no reason to end: the process waits for it, and its health says so.
    """
    try:
        check_revision(service, asyncio.run(_ask(url)))
    except WrongRevision as error:
        raise SystemExit(str(error)) from None
    except (OSError, asyncpg.PostgresError, SQLAlchemyError) as error:
        log.warning("the revision of the database is not known yet (%s)", type(error).__name__)


async def _ask(url: str) -> str | None:
    engine = create_engine(url, pool_size=1, name=STARTING)
    try:
        async with engine.connect() as connection:
            return await revision_of(connection)
    finally:
        await engine.dispose()
