"""The whole of Vernissage on one machine: the embedded stack, the databases at their newest version, the services.

    async with Assembly(settings, first_web_port=8001) as assembly:
        assembly.places.url("registration")

Everything starts side by side where it can: databases are migrated and web processes come up while Kafka still starts.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from deploy import running
from deploy.embedded.folders import write_whole
from deploy.embedded.ports import free_port
from deploy.embedded.processes import ProcessEvent, unheard
from deploy.embedded.progress import Progress, in_silence
from deploy.embedded.stack import EmbeddedStack, StackSettings
from deploy.services import (
    WORKING,
    Places,
    ProcessKind,
    Secrets,
    choose_places,
    program,
    web_environment,
    working_environment,
)
from shared.migrations import role_of, upgrade
from shared.travel.topics import SERVICES, Service


class Assembly:
    """Stack and services, running between `start` and `stop`, or inside `with`.

    `first_web_port` is registration's; matching and notification take the ports after it, and the page of caught mails
    the one after those. Where it is None all ports are free ones. `topic_prefix` stands before the names of topics and
    groups. With `demo_sign_in` anybody on this machine signs in with one click. An assembly runs once.
    """

    def __init__(
        self,
        settings: StackSettings,
        *,
        first_web_port: int | None = None,
        topic_prefix: str = "",
        demo_sign_in: bool = False,
        progress: Progress = in_silence,
        on_event: Callable[[ProcessEvent], None] = unheard,
    ) -> None:
        self._smtp_port = settings.smtp_port or free_port()
        settings = replace(settings, smtp_port=self._smtp_port)
        if first_web_port is not None:
            settings = replace(settings, mail_page_port=first_web_port + len(SERVICES))
        self.places: Places
        self.environments: dict[Service, dict[str, str]] = {}
        self.stack = EmbeddedStack(settings, progress, on_event, self._start_webs)
        self._first_web_port = first_web_port
        self._topic_prefix = topic_prefix
        self._demo_sign_in = demo_sign_in
        self._progress = progress
        self._starters = ThreadPoolExecutor(len(SERVICES) + sum(map(len, WORKING.values())))
        self._starting: list[Future[None]] = []
        self._closing = ExitStack()

    @property
    def data(self) -> Path:
        """The folder that keeps everything."""
        return self.stack.settings.data

    def start(self) -> None:
        """Start everything and wait until all of it is ready.

        Raises an `EmbeddedError` whose text can be shown as it is; what had started is stopped again.
        """
        try:
            self.places = choose_places(self._first_web_port)
            # Left last: whoever still starts ends at once when the stack stops.
            self._closing.enter_context(self._starters)
            self._closing.enter_context(self.stack)
            self._start_working()
            wait_for(self._starting)
            self._write_down()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop everything, the last started first; what is kept stays."""
        self._closing.close()

    def _start_webs(self) -> None:
        seal = kept_secret(self.data / "seal")
        for service in SERVICES:
            url = self.stack.postgres_url(service)
            self._progress("services", f"bringing the database of {service} to its newest version", None)
            upgrade(service, self.stack.postgres_owner_url(service), works_as=role_of(url))
            kept = Secrets(seal, kept_secret(self.data / f"signing-{service}"))
            self.environments[service] = web_environment(
                service, self.places, url, kept, smtp_port=self._smtp_port, demo_sign_in=self._demo_sign_in
            )
            self._start_part(service, "web", self.environments[service])

    def _start_working(self) -> None:
        for service in SERVICES:
            self.environments[service] = working_environment(
                service, self.environments[service], self.stack, self._topic_prefix
            )
            for kind in WORKING[service]:
                self._start_part(service, kind, self.environments[service])

    def _start_part(self, service: Service, part: ProcessKind, environment: dict[str, str]) -> None:
        started = self._starters.submit(self.stack.supervisor.start, program(service, part, environment, self.places))
        self._starting.append(started)

    def _write_down(self) -> None:
        pid, started = running.own_start()
        running.RunningStack(
            pid=pid,
            started=started,
            broker=self.stack.broker_version,
            database=self.stack.database_version,
            mail_page=self.stack.mail_page_url,
            environments=self.environments,
            owner_urls={service: self.stack.postgres_owner_url(service) for service in SERVICES},
        ).write(self.data)
        self._closing.callback(running.remove, self.data)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def kept_secret(path: Path) -> str:
    """A secret, made the first time and kept for its owner's eyes only: the same from run to run."""
    with suppress(FileNotFoundError):
        return path.read_text(encoding="ascii").strip()
    write_whole(path, secrets.token_urlsafe(48) + "\n", mode=0o600)
    return path.read_text(encoding="ascii").strip()


def wait_for(started: Iterable[Future[None]]) -> None:
    """Wait until all are ready; raises the first error at once."""
    done, _ = wait(started, return_when=FIRST_EXCEPTION)
    for each in done:
        each.result()
