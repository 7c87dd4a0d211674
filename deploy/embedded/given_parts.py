"""A Kafka and a PostgreSQL that others run, in the place of the embedded ones."""

import hashlib
import hmac
from collections.abc import Sequence
from urllib.parse import quote, unquote, urlsplit, urlunsplit

import asyncpg

from deploy.embedded.errors import BrokerUnavailable, DatabaseUnavailable
from deploy.embedded.kafka import broker_answers
from deploy.embedded.postgres import let_in, make_protected_role, make_role, run_apart, server_version
from deploy.embedded.program import wait_until
from deploy.embedded.progress import Progress, in_silence
from shared.travel.topics import SERVICES

ANSWER_SECONDS = 15.0
DATABASE_PREFIX = "vernissage_"

MARK = "made by “vernissage demo”, which drops it each time it begins"
"""The comment on a database that may be dropped; one without it is somebody's."""


class GivenKafka:
    """The Kafka at `bootstrap_servers` (`HOST:PORT`, or several separated by commas)."""

    version = "as given"

    def __init__(self, bootstrap_servers: str) -> None:
        self.bootstrap_servers = bootstrap_servers

    def start(self, progress: Progress = in_silence) -> None:
        """Make sure that it answers. Raises `BrokerUnavailable`."""
        progress("kafka", f"asking {self.bootstrap_servers}", None)
        if not wait_until(lambda: broker_answers(self.bootstrap_servers, seconds=2.0), ANSWER_SECONDS):
            reason = f"nobody answers at {self.bootstrap_servers}, check the address and that it runs"
            raise BrokerUnavailable(reason)
        progress("kafka", f"Kafka at {self.bootstrap_servers}", 1.0)


class GivenPostgres:
    """The PostgreSQL at `address` (`postgresql://ROLE:PASSWORD@HOST:PORT/DATABASE`).

    Each service has a database there whose name begins with `prefix`, such as `vernissage_matching`, and a role of the
    same name, which works there and owns nothing; both are made where they are missing. The given role owns the
    databases and migrates them; it may make roles, and databases where one is missing. Where `anew` is true, databases
    are marked when they are made, and one that is there with that mark is dropped first; without it, nothing is touched
    and `start` refuses.
    """

    def __init__(
        self, address: str, services: Sequence[str] = SERVICES, *, prefix: str = DATABASE_PREFIX, anew: bool = False
    ) -> None:
        self.version = ""
        self._prefix = prefix
        self._anew = anew
        self._address = urlsplit(address.replace("postgresql+asyncpg://", "postgresql://", 1))
        self._services = tuple(services)

    def start(self, progress: Progress = in_silence) -> None:
        """Make sure that it answers and has the databases. Raises `DatabaseUnavailable`, which tells no password."""
        where = f"{self._address.hostname}:{self._address.port or 5432}"
        progress("postgresql", f"asking {where}", None)
        try:
            self.version = run_apart(self._make_databases())
        except asyncpg.InsufficientPrivilegeError as error:
            reason = f"the role given for the server at {where} may not make roles and databases, give it that right"
            raise DatabaseUnavailable(reason) from error
        except (OSError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            reason = f"the server at {where} refused or did not answer ({type(error).__name__}), check its address"
            raise DatabaseUnavailable(reason) from error
        progress("postgresql", f"PostgreSQL {self.version} at {where}", 1.0)

    def url(self, service: str) -> str:
        """The SQLAlchemy address of a service's database, with the service's own role."""
        role, password = self.role(service), self._password(service)
        _, _, where = self._address.netloc.rpartition("@")
        who = f"{quote(role)}:{quote(password)}" if password else quote(role)
        return self._to_database(service, f"{who}@{where}")

    def owner_url(self, service: str) -> str:
        """The SQLAlchemy address of a service's database, with the given role."""
        return self._to_database(service, self._address.netloc)

    def _to_database(self, service: str, netloc: str) -> str:
        path = f"/{self._prefix}{service}"
        return urlunsplit(self._address._replace(scheme="postgresql+asyncpg", netloc=netloc, path=path))

    def role(self, service: str) -> str:
        """The role under which a service works."""
        return f"{self._prefix}{service}"

    def _password(self, service: str) -> str | None:
        """The password of a service's role: derived from the given one, so that whoever knows that needs no other.

        Where the server asks the given role for none, it asks this one for none.
        """
        given = self._address.password
        return given and hmac.new(unquote(given).encode(), self.role(service).encode(), hashlib.sha256).hexdigest()

    async def _make_databases(self) -> str:
        connection = await asyncpg.connect(urlunsplit(self._address), timeout=ANSWER_SECONDS)
        try:
            for service in self._services:
                name = f"{self._prefix}{service}"
                if self._anew:
                    await _make_anew(connection, name)
                elif not await _is_there(connection, name):
                    await connection.execute(f'CREATE DATABASE "{name}"')
                await make_role(connection, self.role(service), self._password(service))
                await make_protected_role(connection, service, self.role(service))
                await let_in(connection, name, self.role(service))
            return server_version(await connection.fetchval("SHOW server_version"))
        finally:
            await connection.close()


async def _make_anew(connection: "asyncpg.Connection[asyncpg.Record]", name: str) -> None:
    if await _is_there(connection, name) and await _comment_on(connection, name) != MARK:
        raise DatabaseUnavailable(
            f"the database {name} is there and no demo made it, so nothing was touched: drop or rename it"
        )
    await connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    await connection.execute(f'CREATE DATABASE "{name}"')
    await connection.execute(f"COMMENT ON DATABASE \"{name}\" IS '{MARK}'")


async def _is_there(connection: "asyncpg.Connection[asyncpg.Record]", name: str) -> bool:
    return bool(await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", name))


async def _comment_on(connection: "asyncpg.Connection[asyncpg.Record]", name: str) -> str | None:
    asked = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = $1"
    comment: str | None = await connection.fetchval(asked, name)
    return comment
