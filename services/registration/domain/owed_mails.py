"""Mails that registration owes somebody: invitations of staff, word of a change to an employer's former address, and to
participants that they will be erased."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID

from services.registration.domain.accounts import StaffRole

FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=6)

GIVEN_UP_AFTER = timedelta(days=3)
"""Whoever was not reached by then learns it in another way: an address that no server takes will not become one."""


@dataclass(frozen=True, slots=True)
class OwedMail:
    """A mail to the holder of an account, to where an employer was reached before, or to somebody who is to be erased;
    exactly one of them."""

    id: UUID
    owed_since: datetime
    try_after: datetime
    account_id: UUID | None = None
    former_contact_id: UUID | None = None
    participant_id: UUID | None = None
    tries: int = 0


@dataclass(frozen=True, slots=True)
class StaffInvitation:
    """Tells somebody that they may sign in, and as what."""

    email: str
    language: str
    role: StaffRole
    agency: str | None
    kind: Literal["staff-invitation"] = "staff-invitation"


@dataclass(frozen=True, slots=True)
class ContactChanged:
    """Tells whoever was an employer's contact that somebody else is now, and whom to call if that is wrong."""

    email: str
    language: str
    employer: str
    agency: str | None
    phone: str | None
    kind: Literal["contact-changed"] = "contact-changed"


@dataclass(frozen=True, slots=True)
class ErasureNotice:
    """Tells a participant that they will be erased, when, and whom to call to stay."""

    email: str
    language: str
    erases_on: date
    agency: str | None
    phone: str | None
    kind: Literal["erasure-notice"] = "erasure-notice"


MailContent = StaffInvitation | ContactChanged | ErasureNotice
"""What a mail says."""


def tried_again(mail: OwedMail, now: datetime) -> OwedMail | None:
    """The same mail after a try that failed, due after a pause that doubles; `None` once it is given up."""
    if now - mail.owed_since >= GIVEN_UP_AFTER:
        return None
    pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(mail.tries, 10))
    return replace(mail, tries=mail.tries + 1, try_after=now + pause)
