"""Operations: register and change; what joins one is of its agency."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.domain import kinds
from services.registration.domain.findings import Finding, find_refused
from services.registration.domain.meetups import Meetup, MeetupDraft
from services.registration.domain.operations import Operation, OperationDetails, OperationDraft
from services.registration.domain.said import made_of, said_or
from services.registration.domain.workshops import Workshop, WorkshopDraft
from services.registration.repository import operations as repository
from services.registration.repository.operations import Joined
from services.registration.use_cases.saving import Saved, check_is_free, identifiers_in, settle, unless_refused
from services.registration.use_cases.venues import venue_named
from shared.asking import as_the_service
from shared.moment import Moment
from shared.rights import EVERYTHING, Scope

_SaidAndKept = tuple[OperationDraft, Operation | None]
"""What was said of an operation, and what is kept of it."""


async def save_operations(
    session: AsyncSession, drafts: Sequence[OperationDraft], moment: Moment
) -> list[Saved | Finding]:
    """Register operations, or change those whose identifier is known; one answer each, in order.

    A `Finding` is a refusal.
    """
    kept = await repository.operations_by_identifier(session, EVERYTHING, identifiers_in(drafts))
    return await _save(session, [(draft, kept.get(said_or(draft.identifier, None) or "")) for draft in drafts], moment)


async def register_operation(session: AsyncSession, draft: OperationDraft, moment: Moment) -> Saved:
    """Register one operation. Raises `Refused` where its venue is unknown or the identifier is taken."""
    await _check_venue(session, draft)
    check_is_free(await repository.operations_by_identifier(session, EVERYTHING, identifiers_in([draft])))
    return unless_refused((await _save(session, [(draft, None)], moment))[0])


async def change_operation(
    session: AsyncSession, scope: Scope, operation_id: UUID, draft: OperationDraft, moment: Moment
) -> Saved:
    """Change what was said of one operation. Raises `Refused` where it or its venue is unknown, or it is in use."""
    kept = await operation_named(session, scope, operation_id, lock=True)
    await _check_venue(session, draft)
    if said_or(draft.identifier, None) != kept.details.identifier:
        check_is_free(await repository.operations_by_identifier(session, EVERYTHING, identifiers_in([draft])))
    return unless_refused((await _save(session, [(draft, kept)], moment))[0])


async def operation_named(session: AsyncSession, scope: Scope, operation_id: UUID, *, lock: bool = False) -> Operation:
    """The operation with this id. Raises `Refused` where there is none within the scope."""
    found = await repository.operations_by_id(session, scope, [operation_id], lock=lock)
    if operation_id not in found:
        raise find_refused(kinds.UNKNOWN_OPERATION, "operation_id")
    return found[operation_id]


@dataclass(frozen=True, slots=True)
class OperationsNamed:
    """The operations that workshops or meetups name."""

    operations: Mapping[UUID, Operation]

    def objection(self, operation_id: UUID | None, agency_id: UUID) -> Finding | None:
        """Why something of an agency cannot be part of an operation."""
        if operation_id is None:
            return None
        operation = self.operations.get(operation_id)
        if operation is None:
            return Finding(kinds.UNKNOWN_OPERATION, "operation_id")
        is_own = operation.details.agency_id == agency_id
        return None if is_own else Finding(kinds.OPERATION_OF_OTHER_AGENCY, "operation_id")


async def operations_named(
    session: AsyncSession,
    pairs: Sequence[tuple[WorkshopDraft, Workshop | None]] | Sequence[tuple[MeetupDraft, Meetup | None]],
) -> OperationsNamed:
    """The operations that workshops or meetups are part of, or will be, locked until the transaction ends."""
    named = {said_or(draft.operation_id, kept.details.operation_id if kept else None) for draft, kept in pairs}
    wanted = [each for each in named if each is not None]
    async with as_the_service(session):  # another agency's is refused as what it is
        return OperationsNamed(await repository.operations_by_id(session, EVERYTHING, wanted, lock=True))


async def _check_venue(session: AsyncSession, draft: OperationDraft) -> None:
    venue_id = said_or(draft.venue_id, None)
    if venue_id is not None:
        await venue_named(session, venue_id)


async def _save(session: AsyncSession, pairs: Sequence[_SaidAndKept], moment: Moment) -> list[Saved | Finding]:
    joined = await repository.joined(session, [kept.id for _, kept in pairs if kept is not None])
    settled = settle(
        pairs,
        lambda draft: Operation(moment.new_id(), 1, made_of(OperationDetails, draft)),
        objection=lambda after, before: _objection(after, before, joined),
    )
    await repository.add_operations(session, settled.new)
    await repository.change_operations(session, settled.changed)
    return settled.answers


def _objection(after: Operation, before: Operation | None, joined: Mapping[UUID, Joined]) -> Finding | None:
    if after.details.ends_on < after.details.starts_on:
        return Finding(kinds.BAD_PERIOD, "ends_on")
    if before is None or before.details.agency_id == after.details.agency_id:
        return None
    parts = joined[before.id]
    return Finding(kinds.OPERATION_IN_USE, "agency_id") if parts.workshops or parts.meetup else None
