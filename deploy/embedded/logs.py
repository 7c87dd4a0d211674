"""The logs of child processes, kept small while they are written.

A child writes into its log by itself, so that nobody's silence can hold it up or lose its last words. What has grown
too large is therefore copied away and emptied in its place; of what is written in the instant between the two, lines
may be lost.
"""

import shutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

LOG_BYTES = 10 * 1024 * 1024
KEPT_LOGS = 3
"""How many older logs of a process stay beside the one that is written: `NAME.log.1` is the youngest."""


def turn_over(logs: Iterable[Path]) -> None:
    """Empty each log that has grown too large, once it was copied; a disk without room is left for the next time."""
    for log in logs:
        with suppress(OSError):
            if log.stat().st_size > LOG_BYTES:
                _turn_over_one(log)


def _turn_over_one(log: Path) -> None:
    older = [log.with_name(f"{log.name}.{number}") for number in range(1, KEPT_LOGS + 1)]
    for younger, oldest in zip(reversed(older[:-1]), reversed(older[1:]), strict=True):
        if younger.exists():
            younger.replace(oldest)
    shutil.copyfile(log, older[0])
    with log.open("r+b") as writable:
        writable.truncate(0)
