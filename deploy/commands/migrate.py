"""`vernissage migrate`: the services' databases at the newest revision of their tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from deploy.commands.ending import CommandFailed, ExitCode
from deploy.commands.options import DATA, AsJson, DataFolder, Postgres
from deploy.commands.showing import show_json
from deploy.databases import DatabaseSilent
from deploy.embedded.given_parts import GivenPostgres
from deploy.running import DatabaseToMigrate, databases_to_migrate
from shared.revisions import MigrationBlocked
from shared.travel.topics import SERVICES, Service

if TYPE_CHECKING:
    from shared.migrations import Migration


def migrate(
    service: Annotated[
        str | None, typer.Argument(help="registration, matching or notification. [default: all three]")
    ] = None,
    postgres: Postgres = None,
    data: DataFolder = DATA,
    as_json: AsJson = False,
) -> None:
    """Bring the databases of all services, or of one, to the newest revision of their tables.

    With --postgres the databases are made where they are missing. Without it they are those of the stack that runs on
    the data folder, else those that the services' variables name: VERNISSAGE_MATCHING_DATABASE_OWNER_URL with the role
    that owns the tables, VERNISSAGE_MATCHING_DATABASE_URL with the one that is given rights to their rows. What is new
    already stays as it is; a database is migrated whole or not at all.
    """
    services = _named(service)
    done = {each: _migrate(each, found) for each, found in _databases(services, postgres, data).items()}
    if as_json:
        show_json({each: {"found": migration.found, "left": migration.left} for each, migration in done.items()})
        return
    for each, migration in done.items():
        typer.echo(f"{each}: {_in_words(migration)}")


def _named(service: str | None) -> Sequence[Service]:
    chosen = [each for each in SERVICES if service in (None, each)]
    if not chosen:
        raise CommandFailed(f"No service is named “{service}”; there are {', '.join(SERVICES)}.", ExitCode.REFUSED)
    return chosen


def _databases(services: Sequence[Service], postgres: str | None, data: Path) -> Mapping[Service, DatabaseToMigrate]:
    if postgres is None:
        return databases_to_migrate(services, data)
    given = GivenPostgres(postgres, services)
    given.start()
    return {service: DatabaseToMigrate(given.owner_url(service), given.role(service)) for service in services}


def _migrate(service: Service, database: DatabaseToMigrate) -> Migration:
    # Only here, and not with every command: they bring Alembic with them.
    from asyncpg import PostgresError  # noqa: PLC0415
    from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415

    from shared.migrations import upgrade  # noqa: PLC0415
    from shared.protected_role import ProtectedRoleMissing  # noqa: PLC0415

    url = database.owner_url
    try:
        return upgrade(service, url, works_as=database.works_as)
    except (MigrationBlocked, ProtectedRoleMissing) as error:
        raise CommandFailed(str(error)) from error
    except OSError as error:
        raise DatabaseSilent(f"PostgreSQL does not answer at {_place(url)}: check that it runs.") from error
    except (PostgresError, SQLAlchemyError) as error:
        driver = getattr(error, "orig", None)
        kind = type((driver and driver.__cause__) or error).__name__
        raise CommandFailed(
            f"The database of {service} at {_place(url)} was not migrated ({kind}): check its address and its role’s "
            "rights."
        ) from error


def _place(url: str) -> str:
    at = urlsplit(url)
    return f"{at.hostname}:{at.port or 5432}{at.path}"


def _in_words(migration: Migration) -> str:
    if migration.found == migration.left:
        return f"at revision {migration.left} already"
    if migration.found is None:
        return f"tables made, at revision {migration.left}"
    return f"migrated from revision {migration.found} to {migration.left}"
