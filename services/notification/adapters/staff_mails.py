"""Mails that registration has sent: they leave at once or not at all, and nothing of them is kept."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from uuid import UUID

from services.notification.adapters.heads import POLICY, check_written, mailbox_of, sender_of, subject_of
from services.notification.adapters.transport import Connection, Mail, MailServer
from services.notification.adapters.writing import HEADERS, RegistrationsMail, address_of, render
from services.notification.domain.delivery import MailTaken, SendOutcome
from shared.language import Language

HEADERS_WITHOUT_LIST = tuple(name for name in HEADERS if not name.startswith("List-"))
"""Nobody unsubscribes from what they asked for themselves, or hears once."""


def write_for_registration(
    kind: RegistrationsMail,
    email: str,
    values: Mapping[str, str | date | None],
    language: Language,
    *,
    id_: UUID,
    mail_from: str,
    domain: str,
    now: datetime,
) -> Mail:
    """A mail of a kind (its templates' name) with the values that it tells; raises `BadAddress`."""
    address, values = address_of(email), {"language": language, **values}
    mail = EmailMessage(policy=POLICY)
    mail["Subject"] = subject_of(render(kind, "subject", language, values))
    mail["From"] = sender_of(mail_from)
    mail["To"] = mailbox_of("", address)
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = f"<{id_}@{domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(render(kind, "txt", language, values), cte="quoted-printable")
    mail.add_alternative(render(kind, "html", language, values), subtype="html", cte="quoted-printable")
    # Set last: a new structure takes content headers with it into its first part.
    mail["Content-Language"] = language
    content = mail.as_bytes()
    check_written(mail, content, HEADERS_WITHOUT_LIST)
    return Mail(parseaddr(mail_from)[1], (address,), content)


async def send_at_once(server: MailServer, mail: Mail) -> SendOutcome:
    """Hand a mail over on a connection of its own, and tell what became of it."""
    connection = Connection(server)
    try:
        trouble = await connection.announce(mail)
        return trouble or await connection.hand_over(mail)
    finally:
        await connection.close()


def is_taken(outcome: SendOutcome) -> bool:
    """Whether the mail server took the message."""
    return isinstance(outcome, MailTaken)
