"""Folders that keep data: made, proved writable, and where the user's cache lies."""

import os
import shutil
import sys
import tempfile
from pathlib import Path

from deploy.embedded.errors import FolderUnusable

LEAST_FREE_BYTES = 64 * 1024 * 1024
"""With less room than this a database or a broker would stop in the middle of its work."""


def usable_folder(folder: Path) -> Path:
    """Make `folder` where it is missing, and give its absolute path once a file could be written there.

    Raises `FolderUnusable` when it cannot be made or written, or when its disk is full.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as trial:
            trial.write(b"\0" * 4096)
            trial.flush()
        free = shutil.disk_usage(folder).free
    except OSError as error:
        raise FolderUnusable(folder, error.strerror or type(error).__name__) from error
    if free < LEAST_FREE_BYTES:
        raise FolderUnusable(folder, f"only {free // 1024**2} MiB are free")
    return folder.resolve()


def private_folder(folder: Path) -> Path:
    """`usable_folder`, and nobody but the account that runs this reads what lies in it: it holds names and letters.

    Raises `FolderUnusable` as that does.
    """
    usable = usable_folder(folder)
    try:
        usable.chmod(0o700)
    except OSError as error:
        raise FolderUnusable(folder, error.strerror or type(error).__name__) from error
    return usable


def cache_folder() -> Path:
    """The user's cache folder for this product: `VERNISSAGE_CACHE`, else the custom of the system."""
    named = os.environ.get("VERNISSAGE_CACHE")
    if named:
        return Path(named).expanduser().absolute()
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "vernissage"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache").absolute() / "vernissage"


def write_whole(path: Path, text: str, mode: int = 0o644) -> None:
    """Write `text` to `path` so that a reader, or a crash, meets the old file or the new one and never a half."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
