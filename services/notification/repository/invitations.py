"""Invitations and the links to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.notification.domain.inviting import Invitation, Reply
from services.notification.domain.telling import Delivery, MessageKind
from services.notification.tables import InvitationRow, LinkRow, MessageRow, ParticipantRow, SilenceRow
from shared.sql import add_row, next_by, one_row, put_rows, run, table_of

_invitations = table_of(InvitationRow)
_links = table_of(LinkRow)
_messages = table_of(MessageRow)
_participants = table_of(ParticipantRow)
_silences = table_of(SilenceRow)


async def of_meetup(session: AsyncSession, meetup_id: UUID) -> list[Invitation]:
    """All invitations of a meetup, locked until the transaction ends."""
    return await _select(session, _invitations.c.meetup_id == meetup_id)


async def seen_of_meetup(session: AsyncSession, meetup_id: UUID) -> list[Invitation]:
    """All invitations of a meetup, to look at."""
    query = select(_invitations).where(_invitations.c.meetup_id == meetup_id).order_by(_invitations.c.id)
    return [_invitation_of(row) for row in await run(session, query)]


async def by_id(session: AsyncSession, invitation_id: UUID) -> Invitation | None:
    """One invitation, locked until the transaction ends."""
    row = await one_row(session, InvitationRow, _invitations.c.id == invitation_id, lock=True)
    return _invitation_of(row) if row else None


async def seen_by_id(session: AsyncSession, invitation_id: UUID) -> Invitation | None:
    """One invitation, to look at."""
    row = await one_row(session, InvitationRow, _invitations.c.id == invitation_id)
    return _invitation_of(row) if row else None


async def by_token(session: AsyncSession, token_hash: bytes) -> Invitation | None:
    """The invitation behind a link, to look at."""
    linked = select(_links.c.invitation_id).where(_links.c.token_hash == token_hash).scalar_subquery()
    row = await one_row(session, InvitationRow, _invitations.c.id == linked)
    return _invitation_of(row) if row else None


async def seen_after(session: AsyncSession, after: UUID | None, limit: int) -> list[Invitation]:
    """The invitations behind an id, or the first ones, by id, to look at."""
    query = next_by(_invitations.c.id, select(_invitations), after, limit)
    return [_invitation_of(row) for row in await run(session, query)]


async def past_deadline(session: AsyncSession, now: datetime, limit: int) -> list[Invitation]:
    """Invitations whose deadline is past without an answer, locked; those held by another transaction are skipped.

    Whoever asked for a call keeps the place until an adviser has called.
    """
    return await _select(session, and_(_is_unanswered(), _invitations.c.deadline <= now), limit=limit)


async def to_be_reminded(session: AsyncSession, now: datetime, until: datetime, limit: int) -> list[Invitation]:
    """Invitations whose deadline is in this time, sent and not answered, and not reminded yet of their question."""
    reminded = select(_messages.c.id).where(
        _messages.c.invitation_id == _invitations.c.id,
        _messages.c.kind == MessageKind.ANSWER_REMINDER,
        _messages.c.edition == _invitations.c.question,
    )
    may_be_written_to = (
        select(_participants.c.id)
        .outerjoin(_silences, _silences.c.recipient_id == _participants.c.id)
        .where(
            _participants.c.id == _invitations.c.participant_id,
            _participants.c.may_be_contacted,
            _silences.c.recipient_id.is_(None),
        )
    )
    return await _select(
        session,
        and_(
            _is_unanswered(),
            _invitations.c.deadline > now,
            _invitations.c.deadline <= until,
            _invitations.c.delivery == Delivery.SENT,
            ~reminded.exists(),
            may_be_written_to.exists(),
        ),
        limit=limit,
    )


def _is_unanswered() -> ColumnElement[bool]:
    return and_(_invitations.c.reply == Reply.NONE, _invitations.c.is_in_force, _invitations.c.wants_call.is_(False))


async def write(session: AsyncSession, invitations: Sequence[Invitation]) -> None:
    """Insert or update invitations."""
    rows = [asdict(invitation) for invitation in invitations]
    await put_rows(session, InvitationRow, rows, keeping=("meetup_id", "participant_id"))


async def add_link(session: AsyncSession, row: dict[str, Any]) -> None:
    """Keep a link: ``token_hash``, ``invitation_id`` or ``shortlist_id``, ``made_at``."""
    await add_row(session, LinkRow(**row))


async def _select(session: AsyncSession, condition: ColumnElement[bool], limit: int | None = None) -> list[Invitation]:
    query = select(_invitations).where(condition).order_by(_invitations.c.id)
    query = query.with_for_update() if limit is None else query.limit(limit).with_for_update(skip_locked=True)
    return [_invitation_of(row) for row in await run(session, query)]


def _invitation_of(row: InvitationRow | Row[Any]) -> Invitation:
    fields = {name: getattr(row, name) for name in _invitations.columns.keys()}  # noqa: SIM118 - a column collection
    return Invitation(**{**fields, "reply": Reply(row.reply), "delivery": Delivery(row.delivery)})


async def links_made_for(session: AsyncSession, participant_id: UUID) -> list[datetime]:
    """When links were made for somebody, the first one first; the links themselves nobody knows but who has them."""
    theirs = select(_links.c.made_at).join(_invitations, _invitations.c.id == _links.c.invitation_id)
    query = theirs.where(_invitations.c.participant_id == participant_id).order_by(_links.c.made_at)
    return list((await run(session, query)).scalars())
