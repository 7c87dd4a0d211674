"""What notification keeps for a time after a meetup: links, then what became of messages and letters, then the rest.

That somebody wants no more messages stays as long as they do.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Table, or_, select

from services.notification.settings import Settings
from services.notification.tables import (
    IdempotencyRow,
    InvitationRow,
    LinkRow,
    MeetingRow,
    MeetupRow,
    MessageRow,
    ShortlistRow,
)
from shared.auditing import lines_kept
from shared.idempotency import answers_kept
from shared.retention import Lasting, rows_kept
from shared.sql import table_of

_MEETUPS, _INVITATIONS, _SHORTLISTS = table_of(MeetupRow), table_of(InvitationRow), table_of(ShortlistRow)
_LINKS = table_of(LinkRow)


def all_kept(settings: Settings) -> tuple[Lasting, ...]:
    """All that notification keeps for a time, in the order in which it goes."""
    links = timedelta(days=settings.keep_links_days)
    messages = timedelta(days=settings.keep_messages_days)
    replies = timedelta(days=settings.keep_replies_days)
    return (
        rows_kept("links", _LINKS, lambda now: _leads_to_past(now - links)),
        rows_kept("messages and letters", *_after_meetup(table_of(MessageRow), messages)),
        rows_kept("meetings told of", *_after_meetup(table_of(MeetingRow), replies)),
        rows_kept("invitations and replies", *_after_meetup(_INVITATIONS, replies)),
        rows_kept("shortlists and answers", *_after_meetup(_SHORTLISTS, replies)),
        answers_kept(table_of(IdempotencyRow), settings.keep_answers_days),
        lines_kept(settings.keep_audit_years),
    )


def _leads_to_past(before: datetime) -> ColumnElement[bool]:
    invitations = select(_INVITATIONS.c.id).where(_is_over(_INVITATIONS, before))
    shortlists = select(_SHORTLISTS.c.id).where(_is_over(_SHORTLISTS, before))
    return or_(_LINKS.c.invitation_id.in_(invitations), _LINKS.c.shortlist_id.in_(shortlists))


def _after_meetup(table: Table, lasting: timedelta) -> tuple[Table, Callable[[datetime], ColumnElement[bool]]]:
    return table, lambda now: _is_over(table, now - lasting)


def _is_over(table: Table, before: datetime) -> ColumnElement[bool]:
    """Whether the meetup that a row is about began before a moment."""
    return table.c.meetup_id.in_(select(_MEETUPS.c.id).where(_MEETUPS.c.starts_at < before))
