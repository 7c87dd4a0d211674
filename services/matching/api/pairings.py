"""Pairings: reading one with all its reasons, and deciding on it."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from sqlmodel.ext.asyncio.session import AsyncSession

from services.matching.api.answers import PairingAnswer
from services.matching.api.edge import Deciding, Reading, transaction, visible_meetup
from services.matching.api.meetups import PairBody
from services.matching.domain.pairing import Difference
from services.matching.repository import pairings
from services.matching.repository.pairings import StoredPairing
from services.matching.use_cases import approving
from services.matching.use_cases.refusals import Unknown
from shared.identity import Person, now_of
from shared.ids import new_id

router = APIRouter(prefix="/api/pairings", tags=["pairings"])


class ApprovalBody(BaseModel):
    """What the adviser changes before approving: meetings out, meetings of the reserve in."""

    model_config = ConfigDict(extra="forbid")

    remove: Annotated[list[PairBody], Field(max_length=500)] = []
    add: Annotated[list[PairBody], Field(max_length=500)] = []


class RejectionBody(BaseModel):
    """Why a proposal is discarded."""

    model_config = ConfigDict(extra="forbid")

    note: Annotated[str, Field(max_length=1000)] | None = None


@router.get("/{pairing_id}")
async def read_pairing(request: Request, pairing_id: UUID, person: Reading) -> PairingAnswer:
    """A pairing with all its reasons."""
    async with transaction(request) as session:
        return PairingAnswer.of(await _visible(session, pairing_id, person))


@router.get("/{pairing_id}/difference")
async def read_difference(request: Request, pairing_id: UUID, person: Reading) -> Difference:
    """What a pairing changes beside the one before, each change with its cause."""
    async with transaction(request) as session:
        return (await _visible(session, pairing_id, person)).pairing.difference


@router.post("/{pairing_id}/approve")
async def approve(request: Request, pairing_id: UUID, body: ApprovalBody, person: Deciding) -> PairingAnswer:
    """Put a proposal in force; invitations go out after that."""
    async with transaction(request) as session:
        await _visible(session, pairing_id, person)
        approved = await approving.approve(
            session,
            pairing_id,
            approved_by=person.id,
            edits=approving.Edits(
                remove=[pair.as_pair() for pair in body.remove], add=[pair.as_pair() for pair in body.add]
            ),
            now=now_of(request),
            new_id=new_id,
        )
    return PairingAnswer.of(approved)


@router.post("/{pairing_id}/reject", status_code=204)
async def reject(request: Request, pairing_id: UUID, body: RejectionBody, person: Deciding) -> None:
    """Discard a proposal; what was in force stays."""
    async with transaction(request) as session:
        await _visible(session, pairing_id, person)
        await approving.reject(session, pairing_id, rejected_by=person.id, note=body.note, now=now_of(request))


async def _visible(session: AsyncSession, pairing_id: UUID, person: Person) -> StoredPairing:
    stored = await pairings.find(session, pairing_id)
    if stored is None:
        raise Unknown("pairing", pairing_id)
    await visible_meetup(session, stored.meetup_id, person)
    return stored
