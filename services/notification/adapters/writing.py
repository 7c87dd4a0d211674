"""A message as it leaves: subject, text and HTML from its template files, and the calendar file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from functools import cache
from pathlib import Path
from typing import Any, Literal

from jinja2 import Environment

from services.notification.adapters.calendar import Entry, calendar_file, method_of
from services.notification.adapters.heads import POLICY, check_written, mailbox_of, sender_of, subject_of
from services.notification.adapters.presenting import Occasion, appointments_of, occasion_of
from services.notification.adapters.transport import Mail
from services.notification.domain.contents import Contents
from services.notification.domain.telling import QUESTIONS, MessageKind
from shared.directory import EmployerEntry, Entries
from shared.language import Language
from shared.typed_text import shown_on_one_line
from shared.web.templating import compile_all, create_environment

MESSAGES = Path(__file__).parents[1] / "messages"
RegistrationsMail = Literal["sign-in", "staff-invitation", "contact-changed", "erasure-notice"]
"""The mails that registration has sent at once, by their templates' names."""

WITH_CALENDAR = (*QUESTIONS, MessageKind.UPDATE, MessageKind.CANCELLATION)
HEADERS = (
    "Subject",
    "From",
    "To",
    "Date",
    "Message-ID",
    "Auto-Submitted",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "MIME-Version",
    "Content-Type",
    "Content-Language",
)
"""What stands in the head of every mail, each once, and nothing else."""

_WRITABLE = re.compile(r"[!#-'*+\-/-9=?A-Z^-~]+(?:\.[!#-'*+\-/-9=?A-Z^-~]+)*@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")
"""An address without quotes, comments or anything beside ASCII: what every mail server takes (RFC 5321)."""


