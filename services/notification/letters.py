"""Letters for those without e-mail: the words of the mail on a page to print."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from services.notification.directory import Directory
from services.notification.mail.sender import links_of
from services.notification.mail.writing import on_one_line, recipient_of, render, text_values
from services.notification.presenting import occasion_of
from services.notification.use_cases.sending import Contents


async def letter_values(
    contents: Contents, directory: Directory, *, public_url: str, token: str, now: datetime
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
    links = links_of(public_url, contents, token)
    values = text_values(contents, entries, occasion, recipient, links, is_letter=True)
    text = render(contents.message.kind, "txt", recipient.language, values)
    participant = entries.participants.get(contents.message.recipient_id)
    return {
        "language": recipient.language,
        "occasion": occasion,
        "recipient_name": recipient.name,
        "address_lines": (participant.postal_address or "").splitlines() if participant else [],
        "written_on": now,
        "subject": on_one_line(render(contents.message.kind, "subject", recipient.language, values)),
        "paragraphs": [block.splitlines() for block in text.split("\n\n") if block.strip()],
    }


def _employer_of(contents: Contents) -> set[Any]:
    return {contents.shortlist.employer_id} if contents.shortlist else set()
