"""Signing in by a link that leaves by mail: to known staff alone, once, within minutes."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.domain.accounts import LINK_LASTS, Lifetimes, MailedLink, StaffAccount
from services.registration.repository import sign_in_links as repository
from services.registration.repository.accounts import account_by_email, account_by_id
from services.registration.use_cases.signing_in import digest_of, sign_in
from shared.moment import Moment


@dataclass(frozen=True, slots=True)
class Mailing:
    """What is to be mailed: a token, to whom."""

    account: StaffAccount
    token: str


async def make_link(session: AsyncSession, email: str, goes_on_to: str, moment: Moment) -> Mailing | None:
    """A link for whoever has an account under an address; `None` where nobody has."""
    account = await account_by_email(session, email)
    if account is None or account.left_at is not None:
        return None
    token = secrets.token_urlsafe(32)
    await repository.add_link(session, MailedLink(account.id, goes_on_to, moment.now + LINK_LASTS), digest_of(token))
    return Mailing(account, token)


async def whose_link(session: AsyncSession, token: str, moment: Moment) -> StaffAccount | None:
    """Whom a link would sign in; changes nothing, for machines open links too."""
    return await _holder(session, await repository.find_link(session, digest_of(token)), moment)


async def follow_link(
    session: AsyncSession, token: str, lifetimes: Lifetimes, moment: Moment
) -> tuple[str, str] | None:
    """Sign somebody in by their link, once: the token for their browser, and where they wanted to go."""
    link = await repository.take_link(session, digest_of(token))
    account = await _holder(session, link, moment, lock=True)
    if link is None or account is None:
        return None
    return await sign_in(session, account, lifetimes, moment), link.goes_on_to


async def _holder(
    session: AsyncSession, link: MailedLink | None, moment: Moment, *, lock: bool = False
) -> StaffAccount | None:
    if link is None or moment.now >= link.ends_at:
        return None
    account = await account_by_id(session, link.staff_id, lock=lock)
    return account if account is not None and account.left_at is None else None
