"""Agencies, and staff known by their e-mail and kept on first sight."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.adapters.known_words import communes_of_agency, department_of_agency
from services.registration.domain import kinds
from services.registration.domain.agencies import Agency, AgencyContactDraft, Staff
from services.registration.domain.findings import find_refused
from services.registration.domain.said import amended
from services.registration.repository import agencies as repository
from services.registration.use_cases.saving import SavedAs
from shared.asking import as_the_service
from shared.moment import Moment
from shared.reference.normalise import fold


async def agency_named(session: AsyncSession, agency_id: UUID, *, lock: bool = False) -> Agency:
    """The agency with this id. Raises `Refused` where there is none."""
    found = await repository.agencies_by_id(session, [agency_id], lock=lock)
    if agency_id not in found:
        raise find_refused(kinds.UNKNOWN_AGENCY, "agency_id")
    return found[agency_id]


async def register_agency(session: AsyncSession, name: str, contact: AgencyContactDraft, moment: Moment) -> Agency:
    """Add an agency to the programme. Raises `Refused` where its name is taken, or may mean several places."""
    department, choices = department_of_agency(name), communes_of_agency(name)
    if department is None and choices:
        raise find_refused(kinds.UNPLACED_AGENCY, "name", choices=choices)
    agency = amended(Agency(moment.new_id(), name, fold(name), department), contact)
    await repository.add_agencies(session, [agency])
    if agency.id not in await repository.agencies_by_id(session, [agency.id]):
        raise find_refused(kinds.DUPLICATE_AGENCY, "name")
    return agency


async def change_agency_contact(session: AsyncSession, agency_id: UUID, draft: AgencyContactDraft) -> Agency:
    """Change what was said of how an agency is reached. Raises `Refused` where there is none."""
    agency = await agency_named(session, agency_id, lock=True)
    changed = amended(agency, draft)
    if changed == agency:
        return agency
    changed = replace(changed, revision=agency.revision + 1)
    await repository.change_agency(session, changed)
    return changed


async def change_agency_contacts(
    session: AsyncSession, drafts: Sequence[tuple[UUID, AgencyContactDraft]]
) -> list[SavedAs]:
    """Change what was said of how agencies are reached, all of which are known; one answer each, in order."""
    kept = await repository.agencies_by_id(session, {agency_id for agency_id, _ in drafts}, lock=True)
    now, answers = dict(kept), []
    for agency_id, draft in drafts:
        before = now[agency_id]
        now[agency_id] = amended(before, draft)
        answers.append(SavedAs.CHANGED if now[agency_id] != before else SavedAs.UNCHANGED)
    for agency_id, agency in now.items():
        if agency != kept[agency_id]:
            await repository.change_agency(session, replace(agency, revision=agency.revision + 1))
    return answers


async def staff_named(
    session: AsyncSession, roles: Mapping[str, tuple[str | None, UUID | None]], moment: Moment
) -> dict[str, Staff]:
    """The staff with these e-mail addresses, kept on first sight.

    ``roles`` says for each address the role and agency that are known now; an observer may come with neither. What is
    known already stays, and is completed.
    """
    async with as_the_service(session):  # a mediator works for several agencies
        known = await repository.staff_by_email(session, list(roles))
        new, changed = [], []
        for email, (role, agency_id) in roles.items():
            if email not in known:
                known[email] = Staff(moment.new_id(), email, role, agency_id)
                new.append(known[email])
                continue
            kept = known[email]
            complete = replace(kept, role=kept.role or role, agency_id=kept.agency_id or agency_id)
            if complete != kept:
                known[email] = complete
                changed.append(complete)
        await repository.put_staff(session, new, changed)
    return known
