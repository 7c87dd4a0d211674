"""Workshops, their teams and who is enrolled."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, RowMapping, delete, exists, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.domain.places import Place
from services.registration.domain.workshops import Workshop, WorkshopDetails
from services.registration.tables import WorkshopEnrolmentRow, WorkshopRow, WorkshopStaffRow
from shared.asking import as_the_service
from shared.paging import Listing, Page, Paging, read_list
from shared.rights import Scope
from shared.scoping import within
from shared.sql import among, insert_new_rows, insert_rows, run, table_of, update_rows

WORKSHOPS = table_of(WorkshopRow)
TEAMS = table_of(WorkshopStaffRow)
ENROLMENTS = table_of(WorkshopEnrolmentRow)

_LISTED = Listing(
    WORKSHOPS.c.id, WORKSHOPS.c.kept_at, {"starts_on": (WORKSHOPS.c.starts_on,), "created": ()}, "-starts_on"
)

WorkshopEnrolment = tuple[UUID, UUID]
"""A workshop and a participant."""


async def workshops_by_identifier(
    session: AsyncSession, scope: Scope, identifiers: Collection[str], *, lock: bool = False
) -> dict[str, Workshop]:
    """The workshops within a scope with these external identifiers."""
    if not identifiers:
        return {}
    async with as_the_service(session):  # an identifier is one workshop's in the whole region
        found = await _load(session, scope, among(WORKSHOPS.c.identifier, identifiers), lock=lock)
    return {each.details.identifier: each for each in found if each.details.identifier is not None}


async def workshops_by_id(
    session: AsyncSession, scope: Scope, ids: Collection[UUID], *, lock: bool = False
) -> dict[UUID, Workshop]:
    """The workshops within a scope with these ids."""
    return {each.id: each for each in await _load(session, scope, among(WORKSHOPS.c.id, ids), lock=lock)} if ids else {}


def held_by(staff_id: UUID, workshop_id: ColumnElement[UUID]) -> ColumnElement[bool]:
    """The condition that somebody is in the team of a workshop."""
    return exists().where(TEAMS.c.workshop_id == workshop_id, TEAMS.c.staff_id == staff_id)


async def add_workshops(session: AsyncSession, workshops: Sequence[Workshop]) -> None:
    """Keep new workshops with their teams."""
    await insert_rows(session, WorkshopRow, [_row(each) for each in workshops])
    await insert_rows(session, WorkshopStaffRow, [row for each in workshops for row in _team_rows(each)])


async def change_workshops(session: AsyncSession, workshops: Sequence[Workshop]) -> None:
    """Replace workshops and their teams."""
    if not workshops:
        return
    await update_rows(session, WorkshopRow, [_row(each) for each in workshops], key=("id",))
    await run(session, delete(TEAMS).where(among(TEAMS.c.workshop_id, [each.id for each in workshops])))
    await insert_rows(session, WorkshopStaffRow, [row for each in workshops for row in _team_rows(each)])


async def enrolments_among(session: AsyncSession, participants: Collection[UUID]) -> set[WorkshopEnrolment]:
    """All enrolments of these participants."""
    if not participants:
        return set()
    statement = select(ENROLMENTS).where(among(ENROLMENTS.c.participant_id, participants))
    return {(row.workshop_id, row.participant_id) for row in await run(session, statement)}


async def enrolled_in(session: AsyncSession, workshop_id: UUID) -> set[UUID]:
    """The participants of a workshop."""
    theirs = select(ENROLMENTS.c.participant_id).where(ENROLMENTS.c.workshop_id == workshop_id)
    return set((await run(session, theirs)).scalars())


async def add_enrolments(session: AsyncSession, enrolments: Sequence[WorkshopEnrolment]) -> None:
    """Enrol participants; who is enrolled already stays so."""
    rows = [{"workshop_id": workshop, "participant_id": participant} for workshop, participant in enrolments]
    await insert_new_rows(session, WorkshopEnrolmentRow, rows)


async def remove_enrolment(session: AsyncSession, enrolment: WorkshopEnrolment) -> bool:
    """Take a participant out of a workshop; false where they were not enrolled."""
    statement = (
        delete(ENROLMENTS)
        .where(ENROLMENTS.c.workshop_id == enrolment[0], ENROLMENTS.c.participant_id == enrolment[1])
        .returning(ENROLMENTS.c.workshop_id)
    )
    return (await run(session, statement)).first() is not None


async def list_workshops(
    session: AsyncSession,
    scope: Scope,
    paging: Paging,
    *,
    agency_id: UUID | None = None,
    operation_id: UUID | None = None,
) -> Page[RowMapping]:
    """The workshops within a scope, or those of one agency or operation.

    Each with the number of people enrolled.
    """
    enrolled = (
        select(func.count()).where(ENROLMENTS.c.workshop_id == WORKSHOPS.c.id).correlate(WORKSHOPS).scalar_subquery()
    )
    statement = select(WORKSHOPS, enrolled.label("participants")).where(_within(scope))
    if agency_id is not None:
        statement = statement.where(WORKSHOPS.c.agency_id == agency_id)
    if operation_id is not None:
        statement = statement.where(WORKSHOPS.c.operation_id == operation_id)
    return await read_list(session, statement, _LISTED, paging)


def _within(scope: Scope) -> ColumnElement[bool]:
    return within(scope, WORKSHOPS.c.agency_id, lambda staff_id: held_by(staff_id, WORKSHOPS.c.id))


async def _load(session: AsyncSession, scope: Scope, which: ColumnElement[bool], *, lock: bool) -> list[Workshop]:
    statement = select(WORKSHOPS).where(which, _within(scope)).order_by(WORKSHOPS.c.id)
    rows = (await run(session, statement.with_for_update() if lock else statement)).all()
    teams: dict[UUID, list[Row[Any]]] = {row.id: [] for row in rows}
    members = select(TEAMS).where(among(TEAMS.c.workshop_id, list(teams))).order_by(TEAMS.c.position)
    for member in await run(session, members):
        teams[member.workshop_id].append(member)
    return [_workshop(row, teams[row.id]) for row in rows]


def _workshop(row: Row[Any], team: Sequence[Row[Any]]) -> Workshop:
    details = WorkshopDetails(
        identifier=row.identifier,
        title=row.title,
        venue=row.venue,
        place=Place(row.commune, row.latitude, row.longitude),
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        agency_id=row.agency_id,
        mediators=tuple(member.staff_id for member in team if member.role == "mediator"),
        adviser=next((member.staff_id for member in team if member.role == "adviser"), None),
        operation_id=row.operation_id,
    )
    return Workshop(row.id, row.revision, details, field_revisions=row.field_revisions)


def _row(workshop: Workshop) -> dict[str, Any]:
    details = workshop.details
    return {
        "id": workshop.id,
        "identifier": details.identifier,
        "revision": workshop.revision,
        "field_revisions": dict(workshop.field_revisions),
        "agency_id": details.agency_id,
        "title": details.title,
        "venue": details.venue,
        "commune": details.place.commune,
        "latitude": details.place.latitude,
        "longitude": details.place.longitude,
        "starts_on": details.starts_on,
        "ends_on": details.ends_on,
        "operation_id": details.operation_id,
    }


def _team_rows(workshop: Workshop) -> list[dict[str, Any]]:
    members = [(each, "mediator") for each in workshop.details.mediators]
    if workshop.details.adviser is not None:
        members.append((workshop.details.adviser, "adviser"))
    return [
        {"workshop_id": workshop.id, "staff_id": staff, "role": role, "position": position}
        for position, (staff, role) in enumerate(members)
    ]
