"""Workshops: register, change, enrol and take out participants."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.domain import kinds
from services.registration.domain.findings import Finding, find_refused
from services.registration.domain.said import made_of, said_or
from services.registration.domain.workshops import Workshop, WorkshopDetails, WorkshopDraft
from services.registration.repository import participants as participant_rows
from services.registration.repository import workshops as repository
from services.registration.repository.workshops import WorkshopEnrolment
from services.registration.use_cases.operations import OperationsNamed, operations_named
from services.registration.use_cases.saving import Saved, SavedAs, check_is_free, identifiers_in, settle, unless_refused
from shared.moment import Moment
from shared.rights import EVERYTHING, Scope


async def save_workshops(
    session: AsyncSession, drafts: Sequence[WorkshopDraft], moment: Moment
) -> list[Saved | Finding]:
    """Register workshops, or change those whose identifier is known; one answer each, in order."""
    kept = await repository.workshops_by_identifier(session, EVERYTHING, identifiers_in(drafts), lock=True)
    return await _save(session, [(draft, kept.get(said_or(draft.identifier, None) or "")) for draft in drafts], moment)


async def register_workshop(session: AsyncSession, draft: WorkshopDraft, moment: Moment) -> Saved:
    """Register one workshop. Raises `Refused` where the identifier is taken."""
    check_is_free(await repository.workshops_by_identifier(session, EVERYTHING, identifiers_in([draft])))
    return unless_refused((await _save(session, [(draft, None)], moment))[0])


async def change_workshop(
    session: AsyncSession, scope: Scope, workshop_id: UUID, draft: WorkshopDraft, moment: Moment
) -> Saved:
    """Change what was said of one workshop. Raises `Refused` where there is none, or the new identifier is taken."""
    kept = await workshop_named(session, scope, workshop_id, lock=True)
    if said_or(draft.identifier, None) != kept.details.identifier:
        check_is_free(await repository.workshops_by_identifier(session, EVERYTHING, identifiers_in([draft])))
    return unless_refused((await _save(session, [(draft, kept)], moment))[0])


async def enrol(session: AsyncSession, scope: Scope, workshop_id: UUID, participant_id: UUID) -> SavedAs:
    """Enrol somebody in a workshop. Raises `Refused` where either is unknown."""
    goes_on = await participant_rows.going_on(session, participant_id, lock=True)
    await _check_both(session, scope, workshop_id, goes_on)
    return (await enrol_all(session, [(workshop_id, goes_on)]))[0]


async def enrol_all(session: AsyncSession, enrolments: Sequence[WorkshopEnrolment]) -> list[SavedAs]:
    """Enrol participants in workshops, all of which are known; one answer each, in order."""
    kept = await repository.enrolments_among(session, {participant for _, participant in enrolments})
    await repository.add_enrolments(session, list(dict.fromkeys(each for each in enrolments if each not in kept)))
    return [SavedAs.UNCHANGED if each in kept else SavedAs.NEW for each in enrolments]


async def take_out(session: AsyncSession, scope: Scope, workshop_id: UUID, participant_id: UUID) -> None:
    """Take somebody out of a workshop; what was seen of them stays. Raises `Refused` where they are not in it."""
    goes_on = await participant_rows.going_on(session, participant_id)
    await _check_both(session, scope, workshop_id, goes_on)
    if not await repository.remove_enrolment(session, (workshop_id, goes_on)):
        raise find_refused(kinds.UNKNOWN_PARTICIPANT, "participant_id")


async def workshop_named(session: AsyncSession, scope: Scope, workshop_id: UUID, *, lock: bool = False) -> Workshop:
    """The workshop with this id. Raises `Refused` where there is none within the scope."""
    found = await repository.workshops_by_id(session, scope, [workshop_id], lock=lock)
    if workshop_id not in found:
        raise find_refused(kinds.UNKNOWN_WORKSHOP, "workshop_id")
    return found[workshop_id]


async def _check_both(session: AsyncSession, scope: Scope, workshop_id: UUID, participant_id: UUID) -> None:
    await workshop_named(session, scope, workshop_id)
    if participant_id not in await participant_rows.participants_by_id(session, scope, [participant_id]):
        raise find_refused(kinds.UNKNOWN_PARTICIPANT, "participant_id")


async def _save(
    session: AsyncSession, pairs: Sequence[tuple[WorkshopDraft, Workshop | None]], moment: Moment
) -> list[Saved | Finding]:
    named = await operations_named(session, pairs)
    settled = settle(
        pairs,
        lambda draft: Workshop(moment.new_id(), 1, made_of(WorkshopDetails, draft)),
        objection=lambda after, _before: _objection(after, named),
    )
    await repository.add_workshops(session, settled.new)
    await repository.change_workshops(session, settled.changed)
    return settled.answers


def _objection(after: Workshop, named: OperationsNamed) -> Finding | None:
    if after.details.ends_on < after.details.starts_on:
        return Finding(kinds.BAD_PERIOD, "ends_on")
    return named.objection(after.details.operation_id, after.details.agency_id)
