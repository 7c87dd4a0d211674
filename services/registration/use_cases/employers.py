"""Employers: register and change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.adapters.known_words import department_of_commune
from services.registration.domain import kinds
from services.registration.domain.agencies import Agency, agency_near
from services.registration.domain.findings import Finding, find_refused
from services.registration.domain.needs import CONTACT, Employer, EmployerDetails, EmployerDraft
from services.registration.domain.said import Unsaid, made_of, said_or
from services.registration.repository import employers as repository
from services.registration.repository.agencies import all_agencies
from services.registration.use_cases import telling
from services.registration.use_cases.former_contacts import keep_former_contacts, reach_of_employer
from services.registration.use_cases.main_contacts import keep_main_contacts
from services.registration.use_cases.saving import Saved, check_is_free, identifiers_in, settle, unless_refused
from shared.contracts.employers import EmployerChanged, EmployerRegistered
from shared.contracts.envelope import Event
from shared.moment import Moment
from shared.rights import EVERYTHING, Reach, Scope


async def save_employers(
    session: AsyncSession, scope: Scope, drafts: Sequence[EmployerDraft], moment: Moment
) -> list[Saved | Finding]:
    """Register employers, or change those whose identifier is known; one answer each, in order.

    A `Finding` is a refusal: the contact of an employer who is expected at a meetup is its own agency's to change.
    """
    kept = await repository.employers_by_identifier(session, identifiers_in(drafts))
    pairs = [(draft, kept.get(said_or(draft.identifier, None) or "")) for draft in drafts]
    return await _save(session, scope, pairs, moment)


async def register_employer(session: AsyncSession, draft: EmployerDraft, moment: Moment) -> Saved:
    """Register one employer. Raises `Refused` where the identifier is taken."""
    check_is_free(await repository.employers_by_identifier(session, identifiers_in([draft])))
    return unless_refused((await _save(session, EVERYTHING, [(draft, None)], moment))[0])


async def change_employer(
    session: AsyncSession, scope: Scope, employer_id: UUID, draft: EmployerDraft, moment: Moment
) -> Saved:
    """Change what was said of one employer.

    Raises `Refused` where there is none, the new identifier is taken, or the contact is its own agency's to change.
    """
    kept = await employer_named(session, employer_id, lock=True)
    if said_or(draft.identifier, None) != kept.details.identifier:
        check_is_free(await repository.employers_by_identifier(session, identifiers_in([draft])))
    return unless_refused((await _save(session, scope, [(draft, kept)], moment))[0])


async def employer_named(session: AsyncSession, employer_id: UUID, *, lock: bool = False) -> Employer:
    """The employer with this id. Raises `Refused` where there is none."""
    found = await repository.employers_by_id(session, [employer_id], lock=lock)
    if employer_id not in found:
        raise find_refused(kinds.UNKNOWN_EMPLOYER, "employer_id")
    return found[employer_id]


async def _save(
    session: AsyncSession, scope: Scope, pairs: Sequence[tuple[EmployerDraft, Employer | None]], moment: Moment
) -> list[Saved | Finding]:
    expected = await repository.expected_employers(session, [kept.id for _, kept in pairs if kept], moment.now)

    def objection(after: Employer, before: Employer | None) -> Finding | None:
        return _objection(after, before, scope) if after.id in expected else None

    pairs = await _vouched(session, pairs)
    settled = settle(
        pairs, lambda draft: Employer(moment.new_id(), 1, made_of(EmployerDetails, draft)), objection=objection
    )
    await repository.add_employers(session, settled.new)
    await repository.change_employers(session, settled.changed)
    await keep_main_contacts(session, settled.new, settled.changed, moment)
    before = {kept.id: kept for _, kept in pairs if kept is not None}
    former = [before[each.id] for each in settled.changed if _contact_changed(each, before[each.id])]
    await keep_former_contacts(session, [(reach_of_employer(each), each.id in expected) for each in former], moment)
    happened: list[Event] = [telling.employer_state(each, EmployerRegistered) for each in settled.new]
    happened += [telling.employer_state(each, EmployerChanged) for each in settled.changed]
    await telling.tell(session, *happened, moment=moment)
    return settled.answers


def speaks_for(scope: Scope, employer: Employer) -> bool:
    """Whether somebody speaks for the agency of an employer: while one is expected at a meetup, they alone say where
    its shortlist goes.
    """
    return scope.reach is Reach.AGENCY and scope.covers(employer.details.agency_id)


def _objection(after: Employer, before: Employer | None, scope: Scope) -> Finding | None:
    if before is None or speaks_for(scope, before):
        return None
    changed = _contact_changed(after, before)
    return Finding(kinds.CONTACT_IN_USE, changed[0]) if changed else None


def _contact_changed(after: Employer, before: Employer) -> list[str]:
    return [name for name in CONTACT if name in after.differing(before)]


async def _vouched(
    session: AsyncSession, pairs: Sequence[tuple[EmployerDraft, Employer | None]]
) -> list[tuple[EmployerDraft, Employer | None]]:
    """The same, but what nobody said whose it is belongs to an agency of its département."""
    agencies = await all_agencies(session)
    return [(_of_agency_near(draft, agencies) if kept is None else draft, kept) for draft, kept in pairs]


def _of_agency_near(draft: EmployerDraft, agencies: Sequence[Agency]) -> EmployerDraft:
    if not isinstance(draft.agency_id, Unsaid) or isinstance(draft.place, Unsaid):
        return draft
    agency = agency_near(department_of_commune(draft.place.commune), agencies)
    return replace(draft, agency_id=agency.id) if agency else draft
