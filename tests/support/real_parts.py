"""The real parts of one test run, started when a test first asks, shared by all workers, stopped at the end."""

import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from multiprocessing.connection import Client, Connection, Listener
from pathlib import Path
from typing import Protocol

from deploy.embedded.processes import Supervisor
from tests.support.brokers import Broker, broker_ways
from tests.support.databases import DatabaseServer, database_ways
from tests.support.finding import Part, PartUnavailable, Way, is_strict, take_first


class Parts(Protocol):
    """What tests may ask for; both methods raise `PartUnavailable` with the reasons."""

    def broker(self) -> Broker:
        """The run's broker."""

    def database_server(self) -> DatabaseServer:
        """The run's database server."""

    def note(self, what: str, which: str) -> None:
        """Have the run's last lines say which `what` (such as `browser`) was used."""


class RealParts:
    """Finds and starts the parts in the process that leads the run, and keeps them until `stop`."""

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="vernissage-tests-"))
        self.notes: dict[str, str] = {}
        self._environment = environment
        self._closing = ExitStack()
        self._starting = threading.RLock()
        self._running: Supervisor | None = None
        self._brokers: list[Broker | PartUnavailable] = []
        self._servers: list[DatabaseServer | PartUnavailable] = []

    def broker(self) -> Broker:
        """The run's broker, found at the first call."""
        ways = broker_ways(self._supervisor, self.folder, self._closing, self._environment)
        return self._once("broker", ways, self._brokers, _broker_note)

    def database_server(self) -> DatabaseServer:
        """The run's database server, found at the first call."""
        ways = database_ways(self._supervisor, self.folder, self._closing, self._environment)
        return self._once("database", ways, self._servers, lambda server, _reasons: str(server))

    def note(self, what: str, which: str) -> None:
        """Have the run's last lines say which `what` was used."""
        self.notes[what] = which

    def stop(self) -> None:
        """Stop what was started and remove what it kept."""
        with self._starting:
            self._closing.close()
            if self._running is not None:
                self._running.stop_all()
            shutil.rmtree(self.folder, ignore_errors=True)

    def _once(
        self,
        what: str,
        ways: Sequence[Way[Part]],
        known: "list[Part | PartUnavailable]",
        noted: Callable[[Part, list[str]], str],
    ) -> Part:
        with self._starting:
            if not known:
                try:
                    part, reasons = take_first(ways, strict=is_strict(self._environment))
                except PartUnavailable as error:
                    known.append(error)
                    self.notes[what] = f"NONE: {error}"
                else:
                    known.append(part)
                    self.notes[what] = noted(part, reasons)
        if isinstance(known[0], PartUnavailable):
            raise known[0]
        return known[0]

    def _supervisor(self) -> Supervisor:
        if self._running is None:
            self._running = Supervisor(self.folder / "processes")
        return self._running


def _broker_note(broker: Broker, reasons: list[str]) -> str:
    if broker.kind == "memory":
        return f"!!! NOT A REAL KAFKA but {broker}, because: {'; '.join(reasons)}"
    return str(broker)


class Desk:
    """Hands the parts of the leading process to the workers of the same run, over a socket in its own folder."""

    def __init__(self, parts: RealParts) -> None:
        self.address = str(parts.folder / "desk")
        self._parts = parts
        self._listener = Listener(self.address, family="AF_UNIX", backlog=64)
        self._thread = threading.Thread(target=self._serve, name="parts-desk", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Take no more requests."""
        with suppress(OSError), Client(self.address, family="AF_UNIX") as connection:
            connection.send(None)
        self._thread.join()
        self._listener.close()

    def _serve(self) -> None:
        while True:
            connection = self._listener.accept()
            with suppress(EOFError, OSError):
                request = connection.recv()
                if request is None:
                    connection.close()
                    return
                # A broker takes seconds to start: the next worker must not wait for it at the door.
                threading.Thread(target=self._answer, args=(connection, request), daemon=True).start()

    def _answer(self, connection: "Connection[object, tuple[str, ...]]", request: tuple[str, ...]) -> None:
        name, *arguments = request
        answer: object
        try:
            answer = getattr(self._parts, name)(*arguments)
        except PartUnavailable as error:
            answer = error
        with connection, suppress(OSError):
            connection.send(answer)


class RemoteParts:
    """The parts as a worker sees them: asked for at the leading process's desk."""

    def __init__(self, address: str) -> None:
        self._address = address

    def broker(self) -> Broker:
        """The run's broker."""
        answer = self._ask("broker")
        assert isinstance(answer, Broker)
        return answer

    def database_server(self) -> DatabaseServer:
        """The run's database server."""
        answer = self._ask("database_server")
        assert isinstance(answer, DatabaseServer)
        return answer

    def note(self, what: str, which: str) -> None:
        """Have the run's last lines say which `what` was used."""
        self._ask("note", what, which)

    def _ask(self, *request: str) -> object:
        with Client(self._address, family="AF_UNIX") as connection:
            connection.send(request)
            answer = connection.recv()
        if isinstance(answer, PartUnavailable):
            raise answer
        return answer
