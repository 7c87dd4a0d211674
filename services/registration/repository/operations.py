"""Operations, what joins them, and how many people that was about."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, CompoundSelect, Row, RowMapping, Select, distinct, func, select, union
from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.domain.operations import Operation, OperationDetails
from services.registration.repository.searching import like
from services.registration.tables import (
    EnrolmentRow,
    MeetupRow,
    OperationRow,
    OutcomeRow,
    ParticipantRow,
    WorkshopEnrolmentRow,
    WorkshopRow,
)
from shared.asking import as_the_service
from shared.paging import Listing, Page, Paging, read_list
from shared.rights import Scope
from shared.scoping import within
from shared.sql import among, insert_rows, run, table_of, update_rows

OPERATIONS, WORKSHOPS, MEETUPS = table_of(OperationRow), table_of(WorkshopRow), table_of(MeetupRow)
IN_WORKSHOPS, AT_MEETUPS = table_of(WorkshopEnrolmentRow), table_of(EnrolmentRow)
OUTCOMES, PARTICIPANTS = table_of(OutcomeRow), table_of(ParticipantRow)

_LISTED = Listing(
    OPERATIONS.c.id, OPERATIONS.c.kept_at, {"starts_on": (OPERATIONS.c.starts_on,), "created": ()}, "-starts_on"
)


@dataclass(frozen=True, slots=True)
class OperationFilter:
    """Which operations a list shows; what is absent does not matter."""

    text: str | None = None
    agency_id: UUID | None = None
    venue_id: UUID | None = None
    after: date | None = None
    before: date | None = None


@dataclass(frozen=True, slots=True)
class Joined:
    """The workshops of an operation, and its meetup unless it was cancelled."""

    workshops: tuple[UUID, ...]
    meetup: UUID | None


@dataclass(frozen=True, slots=True)
class PeopleCounted:
    """How many people an operation was about: enrolled, met at its meetup, and hired after it."""

    enrolled: int = 0
    met: int = 0
    hired: int = 0


async def operations_by_identifier(
    session: AsyncSession, scope: Scope, identifiers: Collection[str]
) -> dict[str, Operation]:
    """The operations within a scope with these external identifiers, locked until the transaction ends."""
    if not identifiers:
        return {}
    async with as_the_service(session):  # an identifier is one operation's in the whole region
        found = await _load(session, scope, among(OPERATIONS.c.identifier, identifiers), lock=True)
    return {each.details.identifier: each for each in found if each.details.identifier is not None}


async def operations_by_id(
    session: AsyncSession, scope: Scope, ids: Collection[UUID], *, lock: bool = False
) -> dict[UUID, Operation]:
    """The operations within a scope with these ids."""
    found = await _load(session, scope, among(OPERATIONS.c.id, ids), lock=lock) if ids else []
    return {each.id: each for each in found}


async def add_operations(session: AsyncSession, operations: Sequence[Operation]) -> None:
    """Keep new operations."""
    await insert_rows(session, OperationRow, [_row(each) for each in operations])


async def change_operations(session: AsyncSession, operations: Sequence[Operation]) -> None:
    """Replace operations."""
    await update_rows(session, OperationRow, [_row(each) for each in operations], key=("id",))


async def list_operations(
    session: AsyncSession, scope: Scope, wanted: OperationFilter, paging: Paging
) -> Page[RowMapping]:
    """The operations within a scope."""
    statement = select(OPERATIONS).where(within(scope, OPERATIONS.c.agency_id))
    if wanted.text:
        is_named = like(OPERATIONS.c.name, wanted.text) | (OPERATIONS.c.identifier == wanted.text)
        statement = statement.where(is_named)
    if wanted.agency_id is not None:
        statement = statement.where(OPERATIONS.c.agency_id == wanted.agency_id)
    if wanted.venue_id is not None:
        statement = statement.where(OPERATIONS.c.venue_id == wanted.venue_id)
    if wanted.after is not None:
        statement = statement.where(OPERATIONS.c.ends_on >= wanted.after)
    if wanted.before is not None:
        statement = statement.where(OPERATIONS.c.starts_on < wanted.before)
    return await read_list(session, statement, _LISTED, paging)


async def joined(session: AsyncSession, operations: Collection[UUID]) -> dict[UUID, Joined]:
    """What is part of these operations."""
    workshops: dict[UUID, list[UUID]] = {each: [] for each in operations}
    of_workshops = select(WORKSHOPS.c.operation_id, WORKSHOPS.c.id).where(among(WORKSHOPS.c.operation_id, operations))
    for row in await run(session, of_workshops.order_by(WORKSHOPS.c.starts_on, WORKSHOPS.c.id)):
        workshops[row.operation_id].append(row.id)
    standing = await meetups_of(session, operations)
    return {each: Joined(tuple(workshops[each]), standing.get(each)) for each in operations}


async def meetups_of(session: AsyncSession, operations: Collection[UUID]) -> dict[UUID, UUID]:
    """The meetup of each of these operations that has one which is not cancelled."""
    here = (among(MEETUPS.c.operation_id, operations), MEETUPS.c.is_cancelled.is_(False))
    return {
        row.operation_id: row.id
        for row in await run(session, select(MEETUPS.c.operation_id, MEETUPS.c.id).where(*here))
    }


async def count_people(session: AsyncSession, operations: Collection[UUID]) -> dict[UUID, PeopleCounted]:
    """How many people these operations were about; somebody with several records is one.

    Who joins from another agency counts too: the number says nothing of them.
    """
    in_workshops = select(WORKSHOPS.c.operation_id, IN_WORKSHOPS.c.participant_id).join(
        IN_WORKSHOPS, IN_WORKSHOPS.c.workshop_id == WORKSHOPS.c.id
    )
    at_meetups = select(MEETUPS.c.operation_id, AT_MEETUPS.c.participant_id).join(
        AT_MEETUPS, (AT_MEETUPS.c.meetup_id == MEETUPS.c.id) & MEETUPS.c.is_cancelled.is_(False)
    )
    outcomes = select(MEETUPS.c.operation_id, OUTCOMES.c.participant_id).join(
        OUTCOMES, (OUTCOMES.c.meetup_id == MEETUPS.c.id) & (OUTCOMES.c.outcome == "hired")
    )
    async with as_the_service(session):
        enrolled = await _counted(session, union(in_workshops, at_meetups), operations)
        met = await _counted(session, at_meetups.where(AT_MEETUPS.c.is_present.is_(True)), operations)
        hired = await _counted(session, outcomes, operations)
    return {each: PeopleCounted(enrolled.get(each, 0), met.get(each, 0), hired.get(each, 0)) for each in operations}


async def _counted(
    session: AsyncSession, people: Select[Any] | CompoundSelect[Any], operations: Collection[UUID]
) -> dict[UUID, int]:
    """How many of these people each operation has."""
    theirs = people.subquery()
    person = func.coalesce(PARTICIPANTS.c.merged_into, PARTICIPANTS.c.id)
    statement = (
        select(theirs.c.operation_id, func.count(distinct(person)).label("people"))
        .join(PARTICIPANTS, PARTICIPANTS.c.id == theirs.c.participant_id)
        .where(among(theirs.c.operation_id, operations))
        .group_by(theirs.c.operation_id)
    )
    return {row.operation_id: row.people for row in await run(session, statement)}


async def _load(session: AsyncSession, scope: Scope, which: ColumnElement[bool], *, lock: bool) -> list[Operation]:
    statement = select(OPERATIONS).where(which, within(scope, OPERATIONS.c.agency_id)).order_by(OPERATIONS.c.id)
    return [_operation(row) for row in await run(session, statement.with_for_update() if lock else statement)]


def _operation(row: Row[Any]) -> Operation:
    details = OperationDetails(
        row.name, row.agency_id, row.venue_id, row.starts_on, row.ends_on, identifier=row.identifier
    )
    return Operation(row.id, row.revision, details, field_revisions=row.field_revisions)


def _row(operation: Operation) -> dict[str, Any]:
    return {
        "id": operation.id,
        "revision": operation.revision,
        "field_revisions": dict(operation.field_revisions),
        **asdict(operation.details),
    }
