"""Stops the children of a run whose own process was killed and could not do it.

The supervisor starts this file with a bare Python (no site packages) and keeps the other end of its standard input
open. It reads one line a change, `add PID SIGNAL SECONDS` or `drop PID`. The end of the input means that the supervisor
is gone, however it went: each process still listed, the latest first, gets its signal and those seconds to end, then
SIGKILL.
"""

import contextlib
import os
import signal
import sys
import time

POLL_SECONDS = 0.02


def is_alive(pid: int) -> bool:
    """Whether `pid` runs; one that has ended and waits to be collected does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return True


def end(pid: int, number: int, seconds: float) -> None:
    """Ask `pid` by signal `number` to end, and after `seconds` kill it with its whole group."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)
    deadline = time.monotonic() + seconds
    while is_alive(pid) and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def watch() -> None:
    """Read changes until the supervisor is gone, then end what it left."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    charges: dict[int, tuple[int, float]] = {}
    for line in sys.stdin:
        verb, pid, *how = line.split()
        if verb == "add":
            charges[int(pid)] = int(how[0]), float(how[1])
        else:
            charges.pop(int(pid), None)
    for pid in reversed(list(charges)):
        end(pid, *charges[pid])


if __name__ == "__main__":
    watch()
