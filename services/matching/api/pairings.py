"""Pairings: reading one with all its reasons, and deciding on it."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from sqlmodel.ext.asyncio.session import AsyncSession

from services.matching.api.answers import PairingAnswer
from services.matching.api.meetups import PairBody
from services.matching.domain.pairing import Difference
from services.matching.edge import RequestPolicy, is_visible
from services.matching.repository import pairings
from services.matching.repository.pairings import StoredPairing
from services.matching.use_cases import approving, standing_of
from services.matching.use_cases.following import follow
from services.matching.use_cases.refusals import ProposalOutdated
from shared.auditing import note_looks
from shared.database import Sessions, unit_of_work
from shared.refusals import Unknown
from shared.rights import Scope
from shared.web.edge import May, RequestMoment, RequestPerson, Transaction, asker_of
from shared.web.values import MANY_LINES

router = APIRouter(prefix="/api/v1/pairings", tags=["pairings"])

_Reading = Annotated[Scope, May("read pairings")]
_Deciding = Annotated[Scope, May("decide pairings")]


class ApprovalBody(BaseModel):
    """What the adviser changes before approving: meetings out, meetings of the reserve in."""

    model_config = ConfigDict(extra="forbid")

    remove: Annotated[list[PairBody], Field(max_length=500)] = []
    add: Annotated[list[PairBody], Field(max_length=500)] = []


class RejectionBody(BaseModel):
    """Why a proposal is discarded."""

    model_config = ConfigDict(extra="forbid")

    note: Annotated[str, Field(max_length=1000), MANY_LINES] | None = None


@router.get("/{pairing_id}")
async def read_pairing(session: Transaction, policy: RequestPolicy, pairing_id: UUID, scope: _Reading) -> PairingAnswer:
    """A pairing with all its reasons, and what an adviser should ask whom."""
    return await _shown(session, await _visible(session, pairing_id, scope), policy)


@router.get("/{pairing_id}/difference")
async def read_difference(session: Transaction, pairing_id: UUID, scope: _Reading) -> Difference:
    """What a pairing changes beside the one before, each change with its cause."""
    difference = (await _visible(session, pairing_id, scope)).pairing.difference
    await note_looks(session, "pairings", difference.people, pairing_id)
    return difference


@router.post("/{pairing_id}/approve")
async def approve(
    request: Request,
    moment: RequestMoment,
    policy: RequestPolicy,
    pairing_id: UUID,
    body: ApprovalBody,
    person: RequestPerson,
    scope: _Deciding,
) -> PairingAnswer:
    """Put a proposal in force; invitations go out after that. One that is outdated is computed again at once.

    Safe to repeat: a proposal that does not wait any more is `409`, and nothing goes out twice.
    """
    sessions: Sessions = request.app.state.sessions
    edits = approving.Edits(remove=[pair.as_pair() for pair in body.remove], add=[pair.as_pair() for pair in body.add])
    try:
        async with unit_of_work(sessions, asker_of(request)) as session:
            await _visible(session, pairing_id, scope)
            approved = await approving.approve(
                session, pairing_id, approved_by=person.id, edits=edits, moment=moment, policy=policy
            )
            return await _shown(session, approved, policy)
    except ProposalOutdated as outdated:
        # The refusal changed nothing; that the proposal gives way to a new run is kept, although the answer is no.
        async with unit_of_work(sessions, asker_of(request)) as session:
            await follow(session, [outdated.meetup_id], moment, policy)
        raise


@router.post("/{pairing_id}/reject", status_code=204)
async def reject(
    session: Transaction,
    moment: RequestMoment,
    pairing_id: UUID,
    body: RejectionBody,
    person: RequestPerson,
    scope: _Deciding,
) -> None:
    """Discard a proposal; what was in force stays.

    Safe to repeat: a proposal that does not wait any more is `409`, and stays as it is.
    """
    await _visible(session, pairing_id, scope)
    await approving.reject(session, pairing_id, rejected_by=person.id, note=body.note, now=moment.now)


async def _shown(session: AsyncSession, stored: StoredPairing, policy: RequestPolicy) -> PairingAnswer:
    """The whole pairing; whoever asks looks at everybody in it."""
    await note_looks(session, "pairings", stored.pairing.people, stored.id)
    return PairingAnswer.of(stored, await standing_of.asks_of(session, stored, policy))


async def _visible(session: AsyncSession, pairing_id: UUID, scope: Scope) -> StoredPairing:
    stored = await pairings.find(session, pairing_id)
    if stored is None or not await is_visible(session, stored.meetup_id, scope):
        raise Unknown("pairing")
    return stored
