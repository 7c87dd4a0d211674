"""Messages: written with the decision, claimed by lease, marked before and after they leave."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel.ext.asyncio.session import AsyncSession

from services.notification.domain.delivery import LETTER_WAITS, Channel, Message, MessageState
from services.notification.domain.hosting import Shortlist
from services.notification.domain.inviting import Invitation
from services.notification.domain.telling import REMINDERS, Known, MessageKind, Post
from services.notification.tables import MessageRow
from shared.moment import Moment
from shared.sql import add_row, among, one_row, run, table_of, wake

WAKE_CHANNEL = "vernissage_messages"
"""The PostgreSQL channel on which a commit wakes the sender."""

_messages = table_of(MessageRow)
_WAITING = (MessageState.QUEUED, *LETTER_WAITS)


async def queue(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> int:
    """Write messages that leave after the commit; one that was already written for its edition is not repeated.

    Rows are those of `to_participant` and `to_employer`. Returns how many are new.
    """
    if not rows:
        return 0
    values = [{**row, "state": MessageState.QUEUED, "due_at": row["written_at"]} for row in rows]
    written = await run(session, insert(_messages).on_conflict_do_nothing().returning(_messages.c.id), values)
    await wake(session, WAKE_CHANNEL)
    return len(written.all())


def to_participant(invitation: Invitation, kind: MessageKind, moment: Moment) -> dict[str, Any]:
    """The row of a message about an invitation; a reminder counts with its question, all else with its edition."""
    return {
        "id": moment.new_id(),
        "kind": kind,
        "meetup_id": invitation.meetup_id,
        "recipient_id": invitation.participant_id,
        "invitation_id": invitation.id,
        "shortlist_id": None,
        "edition": invitation.question if kind in REMINDERS else invitation.edition,
        "written_at": moment.now,
    }


def to_employer(shortlist: Shortlist, kind: MessageKind, edition: int, moment: Moment) -> dict[str, Any]:
    """The row of a message about a shortlist."""
    return {
        "id": moment.new_id(),
        "kind": kind,
        "meetup_id": shortlist.meetup_id,
        "recipient_id": shortlist.employer_id,
        "invitation_id": None,
        "shortlist_id": shortlist.id,
        "edition": edition,
        "written_at": moment.now,
    }


async def record_call(session: AsyncSession, row: dict[str, Any], *, content: str, day: date, moment: Moment) -> None:
    """Keep that an adviser told somebody on the phone: what, who did and when."""
    told = MessageRow(
        **row,
        content=content,
        day=day,
        state=MessageState.SENT,
        channel=Channel.PHONE,
        due_at=moment.now,
        settled_at=moment.now,
        settled_by=moment.by,
    )
    await add_row(session, told)


async def take_back(session: AsyncSession, owners: Collection[UUID], now: datetime) -> None:
    """Take back the messages of these invitations or shortlists that have not left."""
    await run(
        session,
        update(_messages)
        .where(_of(owners), among(_messages.c.state, _WAITING))
        .values(state=MessageState.WITHDRAWN, settled_at=now, lease=None, lease_until=None),
    )


async def have_printed_anew(session: AsyncSession, owners: Collection[UUID]) -> None:
    """Letters that were printed, but not posted, no longer say what is true: they are to be printed again."""
    printed = _messages.c.state == MessageState.PRINTED
    await run(session, update(_messages).where(_of(owners), printed).values(state=MessageState.COMPOSED))


async def post_of_meetup(session: AsyncSession, meetup_id: UUID) -> dict[UUID, Post]:
    """The messages about a meetup as decisions need them, by invitation or shortlist; who has none is absent."""
    query = (
        select(_messages)
        .where(
            _messages.c.meetup_id == meetup_id,
            ~among(_messages.c.kind, REMINDERS),
            _messages.c.state != MessageState.WITHDRAWN,
        )
        .order_by(_messages.c.written_at, _messages.c.edition)
    )
    post: dict[UUID, Post] = {}
    for row in await run(session, query):
        owner = row.invitation_id or row.shortlist_id
        post[owner] = _post_after(post.get(owner, Post()), row)
    return post


def _post_after(post: Post, row: Row[Any]) -> Post:
    """The post of somebody with one more, later message."""
    if row.state in _WAITING:
        return replace(post, waiting=MessageKind(row.kind), is_letter=row.state != MessageState.QUEUED)
    if row.state in (MessageState.SENDING, MessageState.UNCERTAIN):
        leaving = Known(row.content, row.day) if row.content is not None else None
        return replace(post, is_leaving=row.state == MessageState.SENDING, leaving=leaving)
    if row.state in (MessageState.SENT, MessageState.POSTED):
        return replace(post, is_leaving=False, leaving=None)
    if row.kind == MessageKind.SHORTLIST:
        return post
    return replace(post, failed_edition=max(post.failed_edition, row.edition))


async def claim(session: AsyncSession, *, lease: UUID, lasting: timedelta, now: datetime, limit: int) -> list[Message]:
    """Take due messages under a lease by the database's clock; what another sender holds is skipped."""
    due = (
        select(_messages.c.id)
        .where(
            _messages.c.state == MessageState.QUEUED,
            _messages.c.due_at <= now,
            or_(_messages.c.lease_until.is_(None), _messages.c.lease_until < func.clock_timestamp()),
        )
        .order_by(_messages.c.due_at, _messages.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    claimed = await run(
        session,
        update(_messages)
        .where(_messages.c.id.in_(due.scalar_subquery()))
        .values(lease=lease, lease_until=func.clock_timestamp() + lasting)
        .returning(_messages),
    )
    return sorted((_message_of(row) for row in claimed), key=lambda message: (message.written_at, message.id))


async def begin_sending(
    session: AsyncSession, message_id: UUID, *, lease: UUID, lasting: timedelta, values: dict[str, Any]
) -> bool:
    """Mark a message that is about to leave; false when the lease was lost or the message taken back."""
    marked = await run(
        session,
        update(_messages)
        .where(_messages.c.id == message_id, _messages.c.lease == lease, _messages.c.state == MessageState.QUEUED)
        .values(
            state=MessageState.SENDING,
            attempts=_messages.c.attempts + 1,
            lease_until=func.clock_timestamp() + lasting,
            **values,
        )
        .returning(_messages.c.id),
    )
    return marked.one_or_none() is not None


async def settle(session: AsyncSession, message_id: UUID, *, lease: UUID, values: dict[str, Any]) -> bool:
    """Write how a message ended that this sender holds; false when a person or another sender settled it before.

    A message that was taken for abandoned meanwhile (`UNCERTAIN`) is still this sender's to settle: it knows better.
    """
    settled = await run(
        session,
        update(_messages)
        .where(
            _messages.c.id == message_id,
            _messages.c.lease == lease,
            _messages.c.state.in_([MessageState.QUEUED, MessageState.SENDING, MessageState.UNCERTAIN]),
        )
        .values(**values)
        .returning(_messages.c.id),
    )
    return settled.one_or_none() is not None


async def release(session: AsyncSession, ids: Collection[UUID], *, lease: UUID, due_at: datetime, error: str) -> None:
    """Give back claimed messages that did not leave, to be taken again at a later time."""
    await run(
        session,
        update(_messages)
        .where(among(_messages.c.id, ids), _messages.c.lease == lease, _messages.c.state == MessageState.QUEUED)
        .values(lease=None, lease_until=None, due_at=due_at, error=error),
    )


async def abandoned(session: AsyncSession) -> list[Message]:
    """Messages whose sender died while they were leaving."""
    return [_message_of(row) for row in await run(session, select(_messages).where(_is_abandoned()))]


async def give_up_on(session: AsyncSession, message_id: UUID, now: datetime) -> bool:
    """Mark an abandoned message as uncertain; false when somebody settled it meanwhile."""
    marked = await run(
        session,
        update(_messages)
        .where(_messages.c.id == message_id, _is_abandoned())
        .values(state=MessageState.UNCERTAIN, settled_at=now)
        .returning(_messages.c.id),
    )
    return marked.one_or_none() is not None


async def seen_by_id(session: AsyncSession, message_id: UUID) -> Message | None:
    """One message, to look at."""
    row = await one_row(session, MessageRow, _messages.c.id == message_id)
    return _message_of(row) if row else None


async def by_id(session: AsyncSession, message_id: UUID) -> Message | None:
    """One message, locked until the transaction ends."""
    row = await one_row(session, MessageRow, _messages.c.id == message_id, lock=True)
    return _message_of(row) if row else None


async def change(session: AsyncSession, message_id: UUID, values: dict[str, Any]) -> None:
    """Change columns of one message."""
    await run(session, update(_messages).where(_messages.c.id == message_id).values(**values))
    if values.get("state") == MessageState.QUEUED:
        await wake(session, WAKE_CHANNEL)


async def of_meetup(session: AsyncSession, meetup_id: UUID) -> list[Row[Any]]:
    """The rows of all messages of a meetup, oldest first, to look at."""
    query = select(_messages).where(_messages.c.meetup_id == meetup_id).order_by(_messages.c.written_at, _messages.c.id)
    return list(await run(session, query))


def _of(owners: Collection[UUID]) -> ColumnElement[bool]:
    return or_(among(_messages.c.invitation_id, owners), among(_messages.c.shortlist_id, owners))


def _is_abandoned() -> ColumnElement[bool]:
    return and_(_messages.c.state == MessageState.SENDING, _messages.c.lease_until < func.clock_timestamp())


def _message_of(row: MessageRow | Row[Any]) -> Message:
    return Message(
        row.id,
        MessageKind(row.kind),
        row.meetup_id,
        row.recipient_id,
        row.invitation_id,
        row.shortlist_id,
        row.edition,
        MessageState(row.state),
        row.attempts,
        row.written_at,
        row.channel,
        Known(row.content, row.day) if row.content is not None and row.day is not None else None,
    )
