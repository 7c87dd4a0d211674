"""A lock on a folder, so that two runs never share one."""

import fcntl
import os
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from deploy.embedded.errors import FolderInUse

POLL_SECONDS = 0.05


class FolderLock:
    """Holds a folder for this process, until `release` or until the process ends, in whatever way it ends.

    The system drops the lock with its holder, so nothing is ever left locked behind a crash. `wait` is how many seconds
    `acquire` waits for another holder before it raises `FolderInUse` with that holder's process number.
    """

    def __init__(self, folder: Path, *, wait: float = 0.0) -> None:
        self.folder = folder
        self.path = folder / "lock"
        self.wait = wait
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Take the lock, or raise `FolderInUse`."""
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            self._lock_in_time(descriptor)
        except BaseException:
            os.close(descriptor)
            raise
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        self._descriptor = descriptor

    def release(self) -> None:
        """Give the folder free; the file stays, since removing it could remove the lock of the next holder."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _lock_in_time(self, descriptor: int) -> None:
        deadline = time.monotonic() + self.wait
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                if time.monotonic() >= deadline:
                    raise FolderInUse(self.folder, holder(self.path)) from error
                time.sleep(POLL_SECONDS)
            else:
                return

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def holder(lock_file: Path) -> str:
    """Who holds the lock, in words."""
    number = lock_file.read_text(encoding="ascii", errors="replace").strip()
    return f"process {number}" if number.isdigit() else "another process"
