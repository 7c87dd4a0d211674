"""The PostgreSQL of a test run: one server for all tests, and for each test a database of its own in milliseconds."""

import asyncio
import os
import secrets
import threading
from collections.abc import Callable, Coroutine, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, TypeVar
from urllib.parse import quote, urlsplit
from uuid import uuid4

import asyncpg

from deploy.embedded.errors import EmbeddedError
from deploy.embedded.postgres import EmbeddedPostgres, make_protected_role, run_apart, server_version
from deploy.embedded.processes import Supervisor
from shared.protected_role import protected_role_of
from tests.support.finding import PartUnavailable, Way, named_in, require_docker

POSTGRES_IMAGE = "postgres:18"

Kind = Literal["named", "docker", "embedded"]
Result = TypeVar("Result")


@dataclass(frozen=True)
class DatabaseServer:
    """A PostgreSQL to test against.

    `admin_url` (`postgresql://…`) has a superuser's rights. `run` starts the name of all that this test run makes
    there; it is also the name of the plain role, with `password`, under which tests work as services do. `owner` is the
    role that owns what migrations build; a third, which nobody signs in as, reaches what is protected.
    """

    kind: Kind
    admin_url: str
    version: str
    run: str
    password: str

    @property
    def owner(self) -> str:
        """The role that owns what migrations build."""
        return f"{self.run}_owner"

    def url(self, database: str, role: str | None = None) -> str:
        """The SQLAlchemy address (`postgresql+asyncpg://…`) of a database, with the plain role or another."""
        at = urlsplit(self.admin_url)
        return f"postgresql+asyncpg://{role or self.run}:{quote(self.password)}@{at.hostname}:{at.port}/{database}"

    def __str__(self) -> str:
        at = urlsplit(self.admin_url)
        return f"PostgreSQL {self.version} ({self.kind}, {at.hostname}:{at.port})"


def database_ways(
    supervisor: Callable[[], Supervisor], folder: Path, closing: ExitStack, environment: Mapping[str, str] = os.environ
) -> list[Way[DatabaseServer]]:
    """The ways to a server, best first. What a way starts, `closing` stops; what it keeps goes under `folder`."""
    return [
        Way("address", lambda: named_server(named_in(environment, "VERNISSAGE_TEST_POSTGRES"), closing)),
        Way("docker", lambda: container_server(closing, environment)),
        Way("embedded", lambda: embedded_server(supervisor(), folder, closing)),
    ]


def named_server(admin_url: str, closing: ExitStack) -> DatabaseServer:
    """The server somebody else runs: what this test run makes there is dropped at its end."""
    server = _prepared("named", admin_url)
    closing.callback(lambda: run_apart(_drop_all(server)))
    return server


def container_server(closing: ExitStack, environment: Mapping[str, str]) -> DatabaseServer:
    """PostgreSQL in a container, which waits for no disk."""
    require_docker(environment)
    from testcontainers.community.postgres import PostgresContainer

    container = PostgresContainer(
        POSTGRES_IMAGE, username="postgres", password=secrets.token_urlsafe(16), dbname="postgres", driver=None
    )
    container.with_command("postgres -c fsync=off -c synchronous_commit=off -c full_page_writes=off")
    closing.enter_context(container)
    return _prepared("docker", container.get_connection_url())


def embedded_server(supervisor: Supervisor, folder: Path, closing: ExitStack) -> DatabaseServer:
    """PostgreSQL as a local process of its own for this run, which waits for no disk."""
    postgres = EmbeddedPostgres(supervisor, folder / "postgresql", services=(), durable=False)
    try:
        postgres.start()
    except EmbeddedError as error:
        raise PartUnavailable(str(error)) from error
    closing.callback(postgres.stop)
    return _prepared("embedded", postgres.admin_url())


def _prepared(kind: Kind, admin_url: str) -> DatabaseServer:
    server = DatabaseServer(kind, admin_url, "", f"t{uuid4().hex[:10]}", secrets.token_hex(16))
    try:
        return replace(server, version=run_apart(_make_roles(server)))
    except (OSError, asyncpg.PostgresError) as error:
        raise PartUnavailable(f"no PostgreSQL answers at the address ({type(error).__name__})") from error


