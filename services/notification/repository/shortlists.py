"""Shortlists, the links to them, and employers' answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel.ext.asyncio.session import AsyncSession

from services.notification.domain.inviting import Delivery, MessageKind
from services.notification.domain.replying import Answer, EmployerChoice
from services.notification.tables import (
    AnswerRow,
    InvitationRow,
    LinkRow,
    MeetupRow,
    MessageRow,
    PairingRow,
    ShortlistRow,
)
from shared.sql import run, table_of

_shortlists = table_of(ShortlistRow)
_answers = table_of(AnswerRow)
_links = table_of(LinkRow)
_meetups = table_of(MeetupRow)
_pairings = table_of(PairingRow)
_invitations = table_of(InvitationRow)
_messages = table_of(MessageRow)


@dataclass(frozen=True, slots=True)
class Shortlist:
    """One employer's shortlist of one meetup."""

    id: UUID
    meetup_id: UUID
    employer_id: UUID
    revision: int
    delivery: Delivery


async def add(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> list[Shortlist]:
    """Write shortlists, and hand back the new ones: ``id``, ``meetup_id``, ``employer_id``, ``asked_at``."""
    if not rows:
        return []
    values = [{**row, "revision": 0, "delivery": Delivery.WAITING} for row in rows]
    written = await run(session, insert(_shortlists).values(values).on_conflict_do_nothing().returning(_shortlists))
    return [_shortlist_of(row) for row in written]


async def by_id(session: AsyncSession, shortlist_id: UUID) -> Shortlist | None:
    """One shortlist, locked until the transaction ends."""
    query = select(_shortlists).where(_shortlists.c.id == shortlist_id).with_for_update()
    row = (await run(session, query)).one_or_none()
    return _shortlist_of(row) if row else None


async def seen_by_id(session: AsyncSession, shortlist_id: UUID) -> Shortlist | None:
    """One shortlist, to look at."""
    row = (await run(session, select(_shortlists).where(_shortlists.c.id == shortlist_id))).one_or_none()
    return _shortlist_of(row) if row else None


async def by_token(session: AsyncSession, token_hash: bytes) -> Shortlist | None:
    """The shortlist behind a link, to look at."""
    query = (
        select(_shortlists)
        .join(_links, _links.c.shortlist_id == _shortlists.c.id)
        .where(_links.c.token_hash == token_hash)
    )
    row = (await run(session, query)).one_or_none()
    return _shortlist_of(row) if row else None


async def of_meetup(session: AsyncSession, meetup_id: UUID) -> list[Shortlist]:
    """All shortlists of a meetup, to look at."""
    query = select(_shortlists).where(_shortlists.c.meetup_id == meetup_id).order_by(_shortlists.c.id)
    return [_shortlist_of(row) for row in await run(session, query)]


async def mark(session: AsyncSession, shortlist_id: UUID, *, revision: int, delivery: Delivery) -> None:
    """Write a shortlist's step."""
    await run(
        session,
        update(_shortlists).where(_shortlists.c.id == shortlist_id).values(revision=revision, delivery=delivery),
    )


async def answers_of(session: AsyncSession, shortlist_id: UUID) -> dict[tuple[UUID, UUID], Answer]:
    """An employer's answers, by need and participant."""
    query = select(_answers).where(_answers.c.shortlist_id == shortlist_id)
    return {
        (row.need_id, row.participant_id): Answer(
            row.need_id, row.participant_id, EmployerChoice(row.choice), row.reason, row.revision
        )
        for row in await run(session, query)
    }


async def write_answer(session: AsyncSession, shortlist_id: UUID, answer: Answer, now: datetime) -> None:
    """Keep an answer; a newer one replaces it."""
    statement = insert(_answers).values(
        shortlist_id=shortlist_id,
        need_id=answer.need_id,
        participant_id=answer.participant_id,
        choice=answer.choice,
        reason=answer.reason,
        revision=answer.revision,
        answered_at=now,
    )
    changing = ("choice", "reason", "revision", "answered_at")
    await run(
        session,
        statement.on_conflict_do_update(
            index_elements=["shortlist_id", "need_id", "participant_id"],
            set_={name: statement.excluded[name] for name in changing},
        ),
    )


async def meetups_due(session: AsyncSession, now: datetime, *, after: timedelta, before: timedelta) -> list[UUID]:
    """Meetups whose shortlists should leave by themselves.

    That is ``after`` their last deadline, at the latest ``before`` they begin, for those of which none was asked for.
    """
    last_deadline = (
        select(_invitations.c.meetup_id, func.max(_invitations.c.deadline).label("deadline"))
        .where(_invitations.c.is_in_force)
        .group_by(_invitations.c.meetup_id)
        .subquery()
    )
    query = (
        select(_meetups.c.id)
        .join(last_deadline, last_deadline.c.meetup_id == _meetups.c.id)
        .join(_pairings, _pairings.c.meetup_id == _meetups.c.id)
        .where(
            _is_on(),
            _pairings.c.is_withdrawn.is_(False),
            _meetups.c.starts_at > now,
            func.least(last_deadline.c.deadline + after, _meetups.c.starts_at - before) <= now,
            ~select(_shortlists.c.id).where(_shortlists.c.meetup_id == _meetups.c.id).exists(),
        )
        .order_by(_meetups.c.id)
    )
    return list((await run(session, query)).scalars())


async def to_be_reminded(
    session: AsyncSession, now: datetime, *, after: timedelta, answer_days: timedelta
) -> list[Shortlist]:
    """Shortlists that were sent, may still be answered some time after their meetup, and were not reminded yet."""
    length = _meetups.c.slot_minutes * _meetups.c.slots * timedelta(minutes=1)
    ends_at = _meetups.c.starts_at + length
    query = (
        select(_shortlists)
        .join(_meetups, _meetups.c.id == _shortlists.c.meetup_id)
        .where(
            _is_on(),
            _shortlists.c.delivery == Delivery.SENT,
            ends_at + after <= now,
            ends_at + answer_days > now,
            ~select(_messages.c.id)
            .where(_messages.c.shortlist_id == _shortlists.c.id, _messages.c.kind == MessageKind.EMPLOYER_REMINDER)
            .exists(),
        )
        .order_by(_shortlists.c.id)
    )
    return [_shortlist_of(row) for row in await run(session, query)]


def _is_on() -> ColumnElement[bool]:
    return (_meetups.c.revision > 0) & (_meetups.c.cancelled_revision <= _meetups.c.revision)


def _shortlist_of(row: Any) -> Shortlist:
    return Shortlist(row.id, row.meetup_id, row.employer_id, row.revision, Delivery(row.delivery))
