"""Migrations run whole or not at all, twice or at once, and leave just the tables that the code declares."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import Column, Integer, MetaData, Table

from shared import migrations
from shared.database import connect, named_metadata
from shared.revisions import DatabaseTooNew, MigrationBlocked
from tests.support.databases import Databases

ENVIRONMENT = """\
from shared.database import named_metadata
from shared.migrations import run_migrations

run_migrations(named_metadata())
"""
FIRST = """\
from alembic import op
from shared.migrations import create_travel_tables

revision = "0001"
down_revision = None

def upgrade():
    create_travel_tables(op)
"""
BROKEN = """\
from alembic import op

revision = "0002"
down_revision = "0001"

def upgrade():
    op.execute("CREATE TABLE half (id int)")
    op.execute("SELECT 1 / 0")
"""

MORE = """\
from alembic import op

revision = "0002"
down_revision = "0001"

def upgrade():
    op.execute("ALTER TABLE outbox ADD COLUMN more int")
"""

ALONE = """\
from alembic import op
from shared.migrations import check_nobody_works

revision = "0002"
down_revision = "0001"

def upgrade():
    op.execute("ALTER TABLE outbox ADD COLUMN more int")
    check_nobody_works(op)
"""


@pytest.fixture
def gallery(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of versions of a service with a first version."""
    package = tmp_path / "services" / "gallery"
    versions = package / "migrations" / "versions"
    versions.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "migrations" / "env.py").write_text(ENVIRONMENT)
    (versions / "0001_travel.py").write_text(FIRST)
    import services

    monkeypatch.setattr(services, "__path__", [*services.__path__, str(tmp_path / "services")])
    return versions


@pytest.fixture
def url(postgres: Databases) -> Iterator[str]:
    """The address of an empty database."""
    name = postgres.create_database()
    yield postgres.url(name)
    postgres.drop_database(name)


def test_migrations_at_once_follow_each_other(gallery: Path, url: str) -> None:
    with ThreadPoolExecutor(3) as threads:
        for done in [threads.submit(migrations.upgrade, "gallery", url) for _ in range(3)]:
            done.result()
    assert migrations.differences(url, named_metadata()) == []


async def test_migrations_run_inside_an_event_loop(gallery: Path, url: str) -> None:
    migrations.upgrade("gallery", url)
    assert migrations.differences(url, named_metadata()) == []


def test_a_version_that_fails_leaves_nothing(gallery: Path, url: str) -> None:
    (gallery / "0002_broken.py").write_text(BROKEN)
    with pytest.raises(Exception, match="division by zero"):
        migrations.upgrade("gallery", url)
    (gallery / "0002_broken.py").unlink()
    migrations.upgrade("gallery", url)
    assert migrations.differences(url, named_metadata()) == []


def test_a_table_without_a_migration_is_found(gallery: Path, url: str) -> None:
    migrations.upgrade("gallery", url)
    forgotten: MetaData = named_metadata()
    Table("paintings", forgotten, Column("id", Integer, primary_key=True))
    ((what, table),) = migrations.differences(url, forgotten)
    assert (what, table.name) == ("add_table", "paintings")


def test_an_unknown_service_is_named(url: str) -> None:
    with pytest.raises(LookupError, match="no service is named 'museum'"):
        migrations.upgrade("museum", url)


def test_what_was_done_is_told(gallery: Path, url: str) -> None:
    assert migrations.upgrade("gallery", url) == migrations.Migration(None, "0001")
    assert migrations.upgrade("gallery", url) == migrations.Migration("0001", "0001")


def test_a_database_that_a_newer_version_migrated_is_left_alone(gallery: Path, url: str) -> None:
    (gallery / "0002_more.py").write_text(MORE)
    migrations.upgrade("gallery", url)
    (gallery / "0002_more.py").unlink()
    with pytest.raises(DatabaseTooNew, match="revision 0002, newer than the 0001"):
        migrations.upgrade("gallery", url)


async def test_a_table_in_use_is_not_waited_for_long(gallery: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrations, "WAIT_FOR_TABLE", timedelta(milliseconds=50))
    migrations.upgrade("gallery", url)
    (gallery / "0002_more.py").write_text(MORE)
    reader = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        async with reader.transaction():
            await reader.fetch("SELECT * FROM outbox")
            with pytest.raises(MigrationBlocked, match="nothing was changed, try again"):
                migrations.upgrade("gallery", url)
    finally:
        await reader.close()
    assert migrations.upgrade("gallery", url) == migrations.Migration("0001", "0002")


async def test_a_version_that_former_processes_cannot_bear_waits_until_they_are_stopped(
    gallery: Path, url: str
) -> None:
    migrations.upgrade("gallery", url)
    (gallery / "0002_alone.py").write_text(ALONE)
    former = await connect(url)
    try:
        with pytest.raises(MigrationBlocked, match="stop all processes of the service, migrate, and start"):
            migrations.upgrade("gallery", url)
        assert await former.fetchval("SELECT version_num FROM alembic_version") == "0001"
    finally:
        await former.close()
    assert migrations.upgrade("gallery", url) == migrations.Migration("0001", "0002")