async def _make_roles(server: DatabaseServer) -> str:
    connection = await asyncpg.connect(server.admin_url, timeout=10)
    try:
        for role in (server.run, server.owner):
            await connection.execute(f"CREATE ROLE {role} LOGIN PASSWORD '{server.password}'")
        await make_protected_role(connection, "registration", server.run)
        return server_version(await connection.fetchval("SHOW server_version"))
    finally:
        await connection.close()


async def _drop_all(server: DatabaseServer) -> None:
    connection = await asyncpg.connect(server.admin_url, timeout=10)
    try:
        for row in await connection.fetch("SELECT datname FROM pg_database WHERE starts_with(datname, $1)", server.run):
            await connection.execute(f'DROP DATABASE "{row["datname"]}" WITH (FORCE)')
        await connection.execute(f"DROP ROLE {protected_role_of(server.run)}, {server.run}, {server.owner}")
    finally:
        await connection.close()


class Databases:
    """Makes and drops databases on the run's server, from any thread, whether or not a loop runs in it."""

    def __init__(self, server: DatabaseServer) -> None:
        self.server = server
        self.version = server.version
        self._administration = _Administration(server.admin_url)

    def url(self, database: str) -> str:
        """The SQLAlchemy address of a database (`postgresql+asyncpg://…`), with the role that works in it."""
        return self.server.url(database)

    def owner_url(self, database: str) -> str:
        """The same with the role that owns what migrations built."""
        return self.server.url(database, self.server.owner)

    def create_database(self, template: str | None = None) -> str:
        """Make a database, empty or as a copy of `template`; give its name. It goes when the run ends, or earlier."""
        name = f"{self.server.run}_{uuid4().hex[:12]}"
        self._make(name, template or "template0", self.server.owner if template else self.server.run)
        return name

    def drop_database(self, name: str) -> None:
        """Drop a database, cutting whoever is still connected."""
        self._administration.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def template_of(self, service: str, upgrade: Callable[..., object]) -> str:
        """The name of the service's template database, built once a run by `upgrade(service, owner_url, works_as=…)`.

        Workers that ask at the same time wait for the first; a template that could not be built is dropped again.
        """
        name = f"{self.server.run}_template_{service}"
        with self._administration.alone(name):
            if not self._administration.exists(name):
                self._make(name, "template0", self.server.owner)
                try:
                    with ThreadPoolExecutor(1) as apart:
                        apart.submit(upgrade, service, self.owner_url(name), works_as=self.server.run).result()
                except BaseException:
                    self.drop_database(name)
                    raise
                self._administration.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        return name

    def close(self) -> None:
        """Give the connection back; what was made stays until the run ends."""
        self._administration.close()

    def _make(self, name: str, template: str, owner: str) -> None:
        self._administration.execute(f'CREATE DATABASE "{name}" OWNER {owner} TEMPLATE "{template}" STRATEGY FILE_COPY')


class _Administration:
    """One connection with a superuser's rights, in a loop and a thread of its own."""

    def __init__(self, admin_url: str) -> None:
        self._one_at_a_time = threading.RLock()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="database-administration", daemon=True)
        self._thread.start()
        self._connection = self._await(asyncpg.connect(admin_url, timeout=10))

    def execute(self, statement: str) -> None:
        with self._one_at_a_time:
            self._await(self._connection.execute(statement))

    def exists(self, database: str) -> bool:
        with self._one_at_a_time:
            found = self._await(self._connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", database))
            return found is not None

    @contextmanager
    def alone(self, name: str) -> Iterator[None]:
        """Keep every other worker of this run out of what `name` stands for."""
        with self._one_at_a_time:
            self._await(self._connection.execute("SELECT pg_advisory_lock(hashtextextended($1, 0))", name))
            try:
                yield
            finally:
                self._await(self._connection.execute("SELECT pg_advisory_unlock(hashtextextended($1, 0))", name))

    def close(self) -> None:
        self._await(self._connection.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _await(self, work: Coroutine[Any, Any, Result]) -> Result:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()
