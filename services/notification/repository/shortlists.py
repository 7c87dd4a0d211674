"""Shortlists, the links to them, and employers' answers."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, func, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.notification.domain.hosting import Shortlist
from services.notification.domain.inviting import Reply
from services.notification.domain.replying import Answer, EmployerChoice
from services.notification.domain.telling import GONE, Delivery, MessageKind
from services.notification.tables import (
    AnswerRow,
    InvitationRow,
    LinkRow,
    MeetingRow,
    MeetupRow,
    MessageRow,
    ShortlistRow,
)
from shared.sql import among, next_by, one_row, put_rows, run, table_of

_shortlists = table_of(ShortlistRow)
_answers = table_of(AnswerRow)
_links = table_of(LinkRow)
_meetings = table_of(MeetingRow)
_meetups = table_of(MeetupRow)
_invitations = table_of(InvitationRow)
_messages = table_of(MessageRow)


async def write(session: AsyncSession, written: Sequence[Shortlist]) -> None:
    """Insert or update shortlists."""
    rows = [asdict(shortlist) for shortlist in written]
    await put_rows(session, ShortlistRow, rows, keeping=("meetup_id", "employer_id"))


async def by_id(session: AsyncSession, shortlist_id: UUID) -> Shortlist | None:
    """One shortlist, locked until the transaction ends."""
    row = await one_row(session, ShortlistRow, _shortlists.c.id == shortlist_id, lock=True)
    return _shortlist_of(row) if row else None


async def seen_by_id(session: AsyncSession, shortlist_id: UUID) -> Shortlist | None:
    """One shortlist, to look at."""
    row = await one_row(session, ShortlistRow, _shortlists.c.id == shortlist_id)
    return _shortlist_of(row) if row else None


async def by_token(session: AsyncSession, token_hash: bytes) -> Shortlist | None:
    """The shortlist behind a link, to look at."""
    linked = select(_links.c.shortlist_id).where(_links.c.token_hash == token_hash).scalar_subquery()
    row = await one_row(session, ShortlistRow, _shortlists.c.id == linked)
    return _shortlist_of(row) if row else None


async def of_meetup(session: AsyncSession, meetup_id: UUID) -> list[Shortlist]:
    """All shortlists of a meetup, locked until the transaction ends."""
    query = select(_shortlists).where(_shortlists.c.meetup_id == meetup_id).order_by(_shortlists.c.id)
    return [_shortlist_of(row) for row in await run(session, query.with_for_update())]


async def seen_of_meetup(session: AsyncSession, meetup_id: UUID) -> list[Shortlist]:
    """All shortlists of a meetup, to look at."""
    query = select(_shortlists).where(_shortlists.c.meetup_id == meetup_id).order_by(_shortlists.c.id)
    return [_shortlist_of(row) for row in await run(session, query)]


async def seen_after(session: AsyncSession, after: UUID | None, limit: int) -> list[Shortlist]:
    """The shortlists behind an id, or the first ones, by id, to look at."""
    query = next_by(_shortlists.c.id, select(_shortlists), after, limit)
    return [_shortlist_of(row) for row in await run(session, query)]


async def meetups_of_employers(session: AsyncSession, employer_ids: Collection[UUID]) -> set[UUID]:
    """The meetups to which these employers come."""
    query = select(_shortlists.c.meetup_id).where(among(_shortlists.c.employer_id, employer_ids)).distinct()
    return set((await run(session, query)).scalars())


async def answers_of(session: AsyncSession, shortlist_id: UUID) -> dict[tuple[UUID, UUID], Answer]:
    """An employer's answers, by need and participant."""
    answers = [answer for _, answer in await answers_on(session, [shortlist_id])]
    return {(answer.need_id, answer.participant_id): answer for answer in answers}


async def answers_on(session: AsyncSession, shortlist_ids: Collection[UUID]) -> list[tuple[UUID, Answer]]:
    """What employers answered on these shortlists, each answer with its shortlist."""
    query = select(_answers).where(among(_answers.c.shortlist_id, shortlist_ids))
    return [
        (
            row.shortlist_id,
            Answer(row.need_id, row.participant_id, EmployerChoice(row.choice), row.reason, row.revision),
        )
        for row in await run(session, query)
    ]


