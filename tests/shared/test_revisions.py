"""A process refuses a database that is older than it needs or newer than it knows, in one sentence."""

import asyncio
from collections.abc import Callable

import asyncpg
import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy.engine import make_url

from shared.revisions import known_revisions, migrations_folder, refuse_other_revisions
from shared.travel.topics import SERVICES
from tests.support.databases import Databases


@pytest.mark.parametrize("service", SERVICES)
def test_the_revisions_read_off_the_names_are_those_of_the_migrations(service: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(migrations_folder(service)))
    scripts = ScriptDirectory.from_config(config)
    assert known_revisions(service) == [script.revision for script in reversed(list(scripts.walk_revisions()))]
    assert scripts.get_heads() == [known_revisions(service)[-1]]


async def set_revision(owner_url: str, revision: str) -> None:
    """Let a database say that it is at another revision."""
    connection = await asyncpg.connect(owner_url.replace("+asyncpg", ""))
    try:
        await connection.execute("UPDATE alembic_version SET version_num = $1", revision)
    finally:
        await connection.close()


def test_a_database_at_its_newest_revision_is_taken(service_database: Callable[[str], str]) -> None:
    refuse_other_revisions("matching", service_database("matching"))


def test_a_database_without_tables_is_refused(postgres: Databases) -> None:
    name = postgres.create_database()
    with pytest.raises(SystemExit, match=r"has no tables yet .*: run “vernissage migrate matching”"):
        refuse_other_revisions("matching", postgres.url(name))
    postgres.drop_database(name)


def test_an_older_database_is_refused(service_database: Callable[[str], str], monkeypatch: pytest.MonkeyPatch) -> None:
    url = service_database("matching")
    known = known_revisions("matching")
    monkeypatch.setattr("shared.revisions.known_revisions", lambda _service: [*known, "0999"])
    with pytest.raises(SystemExit, match=f"is at revision {known[-1]} and this version needs 0999"):
        refuse_other_revisions("matching", url)


def test_a_newer_database_is_refused(postgres: Databases, service_database: Callable[[str], str]) -> None:
    url = service_database("matching")
    asyncio.run(set_revision(postgres.owner_url(str(make_url(url).database)), "0999"))
    newest = known_revisions("matching")[-1]
    with pytest.raises(SystemExit, match=f"revision 0999, newer than the {newest} that this version knows"):
        refuse_other_revisions("matching", url)


def test_a_database_that_is_away_is_waited_for(caplog: pytest.LogCaptureFixture) -> None:
    refuse_other_revisions("matching", "postgresql+asyncpg://nobody:secret@127.0.0.1:1/nothing")
    assert "not known yet" in caplog.text
    assert "secret" not in caplog.text
