"""Workshops: register, change, enrol and take out participants."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.domain import kinds
from services.registration.domain.findings import find_refused
from services.registration.domain.workshops import Workshop, WorkshopDraft
from services.registration.repository import participants as participant_rows
from services.registration.repository import workshops as repository
from services.registration.repository.workshops import Enrolment
from services.registration.use_cases.saving import Change, Moment, Saved


async def save_workshops(session: AsyncSession, drafts: Sequence[WorkshopDraft], moment: Moment) -> list[Saved]:
    """Register workshops, or change those whose identifier is known; one answer each, in order."""
    identifiers = [draft.identifier for draft in drafts if draft.identifier is not None]
    kept = await repository.workshops_by_identifier(session, identifiers)
    return await _save(session, [(draft, kept.get(draft.identifier or "")) for draft in drafts], moment)


async def register_workshop(session: AsyncSession, draft: WorkshopDraft, moment: Moment) -> Saved:
    """Register one workshop. Raises `Refused` where the identifier is taken."""
    await _check_identifier_is_free(session, draft.identifier)
    return (await _save(session, [(draft, None)], moment))[0]


async def change_workshop(session: AsyncSession, workshop_id: UUID, draft: WorkshopDraft, moment: Moment) -> Saved:
    """Replace one workshop. Raises `Refused` where there is none, or the new identifier is taken."""
    kept = await workshop_named(session, workshop_id)
    if draft.identifier != kept.draft.identifier:
        await _check_identifier_is_free(session, draft.identifier)
    return (await _save(session, [(draft, kept)], moment))[0]


async def enrol(session: AsyncSession, workshop_id: UUID, participant_id: UUID) -> Change:
    """Enrol somebody in a workshop. Raises `Refused` where either is unknown."""
    await workshop_named(session, workshop_id)
    if participant_id not in await participant_rows.participants_by_id(session, [participant_id]):
        raise find_refused(kinds.UNKNOWN_PARTICIPANT, "participant_id")
    return (await enrol_all(session, [(workshop_id, participant_id)]))[0]


async def enrol_all(session: AsyncSession, enrolments: Sequence[Enrolment]) -> list[Change]:
    """Enrol participants in workshops, all of which are known; one answer each, in order."""
    kept = await repository.enrolments_among(session, {participant for _, participant in enrolments})
    await repository.add_enrolments(session, list(dict.fromkeys(each for each in enrolments if each not in kept)))
    return [Change.UNCHANGED if each in kept else Change.NEW for each in enrolments]


async def take_out(session: AsyncSession, workshop_id: UUID, participant_id: UUID) -> None:
    """Take somebody out of a workshop; what was seen of them stays. Raises `Refused` where they are not in it."""
    if not await repository.remove_enrolment(session, (workshop_id, participant_id)):
        raise find_refused(kinds.UNKNOWN_PARTICIPANT, "participant_id")


async def workshop_named(session: AsyncSession, workshop_id: UUID) -> Workshop:
    """The workshop with this id. Raises `Refused` where there is none."""
    found = await repository.workshops_by_id(session, [workshop_id])
    if workshop_id not in found:
        raise find_refused(kinds.UNKNOWN_WORKSHOP, "workshop_id")
    return found[workshop_id]


async def _check_identifier_is_free(session: AsyncSession, identifier: str | None) -> None:
    if identifier is not None and await repository.workshops_by_identifier(session, [identifier]):
        raise find_refused(kinds.DUPLICATE_IDENTIFIER, "identifier")


async def _save(
    session: AsyncSession, pairs: Sequence[tuple[WorkshopDraft, Workshop | None]], moment: Moment
) -> list[Saved]:
    new: list[Workshop] = []
    changed: list[Workshop] = []
    saved: list[Saved] = []
    for draft, kept in pairs:
        if kept is None:
            new.append(Workshop(moment.new_id(), 1, draft))
            saved.append(Saved(new[-1].id, 1, Change.NEW))
        elif kept.draft == draft:
            saved.append(Saved(kept.id, kept.revision, Change.UNCHANGED))
        else:
            changed.append(Workshop(kept.id, kept.revision + 1, draft))
            saved.append(Saved(kept.id, kept.revision + 1, Change.CHANGED))
    await repository.add_workshops(session, new)
    if changed:
        await repository.change_workshops(session, changed)
    return saved
