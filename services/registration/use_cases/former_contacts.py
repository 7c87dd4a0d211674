"""How employers were reached until now is kept for a while, and whoever was reached so is told where it matters."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.domain.employer_contacts import EmployerContact, FormerReach
from services.registration.domain.needs import Employer
from services.registration.repository.employer_contacts import add_former_contacts
from services.registration.use_cases.owed_mails import owe_word_of_change
from shared.moment import Moment

Former = tuple[FormerReach, bool]
"""How an employer was reached, and whether a shortlist was on its way there."""


async def keep_former_contacts(session: AsyncSession, former: Sequence[Former], moment: Moment) -> None:
    """Keep how employers were reached, for their agency to see, and owe word to where a shortlist would have gone."""
    kept = await add_former_contacts(session, [reach for reach, _ in former], moment)
    awaited = [id_ for id_, (_, is_awaited) in zip(kept, former, strict=True) if is_awaited]
    await owe_word_of_change(session, awaited, moment)


def reach_of_employer(employer: Employer) -> FormerReach:
    """How an employer is reached by its main contact."""
    details = employer.details
    return FormerReach(employer.id, details.contact_name, details.email, details.phone, details.language)


def reach_of_contact(contact: EmployerContact) -> FormerReach:
    """How an employer is reached by one of its contacts, the main one or another."""
    details = contact.details
    contact_id = None if details.is_main else contact.id
    return FormerReach(
        details.employer_id, details.name, details.email, details.phone, details.language, contact_id=contact_id
    )
