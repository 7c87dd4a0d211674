"""What needs name of their employers: sites and contacts, who may say so, and whom it keeps from a shortlist."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.domain import kinds
from services.registration.domain.employer_contacts import EmployerContact
from services.registration.domain.findings import Finding
from services.registration.domain.needs import Employer, Need, NeedDraft
from services.registration.domain.places import NOWHERE
from services.registration.domain.said import said_or
from services.registration.domain.sites import Site
from services.registration.repository import employers as employer_rows
from services.registration.repository.employer_contacts import contacts_of
from services.registration.repository.sites import sites_by_id
from services.registration.use_cases.employers import speaks_for
from services.registration.use_cases.former_contacts import Former, reach_of_contact
from shared.moment import Moment
from shared.rights import Scope


@dataclass(frozen=True, slots=True)
class AroundNeeds:
    """The employers of some needs, the sites that these name, and all contacts where one is named."""

    employers: Mapping[UUID, Employer]
    sites: Mapping[UUID, Site]
    contacts: Mapping[UUID, EmployerContact]
    expected: Set[UUID]
    """Those of the needs that are invited to a meetup ahead."""

    def objection(self, after: Need, before: Need | None, scope: Scope) -> Finding | None:
        """Why a need may not become what it would be."""
        return self._without_place(after) or self._redirects(after, before, scope)

    def _without_place(self, after: Need) -> Finding | None:
        site_id = after.details.site_id
        site = self.sites.get(site_id) if site_id else None
        if site_id and (site is None or site.details.employer_id != after.details.employer_id):
            return Finding(kinds.UNKNOWN_SITE, "site_id")
        return Finding(kinds.MISSING_VALUE, "commune") if after.details.place == NOWHERE else None

    def _redirects(self, after: Need, before: Need | None, scope: Scope) -> Finding | None:
        """Where an employer's shortlists go is said by the agency that vouches for it, not by the need's."""
        contact_id, former_id = after.details.contact_id, before.details.contact_id if before else None
        if contact_id == former_id:
            return None
        employer = self.employers[after.details.employer_id]
        contact = self.contacts.get(contact_id) if contact_id else None
        is_known = contact_id is None or (contact is not None and contact.details.employer_id == employer.id)
        if not is_known or not scope.covers(employer.details.agency_id):
            return Finding(kinds.UNKNOWN_CONTACT, "contact_id")
        is_awaited = after.id in self.expected
        return Finding(kinds.CONTACT_IN_USE, "contact_id") if is_awaited and not speaks_for(scope, employer) else None

    def redirected(self, changed: Sequence[tuple[Need, Need]]) -> list[Former]:
        """How employers were reached for the needs whose shortlist now goes elsewhere."""
        moved = [before for before, after in changed if before.details.contact_id != after.details.contact_id]
        former = [(before, self._reached_for(before)) for before in moved]
        return [
            (replace(reach_of_contact(contact), contact_id=None, need_id=before.id), before.id in self.expected)
            for before, contact in former
            if contact is not None
        ]

    def _reached_for(self, need: Need) -> EmployerContact | None:
        """Who would have received the shortlist of a need."""
        named = self.contacts.get(need.details.contact_id) if need.details.contact_id else None
        if named is not None and named.details.email is not None:
            return named
        theirs = [each for each in self.contacts.values() if each.details.employer_id == need.details.employer_id]
        return next((each for each in theirs if each.details.is_main), None)


async def around_needs(
    session: AsyncSession, pairs: Sequence[tuple[NeedDraft, Need | None]], moment: Moment
) -> AroundNeeds:
    """What is known around needs of which something was said."""
    employers = {kept.details.employer_id for _, kept in pairs if kept is not None}
    employers |= {employer for draft, _ in pairs if (employer := said_or(draft.employer_id, None)) is not None}
    sites = {kept.details.site_id for _, kept in pairs if kept is not None}
    sites |= {said_or(draft.site_id, None) for draft, _ in pairs}
    found = await employer_rows.employers_by_id(session, employers)
    redirected = [(draft, kept) for draft, kept in pairs if _names_another(draft, kept)]
    theirs = await contacts_of(session, list(found) if redirected else ())
    return AroundNeeds(
        found,
        await sites_by_id(session, [each for each in sites if each is not None]),
        {each.id: each for each in theirs},
        await employer_rows.expected_needs(
            session, [kept.id for _, kept in redirected if kept is not None], moment.now
        ),
    )


def _names_another(draft: NeedDraft, kept: Need | None) -> bool:
    former = kept.details.contact_id if kept else None
    return said_or(draft.contact_id, former) != former
