"""Employers: register and change."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration import events
from services.registration.domain import kinds
from services.registration.domain.findings import find_refused
from services.registration.domain.needs import Employer, EmployerDraft
from services.registration.repository import employers as repository
from services.registration.use_cases.saving import Change, Moment, Saved, tell
from shared.contracts.employers import EmployerChanged, EmployerRegistered
from shared.contracts.envelope import Event


async def save_employers(session: AsyncSession, drafts: Sequence[EmployerDraft], moment: Moment) -> list[Saved]:
    """Register employers, or change those whose identifier is known; one answer each, in order."""
    identifiers = [draft.identifier for draft in drafts if draft.identifier is not None]
    kept = await repository.employers_by_identifier(session, identifiers)
    return await _save(session, [(draft, kept.get(draft.identifier or "")) for draft in drafts], moment)


async def register_employer(session: AsyncSession, draft: EmployerDraft, moment: Moment) -> Saved:
    """Register one employer. Raises `Refused` where the identifier is taken."""
    await _check_identifier_is_free(session, draft.identifier)
    return (await _save(session, [(draft, None)], moment))[0]


async def change_employer(session: AsyncSession, employer_id: UUID, draft: EmployerDraft, moment: Moment) -> Saved:
    """Replace one employer. Raises `Refused` where there is none, or the new identifier is taken."""
    kept = await employer_named(session, employer_id, lock=True)
    if draft.identifier != kept.draft.identifier:
        await _check_identifier_is_free(session, draft.identifier)
    return (await _save(session, [(draft, kept)], moment))[0]


async def employer_named(session: AsyncSession, employer_id: UUID, *, lock: bool = False) -> Employer:
    """The employer with this id. Raises `Refused` where there is none."""
    found = await repository.employers_by_id(session, [employer_id], lock=lock)
    if employer_id not in found:
        raise find_refused(kinds.UNKNOWN_EMPLOYER, "employer_id")
    return found[employer_id]


async def _check_identifier_is_free(session: AsyncSession, identifier: str | None) -> None:
    if identifier is not None and await repository.employers_by_identifier(session, [identifier]):
        raise find_refused(kinds.DUPLICATE_IDENTIFIER, "identifier")


async def _save(
    session: AsyncSession, pairs: Sequence[tuple[EmployerDraft, Employer | None]], moment: Moment
) -> list[Saved]:
    new: list[Employer] = []
    changed: list[Employer] = []
    saved: list[Saved] = []
    for draft, kept in pairs:
        if kept is None:
            new.append(Employer(moment.new_id(), 1, draft))
            saved.append(Saved(new[-1].id, 1, Change.NEW))
        elif kept.draft == draft:
            saved.append(Saved(kept.id, kept.revision, Change.UNCHANGED))
        else:
            changed.append(Employer(kept.id, kept.revision + 1, draft))
            saved.append(Saved(kept.id, kept.revision + 1, Change.CHANGED))
    await repository.add_employers(session, new)
    await repository.change_employers(session, changed)
    happened: list[Event] = [events.employer_state(each, EmployerRegistered) for each in new]
    happened += [events.employer_state(each, EmployerChanged) for each in changed]
    await tell(session, happened, moment)
    return saved
