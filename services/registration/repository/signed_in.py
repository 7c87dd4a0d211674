"""Who is signed in, on which browsers."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, delete, or_, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.domain.accounts import Duty, Provider, SignedIn
from services.registration.tables import AgencyRow, SignedInRow
from shared.sql import add_row, run, table_of

SIGNED_IN = table_of(SignedInRow)
AGENCIES = table_of(AgencyRow)


async def by_digest(session: AsyncSession, token_digest: str) -> SignedIn | None:
    """Whoever is signed in with the token of this digest."""
    return _signed_in((await run(session, _with_agency().where(SIGNED_IN.c.token_digest == token_digest))).first())


async def by_id(session: AsyncSession, signed_in_id: UUID) -> SignedIn | None:
    """Whoever is signed in under this id."""
    return _signed_in((await run(session, _with_agency().where(SIGNED_IN.c.id == signed_in_id))).first())


async def all_of(session: AsyncSession, staff_id: UUID) -> list[SignedIn]:
    """Where somebody is signed in, the latest used first."""
    query = _with_agency().where(SIGNED_IN.c.staff_id == staff_id).order_by(SIGNED_IN.c.seen_at.desc())
    return [found for row in await run(session, query) if (found := _signed_in(row))]


async def add(session: AsyncSession, signed_in: SignedIn, token_digest: str) -> None:
    """Keep that somebody is signed in."""
    provider = signed_in.provider
    await add_row(
        session,
        SignedInRow(
            id=signed_in.id,
            token_digest=token_digest,
            staff_id=signed_in.staff_id,
            role=signed_in.duty.role,
            agency_id=signed_in.duty.agency_id,
            name=signed_in.name,
            is_demo=signed_in.is_demo,
            started_at=signed_in.started_at,
            seen_at=signed_in.seen_at,
            ends_at=signed_in.ends_at,
            issuer=provider.issuer if provider else None,
            subject=provider.subject if provider else None,
            provider_session=provider.session if provider else None,
            id_token=provider.id_token if provider else None,
        ),
    )


async def note_seen(session: AsyncSession, signed_in_id: UUID, now: datetime) -> None:
    """Keep when somebody last asked for something."""
    await run(session, update(SIGNED_IN).where(SIGNED_IN.c.id == signed_in_id).values(seen_at=now))


async def end(session: AsyncSession, signed_in_id: UUID) -> None:
    """End it on one browser."""
    await run(session, delete(SIGNED_IN).where(SIGNED_IN.c.id == signed_in_id))


async def end_all_of(session: AsyncSession, staff_id: UUID) -> None:
    """End it on all browsers of somebody."""
    await run(session, delete(SIGNED_IN).where(SIGNED_IN.c.staff_id == staff_id))


async def end_of_provider(
    session: AsyncSession, issuer: str, subject: str | None, provider_session: str | None
) -> None:
    """End one of a provider's sessions where it is named, and else all of somebody."""
    theirs = SIGNED_IN.c.issuer == issuer
    theirs &= SIGNED_IN.c.subject == subject if subject else SIGNED_IN.c.provider_session == provider_session
    if subject and provider_session:
        theirs &= SIGNED_IN.c.provider_session == provider_session
    await run(session, delete(SIGNED_IN).where(theirs))


async def forget_ended(session: AsyncSession, *, ended_before: datetime, seen_before: datetime) -> None:
    """Forget what has ended by itself."""
    ended = or_(SIGNED_IN.c.ends_at < ended_before, SIGNED_IN.c.seen_at < seen_before)
    await run(session, delete(SIGNED_IN).where(ended))


def _with_agency() -> Select[Any]:
    of_agency = AGENCIES.c.id == SIGNED_IN.c.agency_id
    return select(*SIGNED_IN.c, AGENCIES.c.name.label("agency")).outerjoin_from(SIGNED_IN, AGENCIES, of_agency)


def _signed_in(row: Row[Any] | None) -> SignedIn | None:
    if row is None:
        return None
    provider = Provider(row.issuer, row.subject, row.provider_session, row.id_token) if row.issuer else None
    return SignedIn(
        id=row.id,
        staff_id=row.staff_id,
        duty=Duty(row.role, row.agency_id),
        name=row.name,
        agency=row.agency,
        is_demo=row.is_demo,
        started_at=row.started_at,
        seen_at=row.seen_at,
        ends_at=row.ends_at,
        provider=provider,
    )
