"""Whether somebody who asked for something that takes long may still have it: asked again while it is worked at."""

from __future__ import annotations

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.domain.queueing import AskedBy
from services.registration.repository.accounts import account_by_id
from services.registration.repository.credentials import credential_by_id
from services.registration.use_cases.credentials import holder_of
from shared.identity import Person, Role
from shared.rights import scope_of


async def asked_by_of(session: AsyncSession, person: Person) -> AskedBy:
    """Somebody who asks, and whether the service's own key alone speaks for them."""
    is_known = await account_by_id(session, person.id) or await credential_by_id(session, person.id)
    return AskedBy(person.id, person.role.value, person.agency_id, person.rights, vouched=not is_known)


def person_who(asked: AskedBy) -> Person:
    """Whoever asked, as they were then."""
    return Person(asked.person_id, Role(asked.role), asked.agency_id, asked.rights)


async def may_still(session: AsyncSession, asked: AskedBy, right: str, now: datetime) -> bool:
    """Whether whoever asked has the right yet, and as far as then."""
    if asked.vouched:
        return True
    person = await _person_now(session, asked, now)
    return person is not None and scope_of(person, right) == scope_of(person_who(asked), right)


async def _person_now(session: AsyncSession, asked: AskedBy, now: datetime) -> Person | None:
    account = await account_by_id(session, asked.person_id)
    if account is not None:
        return None if account.left_at else Person(account.id, Role(account.duty.role), account.duty.agency_id)
    credential = await credential_by_id(session, asked.person_id)
    return holder_of(credential) if credential is not None and credential.holds(now) else None