class BadAddress(ValueError):
    """An e-mail address that no mail server can take."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """To whom a message goes; ``beside`` are the names and addresses of others who receive the same."""

    email: str
    name: str
    first_name: str
    language: Language
    beside: tuple[tuple[str, str], ...] = ()

    @property
    def mailboxes(self) -> tuple[tuple[str, str], ...]:
        """The names and addresses of all who receive it."""
        return (self.name, self.email), *self.beside


@dataclass(frozen=True, slots=True)
class Links:
    """The addresses in a message."""

    page: str
    stop: str


def links_of(public_url: str, contents: Contents, token: str) -> Links:
    """The addresses in a message; the token is in its link only."""
    page = f"{public_url.rstrip('/')}/{'e' if contents.shortlist else 'r'}/{token}"
    return Links(page=page, stop=f"{page}/stop")


def language_of(text: str) -> Language:
    """One of the languages that messages are written in."""
    return "en" if text == "en" else "fr"


def recipient_of(contents: Contents, entries: Entries) -> Recipient | None:
    """To whom a message goes by e-mail; `None` where the directory knows nobody, or no consent."""
    if contents.shortlist is not None:
        employer = entries.employers.get(contents.shortlist.employer_id)
        return _at_employer(contents, employer, entries) if employer else None
    participant = entries.participants.get(contents.message.recipient_id)
    if participant is None or not participant.contact_consent:
        return None
    language = language_of(participant.language)
    return Recipient(participant.email or "", participant.full_name, participant.first_name, language)


def _at_employer(contents: Contents, employer: EmployerEntry, entries: Entries) -> Recipient:
    """The contacts of the needs that a shortlist is about, each once: the employer's own where a need names nobody.

    They receive one mail, so that either all of them were told or nobody was.
    """
    own_name = employer.contact_name or employer.name
    needs = [entries.needs.get(each.need_id) for each in contents.meetings]
    named = [each.contact if each else None for each in needs]
    found: dict[str, tuple[str, str]] = {}
    for contact in named or [None]:
        email = contact.email if contact else employer.email
        if email:
            name = (contact.name or employer.name) if contact else own_name
            found.setdefault(email, (name, contact.language if contact else employer.language))
    if not found:
        return Recipient("", own_name, own_name, language_of(employer.language))
    (email, (name, language)), *others = found.items()
    greeted = ", ".join(each for each, _ in found.values())
    beside = tuple((other, address) for address, (other, _) in others)
    return Recipient(email, name, greeted, language_of(language), beside)


def write_mail(
    contents: Contents,
    entries: Entries,
    recipient: Recipient,
    links: Links,
    *,
    mail_from: str,
    domain: str,
    now: datetime,
) -> Mail:
    """The whole message; raises `BadAddress`, or `BadHead` where its head would not be as it is meant."""
    occasion = occasion_of(contents.meetup, contents.meetings, entries)
    values = text_values(contents, entries, occasion, recipient, links)
    kind = contents.message.kind
    mailboxes = [(name, address_of(email)) for name, email in recipient.mailboxes]
    mail = EmailMessage(policy=POLICY)
    mail["Subject"] = subject_of(render(kind, "subject", recipient.language, values))
    mail["From"] = sender_of(mail_from)
    mail["To"] = ",\n ".join(mailbox_of(*mailbox) for mailbox in mailboxes)
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = message_id(contents, domain)
    mail["Auto-Submitted"] = "auto-generated"
    mail["List-Unsubscribe"] = f"<{links.stop}>"
    mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content(render(kind, "txt", recipient.language, values), cte="quoted-printable")
    mail.add_alternative(render(kind, "html", recipient.language, values), subtype="html", cte="quoted-printable")
    if contents.invitation is not None and kind in WITH_CALENDAR:
        _attach_calendar(mail, contents, occasion, values, mail_from=mail_from, domain=domain, now=now)
    # Set last: a new structure takes content headers with it into its first part.
    mail["Content-Language"] = recipient.language
    content = mail.as_bytes()
    check_written(mail, content, HEADERS)
    return Mail(parseaddr(mail_from)[1], tuple(address for _, address in mailboxes), content)


def message_id(contents: Contents, domain: str) -> str:
    """The Message-ID of this attempt: a mail server or a person can find the message by it."""
    return f"<{contents.message.id}.{contents.message.attempts + 1}@{domain}>"


def text_values(
    contents: Contents,
    entries: Entries,
    occasion: Occasion,
    recipient: Recipient,
    links: Links,
    *,
    is_letter: bool = False,
    reply_days: int = 0,
) -> dict[str, Any]:
    """What the templates of messages and letters may use."""
    return {
        "language": recipient.language,
        "first_name": recipient.first_name,
        "occasion": occasion,
        "appointments": appointments_of(
            contents.meetup, contents.meetings, contents.occupations, entries, recipient.language
        ),
        "deadline": contents.invitation.deadline if contents.invitation else None,
        "has_accepted": contents.invitation is not None and contents.invitation.reply == "accepted",
        "candidates": len({meeting.participant_id for meeting in contents.meetings}),
        "employers": len({meeting.employer_id for meeting in contents.meetings}),
        "is_off": contents.meetup.is_cancelled,
        "known_day": contents.known_day,
        "former_day": contents.former_day,
        "said_yes": contents.said_yes,
        "reply_days": reply_days,
        "links": links,
        "is_letter": is_letter,
    }


def render(kind: MessageKind | RegistrationsMail, part: str, language: Language, values: dict[str, Any]) -> str:
    """One part (subject, txt or html) of a message."""
    return _environment().get_template(f"{language}/{kind}.{part}").render(values)


def compile_messages() -> None:
    """Compile the templates of all messages now, not when the first of each kind is written."""
    compile_all(_environment())


@cache
def _environment() -> Environment:
    return create_environment(MESSAGES)


def address_of(email: str) -> str:
    """An address as a mail server takes it, its domain by its ASCII name; raises `BadAddress`."""
    local, _, domain = email.strip().rpartition("@")
    try:
        address = f"{local}@{domain.encode('idna').decode()}"
    except UnicodeError:
        raise BadAddress("the address cannot be written to") from None
    if not _WRITABLE.fullmatch(address):
        raise BadAddress("the address cannot be written to")
    return address


def _attach_calendar(
    mail: EmailMessage,
    contents: Contents,
    occasion: Occasion,
    values: dict[str, Any],
    *,
    mail_from: str,
    domain: str,
    now: datetime,
) -> None:
    if contents.invitation is None:
        return
    name, address = parseaddr(mail_from)
    language: Language = values["language"]
    kind = "cancellation-entry" if contents.message.kind is MessageKind.CANCELLATION else "entry"
    entry = Entry(
        invitation_id=contents.invitation.id,
        sequence=contents.invitation.edition,
        starts_at=occasion.starts_at,
        ends_at=occasion.ends_at,
        summary=_line(f"{language}/{kind}.subject", values),
        location=", ".join(part for part in (occasion.venue, occasion.address) if part),
        lines=[line for line in _environment().get_template("entry.txt").render(values).splitlines() if line],
        organizer_name=name,
        organizer_address=address,
        domain=domain,
        is_cancelled=contents.message.kind is MessageKind.CANCELLATION,
    )
    mail.add_attachment(
        calendar_file(entry, now=now),
        maintype="text",
        subtype="calendar",
        filename="rencontre.ics" if language == "fr" else "meetup.ics",
        params={"method": method_of(entry), "charset": "utf-8"},
    )


def _line(template: str, values: dict[str, Any]) -> str:
    return shown_on_one_line(_environment().get_template(template).render(values))
