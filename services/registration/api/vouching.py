"""Employers and needs belong to an agency that vouches for them: who may change them, and says whose they are."""

from __future__ import annotations

from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.api.problems import VOUCHED_BY_ANOTHER
from services.registration.domain.said import UNSAID, Said
from services.registration.edge import agency_of_new
from services.registration.use_cases.employers import employer_named
from shared.rights import Scope


async def agency_from_now_on(session: AsyncSession, scope: Scope, asked: UUID | None) -> Said[UUID]:
    """Who vouches from now on, where somebody says so."""
    return await agency_of_new(session, scope, asked) if asked is not None else UNSAID


def check_vouched(scope: Scope, agency_id: UUID | None) -> None:
    """Raise a `Problem` that says what can be done instead, where another agency vouches for it."""
    if not scope.covers(agency_id):
        raise VOUCHED_BY_ANOTHER


async def check_employer_vouched(session: AsyncSession, scope: Scope, employer_id: UUID) -> None:
    """Raise where there is no such employer, or another agency vouches for it (`check_vouched`)."""
    check_vouched(scope, (await employer_named(session, employer_id)).details.agency_id)
