"""The embedded stack as one: PostgreSQL, Kafka and the mail catcher, started side by side and stopped together.

    settings = StackSettings(data=Path("var"))
    async with EmbeddedStack(settings, progress) as stack:
        stack.supervisor.start(Program(name="matching", command=[…], environment={… stack.postgres_url("matching") …}))

Whoever runs services on it starts them through `stack.supervisor`: they are then restarted when they die, named in the
record of the folder, and stopped before what they stand on.
"""

import asyncio
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from deploy.embedded.errors import JarsUnavailable, Stopping
from deploy.embedded.folder_lock import FolderLock
from deploy.embedded.folders import private_folder, usable_folder
from deploy.embedded.given_parts import DATABASE_PREFIX, GivenKafka, GivenPostgres
from deploy.embedded.kafka import EmbeddedKafka
from deploy.embedded.memory_kafka import MemoryKafka
from deploy.embedded.ports import LOOPBACK, answers, given_or_free
from deploy.embedded.postgres import EmbeddedPostgres
from deploy.embedded.processes import ProcessEvent, Supervisor, unheard
from deploy.embedded.program import Program
from deploy.embedded.progress import Progress, in_silence

ROOT = Path(__file__).parents[2]
"""From here the product's modules can be run, installed or not."""

APACHE = "apache"
MEMORY = "memory"


@dataclass(frozen=True, kw_only=True)
class StackSettings:
    """What to start, and where.

    `data` is the folder that keeps everything. `kafka` is `apache` (a local process), `memory` (forgets everything), or
    the `HOST:PORT` of a Kafka that others run. `postgres` is the address of a PostgreSQL that others run, or None for a
    local one; there the names of databases begin with `database_prefix`, and `databases_anew` has them dropped first.
    Ports are given, or free ones are taken; `java` and `cache` are as for `EmbeddedKafka`. With `durable=False` a local
    PostgreSQL waits for no disk: for what nobody keeps.
    """

    data: Path
    kafka: str = APACHE
    postgres: str | None = None
    database_prefix: str = DATABASE_PREFIX
    databases_anew: bool = False
    durable: bool = True
    kafka_port: int | None = None
    postgres_port: int | None = None
    smtp_port: int | None = None
    mail_page_port: int | None = None
    java: Path | None = None
    cache: Path | None = None

    @property
    def is_embedded(self) -> bool:
        """Whether everything runs on this machine alone, on nothing that others run."""
        return self.postgres is None and self.kafka in (APACHE, MEMORY)


class Broker(Protocol):
    """What the stack knows of its Kafka, whichever it is."""

    @property
    def bootstrap_servers(self) -> str:
        """The address for clients."""

    @property
    def version(self) -> str:
        """The version, without the product's name."""


class Database(Protocol):
    """What the stack knows of its PostgreSQL, whichever it is."""

    @property
    def version(self) -> str:
        """The version, such as `18.4`."""

    def url(self, service: str) -> str:
        """The SQLAlchemy address of a service's database, with the role under which the service works."""

    def owner_url(self, service: str) -> str:
        """The same with the role that owns its tables."""


def nothing_more() -> None:
    """Do nothing."""


