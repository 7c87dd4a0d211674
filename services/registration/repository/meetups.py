"""Meetups: their needs, who is enrolled, who came and what came of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ColumnElement, Row, RowMapping, and_, bindparam, delete, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.domain.meetups import Constraints, Meetup, MeetupDetails, OutcomeKind
from services.registration.domain.places import Place
from services.registration.tables import DepartureRow, EnrolmentRow, MeetupNeedRow, MeetupRow, OutcomeRow
from shared.asking import as_the_service
from shared.paging import Listing, Page, Paging, read_list
from shared.rights import EVERYTHING, Scope
from shared.scoping import within
from shared.sql import among, insert_rows, one_row, put_rows, run, table_of, update_rows

MEETUPS = table_of(MeetupRow)
MEETUP_NEEDS = table_of(MeetupNeedRow)
ENROLMENTS = table_of(EnrolmentRow)
DEPARTURES = table_of(DepartureRow)
OUTCOMES = table_of(OutcomeRow)

_LISTED = Listing(MEETUPS.c.id, MEETUPS.c.kept_at, {"starts_at": (MEETUPS.c.starts_at,), "created": ()}, "starts_at")

EnrolmentKey = tuple[UUID, UUID]
"""A meetup and a participant."""


@dataclass(frozen=True, slots=True)
class Enrolment:
    """One participant's enrolment in one meetup."""

    meetup_id: UUID
    participant_id: UUID
    constraints: Constraints
    is_present: bool | None = None
    revision: int = 1
    """The revision of the meetup in which the enrolment last changed."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one meeting; ``revision`` is that of the meetup in which it was last said."""

    meetup_id: UUID
    participant_id: UUID
    need_id: UUID
    outcome: OutcomeKind
    revision: int
    happened_on: date | None = None


@dataclass(frozen=True, slots=True)
class MeetupFilter:
    """Which meetups a list shows; what is absent does not matter."""

    agency_id: UUID | None = None
    after: datetime | None = None
    before: datetime | None = None
    identifier: str | None = None
    operation_id: UUID | None = None


async def meetups_by_identifier(session: AsyncSession, scope: Scope, identifiers: Collection[str]) -> dict[str, Meetup]:
    """The meetups within a scope with these external identifiers, locked until the transaction ends."""
    if not identifiers:
        return {}
    async with as_the_service(session):  # an identifier is one meetup's in the whole region
        found = await _load(session, scope, among(MEETUPS.c.identifier, identifiers), lock=True)
    return {each.details.identifier: each for each in found if each.details.identifier is not None}


async def meetups_by_id(
    session: AsyncSession, scope: Scope, ids: Collection[UUID], *, lock: bool = False
) -> dict[UUID, Meetup]:
    """The meetups within a scope with these ids."""
    return {each.id: each for each in await _load(session, scope, among(MEETUPS.c.id, ids), lock=lock)} if ids else {}


async def meetups_ahead_in(session: AsyncSession, communes: Collection[str], now: datetime) -> list[Meetup]:
    """The meetups in these communes that have not begun and are not cancelled, locked until the transaction ends."""
    ahead = (among(MEETUPS.c.commune, communes), MEETUPS.c.starts_at > now, MEETUPS.c.is_cancelled.is_(False))
    return await _load(session, EVERYTHING, and_(*ahead), lock=True) if communes else []


async def meetups_ahead_with(session: AsyncSession, needs: Collection[UUID], now: datetime) -> list[Meetup]:
    """The meetups to which one of these needs is invited, that have not begun and are not cancelled, locked."""
    if not needs:
        return []
    invited = select(MEETUP_NEEDS.c.meetup_id).where(among(MEETUP_NEEDS.c.need_id, needs))
    ahead = (MEETUPS.c.id.in_(invited), MEETUPS.c.starts_at > now, MEETUPS.c.is_cancelled.is_(False))
    return await _load(session, EVERYTHING, and_(*ahead), lock=True)


async def meetups_ahead_of(session: AsyncSession, participants: Collection[UUID], now: datetime) -> list[Meetup]:
    """The meetups in which one of these participants is enrolled, not begun and not cancelled, locked."""
    if not participants:
        return []
    theirs = select(ENROLMENTS.c.meetup_id).where(among(ENROLMENTS.c.participant_id, participants))
    ahead = (MEETUPS.c.id.in_(theirs), MEETUPS.c.starts_at > now, MEETUPS.c.is_cancelled.is_(False))
    return await _load(session, EVERYTHING, and_(*ahead), lock=True)


