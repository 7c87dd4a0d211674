"""Agencies and staff: known by name and by e-mail, kept on first sight."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.adapters.known_words import department_of_agency
from services.registration.domain import kinds
from services.registration.domain.agencies import Agency, AgencyContactDraft, Staff
from services.registration.domain.findings import find_refused
from services.registration.domain.said import amended
from services.registration.repository import agencies as repository
from services.registration.use_cases.saving import Moment
from shared.reference.normalise import fold


async def agencies_named(session: AsyncSession, names: Collection[str], moment: Moment) -> dict[str, Agency]:
    """The agencies with these names, however they are written; one seen for the first time is kept.

    Its département is that of the commune in its name, where that can be told.
    """
    known = {agency.folded_name: agency for agency in await repository.all_agencies(session)}
    new = {}
    for name in names:
        folded = fold(name)
        if folded not in known:
            agency = Agency(moment.new_id(), name.strip(), folded, department_of_agency(name))
            known[folded] = new[folded] = agency
    await repository.add_agencies(session, list(new.values()))
    return {name: known[fold(name)] for name in names}


async def agency_named(session: AsyncSession, agency_id: UUID, *, lock: bool = False) -> Agency:
    """The agency with this id. Raises `Refused` where there is none."""
    found = await repository.agencies_by_id(session, [agency_id], lock=lock)
    if agency_id not in found:
        raise find_refused(kinds.UNKNOWN_AGENCY, "agency_id")
    return found[agency_id]


async def change_agency_contact(session: AsyncSession, agency_id: UUID, draft: AgencyContactDraft) -> Agency:
    """Change what was said of how an agency is reached. Raises `Refused` where there is none."""
    agency = await agency_named(session, agency_id, lock=True)
    changed = amended(agency, draft)
    if changed == agency:
        return agency
    changed = replace(changed, revision=agency.revision + 1)
    await repository.change_agency(session, changed)
    return changed


async def staff_named(
    session: AsyncSession, roles: Mapping[str, tuple[str | None, UUID | None]], moment: Moment
) -> dict[str, Staff]:
    """The staff with these e-mail addresses, kept on first sight.

    ``roles`` says for each address the role and agency that are known now; an observer may come with neither. What is
    known already stays, and is completed.
    """
    known = await repository.staff_by_email(session, list(roles))
    new, changed = [], []
    for email, (role, agency_id) in roles.items():
        if email not in known:
            known[email] = Staff(moment.new_id(), email, role, agency_id)
            new.append(known[email])
            continue
        complete = replace(known[email], role=known[email].role or role, agency_id=known[email].agency_id or agency_id)
        if complete != known[email]:
            known[email] = complete
            changed.append(complete)
    await repository.put_staff(session, new, changed)
    return known
