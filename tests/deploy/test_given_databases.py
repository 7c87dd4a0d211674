"""The databases of a demo on a PostgreSQL that others run: its own, anew each time, and nothing else is touched."""

import asyncio
from collections.abc import Iterator
from uuid import uuid4

import asyncpg
import pytest

from deploy.embedded.errors import DatabaseUnavailable
from deploy.embedded.given_parts import GivenPostgres
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
