"""Who had no contact for long, who is to be erased, and notes whose words have outlived their time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import asdict, fields
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, RowMapping, Select, Table, delete, exists, func, or_, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.domain.retention import Contacts, ErasurePlanned
from services.registration.tables import (
    ConsentRow,
    ContactRow,
    DepartureRow,
    EnrolmentRow,
    MeetupRow,
    NamingNoteRow,
    ObservationRow,
    OutcomeRow,
    ParticipantRow,
    PlannedErasureRow,
    WorkshopEnrolmentRow,
    WorkshopRow,
)
from shared.paging import Order, Page, Paging, read_page
from shared.rights import Scope
from shared.scoping import within
from shared.sql import among, insert_rows, next_by, run, table_of

PARTICIPANTS, CONTACTS, PLANNED = table_of(ParticipantRow), table_of(ContactRow), table_of(PlannedErasureRow)
CONSENTS, OUTCOMES, OBSERVATIONS = table_of(ConsentRow), table_of(OutcomeRow), table_of(ObservationRow)
IN_WORKSHOPS, WORKSHOPS = table_of(WorkshopEnrolmentRow), table_of(WorkshopRow)
ENROLMENTS, DEPARTURES, MEETUPS = table_of(EnrolmentRow), table_of(DepartureRow), table_of(MeetupRow)
NAMING = table_of(NamingNoteRow)
MERGED = PARTICIPANTS.alias("merged")

PEOPLE_AT_ONCE = 500


async def unchanged_since(session: AsyncSession, before: datetime) -> AsyncIterator[Sequence[tuple[UUID, Contacts]]]:
    """Everybody of whom nothing changed since and whose erasure is not planned, with the contacts there were.

    A record that was merged goes when the one goes that goes on for it.
    """
    is_planned = exists().where(PLANNED.c.participant_id == PARTICIPANTS.c.id)
    is_merged = PARTICIPANTS.c.merged_into.is_not(None)
    query = _with_contacts().where(PARTICIPANTS.c.changed_at < before, ~is_planned, ~is_merged)
    last: UUID | None = None
    while rows := (await run(session, next_by(PARTICIPANTS.c.id, query, last, PEOPLE_AT_ONCE))).all():
        last = rows[-1].id
        yield [(row.id, _contacts(row)) for row in rows]


async def contacts_with(session: AsyncSession, participants: Collection[UUID]) -> dict[UUID, Contacts]:
    """The contacts that there were with these people."""
    rows = await run(session, _with_contacts().where(among(PARTICIPANTS.c.id, participants)))
    return {row.id: _contacts(row) for row in rows}


async def reached_by_mail(session: AsyncSession, participants: Collection[UUID]) -> list[UUID]:
    """Those of these people who have an e-mail address and agree to be contacted."""
    agrees = (
        select(CONSENTS.c.is_granted)
        .where(CONSENTS.c.participant_id == CONTACTS.c.participant_id, CONSENTS.c.purpose == "contact")
        .order_by(CONSENTS.c.revision.desc())
        .limit(1)
        .scalar_subquery()
    )
    theirs = among(CONTACTS.c.participant_id, participants)
    query = select(CONTACTS.c.participant_id).where(theirs, CONTACTS.c.email.is_not(None), agrees)
    return list((await run(session, query.order_by(CONTACTS.c.participant_id))).scalars())


async def plan_erasures(session: AsyncSession, planned: Sequence[ErasurePlanned]) -> None:
    """Keep who is to be erased."""
    await insert_rows(session, PlannedErasureRow, [asdict(each) for each in planned])


async def all_planned(session: AsyncSession) -> list[UUID]:
    """Everybody who is to be erased."""
    return list((await run(session, select(PLANNED.c.participant_id))).scalars())


async def due_on(session: AsyncSession, day: date, limit: int | None = None) -> list[UUID]:
    """Those who are to be erased on a day or were to be before, the earliest first."""
    query = select(PLANNED.c.participant_id).where(PLANNED.c.erases_on <= day)
    ordered = query.order_by(PLANNED.c.erases_on, PLANNED.c.participant_id).limit(limit)
    return list((await run(session, ordered)).scalars())


async def plan_no_more(session: AsyncSession, participants: Collection[UUID]) -> int:
    """These people stay, and the mail that would have told them is not owed any more; how many were to go."""
    return (await run(session, delete(PLANNED).where(among(PLANNED.c.participant_id, participants)))).rowcount


async def list_planned(session: AsyncSession, scope: Scope, paging: Paging) -> Page[RowMapping]:
    """Who is to be erased within a scope: whom nobody told yet first, then by day."""
    statement = (
        select(PLANNED, PARTICIPANTS.c.agency_id)
        .join(PARTICIPANTS, PARTICIPANTS.c.id == PLANNED.c.participant_id)
        .where(within(scope, PARTICIPANTS.c.agency_id))
    )
    order = Order({"participant_id": PLANNED.c.participant_id}, (PLANNED.c.told_at.is_not(None), PLANNED.c.erases_on))
    return await read_page(session, statement, order, paging)


async def is_planned(session: AsyncSession, scope: Scope, participant_id: UUID) -> bool:
    """Whether somebody within a scope is to be erased."""
    here = exists().where(
        PLANNED.c.participant_id == participant_id,
        PARTICIPANTS.c.id == PLANNED.c.participant_id,
        within(scope, PARTICIPANTS.c.agency_id),
    )
    return bool((await run(session, select(here))).scalar_one())


async def note_told(session: AsyncSession, participant_id: UUID, by: UUID | None, now: datetime) -> None:
    """Keep that somebody was told that they will be erased, the first time."""
    here = (PLANNED.c.participant_id == participant_id, PLANNED.c.told_at.is_(None))
    await run(session, update(PLANNED).where(*here).values(told_at=now, told_by=by))


async def note_heard(session: AsyncSession, participant_id: UUID, now: datetime) -> None:
    """Keep that somebody said that they stay."""
    await run(session, update(PARTICIPANTS).where(PARTICIPANTS.c.id == participant_id).values(heard_at=now))


async def count_old_notes(session: AsyncSession, ended_before: date) -> int:
    """How many notes still have their words though their workshop ended before a day."""
    query = select(func.count()).select_from(OBSERVATIONS).where(_has_old_words(ended_before))
    return int((await run(session, query)).scalar_one())


async def forget_old_words(session: AsyncSession, ended_before: date, now: datetime, limit: int) -> int:
    """Forget the words of some notes whose workshop ended before a day; what was seen stays. How many they were.

    Words that are gone name nobody, so that nobody has to look at them any more.
    """
    some = select(OBSERVATIONS.c.id).where(_has_old_words(ended_before)).limit(limit)
    forgotten = update(OBSERVATIONS).where(OBSERVATIONS.c.id.in_(some)).values(note="").returning(OBSERVATIONS.c.id)
    gone = list((await run(session, forgotten)).scalars())
    waiting = (among(NAMING.c.observation_id, gone), NAMING.c.settled_at.is_(None))
    await run(session, update(NAMING).where(*waiting).values(settled_at=now))
    return len(gone)


def _has_old_words(ended_before: date) -> ColumnElement[bool]:
    ended = select(WORKSHOPS.c.id).where(WORKSHOPS.c.ends_on < ended_before)
    return (OBSERVATIONS.c.note != "") & OBSERVATIONS.c.workshop_id.in_(ended)


def _with_contacts() -> Select[Any]:
    return select(
        PARTICIPANTS.c.id,
        PARTICIPANTS.c.changed_at,
        PARTICIPANTS.c.heard_at,
        _latest(CONSENTS.c.decided_at, CONSENTS).label("decided_at"),
        _latest(WORKSHOPS.c.ends_on, IN_WORKSHOPS, (WORKSHOPS, "workshop_id")).label("workshop_day"),
        func.greatest(
            _latest(MEETUPS.c.starts_at, ENROLMENTS, (MEETUPS, "meetup_id")),
            _latest(MEETUPS.c.starts_at, DEPARTURES, (MEETUPS, "meetup_id")),
        ).label("meetup_at"),
        _latest(OBSERVATIONS.c.recorded_at, OBSERVATIONS).label("observed_at"),
        _latest(OUTCOMES.c.recorded_at, OUTCOMES).label("outcome_at"),
    )


def _latest(moment: ColumnElement[Any], theirs: Table, beside: tuple[Table, str] | None = None) -> ColumnElement[Any]:
    """The latest moment in the rows that are a participant's or a merged record's, or in what these rows refer to."""
    merged = select(MERGED.c.id).where(MERGED.c.merged_into == PARTICIPANTS.c.id).correlate(PARTICIPANTS)
    whose = theirs.c.participant_id
    rows = select(func.max(moment)).select_from(theirs).where(or_(whose == PARTICIPANTS.c.id, whose.in_(merged)))
    if beside is not None:
        rows = rows.where(beside[0].c.id == theirs.c[beside[1]])
    return rows.correlate(PARTICIPANTS).scalar_subquery()


def _contacts(row: Row[Any]) -> Contacts:
    return Contacts(**{field.name: getattr(row, field.name) for field in fields(Contacts)})
