"""Credentials of other systems: made, shown once, used, revoked.

Another system asks as an adviser of the agency would, or as a manager where it is of none, but only with the rights
that it was given, and never with those by which people decide.
"""

from __future__ import annotations

import secrets
from collections.abc import Set
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.domain import kinds
from services.registration.domain.credentials import LASTS_AT_MOST, PREFIX, Credential
from services.registration.domain.findings import find_refused
from services.registration.repository import credentials as repository
from services.registration.use_cases.agencies import agency_named
from services.registration.use_cases.signing_in import digest_of
from shared.identity import Person, Role
from shared.moment import Moment
from shared.rights import FOR_PEOPLE_ALONE, FOR_WHOEVER_HOLDS_ONE, RIGHTS, Reach, Scope

NOTED_EVERY = timedelta(minutes=1)
"""How exactly it is kept when a credential was last used."""


def grantable(agency_id: UUID | None) -> frozenset[str]:
    """The rights that a credential may have, at an agency or for the whole region."""
    role = _role_at(agency_id)
    held = {right.name for right in RIGHTS if right.reach_of(role) is not Reach.NO}
    return frozenset(held - FOR_PEOPLE_ALONE - FOR_WHOEVER_HOLDS_ONE)


def holder_of(credential: Credential) -> Person:
    """As whom the system of a credential asks."""
    rights = credential.rights | FOR_WHOEVER_HOLDS_ONE
    return Person(credential.id, _role_at(credential.agency_id), credential.agency_id, rights)


async def make_credential(
    session: AsyncSession, name: str, agency_id: UUID | None, rights: Set[str], ends_at: datetime, moment: Moment
) -> tuple[Credential, str]:
    """A new credential, and its secret, which nobody can read again. Raises `Refused`."""
    if agency_id is not None:
        await agency_named(session, agency_id)
    if beyond := sorted(rights - grantable(agency_id)):
        raise find_refused(kinds.RIGHT_NOT_GRANTABLE, "rights", right=beyond[0])
    if not moment.now < ends_at <= moment.now + LASTS_AT_MOST:
        raise find_refused(kinds.CREDENTIAL_END, "ends_at")
    secret = PREFIX + secrets.token_urlsafe(32)
    credential = Credential(moment.new_id(), name, agency_id, frozenset(rights), moment.now, moment.by, ends_at)
    await repository.add_credential(session, credential, digest_of(secret))
    return credential, secret


async def credential_with(session: AsyncSession, secret: str, moment: Moment) -> Credential | None:
    """The credential of this secret; `None` where it opens nothing."""
    found = await repository.credential_by_digest(session, digest_of(secret))
    if found is None or not found.holds(moment.now):
        return None
    if found.used_at is None or moment.now - found.used_at >= NOTED_EVERY:
        await repository.note_used(session, found.id, moment.now)
    return found


async def revoke_credential(session: AsyncSession, scope: Scope, credential_id: UUID, moment: Moment) -> None:
    """Have a credential open nothing from now on; once is enough. Raises `Refused`."""
    found = await repository.credential_to_revoke(session, scope, credential_id)
    if found is None:
        raise find_refused(kinds.UNKNOWN_CREDENTIAL, "credential_id")
    if found.revoked_at is None:
        await repository.revoke(session, found.id, moment.now, moment.by)


def _role_at(agency_id: UUID | None) -> Role:
    return Role.ADVISER if agency_id else Role.MANAGER
