"""Contacts of employers: register, change, forget, and say which one is the main one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.domain import kinds
from services.registration.domain.employer_contacts import (
    EmployerContact,
    EmployerContactDetails,
    EmployerContactDraft,
    shown_by_employer,
)
from services.registration.domain.findings import Finding, find_refused
from services.registration.domain.needs import Employer
from services.registration.domain.said import made_of, said_or
from services.registration.repository import employer_contacts as repository
from services.registration.repository import employers as employer_rows
from services.registration.use_cases import telling
from services.registration.use_cases.employers import employer_named, speaks_for
from services.registration.use_cases.former_contacts import keep_former_contacts, reach_of_contact
from services.registration.use_cases.main_contacts import forget_contacts
from services.registration.use_cases.saving import (
    Saved,
    Settled,
    check_is_free,
    identifiers_in,
    settle,
    unless_refused,
)
from shared.contracts.employers import EmployerChanged
from shared.moment import Moment
from shared.reference.normalise import fold
from shared.rights import Scope

_SaidAndKept = tuple[EmployerContactDraft, EmployerContact | None]
"""What was said of a contact, and what is kept of it."""


async def save_contacts(
    session: AsyncSession, scope: Scope, drafts: Sequence[EmployerContactDraft], moment: Moment
) -> list[Saved | Finding]:
    """Register contacts, or change those whose identifier is known; one answer each, in order.

    The employers of all are known. A `Finding` is a refusal.
    """
    kept = await repository.contacts_by_identifier(session, identifiers_in(drafts))
    pairs = [(draft, kept.get(said_or(draft.identifier, None) or "")) for draft in drafts]
    return await _save(session, scope, pairs, moment)


async def register_contact(session: AsyncSession, scope: Scope, draft: EmployerContactDraft, moment: Moment) -> Saved:
    """Register one contact. Raises `Refused` where its employer is unknown or the identifier is taken."""
    check_is_free(await repository.contacts_by_identifier(session, identifiers_in([draft])))
    return unless_refused((await _save(session, scope, [(draft, None)], moment))[0])


async def change_contact(
    session: AsyncSession, scope: Scope, contact_id: UUID, draft: EmployerContactDraft, moment: Moment
) -> Saved:
    """Change what was said of one contact.

    Raises `Refused` where there is none within the scope, the new identifier is taken, or its own agency has to say so.
    """
    kept = await contact_named(session, scope, contact_id, lock=True)
    if kept.details.is_main and draft.is_main is False:
        raise find_refused(kinds.MAIN_CONTACT, "is_main")
    if said_or(draft.identifier, None) != kept.details.identifier:
        check_is_free(await repository.contacts_by_identifier(session, identifiers_in([draft])))
    return unless_refused((await _save(session, scope, [(draft, kept)], moment))[0])


async def remove_contact(session: AsyncSession, scope: Scope, contact_id: UUID, moment: Moment) -> None:
    """Forget a contact; shortlists that would have gone there go to the main one.

    Raises `Refused` where there is none within the scope, it is the main one of several, or it is its own agency's to
    say.
    """
    kept = await contact_named(session, scope, contact_id, lock=True)
    known = await _known(session, [(EmployerContactDraft(), kept)], moment)
    if known.is_awaited(kept) and not speaks_for(scope, known.employers[kept.details.employer_id]):
        raise find_refused(kinds.CONTACT_IN_USE, "contact_id")
    if kept.details.is_main and len(await repository.contacts_of(session, [kept.details.employer_id])) > 1:
        raise find_refused(kinds.MAIN_CONTACT, "contact_id")
    await forget_contacts(session, [kept], moment)
    await keep_former_contacts(session, [(reach_of_contact(kept), known.is_awaited(kept))], moment)
    await _have_employers_show(session, known, {kept.details.employer_id: None} if kept.details.is_main else {}, moment)


async def contact_named(
    session: AsyncSession, scope: Scope, contact_id: UUID, *, lock: bool = False
) -> EmployerContact:
    """The contact with this id. Raises `Refused` where there is none within the scope."""
    found = await repository.contacts_by_id(session, scope, [contact_id])
    if contact_id in found and lock:
        # The employer first, as whoever changes it: they would wait for each other for ever.
        await employer_named(session, found[contact_id].details.employer_id, lock=True)
        found = await repository.contacts_by_id(session, scope, [contact_id], lock=True)
    if contact_id not in found:
        raise find_refused(kinds.UNKNOWN_CONTACT, "contact_id")
    return found[contact_id]


@dataclass(frozen=True, slots=True)
class _Known:
    """The employers of some contacts, all contacts of these, and where shortlists are on their way."""

    employers: Mapping[UUID, Employer]
    contacts: Mapping[UUID, EmployerContact]
    expected: Mapping[UUID, set[UUID | None]]

    @property
    def mains(self) -> dict[UUID, EmployerContact]:
        """The main contact of each employer that has one."""
        return {each.details.employer_id: each for each in self.contacts.values() if each.details.is_main}

    def is_expected(self, contact: EmployerContact) -> bool:
        """Whether the employer is expected at a meetup."""
        return contact.details.employer_id in self.expected

    def is_awaited(self, contact: EmployerContact) -> bool:
        """Whether a shortlist is on its way to this contact."""
        named = self.expected.get(contact.details.employer_id, set())
        return bool(named) and (contact.details.is_main or contact.id in named)


async def _known(session: AsyncSession, pairs: Sequence[_SaidAndKept], moment: Moment) -> _Known:
    ids = {kept.details.employer_id for _, kept in pairs if kept is not None}
    ids |= {employer for draft, _ in pairs if (employer := said_or(draft.employer_id, None)) is not None}
    employers = await employer_rows.employers_by_id(session, ids, lock=True)
    contacts = {each.id: each for each in await repository.contacts_of(session, ids, lock=True)}
    return _Known(employers, contacts, await employer_rows.expected_employers(session, ids, moment.now))


async def _save(
    session: AsyncSession, scope: Scope, pairs: Sequence[_SaidAndKept], moment: Moment
) -> list[Saved | Finding]:
    known = await _known(session, pairs, moment)
    pairs = _with_main_ones([(draft, known.contacts.get(kept.id) if kept else None) for draft, kept in pairs], known)
    settled = settle(
        pairs,
        lambda draft: EmployerContact(moment.new_id(), 1, made_of(EmployerContactDetails, draft)),
        objection=lambda after, before: _objection(after, before, known, scope),
    )
    promoted = {each.details.employer_id: each for each in (*settled.new, *settled.changed) if each.details.is_main}
    changed = _one_main_each(settled, known, promoted)
    await repository.change_contacts(session, changed)
    await repository.add_contacts(session, settled.new)
    before = known.contacts
    former = [before[each.id] for each in changed if _is_reached_otherwise(each, before[each.id])]
    await keep_former_contacts(session, [(reach_of_contact(each), known.is_awaited(each)) for each in former], moment)
    await _have_employers_show(session, known, promoted, moment)
    return settled.answers


def _with_main_ones(pairs: Sequence[_SaidAndKept], known: _Known) -> list[_SaidAndKept]:
    """The same, with one main contact an employer: the last one called so, or the first where there is none yet.

    Whom the employer itself named and another system knows by an identifier is one and the same.
    """
    last: dict[UUID, int] = {}
    first: dict[UUID, int] = {}
    for index, (draft, kept) in enumerate(pairs):
        employer = said_or(draft.employer_id, kept.details.employer_id if kept else None)
        if employer is None:
            continue
        if said_or(draft.is_main, False):
            last[employer] = index
        if employer not in known.mains:
            first.setdefault(employer, index)
    chosen = {index: employer for employer, index in (first | last).items()}
    return [_called(pair, chosen.get(index), known) for index, pair in enumerate(pairs)]


def _called(pair: _SaidAndKept, main_of: UUID | None, known: _Known) -> _SaidAndKept:
    """What was said of a contact, who is the main one of an employer or another one."""
    draft, kept = pair
    if main_of is None:
        is_main = kept is not None and kept.details.is_main
        return replace(draft, is_main=is_main), kept
    main = known.mains.get(main_of)
    is_same = kept is None and main is not None and main.details.identifier is None and _is_likely(draft, main)
    return replace(draft, is_main=True), main if is_same else kept


def _is_likely(draft: EmployerContactDraft, main: EmployerContact) -> bool:
    """Whether what was said of somebody is likely about the main contact, whom no other system knows yet."""
    if said_or(draft.identifier, None) is None:
        return False
    has_address = main.details.email is not None and said_or(draft.email, None) == main.details.email
    name, known_name = said_or(draft.name, None), main.details.name
    return has_address or (name is not None and known_name is not None and fold(name) == fold(known_name))


def _one_main_each(
    settled: Settled[EmployerContact], known: _Known, promoted: Mapping[UUID, EmployerContact]
) -> list[EmployerContact]:
    """The contacts that change: those of whom something was said, and the main ones that no longer are."""
    changed = {each.id: each for each in settled.changed}
    for employer, main in known.mains.items():
        if employer in promoted and promoted[employer].id != main.id:
            latest = changed.get(main.id, main)
            other = replace(latest, details=replace(latest.details, is_main=False))
            is_counted = main.id in changed
            changed[main.id] = other if is_counted else other.revised("is_main")
    return list(changed.values())


def _objection(after: EmployerContact, before: EmployerContact | None, known: _Known, scope: Scope) -> Finding | None:
    employer = known.employers.get(after.details.employer_id)
    if employer is None:
        return Finding(kinds.UNKNOWN_EMPLOYER, "employer_id")
    if not scope.covers(employer.details.agency_id):
        return Finding(kinds.OTHER_AGENCY, "employer_id")
    if before is not None and before.details.employer_id != employer.id:
        return Finding(kinds.OTHER_EMPLOYERS, "employer_id")
    if not any((after.details.name, after.details.email, after.details.phone)):
        return Finding(kinds.MISSING_VALUE, "name")
    is_other_main = after.details.is_main and employer.id in known.mains and known.mains[employer.id].id != after.id
    otherwise = after.reached_otherwise(before) if before is not None else []
    redirects = [*otherwise, *(["is_main"] if is_other_main else [])]
    if redirects and known.is_expected(after) and not speaks_for(scope, employer):
        return Finding(kinds.CONTACT_IN_USE, redirects[0])
    return None


def _is_reached_otherwise(after: EmployerContact, before: EmployerContact) -> bool:
    return bool(after.reached_otherwise(before)) or (before.details.is_main and not after.details.is_main)


async def _have_employers_show(
    session: AsyncSession, known: _Known, mains: Mapping[UUID, EmployerContact | None], moment: Moment
) -> None:
    """Employers whose main contact is another one, or is reached otherwise, show it at their next revision."""
    changed = []
    for employer_id, main in mains.items():
        before = known.employers[employer_id]
        after = before.amended(shown_by_employer(main.details if main else None, employer_id))
        if after != before:
            changed.append(after.revised(*after.differing(before)))
    await employer_rows.change_employers(session, changed)
    states = [telling.employer_state(each, EmployerChanged) for each in changed]
    await telling.tell(session, *states, moment=moment)
