"""Signing in and out. A browser keeps a random token; here stands its digest, until it ends or is ended."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.domain.accounts import Duty, Lifetimes, Provider, SignedIn, StaffAccount
from services.registration.repository import signed_in as repository
from shared.moment import Moment

NOTED_EVERY = timedelta(minutes=1)
"""How exactly it is kept when somebody last asked for something."""


async def sign_in(
    session: AsyncSession, account: StaffAccount, lifetimes: Lifetimes, moment: Moment, provider: Provider | None = None
) -> str:
    """Have somebody signed in, and give the token that their browser keeps.

    ``account`` is locked: whoever lets them go at the same moment ends this too.
    """
    return await _begin(session, account.id, account.duty, account.shown_name, lifetimes, moment, provider=provider)


async def sign_in_for_show(
    session: AsyncSession, staff_id: UUID, duty: Duty, name: str, lifetimes: Lifetimes, moment: Moment
) -> str:
    """Have a demonstration seen as somebody, who needs no account for that; it holds where demonstrations are."""
    return await _begin(session, staff_id, duty, name, lifetimes, moment, is_demo=True)


async def signed_in_with(
    session: AsyncSession, token: str, lifetimes: Lifetimes, moment: Moment, *, is_demo: bool
) -> SignedIn | None:
    """Whoever is signed in with a browser's token; `None` where it has ended."""
    return await _noted(session, await repository.by_digest(session, digest_of(token)), lifetimes, moment, is_demo)


async def signed_in_as(
    session: AsyncSession, signed_in_id: UUID, lifetimes: Lifetimes, moment: Moment, *, is_demo: bool
) -> SignedIn | None:
    """Whoever is signed in under an id; `None` where that has ended."""
    return await _noted(session, await repository.by_id(session, signed_in_id), lifetimes, moment, is_demo)


async def sign_out(session: AsyncSession, token: str) -> SignedIn | None:
    """End what a browser's token stands for, and tell what that was."""
    found = await repository.by_digest(session, digest_of(token))
    if found is not None:
        await repository.end(session, found.id)
    return found


def digest_of(token: str) -> str:
    """What is kept of a token: it is random, so its digest can be neither guessed nor turned around."""
    return hashlib.sha256(token.encode()).hexdigest()


async def _begin(
    session: AsyncSession,
    staff_id: UUID,
    duty: Duty,
    name: str,
    lifetimes: Lifetimes,
    moment: Moment,
    *,
    provider: Provider | None = None,
    is_demo: bool = False,
) -> str:
    token = secrets.token_urlsafe(32)
    begun = SignedIn(
        moment.new_id(), staff_id, duty, name, is_demo, moment.now, moment.now, moment.now + lifetimes.longest, provider
    )
    await repository.add(session, begun, digest_of(token))
    return token


async def _noted(
    session: AsyncSession, found: SignedIn | None, lifetimes: Lifetimes, moment: Moment, is_demo: bool
) -> SignedIn | None:
    if found is None or not found.holds(moment.now, lifetimes) or (found.is_demo and not is_demo):
        return None
    if moment.now - found.seen_at >= NOTED_EVERY:
        await repository.note_seen(session, found.id, moment.now)
    return found
