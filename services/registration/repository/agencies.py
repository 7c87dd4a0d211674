"""Agencies and staff."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.domain.agencies import Agency, Staff
from services.registration.tables import AgencyRow, StaffRow
from shared.rights import Scope
from shared.scoping import within
from shared.sql import among, insert_new_rows, run, table_of, update_rows

AGENCIES = table_of(AgencyRow)
STAFF = table_of(StaffRow)


async def all_agencies(session: AsyncSession) -> list[Agency]:
    """Every agency, by name; there are few (84 in the region)."""
    return [_agency(row) for row in await run(session, select(AGENCIES).order_by(AGENCIES.c.name))]


async def agencies_by_id(session: AsyncSession, ids: Collection[UUID], *, lock: bool = False) -> dict[UUID, Agency]:
    """The agencies with these ids."""
    statement = select(AGENCIES).where(among(AGENCIES.c.id, ids)).order_by(AGENCIES.c.id)
    rows = await run(session, statement.with_for_update() if lock else statement)
    return {row.id: _agency(row) for row in rows}


async def add_agencies(session: AsyncSession, agencies: Sequence[Agency]) -> None:
    """Keep agencies; one whose name is there already is left alone."""
    await insert_new_rows(
        session, AgencyRow, [{name: getattr(each, name) for name in Agency.__slots__} for each in agencies]
    )


async def change_agency(session: AsyncSession, agency: Agency) -> None:
    """Replace an agency's data."""
    await update_rows(session, AgencyRow, [{name: getattr(agency, name) for name in Agency.__slots__}], key=("id",))


async def staff_by_email(session: AsyncSession, emails: Collection[str]) -> dict[str, Staff]:
    """The staff with these e-mail addresses."""
    rows = await run(session, select(STAFF).where(among(STAFF.c.email, emails)))
    return {row.email: _member(row) for row in rows}


async def staff_by_id(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, Staff]:
    """The staff with these ids."""
    rows = await run(session, select(STAFF).where(among(STAFF.c.id, ids)))
    return {row.id: _member(row) for row in rows}


async def all_staff(session: AsyncSession, scope: Scope) -> list[Staff]:
    """The mediators and advisers within a scope, by e-mail."""
    statement = select(STAFF).where(within(scope, STAFF.c.agency_id)).order_by(STAFF.c.email)
    return [_member(row) for row in await run(session, statement)]


async def put_staff(session: AsyncSession, new: Sequence[Staff], changed: Sequence[Staff]) -> None:
    """Keep new staff, and the role and agency of those known."""
    rows = [[{name: getattr(each, name) for name in Staff.__slots__} for each in part] for part in (new, changed)]
    await insert_new_rows(session, StaffRow, rows[0])
    await update_rows(session, StaffRow, rows[1], key=("id",))


def _agency(row: Row[Any]) -> Agency:
    return Agency(**row._mapping)


def _member(row: Row[Any]) -> Staff:
    return Staff(**row._mapping)
