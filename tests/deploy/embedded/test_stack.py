"""The stack starts as one, keeps its data, stops whole, and says in one sentence what keeps it from starting."""

import signal
import smtplib
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import asyncpg
import psutil
import pytest
from aiokafka import AIOKafkaProducer

from deploy.embedded import jars
from deploy.embedded.caught_mail import MailFolder
from deploy.embedded.errors import BrokerUnavailable, DatabaseUnavailable, EmbeddedError, FolderInUse, PortTaken
from deploy.embedded.kafka import broker_answers
from deploy.embedded.ports import LOOPBACK, answers, free_port
from deploy.embedded.processes import ProcessEvent
from deploy.embedded.stack import EmbeddedStack, StackSettings

ROOT = Path(__file__).parents[3]
RUN = """
import pathlib, sys, time
from deploy.embedded.stack import EmbeddedStack, StackSettings
stack = EmbeddedStack(StackSettings(data=pathlib.Path(sys.argv[1]), kafka="memory"))
stack.start()
print(stack.smtp_port, stack.database.port, stack.postgres_owner_url("matching"), flush=True)
try:
    time.sleep(600)
finally:
    stack.stop()
"""


async def ask(address: str, question: str) -> Any:
    connection = await asyncpg.connect(address.replace("+asyncpg", ""), timeout=10)
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


@contextmanager
def running(data: Path) -> Iterator[tuple["subprocess.Popen[str]", list[str]]]:
    """A run in a process of its own, with what it printed: ports of mail and database, and an address."""
    command, pipe = [sys.executable, "-c", RUN, str(data)], subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=subprocess.DEVNULL, text=True, cwd=ROOT) as run:
        assert run.stdout is not None
        yield run, run.stdout.readline().split()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "var"


@pytest.fixture
def said() -> list[tuple[str, str, float | None]]:
    return []


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedStack]:
    with EmbeddedStack(StackSettings(data=tmp_path_factory.mktemp("stack"), kafka="memory")) as stack:
        yield stack


async def test_everything_answers_at_the_addresses_it_tells(stack: EmbeddedStack) -> None:
    assert await ask(stack.postgres_url("registration"), "SELECT current_database()") == "registration"
    async with AIOKafkaProducer(bootstrap_servers=stack.kafka_bootstrap) as producer:
        await producer.send_and_wait("seen", b"a value")
    message = EmailMessage()
    message["Subject"] = "seen"
    with smtplib.SMTP(stack.smtp_host, stack.smtp_port) as smtp:
        smtp.send_message(message, "a@example.org", "b@example.org")
    assert [mail.subject for mail in MailFolder(stack.mail_folder).read_all()] == ["seen"]
    assert stack.database_version.startswith("PostgreSQL 18.")
    assert stack.broker_version.startswith("memory (librdkafka ")
    assert not stack.kafka_keeps_topics


async def test_progress_is_told_and_what_is_stopped_is_gone_and_its_memory_known(
    data: Path, said: list[tuple[str, str, float | None]]
) -> None:
    heard: list[ProcessEvent] = []
    settings = StackSettings(data=data, kafka="memory")
    async with EmbeddedStack(settings, lambda *line: said.append(line), heard.append) as stack:
        pids = [stack.supervisor.pid(name) for name in ("postgresql", "mail")]
    assert not any(psutil.pid_exists(pid) for pid in pids)
    assert not answers(stack.smtp_port)
    assert {step for step, _, fraction in said if fraction == 1.0} == {"kafka", "postgresql", "mail"}
    assert min(stack.peak_memory().values()) > 10_000_000
    assert {event.name for event in heard if event.kind == "stopped"} == {"postgresql", "mail"}


async def test_a_second_run_on_the_same_folder_is_refused(stack: EmbeddedStack) -> None:
    with pytest.raises(FolderInUse, match="is in use by process"):
        EmbeddedStack(stack.settings).start()
    assert stack.supervisor.is_running("postgresql")


@pytest.mark.parametrize("killed", ["the run", "the run and its warden"])
async def test_a_killed_run_leaves_its_data_to_the_next_and_nothing_else(data: Path, killed: str) -> None:
    with running(data) as (run, (smtp_port, database_port, address)):
        await ask(address, "CREATE TABLE kept AS SELECT 42 AS answer")
        wardens = [child for child in psutil.Process(run.pid).children() if any("warden" in w for w in child.cmdline())]
        assert len(wardens) == 1
        if killed == "the run and its warden":
            wardens[0].kill()
        run.kill()
        run.wait()
    if killed == "the run":
        assert psutil.wait_procs(wardens, timeout=60)[1] == []
        assert not answers(int(smtp_port))
        assert not answers(int(database_port))
    async with EmbeddedStack(StackSettings(data=data, kafka="memory")) as stack:
        assert set(stack.supervisor.leftovers) == (set() if killed == "the run" else {"postgresql", "mail"})
        assert await ask(stack.postgres_owner_url("matching"), "SELECT answer FROM kept") == 42


