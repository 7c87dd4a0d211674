"""The head of a mail, written here to the last byte: a name stays words in one line, whatever it holds.

Python's `Address` and its mail policies read RFC 2047 words inside a name, and before 3.11.10 and 3.12.5 write out the
line breaks that they held: a name could so add a line to the head, or end it (CVE-2024-6923). So names and subjects are
encoded here, stored as they are written, and what is written is read again before it leaves.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection
from email.header import Header
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import parseaddr
from typing import Any

from shared.typed_text import shown_on_one_line

LONGEST_LINE = 76

_PLAIN_SUBJECT = re.compile(r"(?!.*=\?)[ -~]*")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9]+(?:[ '-][A-Za-z0-9]+)*")
"""Names that need neither quotes nor encoding; all others are encoded."""

_WRITTEN = re.compile(r"[\t -~]*(?:\r?\n[\t ]+[!-~][\t -~]*)*")
"""A header as it may stand in a mail: printable ASCII, continued on lines that begin with a space."""


class BadHead(ValueError):
    """A mail whose head is not as it was meant: it must not leave. The text never quotes it."""


class AsWritten(EmailPolicy):
    """Keeps headers as they are written, and writes them so; refuses what is not plain ASCII in proper lines."""

    def header_store_parse(self, name: str, value: Any) -> tuple[str, Any]:
        """The header, unparsed. Raises `BadHead`."""
        written = str(value)
        if not _WRITTEN.fullmatch(written):
            raise BadHead(f"the header {name} cannot be written")
        return name, written


POLICY = AsWritten(linesep="\r\n", refold_source="none")


def subject_of(text: str) -> str:
    """A subject as it is written."""
    line = shown_on_one_line(text)
    charset = "us-ascii" if _PLAIN_SUBJECT.fullmatch(line) else "utf-8"
    return Header(line, charset, maxlinelen=LONGEST_LINE, header_name="Subject").encode()


def mailbox_of(name: str, address: str) -> str:
    """A name with an address of plain ASCII, as they are written."""
    line = shown_on_one_line(name)
    charset = "us-ascii" if _PLAIN_NAME.fullmatch(line) else "utf-8"
    phrase = Header(line, charset, maxlinelen=LONGEST_LINE, header_name="To").encode()
    return f"{phrase}\n <{address}>" if line else f"<{address}>"


def sender_of(mail_from: str) -> str:
    """The sender that the settings name, as it is written."""
    return mailbox_of(*parseaddr(mail_from))


def check_written(mail: EmailMessage, content: bytes, names: Collection[str]) -> None:
    """Raise `BadHead` unless a mail's bytes have exactly these headers, each once, as they were given.

    The last look before it leaves: it trusts neither what was typed nor the library that wrote it.
    """
    head, _, _ = content.partition(b"\r\n\r\n")
    lines = re.split(rb"\r\n(?![\t ])", head)
    found = Counter(line.partition(b":")[0].decode("ascii", "replace") for line in lines)
    if found != Counter(names) or b"\r" in head.replace(b"\r\n", b"") or b"\n" in head.replace(b"\r\n", b""):
        raise BadHead("the head is not as it was meant")
    written = dict(line.split(b": ", 1) for line in lines)
    for name, value in mail.raw_items():
        if written[name.encode()] != re.sub("\r?\n", "\r\n", value).encode():
            raise BadHead(f"the header {name} is not as it was meant")
