"""Links to sign in that left by mail."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.domain.accounts import MailedLink
from services.registration.tables import SignInLinkRow
from shared.sql import add_row, run, table_of

LINKS = table_of(SignInLinkRow)


async def add_link(session: AsyncSession, link: MailedLink, token_digest: str) -> None:
    """Keep a link."""
    row = SignInLinkRow(
        token_digest=token_digest, staff_id=link.staff_id, goes_on_to=link.goes_on_to, ends_at=link.ends_at
    )
    await add_row(session, row)


async def find_link(session: AsyncSession, token_digest: str) -> MailedLink | None:
    """The link of this digest, which was not used yet."""
    return _link((await run(session, select(LINKS).where(LINKS.c.token_digest == token_digest))).one_or_none())


async def take_link(session: AsyncSession, token_digest: str) -> MailedLink | None:
    """The link of this digest, which nobody can use again."""
    taken = delete(LINKS).where(LINKS.c.token_digest == token_digest).returning(LINKS)
    return _link((await run(session, taken)).one_or_none())


async def forget_links(session: AsyncSession, ended_before: datetime) -> None:
    """Forget the links that have ended."""
    await run(session, delete(LINKS).where(LINKS.c.ends_at < ended_before))


def _link(row: Row[Any] | None) -> MailedLink | None:
    return None if row is None else MailedLink(row.staff_id, row.goes_on_to, row.ends_at)