def test_an_interrupted_run_stops_everything(data: Path) -> None:
    with running(data) as (run, _):
        children = psutil.Process(run.pid).children(recursive=True)
        run.send_signal(signal.SIGINT)
        assert run.wait(30) != 0
    assert psutil.wait_procs(children, timeout=10)[1] == []


@pytest.mark.parametrize("part", ["database", "mail", "mail page"])
def test_a_taken_port_stops_what_had_started(stack: EmbeddedStack, data: Path, part: str) -> None:
    taken = stack.smtp_port
    heard: list[ProcessEvent] = []
    settings = StackSettings(
        data=data,
        kafka="memory",
        postgres_port=taken if part == "database" else None,
        smtp_port=taken if part == "mail" else None,
        mail_page_port=taken if part == "mail page" else None,
    )
    with pytest.raises(PortTaken, match=f"port {taken}"):
        EmbeddedStack(settings, on_event=heard.append).start()
    started = [event.name for event in heard if event.kind == "started"]
    assert sorted(started) == sorted(event.name for event in heard if event.kind == "stopped" and event.name in started)


def test_without_jars_the_memory_broker_stands_in_and_says_so(
    data: Path, said: list[tuple[str, str, float | None]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jars, "FIRST_PAUSE_SECONDS", 0.01)
    monkeypatch.setenv("VERNISSAGE_MAVEN", f"http://{LOOPBACK}:{free_port()}")
    settings = StackSettings(data=data, cache=tmp_path / "cache")
    with EmbeddedStack(settings, lambda *line: said.append(line)) as stack:
        assert broker_answers(stack.kafka_bootstrap, seconds=5.0)
        assert not stack.kafka_keeps_topics
    assert any("memory broker stands in: it forgets everything" in detail for _, detail, _ in said)


def test_a_kafka_that_does_not_answer_is_named(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deploy.embedded.given_parts.ANSWER_SECONDS", 0.1)
    address = f"{LOOPBACK}:{free_port()}"
    with pytest.raises(BrokerUnavailable, match=f"nobody answers at {address}, check the address"):
        EmbeddedStack(StackSettings(data=data, kafka=address)).start()


def test_a_postgres_that_does_not_answer_is_named_without_its_password(data: Path) -> None:
    address = f"postgresql://role:secret@{LOOPBACK}:{free_port()}/postgres"
    with pytest.raises(DatabaseUnavailable, match=r"the server at 127\.0\.0\.1:\d+ refused") as caught:
        EmbeddedStack(StackSettings(data=data, kafka="memory", postgres=address)).start()
    assert "secret" not in str(caught.value)


def test_a_folder_that_cannot_be_written_is_named() -> None:
    with pytest.raises(EmbeddedError, match="/proc/var cannot be used"):
        EmbeddedStack(StackSettings(data=Path("/proc/var"))).start()


async def test_parts_that_others_run_are_used_where_they_are(stack: EmbeddedStack, tmp_path: Path) -> None:
    address = stack.postgres_url("registration").rpartition("@")[2].replace("registration", "postgres")
    password = (stack.settings.data / "postgresql" / "passwords.json").read_text().split('"')[3]
    given = StackSettings(
        data=tmp_path / "other", kafka=stack.kafka_bootstrap, postgres=f"postgresql://postgres:{password}@{address}"
    )
    async with EmbeddedStack(given) as other:
        assert other.kafka_bootstrap == stack.kafka_bootstrap
        assert other.kafka_keeps_topics
        assert await ask(other.postgres_url("matching"), "SELECT current_database()") == "vernissage_matching"
        assert not other.supervisor.is_running("postgresql")


@pytest.mark.slow
async def test_the_default_is_apache_kafka(data: Path, downloaded_jars: list[Path]) -> None:
    async with EmbeddedStack(StackSettings(data=data)) as stack:
        assert stack.broker_version == "Apache Kafka 4.3.1"
        assert stack.kafka_keeps_topics
        assert broker_answers(stack.kafka_bootstrap, seconds=5.0)
