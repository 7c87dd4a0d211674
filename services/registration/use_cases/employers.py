"""Employers: register and change."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.domain import kinds
from services.registration.domain.findings import Finding, find_refused
from services.registration.domain.needs import Employer, EmployerDetails, EmployerDraft
from services.registration.domain.said import made_of, said_or
from services.registration.repository import employers as repository
from services.registration.use_cases import telling
from services.registration.use_cases.saving import Saved, check_is_free, identifiers_in, settle, unless_refused
from shared.contracts.employers import EmployerChanged, EmployerRegistered
from shared.contracts.envelope import Event
from shared.moment import Moment


async def save_employers(
    session: AsyncSession, drafts: Sequence[EmployerDraft], moment: Moment
) -> list[Saved | Finding]:
    """Register employers, or change those whose identifier is known; one answer each, in order."""
    kept = await repository.employers_by_identifier(session, identifiers_in(drafts))
    return await _save(session, [(draft, kept.get(said_or(draft.identifier, None) or "")) for draft in drafts], moment)


async def register_employer(session: AsyncSession, draft: EmployerDraft, moment: Moment) -> Saved:
    """Register one employer. Raises `Refused` where the identifier is taken."""
    check_is_free(await repository.employers_by_identifier(session, identifiers_in([draft])))
    return unless_refused((await _save(session, [(draft, None)], moment))[0])


async def change_employer(session: AsyncSession, employer_id: UUID, draft: EmployerDraft, moment: Moment) -> Saved:
    """Change what was said of one employer. Raises `Refused` where there is none, or the new identifier is taken."""
    kept = await employer_named(session, employer_id, lock=True)
    if said_or(draft.identifier, None) != kept.details.identifier:
        check_is_free(await repository.employers_by_identifier(session, identifiers_in([draft])))
    return unless_refused((await _save(session, [(draft, kept)], moment))[0])


async def employer_named(session: AsyncSession, employer_id: UUID, *, lock: bool = False) -> Employer:
    """The employer with this id. Raises `Refused` where there is none."""
    found = await repository.employers_by_id(session, [employer_id], lock=lock)
    if employer_id not in found:
        raise find_refused(kinds.UNKNOWN_EMPLOYER, "employer_id")
    return found[employer_id]


async def _save(
    session: AsyncSession, pairs: Sequence[tuple[EmployerDraft, Employer | None]], moment: Moment
) -> list[Saved | Finding]:
    settled = settle(pairs, lambda draft: Employer(moment.new_id(), 1, made_of(EmployerDetails, draft)))
    await repository.add_employers(session, settled.new)
    await repository.change_employers(session, settled.changed)
    happened: list[Event] = [telling.employer_state(each, EmployerRegistered) for each in settled.new]
    happened += [telling.employer_state(each, EmployerChanged) for each in settled.changed]
    await telling.tell(session, *happened, moment=moment)
    return settled.answers
