"""Signing in at a provider: it says who somebody is, and only an invitation lets them in."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace

from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.domain.accounts import ATTEMPT_LASTS, Attempt, Lifetimes, Provider, StaffAccount
from services.registration.domain.contact_rules import clean_email
from services.registration.repository import accounts, signed_in
from services.registration.repository.sign_in_attempts import add_attempt, take_attempt
from services.registration.use_cases.signing_in import digest_of, sign_in
from shared.moment import Moment


@dataclass(frozen=True, slots=True)
class Begun:
    """An attempt as the provider hears of it."""

    state: str
    attempt: Attempt


async def begin_attempt(session: AsyncSession, visitor: str, goes_on_to: str, moment: Moment) -> Begun:
    """Begin to sign in at the provider, on the browser of a visitor."""
    attempt = Attempt(
        digest_of(visitor), secrets.token_urlsafe(32), secrets.token_urlsafe(48), goes_on_to, moment.now + ATTEMPT_LASTS
    )
    state = secrets.token_urlsafe(32)
    await add_attempt(session, attempt, digest_of(state))
    return Begun(state, attempt)


async def attempt_of(session: AsyncSession, state: str, visitor: str, moment: Moment) -> Attempt | None:
    """The attempt that comes back to this browser, once; `None` for what it did not begin, or too long ago."""
    attempt = await take_attempt(session, digest_of(state))
    is_its_own = attempt is not None and attempt.visitor_digest == digest_of(visitor)
    return attempt if attempt is not None and is_its_own and moment.now < attempt.ends_at else None


async def sign_in_provided(
    session: AsyncSession, provider: Provider, email: str | None, name: str | None, lifetimes: Lifetimes, moment: Moment
) -> str | None:
    """Sign in whom a provider vouches for; `None` where they were not invited.

    Their verified address finds the account the first time; from then on only the provider's own name for them does, so
    that an address given to somebody else opens nothing.
    """
    account = await accounts.account_by_subject(session, provider.issuer, provider.subject, lock=True)
    if account is None and email is not None:
        account = await _met_first(session, provider, email)
    if account is None or account.left_at is not None:
        return None
    if name and name != account.name:
        account = replace(account, name=name[:200])
        await accounts.change_account(session, account)
    return await sign_in(session, account, lifetimes, moment, provider)


async def signed_out_there(
    session: AsyncSession, issuer: str, subject: str | None, provider_session: str | None
) -> None:
    """End what a provider says has ended: one of its sessions, or all of somebody."""
    await signed_in.end_of_provider(session, issuer, subject, provider_session)


async def _met_first(session: AsyncSession, provider: Provider, email: str) -> StaffAccount | None:
    account = await accounts.account_by_email(session, clean_email(email) or "", lock=True)
    if account is None or account.left_at is not None or account.subject is not None:
        return None
    known = replace(account, issuer=provider.issuer, subject=provider.subject)
    await accounts.change_account(session, known)
    return known
