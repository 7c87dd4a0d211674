"""What another agency would change, read as the change itself would be; and carried out once it is accepted."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.intake.bodies import Body, EmployerPatch, NeedPatch
from services.registration.intake.employer_bodies import ContactBody, SiteBody, SitePatch
from services.registration.intake.reading import read_contact, read_employer, read_need, read_site
from services.registration.repository.proposals import Proposal
from services.registration.use_cases import employer_contacts, employers, needs, sites
from services.registration.use_cases import proposals as use_cases
from services.registration.use_cases.proposals import Addition, Subject
from services.registration.use_cases.saving import Saved
from shared.moment import Moment
from shared.rights import Scope


async def propose_for_employer(
    session: AsyncSession, employer_id: UUID, body: EmployerPatch, by_agency: UUID | None, moment: Moment
) -> UUID:
    """Keep what should change of an employer; gives the proposal's id. Raises `Refused`."""
    kept = await employers.employer_named(session, employer_id)
    await read_employer(session, body)
    about = Subject(kept.details.agency_id, employer_id=kept.id)
    return await use_cases.propose(session, about, _said(body), by_agency, moment)


async def propose_for_need(
    session: AsyncSession, need_id: UUID, body: NeedPatch, by_agency: UUID | None, moment: Moment
) -> UUID:
    """Keep what should change of a need; gives the proposal's id. Raises `Refused`."""
    kept = await needs.need_named(session, need_id)
    await read_need(session, body, kept)
    about = Subject(kept.details.agency_id, need_id=kept.id)
    return await use_cases.propose(session, about, _said(body), by_agency, moment)


async def propose_for_site(
    session: AsyncSession, site_id: UUID, body: SitePatch, by_agency: UUID | None, moment: Moment
) -> UUID:
    """Keep what should change of a site; gives the proposal's id. Raises `Refused`."""
    kept = await sites.site_named(session, site_id)
    await read_site(session, body)
    employer = await employers.employer_named(session, kept.details.employer_id)
    about = Subject(employer.details.agency_id, site_id=kept.id)
    return await use_cases.propose(session, about, _said(body), by_agency, moment)


async def propose_new_site(session: AsyncSession, body: SiteBody, by_agency: UUID | None, moment: Moment) -> UUID:
    """Keep that an employer has another site; gives the proposal's id. Raises `Refused`."""
    await read_site(session, body)
    about = await _addition_to(body.employer_id, Addition.SITE, session)
    return await use_cases.propose(session, about, _said(body), by_agency, moment)


async def propose_new_contact(session: AsyncSession, body: ContactBody, by_agency: UUID | None, moment: Moment) -> UUID:
    """Keep that somebody is at an employer; gives the proposal's id. Raises `Refused`."""
    read_contact(body)
    about = await _addition_to(body.employer_id, Addition.CONTACT, session)
    return await use_cases.propose(session, about, _said(body), by_agency, moment)


async def accept(session: AsyncSession, scope: Scope, proposal_id: UUID, moment: Moment) -> Saved:
    """Change the record as was proposed, or keep the new one. Raises `Refused`."""
    proposal = await use_cases.settle_proposal(session, scope, proposal_id, is_accepted=True, moment=moment)
    return await _change(session, scope, proposal, moment)


def _said(body: Body) -> dict[str, Any]:
    return body.model_dump(mode="json", exclude_unset=True)


async def _addition_to(employer_id: UUID, addition: Addition, session: AsyncSession) -> Subject:
    kept = await employers.employer_named(session, employer_id)
    return Subject(kept.details.agency_id, employer_id=kept.id, adds=addition)


async def _change(session: AsyncSession, scope: Scope, proposal: Proposal, moment: Moment) -> Saved:
    if proposal.adds == Addition.SITE:
        new_site = await read_site(session, SiteBody.model_validate(proposal.changes))
        return await sites.register_site(session, scope, new_site, moment)
    if proposal.adds == Addition.CONTACT:
        new_contact = read_contact(ContactBody.model_validate(proposal.changes))
        return await employer_contacts.register_contact(session, scope, new_contact, moment)
    if proposal.site_id is not None:
        site = await read_site(session, SitePatch.model_validate(proposal.changes))
        return await sites.change_site(session, scope, proposal.site_id, site, moment)
    if proposal.employer_id is not None:
        draft = await read_employer(session, EmployerPatch.model_validate(proposal.changes))
        return await employers.change_employer(session, scope, proposal.employer_id, draft, moment)
    if proposal.need_id is None:
        raise LookupError("a proposal is about nothing")
    kept = await needs.need_named(session, proposal.need_id, lock=True)
    changed = await read_need(session, NeedPatch.model_validate(proposal.changes), kept)
    return await needs.change_need(session, scope, kept.id, changed, moment)