async def add_meetups(session: AsyncSession, meetups: Sequence[Meetup]) -> None:
    """Keep new meetups, to which no need is invited yet."""
    await insert_rows(session, MeetupRow, [_row(each) for each in meetups])


async def change_meetups(session: AsyncSession, meetups: Sequence[Meetup]) -> None:
    """Replace meetups and the needs invited to them."""
    await update_rows(session, MeetupRow, [_row(each) for each in meetups], key=("id",))
    for meetup in meetups:
        needs = [need for need, _ in meetup.needs]
        gone = MEETUP_NEEDS.c.need_id.not_in(needs) if needs else MEETUP_NEEDS.c.need_id.is_not(None)
        await run(session, delete(MEETUP_NEEDS).where(MEETUP_NEEDS.c.meetup_id == meetup.id, gone))
    invited = [
        {"meetup_id": meetup.id, "need_id": need, "interviewers": interviewers}
        for meetup in meetups
        for need, interviewers in meetup.needs
    ]
    await put_rows(session, MeetupNeedRow, invited)


async def enrolments_of(session: AsyncSession, meetups: Collection[UUID]) -> dict[EnrolmentKey, Enrolment]:
    """Everybody enrolled in these meetups."""
    if not meetups:
        return {}
    rows = await run(session, select(ENROLMENTS).where(among(ENROLMENTS.c.meetup_id, meetups)))
    return {(row.meetup_id, row.participant_id): _enrolment(row) for row in rows}


async def put_enrolments(session: AsyncSession, enrolments: Sequence[Enrolment]) -> None:
    """Keep enrolments, new or changed."""
    await put_rows(session, EnrolmentRow, [_enrolment_row(each) for each in enrolments])
    back = [{"meetup": each.meetup_id, "participant": each.participant_id} for each in enrolments]
    if back:
        here = (DEPARTURES.c.meetup_id == bindparam("meetup"), DEPARTURES.c.participant_id == bindparam("participant"))
        await run(session, delete(DEPARTURES).where(*here), back)


async def remove_enrolment(session: AsyncSession, key: EnrolmentKey) -> None:
    """Take a participant out of a meetup, and remember that they were enrolled once."""
    here = (ENROLMENTS.c.meetup_id == key[0], ENROLMENTS.c.participant_id == key[1])
    await run(session, delete(ENROLMENTS).where(*here))
    await put_rows(session, DepartureRow, [{"meetup_id": key[0], "participant_id": key[1]}])


async def departures_of(session: AsyncSession, meetups: Collection[UUID]) -> dict[UUID, list[UUID]]:
    """Who was enrolled in these meetups and no longer is, by meetup."""
    found: dict[UUID, list[UUID]] = {}
    for row in await run(session, select(DEPARTURES).where(among(DEPARTURES.c.meetup_id, meetups))):
        found.setdefault(row.meetup_id, []).append(row.participant_id)
    return found


async def outcome_of(session: AsyncSession, meetup_id: UUID, participant_id: UUID, need_id: UUID) -> Outcome | None:
    """What came of a meeting, if anybody said."""
    here = (
        OUTCOMES.c.meetup_id == meetup_id,
        OUTCOMES.c.participant_id == participant_id,
        OUTCOMES.c.need_id == need_id,
    )
    row = await one_row(session, OutcomeRow, *here)
    return _outcome(row) if row else None


async def outcomes_of(session: AsyncSession, meetups: Collection[UUID]) -> list[Outcome]:
    """What came of the meetings at these meetups, as far as anybody said."""
    rows = await run(session, select(OUTCOMES).where(among(OUTCOMES.c.meetup_id, meetups)))
    return [_outcome(row) for row in rows]


async def put_outcomes(session: AsyncSession, outcomes: Sequence[Outcome], now: datetime) -> None:
    """Keep what came of meetings; of the same one the last counts."""
    rows = {(each.meetup_id, each.participant_id, each.need_id): asdict(each) for each in outcomes}
    await put_rows(session, OutcomeRow, [{**row, "recorded_at": now} for row in rows.values()])


