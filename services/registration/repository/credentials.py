"""Credentials of other systems."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from sqlalchemy import RowMapping, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.domain.credentials import Credential
from services.registration.tables import CredentialRow
from shared.paging import Order, Page, Paging, read_page
from shared.rights import Scope
from shared.scoping import within
from shared.sql import add_row, run, table_of

CREDENTIALS = table_of(CredentialRow)
SHOWN = [column for column in CREDENTIALS.c if column.name != "secret_digest"]


async def add_credential(session: AsyncSession, credential: Credential, secret_digest: str) -> None:
    """Keep a credential."""
    told = {**asdict(credential), "rights": sorted(credential.rights)}
    await add_row(session, CredentialRow(**told, secret_digest=secret_digest))


async def credential_by_digest(session: AsyncSession, secret_digest: str) -> Credential | None:
    """The credential whose secret has this digest."""
    found = await run(session, select(*SHOWN).where(CREDENTIALS.c.secret_digest == secret_digest))
    row = found.mappings().one_or_none()
    return _credential(row) if row else None


async def credential_by_id(session: AsyncSession, credential_id: UUID) -> Credential | None:
    """The credential with this id, whether it opens anything or not."""
    row = (await run(session, select(*SHOWN).where(CREDENTIALS.c.id == credential_id))).mappings().one_or_none()
    return _credential(row) if row else None


async def credential_to_revoke(session: AsyncSession, scope: Scope, credential_id: UUID) -> Credential | None:
    """A credential within a scope, locked until the transaction ends."""
    statement = select(*SHOWN).where(CREDENTIALS.c.id == credential_id, within(scope, CREDENTIALS.c.agency_id))
    row = (await run(session, statement.with_for_update())).mappings().one_or_none()
    return _credential(row) if row else None


async def note_used(session: AsyncSession, credential_id: UUID, now: datetime) -> None:
    """Keep when a credential was last shown."""
    await run(session, update(CREDENTIALS).where(CREDENTIALS.c.id == credential_id).values(used_at=now))


async def revoke(session: AsyncSession, credential_id: UUID, now: datetime, by: UUID | None) -> None:
    """Have a credential open nothing any more."""
    ended = update(CREDENTIALS).where(CREDENTIALS.c.id == credential_id).values(revoked_at=now, revoked_by=by)
    await run(session, ended)


async def list_credentials(session: AsyncSession, scope: Scope, paging: Paging) -> Page[RowMapping]:
    """The credentials within a scope, the latest first; the secrets are nowhere."""
    statement = select(*SHOWN).where(within(scope, CREDENTIALS.c.agency_id))
    order = Order({"id": CREDENTIALS.c.id}, (CREDENTIALS.c.made_at,), descending=True)
    return await read_page(session, statement, order, paging)


def _credential(row: RowMapping) -> Credential:
    return Credential(**{**row, "rights": frozenset(row["rights"])})
