"""The embedded PostgreSQL keeps data through kills, keeps services apart, and says what is wrong."""

import os
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import psutil
import pytest

from deploy.embedded.accounts import UNPRIVILEGED, all_may_pass
from deploy.embedded.errors import FolderUnusable, PortTaken
from deploy.embedded.given_parts import GivenPostgres
from deploy.embedded.ports import free_port
from deploy.embedded.postgres import EmbeddedPostgres, run_apart
from deploy.embedded.processes import Supervisor
from deploy.embedded.program import wait_until
from shared.travel.topics import SERVICES


@pytest.fixture(scope="module")
def supervisor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Supervisor]:
    with Supervisor(tmp_path_factory.mktemp("logs")) as supervisor:
        yield supervisor


@pytest.fixture(scope="module")
def server(supervisor: Supervisor, tmp_path_factory: pytest.TempPathFactory) -> EmbeddedPostgres:
    server = EmbeddedPostgres(supervisor, tmp_path_factory.mktemp("postgresql"))
    server.start()
    return server


def plain(address: str) -> str:
    return address.replace("postgresql+asyncpg://", "postgresql://")


async def ask(address: str, question: str) -> Any:
    connection = await asyncpg.connect(plain(address), timeout=10)
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


async def test_each_service_has_its_own_database_and_role(server: EmbeddedPostgres) -> None:
    for service in SERVICES:
        assert (
            await ask(server.url(service), "SELECT current_user || ' ' || current_database()") == f"{service} {service}"
        )
        assert await ask(server.url(service), "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False
    assert server.version.startswith("18.")


async def test_a_service_works_under_a_role_that_owns_nothing(server: EmbeddedPostgres) -> None:
    for service in SERVICES:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await ask(server.url(service), "CREATE TABLE mine (id int)")
        assert await ask(server.owner_url(service), "SELECT current_user::text") == f"{service}_owner"
        owned = "SELECT count(*) FROM pg_database WHERE pg_get_userbyid(datdba) = 'registration'"
        assert await ask(server.owner_url(service), owned) == 0


async def test_what_an_earlier_version_let_a_service_own_is_its_owners_now(tmp_path: Path) -> None:
    with Supervisor(tmp_path / "logs") as supervisor:
        server = EmbeddedPostgres(supervisor, tmp_path / "data", services=["matching"], durable=False)
        server.start()
        await ask(server.admin_url("matching"), "ALTER DATABASE matching OWNER TO matching")
        await ask(server.url("matching"), "CREATE TABLE kept AS SELECT 42 AS answer")
    with Supervisor(tmp_path / "logs") as supervisor:
        again = EmbeddedPostgres(supervisor, tmp_path / "data", services=["matching"], durable=False)
        again.start()
        assert await ask(again.owner_url("matching"), "SELECT answer FROM kept") == 42
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await ask(again.url("matching"), "DROP TABLE kept")


async def test_no_service_can_enter_the_database_of_another(server: EmbeddedPostgres) -> None:
    address = plain(server.url("notification")).rpartition("/")[0] + "/registration"
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await asyncpg.connect(address)


async def test_no_one_enters_without_the_password(server: EmbeddedPostgres) -> None:
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(f"postgresql://postgres:guess@127.0.0.1:{server.port}/postgres")


def test_passwords_are_kept_for_the_owner_alone(server: EmbeddedPostgres) -> None:
    path = server.folder / "passwords.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.stat().st_uid == os.geteuid()


async def test_kept_data_waits_for_the_disk(server: EmbeddedPostgres) -> None:
    assert await ask(server.admin_url(), "SHOW fsync") == "on"
    assert await ask(server.admin_url(), "SHOW synchronous_commit") == "on"


async def test_it_listens_on_loopback_only(server: EmbeddedPostgres, supervisor: Supervisor) -> None:
    listening = psutil.Process(supervisor.pid(server.name)).net_connections()
    assert {connection.laddr.ip for connection in listening if connection.status == psutil.CONN_LISTEN} == {"127.0.0.1"}


async def test_what_was_committed_survives_a_kill(server: EmbeddedPostgres, supervisor: Supervisor) -> None:
    await ask(server.owner_url("matching"), "CREATE TABLE kept AS SELECT 42 AS answer")
    killed = supervisor.pid(server.name)
    psutil.Process(killed).kill()
    assert wait_until(lambda: supervisor.pid(server.name) != killed and server.is_ready(), 30)
    assert await ask(server.owner_url("matching"), "SELECT answer FROM kept") == 42


@pytest.fixture
def stranger() -> Iterator[int]:
    """The number of a process of the account that PostgreSQL runs under."""
    account = UNPRIVILEGED if os.geteuid() == 0 else None
    with subprocess.Popen(["sleep", "600"], user=account) as process:
        yield process.pid
        process.kill()


async def test_a_stopped_server_starts_again_with_its_data_and_passwords(tmp_path: Path, stranger: int) -> None:
    with Supervisor(tmp_path / "logs") as supervisor:
        first = EmbeddedPostgres(supervisor, tmp_path / "data", services=["matching"], durable=False)
        first.start()
        await ask(first.owner_url("matching"), "CREATE TABLE kept AS SELECT 42 AS answer")
        assert await ask(first.admin_url(), "SHOW fsync") == "off"
    # What a killed server leaves: a file with its number, which may since be a stranger's.
    (tmp_path / "data" / "cluster" / "postmaster.pid").write_text(f"{stranger}\n")
    with Supervisor(tmp_path / "logs") as supervisor:
        second = EmbeddedPostgres(supervisor, tmp_path / "data", services=["matching", "late"], port=free_port())
        second.start()
        assert await ask(second.owner_url("matching"), "SELECT answer FROM kept") == 42
        assert await ask(second.url("late"), "SELECT current_user") == "late"
        assert first.url("matching").rpartition("@")[0] == second.url("matching").rpartition("@")[0]


def test_a_taken_port_is_named(server: EmbeddedPostgres, supervisor: Supervisor, tmp_path: Path) -> None:
    other = EmbeddedPostgres(supervisor, tmp_path, port=server.port, name="other")
    with pytest.raises(PortTaken, match=f"PostgreSQL cannot listen on port {server.port}"):
        other.start()


def test_a_folder_that_cannot_be_written_is_named(supervisor: Supervisor) -> None:
    with pytest.raises(FolderUnusable, match="/proc/here"):
        EmbeddedPostgres(supervisor, Path("/proc/here")).start()


def test_a_folder_closed_to_others_is_used_and_stays_closed(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    with Supervisor(tmp_path / "logs") as supervisor:
        server = EmbeddedPostgres(supervisor, closed / "postgresql", services=(), durable=False)
        server.start()
        assert run_apart(ask(server.admin_url(), "SELECT 1")) == 1
    assert not all_may_pass([closed / "postgresql"])


async def test_a_given_server_gets_the_missing_databases(server: EmbeddedPostgres) -> None:
    given = GivenPostgres(server.admin_url(), services=["matching"])
    given.start()
    given.start()
    assert await ask(given.url("matching"), "SELECT current_database() || ' ' || current_user") == (
        "vernissage_matching vernissage_matching"
    )
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await ask(given.url("matching"), "CREATE TABLE mine (id int)")
    await ask(given.owner_url("matching"), "CREATE TABLE theirs (id int)")
    assert given.version == server.version
