"""Folders for files that are there for a while: nobody else's to read, and removed even after a process was killed."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir

_NAMED = re.compile(r"vernissage-files-(\d+)-.+")


def own_folder() -> TemporaryDirectory[str]:
    """A new folder of this process, for as long as the context lasts."""
    return TemporaryDirectory(prefix=f"vernissage-files-{os.getpid()}-")


def sweep_folders() -> int:
    """Remove the folders of processes that ended without a goodbye; how many there were."""
    swept = 0
    for path in Path(gettempdir()).iterdir():
        named = _NAMED.fullmatch(path.name)
        if named and not _lives(int(named[1])):
            shutil.rmtree(path, ignore_errors=True)
            swept += 1
    return swept


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