async def list_meetups(session: AsyncSession, scope: Scope, wanted: MeetupFilter, paging: Paging) -> Page[RowMapping]:
    """The meetups within a scope, each with the numbers of its needs and of the people enrolled."""
    needs = select(func.count()).where(MEETUP_NEEDS.c.meetup_id == MEETUPS.c.id).correlate(MEETUPS).scalar_subquery()
    people = select(func.count()).where(ENROLMENTS.c.meetup_id == MEETUPS.c.id).correlate(MEETUPS).scalar_subquery()
    statement = select(MEETUPS, needs.label("needs"), people.label("participants"))
    statement = statement.where(within(scope, MEETUPS.c.agency_id))
    if wanted.agency_id is not None:
        statement = statement.where(MEETUPS.c.agency_id == wanted.agency_id)
    if wanted.after is not None:
        statement = statement.where(MEETUPS.c.starts_at >= wanted.after)
    if wanted.before is not None:
        statement = statement.where(MEETUPS.c.starts_at < wanted.before)
    if wanted.identifier is not None:
        statement = statement.where(MEETUPS.c.identifier == wanted.identifier)
    if wanted.operation_id is not None:
        statement = statement.where(MEETUPS.c.operation_id == wanted.operation_id)
    return await read_list(session, statement, _LISTED, paging)


async def _load(session: AsyncSession, scope: Scope, which: ColumnElement[bool], *, lock: bool) -> list[Meetup]:
    statement = select(MEETUPS).where(which, within(scope, MEETUPS.c.agency_id)).order_by(MEETUPS.c.id)
    rows = (await run(session, statement.with_for_update() if lock else statement)).all()
    needs: dict[UUID, list[tuple[UUID, int]]] = {row.id: [] for row in rows}
    invited = select(MEETUP_NEEDS).where(among(MEETUP_NEEDS.c.meetup_id, list(needs))).order_by(MEETUP_NEEDS.c.need_id)
    for row in await run(session, invited):
        needs[row.meetup_id].append((row.need_id, row.interviewers))
    return [_meetup(row, needs[row.id]) for row in rows]


def _meetup(row: Row[Any], needs: Sequence[tuple[UUID, int]]) -> Meetup:
    details = MeetupDetails(
        identifier=row.identifier,
        title=row.title,
        venue=row.venue,
        place=Place(row.commune, row.latitude, row.longitude),
        agency_id=row.agency_id,
        starts_at=row.starts_at,
        slot_minutes=row.slot_minutes,
        slots=row.slots,
        breaks=tuple(row.breaks),
        front_tables=row.front_tables,
        address=row.address,
        access=row.access,
        operation_id=row.operation_id,
    )
    return Meetup(
        row.id,
        row.revision,
        details,
        tuple(needs),
        row.is_cancelled,
        row.directions,
        field_revisions=row.field_revisions,
    )


def _row(meetup: Meetup) -> dict[str, Any]:
    details = meetup.details
    return {
        "id": meetup.id,
        "identifier": details.identifier,
        "revision": meetup.revision,
        "agency_id": details.agency_id,
        "title": details.title,
        "venue": details.venue,
        "address": details.address,
        "access": details.access,
        "commune": details.place.commune,
        "latitude": details.place.latitude,
        "longitude": details.place.longitude,
        "starts_at": details.starts_at,
        "slot_minutes": details.slot_minutes,
        "slots": details.slots,
        "breaks": list(details.breaks),
        "front_tables": details.front_tables,
        "is_cancelled": meetup.is_cancelled,
        "directions": meetup.directions,
        "operation_id": details.operation_id,
        "field_revisions": dict(meetup.field_revisions),
    }


def _outcome(row: OutcomeRow | Row[Any]) -> Outcome:
    outcome = cast("OutcomeKind", row.outcome)
    return Outcome(row.meetup_id, row.participant_id, row.need_id, outcome, row.revision, row.happened_on)


def _enrolment(row: Row[Any]) -> Enrolment:
    constraints = Constraints(row.first_slot, row.last_slot, row.double_slot, row.front_table)
    return Enrolment(row.meetup_id, row.participant_id, constraints, row.is_present, row.revision)


def _enrolment_row(enrolment: Enrolment) -> dict[str, Any]:
    constraints = enrolment.constraints
    return {
        "meetup_id": enrolment.meetup_id,
        "participant_id": enrolment.participant_id,
        "first_slot": constraints.first_slot,
        "last_slot": constraints.last_slot,
        "double_slot": constraints.double_slot,
        "front_table": constraints.front_table,
        "is_present": enrolment.is_present,
        "revision": enrolment.revision,
    }
