"""Mails to staff: they leave at once or not at all, and nothing of them is kept."""

from __future__ import annotations

from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from uuid import UUID

from services.notification.adapters.heads import POLICY, check_written, mailbox_of, sender_of, subject_of
from services.notification.adapters.transport import Connection, Mail, MailServer
from services.notification.adapters.writing import HEADERS, address_of, render
from services.notification.domain.delivery import MailTaken, SendOutcome
from shared.language import Language

HEADERS_TO_STAFF = tuple(name for name in HEADERS if not name.startswith("List-"))
"""Nobody unsubscribes from what they asked for themselves."""


def write_sign_in_mail(
    email: str, link: str, language: Language, *, id_: UUID, mail_from: str, domain: str, now: datetime
) -> Mail:
    """The mail with somebody's link to sign in; raises `BadAddress`."""
    address, values = address_of(email), {"language": language, "link": link}
    mail = EmailMessage(policy=POLICY)
    mail["Subject"] = subject_of(render("sign-in", "subject", language, values))
    mail["From"] = sender_of(mail_from)
    mail["To"] = mailbox_of("", address)
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = f"<{id_}@{domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(render("sign-in", "txt", language, values), cte="quoted-printable")
    mail.add_alternative(render("sign-in", "html", language, values), subtype="html", cte="quoted-printable")
    # Set last: a new structure takes content headers with it into its first part.
    mail["Content-Language"] = language
    content = mail.as_bytes()
    check_written(mail, content, HEADERS_TO_STAFF)
    return Mail(parseaddr(mail_from)[1], address, content)


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
