"""Accounts of staff."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.domain.accounts import Duty, StaffAccount
from services.registration.repository.agencies import STAFF
from services.registration.tables import AccountRow
from shared.rights import Scope
from shared.scoping import within
from shared.sql import add_row, run, table_of

ACCOUNTS = table_of(AccountRow)


async def account_by_id(session: AsyncSession, account_id: UUID, *, lock: bool = False) -> StaffAccount | None:
    """The account with this id, also of somebody who left."""
    return await _one(session, ACCOUNTS.c.staff_id == account_id, lock=lock)


async def account_by_email(session: AsyncSession, email: str, *, lock: bool = False) -> StaffAccount | None:
    """The account with this e-mail address, also of somebody who left."""
    return await _one(session, STAFF.c.email == email, lock=lock)


async def account_by_subject(
    session: AsyncSession, issuer: str, subject: str, *, lock: bool = False
) -> StaffAccount | None:
    """The account that a provider knows as ``subject``, also of somebody who left."""
    return await _one(session, (ACCOUNTS.c.issuer == issuer) & (ACCOUNTS.c.subject == subject), lock=lock)


async def all_accounts(session: AsyncSession, scope: Scope) -> list[StaffAccount]:
    """The accounts within a scope of those who have not left, by e-mail."""
    query = _query().where(ACCOUNTS.c.left_at.is_(None), within(scope, ACCOUNTS.c.agency_id)).order_by(STAFF.c.email)
    return [_account(row) for row in await run(session, query)]


async def add_account(session: AsyncSession, account: StaffAccount, *, now: datetime, by: UUID | None) -> None:
    """Keep a new account of somebody among the staff."""
    await add_row(
        session,
        AccountRow(
            staff_id=account.id,
            role=account.duty.role,
            agency_id=account.duty.agency_id,
            name=account.name,
            language=account.language,
            revision=account.revision,
            invited_at=now,
            invited_by=by,
        ),
    )


async def change_account(session: AsyncSession, account: StaffAccount) -> None:
    """Replace what is kept of an account."""
    changed = {
        "role": account.duty.role,
        "agency_id": account.duty.agency_id,
        "name": account.name,
        "language": account.language,
        "revision": account.revision,
        "left_at": account.left_at,
        "issuer": account.issuer,
        "subject": account.subject,
    }
    await run(session, update(ACCOUNTS).where(ACCOUNTS.c.staff_id == account.id).values(changed))


def _query() -> Any:
    return select(ACCOUNTS, STAFF.c.email).join(STAFF, STAFF.c.id == ACCOUNTS.c.staff_id)


async def _one(session: AsyncSession, where: ColumnElement[bool], *, lock: bool) -> StaffAccount | None:
    query = _query().where(where)
    row = (await run(session, query.with_for_update(of=ACCOUNTS) if lock else query)).one_or_none()
    return None if row is None else _account(row)


def _account(row: Row[Any]) -> StaffAccount:
    return StaffAccount(
        id=row.staff_id,
        email=row.email,
        duty=Duty(row.role, row.agency_id),
        name=row.name,
        language=row.language,
        revision=row.revision,
        left_at=row.left_at,
        issuer=row.issuer,
        subject=row.subject,
    )
