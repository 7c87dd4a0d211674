"""The services run in one's own way, as README says, on a PostgreSQL and a Kafka that hold nothing yet."""

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest

from deploy.commands.ending import ExitCode
from deploy.embedded.ports import free_port
from deploy.embedded.program import wait_until, when_page_answers
from deploy.services import READY_SECONDS, prefix_of
from shared.revisions import known_revisions
from shared.travel.topics import SERVICES, Service
from tests.support.brokers import Broker
from tests.support.databases import Databases

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

README = Path(__file__).parents[2] / "README.md"
MIGRATE = "vernissage migrate"
PARTS = {"web": "python -m services.{}.web", "worker": "python -m services.{}.worker"}
POOL = "python -m services.matching.pool"
STOP_SECONDS = 20.0
NEWEST = known_revisions("matching")[-1]


@pytest.fixture
def environment(postgres: Databases, kafka: Broker, topic_prefix: str) -> Iterator[dict[str, str]]:
    """The variables of all services, on three empty databases."""
    empty = postgres.create_database()
    seal, made = secrets.token_urlsafe(48), {service: postgres.create_database(empty) for service in SERVICES}
    postgres.drop_database(empty)
    told = {
        service: {
            "DATABASE_URL": postgres.url(made[service]),
            "DATABASE_OWNER_URL": postgres.owner_url(made[service]),
            "SEAL_SECRET": seal,
            "WEB_PORT": str(free_port()),
            "WORKER_PORT": str(free_port()),
            "KAFKA_BOOTSTRAP": kafka.bootstrap_servers,
            "TOPIC_PREFIX": topic_prefix,
        }
        for service in SERVICES
    }
    told["matching"]["POOL_PORT"] = str(free_port())
    yield {prefix_of(service) + name: value for service in SERVICES for name, value in told[service].items()}
    for name in made.values():
        postgres.drop_database(name)


def start(command: str, environment: Mapping[str, str]) -> subprocess.Popen[str]:
    """Start a command as README writes it, with this interpreter and its scripts."""
    words = command.split()
    words[:1] = [sys.executable] if words[0] == "python" else [sys.executable, "-m", "deploy.cli"]
    return subprocess.Popen(
        words, env={**os.environ, **environment}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def said(command: str, environment: Mapping[str, str]) -> tuple[int, str]:
    """Run a command to its end: its exit code and what it said."""
    process = start(command, environment)
    out, _ = process.communicate(timeout=60)
    return process.returncode, out


def port(environment: Mapping[str, str], service: Service, part: str) -> str:
    """The port of a service's web process, worker or pool."""
    return environment[f"{prefix_of(service)}{part.upper()}_PORT"]


def test_what_is_played_here_is_what_the_readme_says() -> None:
    readme = README.read_text(encoding="utf-8")
    for command in (MIGRATE, POOL, *(command.format("SERVICE") for command in PARTS.values())):
        assert command in readme


def test_from_nothing_to_seven_processes_that_are_ready_and_end_when_told(environment: dict[str, str]) -> None:
    code, words = said(PARTS["worker"].format("matching"), environment)
    assert code == 1
    assert words.strip().endswith("run “vernissage migrate matching”.")

    code, words = said(f"{MIGRATE} matching", environment)
    assert (code, words) == (ExitCode.DONE, f"matching: tables made, at revision {NEWEST}\n")
    code, words = said(MIGRATE, environment)
    assert code == ExitCode.DONE, words
    assert f"matching: at revision {NEWEST} already" in words
    assert "registration: tables made" in words

    wanted = [(service, part, PARTS[part].format(service)) for service in SERVICES for part in PARTS]
    with ExitStack() as closing:
        running = []
        for service, part, command in (*wanted, ("matching", "pool", POOL)):
            process = start(command, environment)
            closing.callback(process.communicate)
            closing.callback(process.kill)
            page = "health" if part == "web" else "health/ready"
            running.append((process, f"http://127.0.0.1:{port(environment, service, part)}/{page}"))
        for process, page in running:
            assert wait_until(when_page_answers(page), READY_SECONDS), (page, process.poll())
        for process, _ in running:
            process.terminate()
        assert [process.wait(STOP_SECONDS) for process, _ in running] == [0] * len(running)


def test_a_wrong_service_or_address_is_said_in_a_sentence(environment: dict[str, str]) -> None:
    code, words = said(f"{MIGRATE} museum", environment)
    assert (code, words) == (
        ExitCode.REFUSED,
        "No service is named “museum”; there are registration, matching, notification.\n",
    )
    nowhere = environment["VERNISSAGE_MATCHING_DATABASE_OWNER_URL"] + "_nowhere"
    code, words = said(f"{MIGRATE} matching", environment | {"VERNISSAGE_MATCHING_DATABASE_OWNER_URL": nowhere})
    assert code == ExitCode.FAILED
    assert "was not migrated (InvalidCatalogNameError)" in words
    silent = "postgresql+asyncpg://nobody:secret@127.0.0.1:1/nothing"
    code, words = said(f"{MIGRATE} matching", environment | {"VERNISSAGE_MATCHING_DATABASE_OWNER_URL": silent})
    assert (code, words) == (
        ExitCode.NOBODY_ANSWERS,
        "PostgreSQL does not answer at 127.0.0.1:1/nothing: check that it runs.\n",
    )
