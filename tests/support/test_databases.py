"""Databases for tests: made in milliseconds, apart from each other, by the real migrations once."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from deploy.embedded.ports import free_port
from deploy.embedded.postgres import run_apart
from deploy.embedded.processes import Supervisor
from tests.support.databases import Databases, database_ways, named_server
from tests.support.finding import PartUnavailable


async def ask(address: str, statement: str) -> Any:
    connection = await asyncpg.connect(address.replace("+asyncpg", ""), timeout=10)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


def no_supervisor() -> Supervisor:
    pytest.fail("nothing is to be started")


def build(_service: str, url: str, *, works_as: str) -> None:
    run_apart(ask(url, "CREATE TABLE built AS SELECT 1 AS times"))
    run_apart(ask(url, f"GRANT SELECT ON built TO {works_as}"))


async def test_a_copy_is_apart_from_its_template(postgres: Databases) -> None:
    template = postgres.create_database()
    await ask(postgres.url(template), "CREATE TABLE seen AS SELECT 1 AS number")
    one, two = postgres.create_database(template), postgres.create_database(template)
    await ask(postgres.url(one), "UPDATE seen SET number = 2")
    assert await ask(postgres.url(one), "SELECT number FROM seen") == 2
    assert await ask(postgres.url(two), "SELECT number FROM seen") == 1
    for name in (one, two, template):
        postgres.drop_database(name)
    with pytest.raises(asyncpg.InvalidCatalogNameError):
        await ask(postgres.url(one), "SELECT 1")


async def test_tests_work_with_the_rights_of_a_service(postgres: Databases) -> None:
    name = postgres.create_database()
    assert await ask(postgres.url(name), "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False
    assert postgres.version.startswith("18")
    postgres.drop_database(name)


async def test_a_template_is_built_once_however_many_ask(postgres: Databases) -> None:
    service, built = f"s{threading.get_ident()}", []

    def build_and_count(name: str, url: str, *, works_as: str) -> None:
        built.append(name)
        build(name, url, works_as=works_as)

    others = [Databases(postgres.server) for _ in range(3)]
    with ThreadPoolExecutor(3) as workers:
        names = list(workers.map(lambda databases: databases.template_of(service, build_and_count), others))
    assert len(set(names)) == 1
    assert built == [service]
    copy = others[0].create_database(names[0])
    assert await ask(postgres.url(copy), "SELECT times FROM built") == 1
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await ask(postgres.url(copy), "DROP TABLE built")
    # Nobody can be connected to it, and so keep it from being copied.
    with pytest.raises(asyncpg.ObjectNotInPrerequisiteStateError):
        await ask(postgres.url(names[0]), "SELECT 1")
    for databases in others:
        databases.close()


def test_a_template_that_could_not_be_built_is_built_by_the_next(postgres: Databases) -> None:
    def fail(_service: str, _url: str, *, works_as: str) -> None:
        del works_as
        raise RuntimeError("broken migration")

    with pytest.raises(RuntimeError, match="broken migration"):
        postgres.template_of("broken", fail)
    assert postgres.template_of("broken", build).endswith("_template_broken")


async def test_a_named_server_is_left_as_it_was(postgres: Databases) -> None:
    with ExitStack() as closing:
        server = named_server(postgres.server.admin_url, closing)
        databases = Databases(server)
        name = databases.create_database()
        databases.close()
        assert await ask(server.url(name), "SELECT 1") == 1
    names = "SELECT array_agg(datname) || (SELECT array_agg(rolname) FROM pg_roles) FROM pg_database"
    left: list[str] = await ask(postgres.server.admin_url, names)
    assert [name for name in left if name.startswith(server.run)] == []


def test_a_named_server_that_does_not_answer_is_a_reason_without_its_password(tmp_path: Path) -> None:
    environment = {"VERNISSAGE_TEST_POSTGRES": f"postgresql://role:secret@127.0.0.1:{free_port()}/postgres"}
    with ExitStack() as closing, pytest.raises(PartUnavailable, match="ConnectionRefusedError") as caught:
        database_ways(no_supervisor, tmp_path, closing, environment)[0].take()
    assert "secret" not in str(caught.value)


@pytest.mark.docker
def test_the_container_serves(tmp_path: Path) -> None:
    with ExitStack() as closing:
        try:
            server = database_ways(no_supervisor, tmp_path, closing)[1].take()
        except PartUnavailable as error:
            pytest.skip(str(error))
        assert server.version.startswith("18")
