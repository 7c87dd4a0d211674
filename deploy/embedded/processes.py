"""Supervised child processes: started, watched, restarted when they die, stopped in reverse order, never orphaned."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

import psutil

from deploy.embedded import warden
from deploy.embedded.errors import ProcessFailed, Stopping
from deploy.embedded.folders import private_folder
from deploy.embedded.leftovers import record_of, stop_leftovers, write_records
from deploy.embedded.logs import turn_over
from deploy.embedded.program import Program, wait_until

FIRST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 60.0
LONGEST_DOUBLING = 16

LONG_RUN_SECONDS = 60.0
"""Whoever ran so long counts as having been well: its next death is a first one."""

LOGS_EVERY_SECONDS = 2.0


@dataclass(frozen=True)
class ProcessEvent:
    """Something that happened to a supervised process, for whoever shows it.

    `code` is the exit code of the process that died (negative: the signal that killed it), and `pause` the seconds
    until it is started again; both are None elsewhere, `pause` also where it is not started again. `unready` is told of
    one that lives but was not ready in time.
    """

    name: str
    kind: Literal["started", "unready", "died", "restarted", "stopped"]
    code: int | None = None
    pause: float | None = None


def unheard(event: ProcessEvent) -> None:
    """Take an event and tell nobody."""


class Supervisor:
    """Runs programs as child processes, with their logs and their record in `folder`.

    A child that dies is started again, however often, after a pause that grows up to `LONGEST_PAUSE_SECONDS` while it
    keeps dying; the others go on. Children never outlive the supervisor:
    `stop_all` stops them in reverse order, a small warden process does it when the supervisor is killed, and what
    survives even that (`kill -9` of everything but a child) is stopped when the next supervisor takes the same folder;
    `leftovers` names it. `on_event` is called from threads of the supervisor.
    """

    def __init__(self, folder: Path, on_event: Callable[[ProcessEvent], None] = unheard) -> None:
        self.folder = private_folder(folder)
        self._on_event = on_event
        self._children: dict[str, _Child] = {}
        self._lock = threading.RLock()
        self._records = self.folder / "processes.json"
        self._closed = False
        self._ended = threading.Event()
        self._log_keeper: threading.Thread | None = None
        self._peaks: dict[str, int] = {}
        self._warden: subprocess.Popen[str] | None = None
        self.leftovers = stop_leftovers(self._records)

    def start(self, program: Program) -> None:
        """Start `program` and wait until it is ready.

        Raises `ProcessFailed` when it ends before, or is not ready within its time (it is then stopped again, unless it
        lives by its own word), and `Stopping` once `stop_all` was called.
        """
        child = _Child(self, program)
        with self._lock:
            if self._closed:
                raise Stopping(program.name)
            if program.name in self._children:
                raise ValueError(f"{program.name} already runs")
            self._children[program.name] = child
            self._keep_logs()
        try:
            child.spawn()
            child.await_ready()
        except BaseException:
            self.stop(program.name)
            raise
        self._on_event(ProcessEvent(program.name, "started"))
        child.watch()

    def stop(self, name: str) -> None:
        """Stop one program, in its own way and then by force; nothing happens when it does not run."""
        with self._lock:
            child = self._children.get(name)
        if child is None:
            return
        self.peak_memory()
        child.stop()
        with self._lock:
            self._children.pop(name, None)
        self.write_down()
        self._on_event(ProcessEvent(name, "stopped"))

    def stop_all(self) -> None:
        """Stop every program, the last started first; this supervisor starts none afterwards."""
        with self._lock:
            self._closed = True
            self._ended.set()
            names = list(self._children)
        for name in reversed(names):
            self.stop(name)
        with self._lock:
            if self._warden is not None and self._warden.stdin is not None:
                self._warden.stdin.close()
                self._warden.wait()
                self._warden = None
        self._records.unlink(missing_ok=True)

    @property
    def is_closed(self) -> bool:
        """Whether `stop_all` was called."""
        return self._closed

    def is_running(self, name: str) -> bool:
        """Whether the program `name` runs at this moment."""
        child = self._children.get(name)
        return child is not None and child.process is not None and child.process.poll() is None

    def pid(self, name: str) -> int:
        """The process number of the program `name`; it changes with each restart. Raises `KeyError` when unknown."""
        process = self._children[name].process
        if process is None:
            raise KeyError(name)
        return process.pid

    def log_path(self, name: str) -> Path:
        """Where the output of the program `name` goes."""
        return self.folder / f"{name}.log"

    def peak_memory(self) -> dict[str, int]:
        """The most resident memory each program has had at once, in bytes, its own child processes included.

        It also names programs that have been stopped. Pages shared within a program's processes count in each.
        """
        with self._lock:
            running = {name: child.process for name, child in self._children.items() if child.process is not None}
        for name, process in running.items():
            self._peaks[name] = max(self._peaks.get(name, 0), peak_resident_bytes(process.pid))
        return dict(self._peaks)

    def write_down(self) -> None:
        """Bring the record of running children up to date."""
        with self._lock:
            running = [(name, child.process) for name, child in self._children.items() if child.process is not None]
            write_records(self._records, [record_of(name, process.pid) for name, process in running])

    def tell(self, event: ProcessEvent) -> None:
        """Hand an event on."""
        self._on_event(event)

    def tell_warden(self, line: str) -> None:
        """Send one line to the warden, which is started first where it does not run."""
        with self._lock:
            if self._warden is None:
                self._warden = _start_warden()
            if self._warden.stdin is not None:
                with suppress(BrokenPipeError):
                    self._warden.stdin.write(line + "\n")
                    self._warden.stdin.flush()

    def _keep_logs(self) -> None:
        if self._log_keeper is None:
            self._log_keeper = threading.Thread(target=self._turn_logs_over, name="logs", daemon=True)
            self._log_keeper.start()

    def _turn_logs_over(self) -> None:
        while not self._ended.wait(LOGS_EVERY_SECONDS):
            with self._lock:
                names = list(self._children)
            turn_over(self.log_path(name) for name in names)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop_all()


class _Child:
    """One program and the process that runs it at this moment."""

    def __init__(self, supervisor: Supervisor, program: Program) -> None:
        self.program = program
        self.process: subprocess.Popen[bytes] | None = None
        self._supervisor = supervisor
        self._stopping = threading.Event()
        self._spawning = threading.Lock()
        self._watcher: threading.Thread | None = None
        self._spawned_at = 0.0

    def spawn(self) -> None:
        """Start the process, unless the program is being stopped."""
        with self._spawning:
            if self._stopping.is_set():
                return
            uid, gid = self.program.user or (None, None)
            self._spawned_at = time.monotonic()
            with self._supervisor.log_path(self.program.name).open("ab") as log:
                self.process = subprocess.Popen(  # noqa: S603 the command is our own
                    list(self.program.command),
                    cwd=self.program.folder,
                    env={**os.environ, **self.program.environment},
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                    user=uid,
                    group=gid,
                    extra_groups=None if uid is None else [],
                )
            how = f"{int(self.program.stop_signal)} {self.program.stop_within}"
            self._supervisor.tell_warden(f"add {self.process.pid} {how}")
            self._supervisor.write_down()

    def await_ready(self) -> None:
        """Wait until the program is ready, or lives by its own word when the time is over; raises `ProcessFailed`."""
        process, program = self.process, self.program
        if process is None:
            return
        log = self._supervisor.log_path(program.name)
        wait_until(lambda: process.poll() is not None or program.is_ready(), program.ready_within)
        if process.poll() is not None:
            raise ProcessFailed(program.name, f"ended at its start with code {process.returncode}", log)
        if program.is_ready():
            return
        if program.is_alive():
            self._supervisor.tell(ProcessEvent(program.name, "unready"))
        else:
            raise ProcessFailed(program.name, f"was not ready after {program.ready_within:g} s", log)

    def watch(self) -> None:
        """Keep the program running, in a thread of its own."""
        self._watcher = threading.Thread(target=self._keep_running, name=f"watch-{self.program.name}", daemon=True)
        self._watcher.start()

    def stop(self) -> None:
        """Stop the process and its watcher."""
        self._stopping.set()
        with self._spawning:
            process = self.process
        if process is not None:
            with suppress(ProcessLookupError):
                process.send_signal(self.program.stop_signal)
            with suppress(subprocess.TimeoutExpired):
                process.wait(self.program.stop_within)
            self._collect(process)
        if self._watcher is not None:
            self._watcher.join()

    def _keep_running(self) -> None:
        deaths = 0
        while self.process is not None:
            code = self.process.wait()
            if self._stopping.is_set():
                return
            self._collect(self.process)
            if not self.program.restarts:
                self._supervisor.tell(ProcessEvent(self.program.name, "died", code))
                return
            was_well = time.monotonic() - self._spawned_at > LONG_RUN_SECONDS
            deaths = 1 if was_well else deaths + 1
            pause = pause_before_restart(deaths)
            self._supervisor.tell(ProcessEvent(self.program.name, "died", code, pause))
            self._start_again(pause)

    def _start_again(self, pause: float) -> None:
        if self._stopping.wait(pause):
            return
        self.spawn()
        try:
            self.await_ready()
        except ProcessFailed:
            # It counts as one more death: the loop above collects it, and pauses longer.
            if self.process is not None:
                self._collect(self.process)
            return
        if not self._stopping.is_set():
            self._supervisor.tell(ProcessEvent(self.program.name, "restarted"))

    def _collect(self, process: subprocess.Popen[bytes]) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        self._supervisor.tell_warden(f"drop {process.pid}")


def pause_before_restart(deaths: int) -> float:
    """The seconds before a program that died so often in a row is started again."""
    return min(FIRST_PAUSE_SECONDS * 2.0 ** min(deaths - 1, LONGEST_DOUBLING), LONGEST_PAUSE_SECONDS)


def peak_resident_bytes(pid: int) -> int:
    """The most memory that `pid` and the processes it started have each had resident, summed; 0 once it has ended."""
    try:
        process = psutil.Process(pid)
        return sum(_peak_of_one(each) for each in [process, *process.children(recursive=True)])
    except psutil.NoSuchProcess:
        return 0


def _peak_of_one(process: psutil.Process) -> int:
    try:
        status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        with suppress(psutil.Error):
            return int(process.memory_info().rss)
        return 0
    kibibytes = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(kibibytes[0]) * 1024 if kibibytes else 0


def _start_warden() -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603 the command is our own
        [sys.executable, "-I", "-S", str(Path(warden.__file__))],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        text=True,
    )
