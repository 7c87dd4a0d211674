"""The record of running children, by which the next run finds what a killed one left."""

import contextlib
import json
import os
import signal
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from deploy.embedded.folders import write_whole

CLOCK_TOLERANCE_SECONDS = 2.0
"""The start time of a process is reckoned from the boot time, which moves a little when the clock is set."""

STOP_SECONDS = 10.0


@dataclass(frozen=True)
class WrittenProcess:
    """A child process as written down: a number alone may since belong to somebody else."""

    name: str
    pid: int
    started: float


def record_of(name: str, pid: int) -> WrittenProcess:
    """What to write down about the running process `pid`."""
    with contextlib.suppress(psutil.NoSuchProcess):
        return WrittenProcess(name, pid, psutil.Process(pid).create_time())
    return WrittenProcess(name, pid, 0.0)


def write_records(path: Path, records: list[WrittenProcess]) -> None:
    """Write down the children that run now, the oldest first."""
    write_whole(path, json.dumps([asdict(record) for record in records], indent=1) + "\n")


def read_records(path: Path) -> list[WrittenProcess]:
    """The children written down in `path`; none where there is no such file or it cannot be read."""
    try:
        return [WrittenProcess(**entry) for entry in json.loads(path.read_text(encoding="utf-8"))]
    except (FileNotFoundError, ValueError, TypeError):
        return []


def stop_leftovers(path: Path) -> list[str]:
    """Stop, the latest first, the recorded children that still run; give their names."""
    alive = [(record.name, process) for record in read_records(path) if (process := _still_running(record))]
    for _, process in reversed(alive):
        _stop(process)
    path.unlink(missing_ok=True)
    return [name for name, _ in alive]


def _still_running(record: WrittenProcess) -> psutil.Process | None:
    try:
        process = psutil.Process(record.pid)
        is_ours = abs(process.create_time() - record.started) <= CLOCK_TOLERANCE_SECONDS
        return process if is_ours and process.status() != psutil.STATUS_ZOMBIE else None
    except psutil.NoSuchProcess:
        return None


def _stop(process: psutil.Process) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        process.send_signal(signal.SIGINT if process.name() == "postgres" else signal.SIGTERM)
    with contextlib.suppress(psutil.TimeoutExpired):
        process.wait(STOP_SECONDS)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
