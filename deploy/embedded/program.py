"""What a supervisor is asked to run."""

import signal
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path


def at_once() -> bool:
    """Ready as soon as it runs."""
    return True


def by_readiness_alone() -> bool:
    """Not to be told alive where it is not ready."""
    return False


@dataclass(frozen=True, kw_only=True)
class Program:
    """A program to run as a supervised child process.

    `environment` is added to the supervisor's own. `is_ready` is asked again and again for at most `ready_within`
    seconds; one that is not ready by then counts as failed, unless `is_alive` says that it only waits for something
    that a new start would not mend. To stop it, `stop_signal` is sent, and SIGKILL to its whole group after
    `stop_within` seconds. Where `restarts` is false, its death is told and nothing more. `user` is the system account
    it runs under, for a supervisor that is root.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    folder: Path | None = None
    is_ready: Callable[[], bool] = at_once
    is_alive: Callable[[], bool] = by_readiness_alone
    ready_within: float = 60.0
    stop_signal: signal.Signals = signal.SIGTERM
    stop_within: float = 10.0
    restarts: bool = True
    user: tuple[int, int] | None = None


def when_page_answers(url: str) -> Callable[[], bool]:
    """Ready when a GET of `url` (plain HTTP, on this machine) answers with a status of success."""

    def ready() -> bool:
        try:
            with urllib.request.urlopen(url, timeout=1.0) as answer:  # noqa: S310 the address is our own
                return 200 <= int(answer.status) < 300
        except (urllib.error.URLError, OSError):
            return False

    return ready


def wait_until(condition: Callable[[], bool], seconds: float, poll: float = 0.03) -> bool:
    """Ask `condition` every `poll` seconds; true as soon as it is, false when it still is not after `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() >= deadline:
            return False
        time.sleep(poll)
    return True
