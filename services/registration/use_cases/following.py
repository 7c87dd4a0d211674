"""What matching and notification told, kept so that an adviser sees it: pairings, invitations, answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.repository import following
from shared.contracts.envelope import Event
from shared.contracts.invitations import (
    AskedAgain,
    CallRequested,
    EmployerReplied,
    InvitationAccepted,
    InvitationDeclined,
    InvitationEvent,
    InvitationExpired,
    InvitationFailed,
    InvitationSent,
    InvitationUncertain,
)
from shared.contracts.pairings import PairingApproved, PairingProposed, PairingRevised, PairingState, PairingWithdrawn

INVITATION_STATES: dict[type[InvitationEvent], str] = {
    InvitationSent: "sent",
    InvitationAccepted: "accepted",
    InvitationDeclined: "declined",
    CallRequested: "call-requested",
    AskedAgain: "asked-again",
    InvitationExpired: "expired",
    InvitationFailed: "failed",
    InvitationUncertain: "uncertain",
}
PAIRING_STATES: dict[type[Event], str] = {
    PairingProposed: "proposed",
    PairingApproved: "approved",
    PairingRevised: "approved",
    PairingWithdrawn: "withdrawn",
}


async def follow_pairings(session: AsyncSession, happened: Sequence[Event]) -> None:
    """Keep the newest pairing of each meetup, and who has meetings in the one in force."""
    pairings = [event for event in happened if isinstance(event, PairingState | PairingWithdrawn)]
    await following.put_pairings(session, [_pairing_row(event) for event in pairings])
    settled = [event for event in pairings if not isinstance(event, PairingProposed)]
    known = await following.steps_in_force(session, [event.meetup_id for event in settled])
    for event in settled:
        if known.get(event.meetup_id, -1) < _step(event):
            known[event.meetup_id] = _step(event)
            meetings = event.meetings if isinstance(event, PairingState) else ()
            counts = Counter(meeting.participant_id for meeting in meetings)
            await following.replace_paired(session, event.meetup_id, _step(event), counts)


async def follow_invitations(session: AsyncSession, happened: Sequence[Event]) -> None:
    """Keep where each invitation stands and what employers answered."""
    invitations = [event for event in happened if isinstance(event, InvitationEvent)]
    answers = [event for event in happened if isinstance(event, EmployerReplied)]
    await following.put_invitations(session, [_invitation_row(event) for event in invitations])
    await following.put_answers(session, [_answer_row(event) for event in answers])


def _step(event: PairingState | PairingWithdrawn) -> int:
    """A pairing is proposed, then in force, then perhaps withdrawn, and each may carry the same revision."""
    stages = ("proposed", "approved", "withdrawn")
    return event.revision * len(stages) + stages.index(PAIRING_STATES[type(event)])


def _pairing_row(event: PairingState | PairingWithdrawn) -> dict[str, Any]:
    return {
        "meetup_id": event.meetup_id,
        "step": _step(event),
        "pairing_id": event.pairing_id,
        "state": PAIRING_STATES[type(event)],
        "meetings": len(event.meetings) if isinstance(event, PairingState) else 0,
    }


def _invitation_row(event: InvitationEvent) -> dict[str, Any]:
    return {
        "meetup_id": event.meetup_id,
        "participant_id": event.participant_id,
        "revision": event.revision,
        "state": INVITATION_STATES[type(event)],
        "reason": event.reason if isinstance(event, InvitationDeclined) else None,
    }


def _answer_row(event: EmployerReplied) -> dict[str, Any]:
    return {
        "meetup_id": event.meetup_id,
        "need_id": event.need_id,
        "participant_id": event.participant_id,
        "revision": event.revision,
        "answer": event.answer,
        "reason": event.reason,
    }
