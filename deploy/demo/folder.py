"""The demo's own folder, emptied before each demo: it carries a mark, and what carries none is never touched."""

from __future__ import annotations

import os
import pwd
import shutil
from pathlib import Path

from deploy.embedded.errors import EmbeddedError
from deploy.embedded.folder_lock import FolderLock
from deploy.embedded.folders import usable_folder, write_whole
from deploy.running import FILE as STATE
from shared.travel.topics import SERVICES

NAME = "demo"
MARK = "made-by-vernissage-demo"
MARK_SAYS = "“vernissage demo” made this folder and empties it each time it begins.\n"

REPORT_PAGE = "report.html"
REPORT_NUMBERS = "report.json"
FIRST_PORT = "first-port"
"""Keeps the first of the ports on which the demo was played: the links in its mails name them."""
MADE = (
    FIRST_PORT,
    "kafka",
    "logs",
    "mail",
    "pack",
    "postgresql",
    "seal",
    *(f"signing-{service}" for service in SERVICES),
    STATE,
    REPORT_NUMBERS,
    REPORT_PAGE,
)
"""What a demo leaves in its folder; anything else there belongs to somebody and stays."""


class FolderNotOurs(EmbeddedError):
    """The place of the demo's folder is taken by something that no demo made."""

    def __init__(self, folder: Path, reason: str) -> None:
        super().__init__(
            f"The demo empties {folder} before it begins, and that {reason}: nothing was touched. "
            "Name another folder with --data, or move away what is there."
        )


def keep_first_port(folder: Path, port: int) -> None:
    """Keep on which ports a demo was played."""
    write_whole(folder / FIRST_PORT, f"{port}\n")


def first_port_of(folder: Path) -> int | None:
    """On which ports a demo in this folder was played, the first of them; `None` where none was, or not here."""
    kept = folder / FIRST_PORT
    said = kept.read_text(encoding="utf-8").strip() if kept.is_file() else ""
    return int(said) if said.isdecimal() else None


def emptied_folder(data: Path) -> Path:
    """The demo's folder under `data`, marked, and empty of what an earlier demo left.

    Raises an `EmbeddedError`, and touches nothing, where that place is not the demo's or another demo runs in it.
    """
    folder = data / NAME
    _refuse_what_is_not_ours(folder)
    usable_folder(folder)
    (folder / MARK).write_text(MARK_SAYS, encoding="utf-8")
    with FolderLock(folder):
        for path in folder.iterdir():
            if _is_made_by_a_demo(path.name):
                _remove(path)
    return folder


def _refuse_what_is_not_ours(folder: Path) -> None:
    if folder.parent.resolve() in _homes():
        raise FolderNotOurs(folder, f"would stand right in {folder.parent.resolve()}, which is no folder for data")
    if folder.is_symlink():
        raise FolderNotOurs(folder, "is a link to another place")
    if not folder.is_dir():
        return
    mark = folder / MARK
    is_ours = mark.is_file() and not mark.is_symlink()
    if not is_ours and any(folder.iterdir()):
        raise FolderNotOurs(folder, f"holds what no demo made (the mark “{MARK}” is missing)")


def _homes() -> set[Path]:
    accounts = {Path(account.pw_dir) for account in pwd.getpwall()}
    return {Path(os.sep), Path.home().resolve(), *accounts}


def _is_made_by_a_demo(name: str) -> bool:
    is_draft = name.startswith(tuple(f".{made}." for made in MADE))
    return name in MADE or is_draft


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()
