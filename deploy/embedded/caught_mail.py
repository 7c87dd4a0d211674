"""Mails caught in a folder: one `.eml` file each, in the order in which they came."""

import email
import email.policy
import os
import re
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

from deploy.embedded.folders import private_folder

NAME = re.compile(r"[0-9]{20}-[0-9]+", re.ASCII)


@dataclass(frozen=True)
class CaughtMail:
    """One mail: its file's name without the suffix, when it was received (UTC), and the message itself."""

    name: str
    received: datetime
    message: EmailMessage

    @property
    def recipients(self) -> list[str]:
        """The addresses the sender handed it over for, which may differ from the `To` that people see."""
        return [str(address) for address in self.message.get_all("Delivered-To", [])]

    @property
    def subject(self) -> str:
        """The subject, as a person reads it."""
        return str(self.message.get("Subject", ""))

    def text(self) -> str:
        """The plain text, or nothing where the mail has none."""
        return self._body("plain")

    def html(self) -> str:
        """The HTML, or nothing where the mail has none."""
        return self._body("html")

    def attachments(self) -> list[EmailMessage]:
        """The attached files, calendar files among them."""
        return [part for part in self.message.iter_attachments() if isinstance(part, EmailMessage)]

    def _body(self, kind: str) -> str:
        part = self.message.get_body(preferencelist=(kind,))
        return str(part.get_content()) if part is not None else ""


class MailFolder:
    """A folder of caught mails; several processes may read it while one adds to it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._naming = threading.Lock()
        self._last = 0

    def add(self, sender: str, recipients: list[str], content: bytes) -> str:
        """Keep a mail, with what the envelope says in front of it; give its name.

        A reader never meets a half-written file.
        """
        name = self._next_name()
        envelope = [f"Return-Path: <{sender}>", *(f"Delivered-To: {recipient}" for recipient in recipients)]
        draft = self.folder / f".{name}.draft"
        draft.write_bytes("".join(f"{line}\r\n" for line in envelope).encode() + content)
        draft.replace(self.folder / f"{name}.eml")
        return name

    def names(self) -> list[str]:
        """The names of all mails, the first received first."""
        return sorted(path.stem for path in self.folder.glob("*.eml") if not path.name.startswith("."))

    def read(self, name: str) -> CaughtMail:
        """One mail. Raises `FileNotFoundError` where there is none of this name."""
        message = email.message_from_bytes(self.source(name), policy=email.policy.default)
        if not isinstance(message, EmailMessage):
            raise TypeError("the mail policy gives another kind of message")
        received = datetime.fromtimestamp(int(name.partition("-")[0]) / 1e9, UTC)
        return CaughtMail(name, received, message)

    def source(self, name: str) -> bytes:
        """The bytes of one mail. Raises `FileNotFoundError` where there is none of this name."""
        if not NAME.fullmatch(name):
            raise FileNotFoundError(name)
        return (self.folder / f"{name}.eml").read_bytes()

    def read_all(self) -> list[CaughtMail]:
        """All mails, the first received first."""
        return [self.read(name) for name in self.names()]

    def _next_name(self) -> str:
        # Nanoseconds order the names; the process number keeps apart those of a run whose clock was set back.
        with self._naming:
            self._last = max(self._last + 1, time.time_ns())
            return f"{self._last:020d}-{os.getpid()}"


def mail_folder(folder: Path) -> MailFolder:
    """The folder to add to, made where it is missing; drafts that a killed run left are removed.

    Raises `FolderUnusable`.
    """
    usable = private_folder(folder)
    for draft in usable.glob(".*.draft"):
        draft.unlink(missing_ok=True)
    return MailFolder(usable)
