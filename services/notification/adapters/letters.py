"""Letters for those without e-mail: the words of the mail on a page to print."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from services.notification.adapters.directory import Directory
from services.notification.adapters.presenting import occasion_of
from services.notification.adapters.writing import links_of, recipient_of, render, text_values
from services.notification.domain.contents import Contents
from services.notification.domain.links import token_of_letter
from shared.identity import Seal
from shared.typed_text import shown_on_one_line


def letter_token(seal: Seal, message_id: UUID) -> str:
    """The token of a letter's link, the same whenever it is printed; only this service can work it out."""
    return token_of_letter(seal.mark("letter", str(message_id)))


async def letter_values(
    contents: Contents, directory: Directory, *, public_url: str, seal: Seal, reply_days: int, now: datetime
) -> dict[str, Any] | None:
    """What the letter's template shows; `None` when the directory knows nobody to write to.

    Raises `DirectoryUnavailable`.
    """
    entries = await directory.look_up(
        participants=[contents.message.recipient_id] if contents.invitation else [],
        employers={meeting.employer_id for meeting in contents.meetings} | _employer_of(contents),
        needs={meeting.need_id for meeting in contents.meetings},
        meetups=[contents.meetup.id],
        agencies=[contents.meetup.agency_id],
    )
    recipient = recipient_of(contents, entries)
    if recipient is None:
        return None
    occasion = occasion_of(contents.meetup, contents.meetings, entries)
    links = links_of(public_url, contents, letter_token(seal, contents.message.id))
    values = text_values(contents, entries, occasion, recipient, links, is_letter=True, reply_days=reply_days)
    text = render(contents.message.kind, "txt", recipient.language, values)
    participant = entries.participants.get(contents.message.recipient_id)
    return {
        "language": recipient.language,
        "occasion": occasion,
        "agency_lines": [line for line in (*occasion.agency_lines, occasion.phone, occasion.email) if line],
        "recipient_name": recipient.name,
        "address_lines": (participant.postal_address or "").splitlines() if participant else [],
        "written_on": now,
        "subject": shown_on_one_line(render(contents.message.kind, "subject", recipient.language, values)),
        "paragraphs": [block.splitlines() for block in text.split("\n\n") if block.strip()],
    }


def _employer_of(contents: Contents) -> set[Any]:
    return {contents.shortlist.employer_id} if contents.shortlist else set()