class EmbeddedStack:
    """PostgreSQL, Kafka and the mail catcher, running between `start` and `stop` (or inside `with` or `async with`).

    `progress` hears how far each has come; `on_event` hears of each process that started, died, restarted, was given up
    or stopped. Both are called from several threads, one call at a time. `on_database` is called as soon as PostgreSQL
    answers, while Kafka may still start, and `start` waits for it. A stack runs once: make another to start again.
    """

    smtp_host = LOOPBACK

    def __init__(
        self,
        settings: StackSettings,
        progress: Progress = in_silence,
        on_event: Callable[[ProcessEvent], None] = unheard,
        on_database: Callable[[], None] = nothing_more,
    ) -> None:
        self.settings = settings
        self.supervisor: Supervisor
        self.broker: Broker
        self.database: Database
        self.smtp_port = 0
        self.mail_page_port = 0
        self._speaking = threading.Lock()
        self._progress = progress
        self._on_event = on_event
        self._on_database = on_database
        self._closing = ExitStack()

    @property
    def kafka_bootstrap(self) -> str:
        """The address of Kafka for clients."""
        return self.broker.bootstrap_servers

    @property
    def kafka_keeps_topics(self) -> bool:
        """Whether topics outlive the stack; where not, the relays replay their outboxes at start."""
        return not isinstance(self.broker, MemoryKafka)

    @property
    def broker_version(self) -> str:
        """The broker in words, such as `Apache Kafka 4.3.1`."""
        if isinstance(self.broker, MemoryKafka):
            return f"memory ({self.broker.version})"
        return f"{'Apache Kafka' if isinstance(self.broker, EmbeddedKafka) else 'Kafka'} {self.broker.version}"

    @property
    def database_version(self) -> str:
        """The database in words, such as `PostgreSQL 18.4`."""
        return f"PostgreSQL {self.database.version}"

    @property
    def mail_folder(self) -> Path:
        """Where each caught mail is a file; `MailFolder(stack.mail_folder)` reads them."""
        return self.settings.data.absolute() / "mail"

    @property
    def mail_page_url(self) -> str:
        """The page that shows the caught mails."""
        return f"http://{LOOPBACK}:{self.mail_page_port}/"

    def postgres_url(self, service: str) -> str:
        """The SQLAlchemy address (`postgresql+asyncpg://…`) of a service's database, with its password."""
        return self.database.url(service)

    def postgres_owner_url(self, service: str) -> str:
        """The same with the role that owns its tables: for migrations alone."""
        return self.database.owner_url(service)

    def peak_memory(self) -> dict[str, int]:
        """The most memory each process has had resident, in bytes, also once it has stopped."""
        return self.supervisor.peak_memory()

    def start(self) -> None:
        """Start all parts side by side and wait until all are ready.

        Raises an `EmbeddedError` whose text can be shown as it is; what had started is stopped again.
        """
        try:
            data = usable_folder(self.settings.data)
            self._closing.enter_context(FolderLock(data))
            self.supervisor = Supervisor(data / "logs", self._hear)
            self._closing.callback(self.supervisor.stop_all)
            for name in self.supervisor.leftovers:
                self._say("stack", f"stopped {name}, left over from a run that was killed", None)
            self._start_side_by_side(self._start_database, self._start_broker, self._start_mail)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop everything, the last started first, and give the folder free; what is kept stays."""
        self._closing.close()

    def _start_side_by_side(self, *parts: Callable[[], None]) -> None:
        executor = ThreadPoolExecutor(len(parts))
        try:
            for started in as_completed([executor.submit(part) for part in parts]):
                started.result()
        except BaseException:
            # The others may still be at it: with their supervisor closed they end at once.
            self.supervisor.stop_all()
            raise
        finally:
            executor.shutdown()

    def _start_database(self) -> None:
        given, data = self.settings.postgres, self.settings.data
        if given:
            database: GivenPostgres | EmbeddedPostgres = GivenPostgres(
                given, prefix=self.settings.database_prefix, anew=self.settings.databases_anew
            )
        else:
            database = EmbeddedPostgres(
                self.supervisor, data / "postgresql", port=self.settings.postgres_port, durable=self.settings.durable
            )
        database.start(self._say)
        self.database = database
        self._on_database()

    def _start_broker(self) -> None:
        choice = self.settings.kafka
        if choice == APACHE:
            self._start_apache_kafka()
        elif choice == MEMORY:
            self._start_memory_kafka()
        else:
            kafka = GivenKafka(choice)
            kafka.start(self._say)
            self.broker = kafka

    def _start_apache_kafka(self) -> None:
        settings = self.settings
        kafka = EmbeddedKafka(
            self.supervisor, settings.data / "kafka", port=settings.kafka_port, java=settings.java, cache=settings.cache
        )
        try:
            kafka.start(self._say)
        except JarsUnavailable as error:
            self._say("kafka", f"{error} The memory broker stands in: it forgets everything when it stops.", None)
            self._start_memory_kafka()
        else:
            self.broker = kafka

    def _start_memory_kafka(self) -> None:
        kafka = self._closing.enter_context(MemoryKafka())
        self._say("kafka", f"memory broker on {kafka.bootstrap_servers}", 1.0)
        self.broker = kafka

    def _start_mail(self) -> None:
        self.smtp_port = given_or_free(self.settings.smtp_port, "The mail catcher")
        self.mail_page_port = given_or_free(self.settings.mail_page_port, "The mail catcher's page")
        command = [sys.executable, "-m", "deploy.embedded.mail_catcher", "--folder", str(self.mail_folder)]
        command += ["--smtp-port", str(self.smtp_port), "--http-port", str(self.mail_page_port)]
        private_folder(self.mail_folder)
        self.supervisor.start(
            Program(
                name="mail",
                command=command,
                folder=ROOT,
                is_ready=lambda: answers(self.smtp_port) and answers(self.mail_page_port),
            )
        )
        self._say("mail", f"mails to {LOOPBACK}:{self.smtp_port}, shown on {self.mail_page_url}", 1.0)

    def _say(self, step: str, detail: str, fraction: float | None) -> None:
        if self.supervisor.is_closed:
            # Whoever is still at it, such as a download, learns here that nobody waits for it any more.
            raise Stopping(step)
        with self._speaking:
            self._progress(step, detail, fraction)

    def _hear(self, event: ProcessEvent) -> None:
        with self._speaking:
            self._on_event(event)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    async def __aenter__(self) -> Self:
        starting = asyncio.ensure_future(asyncio.to_thread(self.start))
        try:
            await asyncio.shield(starting)
        except asyncio.CancelledError:
            self.stop()
            await asyncio.wait([starting])
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self.stop)