async def write_answer(session: AsyncSession, shortlist_id: UUID, answer: Answer, now: datetime) -> None:
    """Keep an answer; a newer one replaces it."""
    row = {
        "shortlist_id": shortlist_id,
        "need_id": answer.need_id,
        "participant_id": answer.participant_id,
        "choice": answer.choice,
        "reason": answer.reason,
        "revision": answer.revision,
        "answered_at": now,
    }
    await put_rows(session, AnswerRow, [row])


async def answers_counted(session: AsyncSession, meetup_id: UUID) -> dict[UUID, int]:
    """How many answers each shortlist of a meetup has; who has none is absent."""
    query = (
        select(_answers.c.shortlist_id, func.count().label("answers"))
        .join(_shortlists, _shortlists.c.id == _answers.c.shortlist_id)
        .where(_shortlists.c.meetup_id == meetup_id)
        .group_by(_answers.c.shortlist_id)
    )
    return {row.shortlist_id: row.answers for row in await run(session, query)}


async def meetups_due(session: AsyncSession, now: datetime, *, after: timedelta, before: timedelta) -> list[UUID]:
    """Meetups with shortlists that should leave by themselves.

    That is ``after`` the last deadline, at the latest ``before`` they begin; where others have left, at once.
    """
    others = _shortlists.alias()
    last_deadline = (
        select(func.max(_invitations.c.deadline))
        .where(_invitations.c.meetup_id == _meetups.c.id, _invitations.c.is_in_force)
        .scalar_subquery()
    )
    have_left = select(others.c.id).where(others.c.meetup_id == _meetups.c.id, others.c.asked_at.is_not(None)).exists()
    query = (
        select(_meetups.c.id)
        .where(
            _is_on(),
            _meetups.c.starts_at > now,
            select(_shortlists.c.id)
            .join(_meetings, _meetings.c.meetup_id == _shortlists.c.meetup_id)
            .where(
                _shortlists.c.meetup_id == _meetups.c.id,
                _meetings.c.employer_id == _shortlists.c.employer_id,
                _shortlists.c.asked_at.is_(None),
                ~among(_shortlists.c.content, GONE),
            )
            .exists(),
            or_(have_left, func.least(last_deadline + after, _meetups.c.starts_at - before) <= now),
        )
        .order_by(_meetups.c.id)
    )
    return list((await run(session, query)).scalars())


async def to_be_reminded(
    session: AsyncSession, now: datetime, *, after: timedelta, answer_days: timedelta
) -> list[Shortlist]:
    """Shortlists that were sent, owe an answer for somebody who said yes, and were not reminded of it yet."""
    ends_at = _meetups.c.starts_at + _meetups.c.slot_minutes * _meetups.c.slots * timedelta(minutes=1)
    reminded = select(_messages.c.id).where(
        _messages.c.shortlist_id == _shortlists.c.id, _messages.c.kind == MessageKind.EMPLOYER_REMINDER
    )
    answered = select(_answers.c.need_id).where(
        _answers.c.shortlist_id == _shortlists.c.id,
        _answers.c.need_id == _meetings.c.need_id,
        _answers.c.participant_id == _meetings.c.participant_id,
    )
    owed = (
        select(_meetings.c.id)
        .join(
            _invitations,
            and_(
                _invitations.c.meetup_id == _meetings.c.meetup_id,
                _invitations.c.participant_id == _meetings.c.participant_id,
            ),
        )
        .where(
            _meetings.c.meetup_id == _shortlists.c.meetup_id,
            _meetings.c.employer_id == _shortlists.c.employer_id,
            _invitations.c.is_in_force,
            _invitations.c.reply == Reply.ACCEPTED,
            ~answered.exists(),
        )
    )
    query = (
        select(_shortlists)
        .join(_meetups, _meetups.c.id == _shortlists.c.meetup_id)
        .where(
            _is_on(),
            _meetups.c.starts_at < now,
            ends_at + after <= now,
            ends_at + answer_days > now,
            _shortlists.c.delivery == Delivery.SENT,
            ~reminded.exists(),
            owed.exists(),
        )
        .order_by(_shortlists.c.id)
    )
    return [_shortlist_of(row) for row in await run(session, query)]


def _is_on() -> ColumnElement[bool]:
    return (_meetups.c.revision > 0) & (_meetups.c.cancelled_revision == 0)


def _shortlist_of(row: ShortlistRow | Row[Any]) -> Shortlist:
    fields = {name: getattr(row, name) for name in _shortlists.columns.keys()}  # noqa: SIM118 - a column collection
    return Shortlist(**{**fields, "delivery": Delivery(row.delivery)})
