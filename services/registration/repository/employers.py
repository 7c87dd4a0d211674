"""Employers and needs."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, RowMapping, Select, Table, exists, func, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.domain.needs import Employer, EmployerDetails, Need, NeedDetails, RequiredSkill
from services.registration.domain.participants import DEFAULT_LANGUAGE
from services.registration.domain.places import Place
from services.registration.repository.searching import like
from services.registration.tables import EmployerContactRow, EmployerRow, MeetupNeedRow, MeetupRow, NeedRow
from shared.asking import as_the_service
from shared.paging import Listing, Page, Paging, read_list
from shared.sql import among, insert_rows, run, table_of, update_rows

EMPLOYERS, MAIN = table_of(EmployerRow), table_of(EmployerContactRow)
NEEDS = table_of(NeedRow)
MEETUP_NEEDS = table_of(MeetupNeedRow)
MEETUPS = table_of(MeetupRow)

_EMPLOYERS_LISTED = Listing(EMPLOYERS.c.id, EMPLOYERS.c.kept_at, {"name": (EMPLOYERS.c.name,), "created": ()}, "name")
_NEEDS_LISTED = Listing(NEEDS.c.id, NEEDS.c.kept_at, {"title": (NEEDS.c.title,), "created": ()}, "title")


@dataclass(frozen=True, slots=True)
class NeedFilter:
    """Which needs a list shows; what is absent does not matter."""

    text: str | None = None
    employer_id: UUID | None = None
    occupation: str | None = None
    meetup_id: UUID | None = None
    is_open: bool | None = None


async def employers_by_identifier(session: AsyncSession, identifiers: Collection[str]) -> dict[str, Employer]:
    """The employers with these external identifiers, locked until the transaction ends."""
    found = await _employers(session, among(EMPLOYERS.c.identifier, identifiers), lock=True) if identifiers else []
    return {each.details.identifier: each for each in found if each.details.identifier is not None}


async def employers_by_id(session: AsyncSession, ids: Collection[UUID], *, lock: bool = False) -> dict[UUID, Employer]:
    """The employers with these ids."""
    return {each.id: each for each in await _employers(session, among(EMPLOYERS.c.id, ids), lock=lock)} if ids else {}


async def expected_employers(
    session: AsyncSession, ids: Collection[UUID], now: datetime
) -> dict[UUID, set[UUID | None]]:
    """Those of the employers of whom a need is invited to a meetup that is ahead and stands.

    With the contacts whom such needs name; `None` is the main one.
    """
    if not ids:
        return {}
    statement = (
        select(NEEDS.c.employer_id, NEEDS.c.contact_id)
        .join(MEETUP_NEEDS, MEETUP_NEEDS.c.need_id == NEEDS.c.id)
        .join(MEETUPS, MEETUPS.c.id == MEETUP_NEEDS.c.meetup_id)
        .where(among(NEEDS.c.employer_id, ids), *_is_ahead(now))
    )
    expected: dict[UUID, set[UUID | None]] = {}
    async with as_the_service(session):  # an employer comes to the meetups of several agencies
        for row in await run(session, statement):
            expected.setdefault(row.employer_id, set()).add(row.contact_id)
    return expected


async def expected_needs(session: AsyncSession, ids: Collection[UUID], now: datetime) -> set[UUID]:
    """Those of the needs that are invited to a meetup that is ahead and stands."""
    if not ids:
        return set()
    statement = (
        select(MEETUP_NEEDS.c.need_id)
        .join(MEETUPS, MEETUPS.c.id == MEETUP_NEEDS.c.meetup_id)
        .where(among(MEETUP_NEEDS.c.need_id, ids), *_is_ahead(now))
    )
    async with as_the_service(session):  # a need comes to the meetups of several agencies
        return {row.need_id for row in await run(session, statement)}


async def add_employers(session: AsyncSession, employers: Sequence[Employer]) -> None:
    """Keep new employers; their contacts are kept apart."""
    await insert_rows(session, EmployerRow, [_employer_row(each) for each in employers])


async def change_employers(session: AsyncSession, employers: Sequence[Employer]) -> None:
    """Replace employers; their contacts are kept apart."""
    await update_rows(session, EmployerRow, [_employer_row(each) for each in employers], key=("id",))


async def list_employers(session: AsyncSession, text: str | None, paging: Paging) -> Page[RowMapping]:
    """Employers."""
    statement = _with_main_contact()
    if text:
        statement = statement.where(or_(like(EMPLOYERS.c.name, text), EMPLOYERS.c.identifier == text))
    return await read_list(session, statement, _EMPLOYERS_LISTED, paging)


async def needs_by_identifier(session: AsyncSession, identifiers: Collection[str]) -> dict[str, Need]:
    """The needs with these external identifiers, locked until the transaction ends."""
    found = await _needs(session, among(NEEDS.c.identifier, identifiers), lock=True) if identifiers else []
    return {each.details.identifier: each for each in found if each.details.identifier is not None}


async def needs_by_id(session: AsyncSession, ids: Collection[UUID], *, lock: bool = False) -> dict[UUID, Need]:
    """The needs with these ids."""
    return {each.id: each for each in await _needs(session, among(NEEDS.c.id, ids), lock=lock)} if ids else {}


async def needs_at(session: AsyncSession, sites: Collection[UUID]) -> list[Need]:
    """The open needs of these sites, locked until the transaction ends."""
    if not sites:
        return []
    return await _needs(session, among(NEEDS.c.site_id, sites) & NEEDS.c.is_closed.is_(False), lock=True)


async def needs_with(session: AsyncSession, contacts: Collection[UUID]) -> list[Need]:
    """The needs that name one of these contacts, locked until the transaction ends."""
    return await _needs(session, among(NEEDS.c.contact_id, contacts), lock=True) if contacts else []


async def add_needs(session: AsyncSession, needs: Sequence[Need]) -> None:
    """Keep new needs."""
    await insert_rows(session, NeedRow, [_need_row(each) for each in needs])


async def change_needs(session: AsyncSession, needs: Sequence[Need]) -> None:
    """Replace needs."""
    await update_rows(session, NeedRow, [_need_row(each) for each in needs], key=("id",))


async def list_needs(session: AsyncSession, wanted: NeedFilter, paging: Paging) -> Page[RowMapping]:
    """Needs, each with the name of its employer."""
    statement = select(NEEDS, EMPLOYERS.c.name.label("employer_name")).join(
        EMPLOYERS, EMPLOYERS.c.id == NEEDS.c.employer_id
    )
    if wanted.text:
        statement = statement.where(or_(like(NEEDS.c.title, wanted.text), NEEDS.c.identifier == wanted.text))
    if wanted.employer_id is not None:
        statement = statement.where(NEEDS.c.employer_id == wanted.employer_id)
    if wanted.occupation is not None:
        statement = statement.where(NEEDS.c.occupation == wanted.occupation)
    if wanted.is_open is not None:
        statement = statement.where(NEEDS.c.is_closed.is_(not wanted.is_open))
    if wanted.meetup_id is not None:
        here = (MEETUP_NEEDS.c.need_id == NEEDS.c.id, MEETUP_NEEDS.c.meetup_id == wanted.meetup_id)
        statement = statement.where(exists().where(*here))
    return await read_list(session, statement, _NEEDS_LISTED, paging)


def _is_ahead(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return MEETUPS.c.starts_at > now, MEETUPS.c.is_cancelled.is_(False)


def _with_main_contact() -> Select[Any]:
    """Employers, each with its main contact as far as whoever asks may know it."""
    return select(
        EMPLOYERS,
        MAIN.c.name.label("contact_name"),
        MAIN.c.email,
        MAIN.c.phone,
        func.coalesce(MAIN.c.language, DEFAULT_LANGUAGE).label("language"),
    ).outerjoin(MAIN, (MAIN.c.employer_id == EMPLOYERS.c.id) & MAIN.c.is_main)


async def _employers(session: AsyncSession, which: ColumnElement[bool], *, lock: bool) -> list[Employer]:
    statement = _with_main_contact().where(which).order_by(EMPLOYERS.c.id)
    return [_employer(row) for row in await _rows(session, statement, EMPLOYERS, lock=lock)]


async def _needs(session: AsyncSession, which: ColumnElement[bool], *, lock: bool) -> list[Need]:
    statement = select(NEEDS).where(which).order_by(NEEDS.c.id)
    return [_need(row) for row in await _rows(session, statement, NEEDS, lock=lock)]


async def _rows(session: AsyncSession, statement: Select[Any], locked: Table, *, lock: bool) -> Sequence[Row[Any]]:
    if not lock:
        return (await run(session, statement)).all()
    async with as_the_service(session):  # all see them; to PostgreSQL whoever locks already changes
        return (await run(session, statement.with_for_update(of=locked))).all()


def _employer(row: Row[Any]) -> Employer:
    details = EmployerDetails(
        identifier=row.identifier,
        name=row.name,
        siret=row.siret,
        contact_name=row.contact_name,
        email=row.email,
        phone=row.phone,
        place=Place(row.commune, row.latitude, row.longitude),
        language=row.language,
        agency_id=row.agency_id,
    )
    return Employer(row.id, row.revision, details, field_revisions=row.field_revisions)


def _employer_row(employer: Employer) -> dict[str, Any]:
    details = employer.details
    return {
        "id": employer.id,
        "identifier": details.identifier,
        "revision": employer.revision,
        "field_revisions": dict(employer.field_revisions),
        "name": details.name,
        "siret": details.siret,
        "commune": details.place.commune,
        "latitude": details.place.latitude,
        "longitude": details.place.longitude,
        "agency_id": details.agency_id,
    }


def _need(row: Row[Any]) -> Need:
    details = NeedDetails(
        identifier=row.identifier,
        employer_id=row.employer_id,
        title=row.title,
        occupation=row.occupation,
        place=Place(row.commune, row.latitude, row.longitude),
        posts=row.posts,
        seats=row.seats,
        hours=tuple(row.hours),
        licences=tuple(row.licences),
        framework=row.framework,
        skills=tuple(RequiredSkill(**skill) for skill in row.skills),
        starts_on=row.starts_on,
        interviewers=row.interviewers,
        access=row.access,
        site_id=row.site_id,
        contact_id=row.contact_id,
        agency_id=row.agency_id,
    )
    return Need(row.id, row.revision, details, row.is_closed, field_revisions=row.field_revisions)


def _need_row(need: Need) -> dict[str, Any]:
    details = need.details
    return {
        "id": need.id,
        "identifier": details.identifier,
        "revision": need.revision,
        "field_revisions": dict(need.field_revisions),
        "employer_id": details.employer_id,
        "site_id": details.site_id,
        "contact_id": details.contact_id,
        "title": details.title,
        "occupation": details.occupation,
        "commune": details.place.commune,
        "latitude": details.place.latitude,
        "longitude": details.place.longitude,
        "posts": details.posts,
        "seats": details.seats,
        "hours": list(details.hours),
        "licences": list(details.licences),
        "starts_on": details.starts_on,
        "interviewers": details.interviewers,
        "access": details.access,
        "framework": details.framework,
        "skills": [{"skill": each.skill, "level": each.level, "weight": each.weight} for each in details.skills],
        "is_closed": need.is_closed,
        "agency_id": details.agency_id,
    }
