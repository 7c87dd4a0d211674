"""The databases of a demo on a PostgreSQL that others run: its own, anew each time, and nothing else is touched."""

import asyncio
from collections.abc import Iterator
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg
import pytest

from deploy.embedded.errors import DatabaseUnavailable
from deploy.embedded.given_parts import GivenPostgres
from deploy.embedded.postgres import run_apart
from shared.migrations import upgrade
from tests.support.databases import Databases


@pytest.fixture
def prefix(postgres: Databases) -> Iterator[str]:
    """The start of names that nobody else has; databases so named go with the test."""
    prefix = f"d{uuid4().hex[:8]}_"
    yield prefix
    for kind in ("kept", "anew"):
        postgres.drop_database(f"{prefix}{kind}")


async def mark(url: str) -> int:
    """Make a table that says that somebody was here; how many there are."""
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        await connection.execute("CREATE TABLE IF NOT EXISTS marks (id int)")
        await connection.execute("INSERT INTO marks VALUES (1)")
        return int(await connection.fetchval("SELECT count(*) FROM marks"))
    finally:
        await connection.close()


@pytest.mark.parametrize(("service", "is_anew", "seen"), [("kept", False, 2), ("anew", True, 1)])
def test_databases_are_kept_or_made_anew(
    postgres: Databases, prefix: str, service: str, is_anew: bool, seen: int
) -> None:
    counts = []
    for _ in range(2):
        given = GivenPostgres(postgres.server.admin_url, [service], prefix=prefix, anew=is_anew)
        given.start()
        assert given.url(service).endswith(f"/{prefix}{service}")
        counts.append(asyncio.run(mark(given.owner_url(service))))
    assert counts == [1, seen]


def test_a_database_that_no_demo_made_is_refused_and_left_as_it_was(postgres: Databases, prefix: str) -> None:
    somebodys = GivenPostgres(postgres.server.admin_url, ["kept"], prefix=prefix)
    somebodys.start()
    asyncio.run(mark(somebodys.owner_url("kept")))
    with pytest.raises(DatabaseUnavailable, match=f"{prefix}kept is there and no demo made it"):
        GivenPostgres(postgres.server.admin_url, ["kept"], prefix=prefix, anew=True).start()
    assert asyncio.run(mark(somebodys.owner_url("kept"))) == 2


@pytest.fixture
def builder(postgres: Databases) -> Iterator[str]:
    """The address of a server for a role that may make roles and databases, and is no superuser."""
    name = f"b{uuid4().hex[:8]}"
    admin = postgres.server.admin_url
    run_apart(_do(admin, f"CREATE ROLE {name} LOGIN CREATEROLE CREATEDB PASSWORD '{name}'"))
    yield urlsplit(admin)._replace(netloc=f"{name}:{name}@{urlsplit(admin).netloc.rpartition('@')[2]}").geturl()
    postgres.drop_database(f"{name}_registration")
    for role in (f"{name}_registration_protected", f"{name}_registration", name):
        run_apart(_do(admin, f"DROP ROLE {role}"))


async def _do(url: str, *statements: str) -> None:
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


def test_no_superuser_is_needed_to_keep_what_is_protected_apart(builder: str) -> None:
    given = GivenPostgres(builder, ["registration"], prefix=f"{urlsplit(builder).username}_")
    for _ in range(2):
        given.start()
        upgrade("registration", given.owner_url("registration"), works_as=given.role("registration"))
    url, reading = given.url("registration"), "SELECT * FROM protected.criteria"
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        run_apart(_do(url, reading))
    run_apart(_do(url, f"SET ROLE {given.role('registration')}_protected", reading))
