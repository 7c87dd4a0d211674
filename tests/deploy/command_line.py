"""Running `vernissage` in tests: small commands in this process, those that keep processes in one of their own."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from deploy.cli import main
from deploy.embedded.ports import free_ports_in_a_row
from deploy.embedded.program import wait_until
from deploy.services import PORTS

UP_SECONDS = 240.0
STOP_SECONDS = 90.0
READY = "Ctrl-C stops everything"


@dataclass(frozen=True)
class Ended:
    """How a command ended, and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it wrote, read as JSON."""
        return json.loads(self.out)


def in_process(words: Sequence[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Ended:
    """Run a command in this process, with its words as the terminal gives them."""
    monkeypatch.setattr(sys, "argv", ["vernissage", *words])
    capsys.readouterr()
    with pytest.raises(SystemExit) as ending:
        main()
    out, err = capsys.readouterr()
    code = ending.value.code
    return Ended(code if isinstance(code, int) else 0, out, err)


def apart(*words: object, timeout: float = UP_SECONDS) -> Ended:
    """Run a command in a process of its own, until it ends."""
    done = subprocess.run(
        [sys.executable, "-m", "deploy.cli", *map(str, words)],
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
        env={**os.environ, "COLUMNS": "240"},
    )
    return Ended(done.returncode, done.stdout, done.stderr)


def four_ports() -> int:
    """The first of four ports in a row on which nobody listens: those of `vernissage up`."""
    return free_ports_in_a_row(PORTS)


class Up:
    """`vernissage up` in a process of its own."""

    def __init__(self, data: Path, port: int, *options: str, command: Sequence[str] = ()) -> None:
        self.data = data
        self.port = port
        self._log = data.with_suffix(".log")
        words = command or ("up", "--data", str(data), "--port", str(port), *options)
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "deploy.cli", *words],
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env={**os.environ, "COLUMNS": "240"},
            )
        if not wait_until(lambda: READY in self.said or self.process.poll() is not None, UP_SECONDS):
            self.kill_everything()
        assert READY in self.said, self.said

    @property
    def said(self) -> str:
        """Everything it has written."""
        return self._log.read_text(encoding="utf-8")

    def children(self) -> list[psutil.Process]:
        """Every process below it."""
        with suppress(psutil.NoSuchProcess):
            return psutil.Process(self.process.pid).children(recursive=True)
        return []

    def interrupt(self) -> int:
        """Press Ctrl-C and wait for the end; the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(STOP_SECONDS)

    def kill_everything(self) -> None:
        """Kill it and everything below it at once, with no chance to say goodbye."""
        victims = [*self.children(), psutil.Process(self.process.pid)] if self.process.poll() is None else []
        for victim in victims:
            with suppress(psutil.NoSuchProcess):
                victim.kill()
        self.process.wait(STOP_SECONDS)
        psutil.wait_procs(victims[:-1], timeout=STOP_SECONDS)


@contextmanager
def stack_that_runs(data: Path, port: int, *options: str, command: Sequence[str] = ()) -> Iterator[Up]:
    """A stack that runs as long as the context lasts; `port` is the first of its four, `command` one beside ``up``."""
    up = Up(data, port, *options, command=command)
    try:
        yield up
    finally:
        if up.process.poll() is None:
            with suppress(subprocess.TimeoutExpired):
                up.interrupt()
        up.kill_everything()


def until_json(words: Sequence[object], condition: Any, seconds: float = 60.0) -> Any:
    """Ask a command for JSON again and again until `condition` holds for it; the last answer."""
    deadline = time.monotonic() + seconds
    while True:
        answer = apart(*words, "--json").json
        if condition(answer) or time.monotonic() > deadline:
            return answer
