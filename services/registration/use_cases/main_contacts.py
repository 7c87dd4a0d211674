"""What an employer says of its main contact is kept where all its contacts are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.domain.employer_contacts import (
    OF_EMPLOYER,
    EmployerContact,
    EmployerContactDetails,
    EmployerContactDraft,
)
from services.registration.domain.needs import CONTACT, Employer
from services.registration.domain.participants import DEFAULT_LANGUAGE
from services.registration.repository import employer_contacts as repository
from services.registration.repository.employers import change_needs, needs_with
from services.registration.use_cases import telling
from shared.asking import as_the_service
from shared.contracts.employers import NeedChanged
from shared.moment import Moment


async def keep_main_contacts(
    session: AsyncSession, new: Sequence[Employer], changed: Sequence[Employer], moment: Moment
) -> None:
    """Keep whom to talk to at employers that are new, or of whom something changed.

    Somebody of whom nothing is left by which to reach them is forgotten, with what else was known of them.
    """
    known = {
        each.details.employer_id: each
        for each in await repository.contacts_of(session, [each.id for each in changed], lock=True)
        if each.details.is_main
    }
    kept = [each for each in (*new, *changed) if _is_reached(each) or each.details.language != DEFAULT_LANGUAGE]
    amended = [(known[each.id], _amended(known[each.id], each)) for each in kept if each.id in known]
    await repository.add_contacts(session, [_begun(each, moment) for each in kept if each.id not in known])
    await repository.change_contacts(session, [after for before, after in amended if after != before])
    left = {each.id for each in kept}
    await forget_contacts(session, [each for employer, each in known.items() if employer not in left], moment)


async def forget_contacts(session: AsyncSession, contacts: Sequence[EmployerContact], moment: Moment) -> None:
    """Forget contacts; the shortlists of needs that name them go to the main one from now on."""
    async with as_the_service(session):  # needs of several agencies may name them
        named = await needs_with(session, [each.id for each in contacts])
        released = [replace(each, details=replace(each.details, contact_id=None)) for each in named]
        released = [each if each.is_closed else each.revised("contact_id") for each in released]
        await change_needs(session, released)
    open_ones = [telling.need_state(each, NeedChanged) for each in released if not each.is_closed]
    await telling.tell(session, *open_ones, moment=moment)
    await repository.remove_contacts(session, [each.id for each in contacts])


def _is_reached(employer: Employer) -> bool:
    return any(getattr(employer.details, name) for name in CONTACT)


def _begun(employer: Employer, moment: Moment) -> EmployerContact:
    return EmployerContact(moment.new_id(), 1, EmployerContactDetails(employer.id, is_main=True)).amended(
        _said_by(employer)
    )


def _amended(kept: EmployerContact, employer: Employer) -> EmployerContact:
    after = kept.amended(_said_by(employer))
    return after.revised(*after.differing(kept)) if after != kept else kept


def _said_by(employer: Employer) -> EmployerContactDraft:
    said = {theirs: getattr(employer.details, ours) for ours, theirs in OF_EMPLOYER.items()}
    draft = replace(EmployerContactDraft(), **said)
    return draft if _is_reached(employer) else replace(draft, identifier=None, function=None)
