"""Contacts of employers, and how employers were reached before."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, RowMapping, and_, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.domain.employer_contacts import EmployerContact, EmployerContactDetails, FormerReach
from services.registration.tables import EmployerContactRow, EmployerRow, FormerContactRow
from shared.asking import as_the_service
from shared.moment import Moment
from shared.paging import Listing, Page, Paging, read_list
from shared.rights import Scope
from shared.scoping import within
from shared.sql import among, insert_rows, run, table_of, update_rows

CONTACTS, EMPLOYERS = table_of(EmployerContactRow), table_of(EmployerRow)
FORMER = table_of(FormerContactRow)

_LISTED = Listing(CONTACTS.c.id, CONTACTS.c.kept_at, {"created": (), "name": (CONTACTS.c.sorted_name,)}, "created")


async def contacts_by_identifier(session: AsyncSession, identifiers: Collection[str]) -> dict[str, EmployerContact]:
    """The contacts with these external identifiers, locked until the transaction ends."""
    if not identifiers:
        return {}
    async with as_the_service(session):  # an identifier is one contact's in the whole region
        found = await _load(session, among(CONTACTS.c.identifier, identifiers), lock=True)
    return {each.details.identifier: each for each in found if each.details.identifier is not None}


async def contacts_by_id(
    session: AsyncSession, scope: Scope, ids: Collection[UUID], *, lock: bool = False
) -> dict[UUID, EmployerContact]:
    """The contacts with these ids of employers within a scope."""
    if not ids:
        return {}
    which = and_(among(CONTACTS.c.id, ids), _of_employers_within(scope))
    return {each.id: each for each in await _load(session, which, lock=lock)}


async def contacts_of(
    session: AsyncSession, employers: Collection[UUID], *, lock: bool = False
) -> list[EmployerContact]:
    """The contacts of these employers."""
    if not employers:
        return []
    async with as_the_service(session):  # whoever may not know them is asked about none
        return await _load(session, among(CONTACTS.c.employer_id, employers), lock=lock)


async def list_contacts(
    session: AsyncSession, scope: Scope, employer_id: UUID | None, paging: Paging
) -> Page[RowMapping]:
    """The contacts of employers within a scope, or those of one employer."""
    told = [column for column in CONTACTS.c if column is not CONTACTS.c.sorted_name]
    statement = select(*told).where(_of_employers_within(scope))
    if employer_id is not None:
        statement = statement.where(CONTACTS.c.employer_id == employer_id)
    return await read_list(session, statement, _LISTED, paging)


async def add_contacts(session: AsyncSession, contacts: Sequence[EmployerContact]) -> None:
    """Keep new contacts."""
    await insert_rows(session, EmployerContactRow, [_row(each) for each in contacts])


async def change_contacts(session: AsyncSession, contacts: Sequence[EmployerContact]) -> None:
    """Replace contacts: first those that are not the main one, since an employer has no two."""
    for is_main in (False, True):
        rows = [_row(each) for each in contacts if each.details.is_main is is_main]
        await update_rows(session, EmployerContactRow, rows, key=("id",))


async def remove_contacts(session: AsyncSession, contacts: Collection[UUID]) -> None:
    """Forget contacts whom no need names any more."""
    if contacts:
        await run(session, delete(CONTACTS).where(among(CONTACTS.c.id, contacts)))


async def add_former_contacts(session: AsyncSession, former: Sequence[FormerReach], moment: Moment) -> list[UUID]:
    """Keep how employers were reached until now; gives the ids of what was kept, in order."""
    rows = [
        {"id": moment.new_id(), **asdict(each), "changed_at": moment.now, "changed_by": moment.by} for each in former
    ]
    await insert_rows(session, FormerContactRow, rows)
    return [row["id"] for row in rows]


async def former_contacts_of(session: AsyncSession, employer_id: UUID) -> Sequence[RowMapping]:
    """How an employer was reached before, the latest first."""
    theirs = select(FORMER).where(FORMER.c.employer_id == employer_id)
    return (await run(session, theirs.order_by(FORMER.c.changed_at.desc(), FORMER.c.id))).mappings().all()


def _of_employers_within(scope: Scope) -> ColumnElement[bool]:
    return CONTACTS.c.employer_id.in_(select(EMPLOYERS.c.id).where(within(scope, EMPLOYERS.c.agency_id)))


async def _load(session: AsyncSession, which: ColumnElement[bool], *, lock: bool) -> list[EmployerContact]:
    statement = select(CONTACTS).where(which).order_by(CONTACTS.c.id)
    return [_contact(row) for row in await run(session, statement.with_for_update() if lock else statement)]


def _contact(row: Row[Any]) -> EmployerContact:
    details = EmployerContactDetails(
        employer_id=row.employer_id,
        name=row.name,
        identifier=row.identifier,
        function=row.function,
        email=row.email,
        phone=row.phone,
        language=row.language,
        is_main=row.is_main,
    )
    return EmployerContact(row.id, row.revision, details, field_revisions=row.field_revisions)


def _row(contact: EmployerContact) -> dict[str, Any]:
    return {
        "id": contact.id,
        "revision": contact.revision,
        "field_revisions": dict(contact.field_revisions),
        **asdict(contact.details),
    }
