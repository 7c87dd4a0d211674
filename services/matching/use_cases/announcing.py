"""How pairings become events: everything that notification needs, and nothing that names anybody."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.matching.domain import pairing as domain
from services.matching.domain.situation import Need
from services.matching.repository import facts
from services.matching.repository.pairings import StoredPairing
from services.matching.use_cases.telling import tell
from shared.contracts import pairings as contract
from shared.contracts import vocabulary
from shared.contracts.envelope import Event
from shared.contracts.pairings import PairingApproved, PairingProposed, PairingRevised, PairingWithdrawn
from shared.language import Bilingual
from shared.moment import Moment

Telling = Callable[[StoredPairing, dict[UUID, Need]], Event]
"""Makes the event that tells of a pairing."""


def proposed(stored: StoredPairing, needs: dict[UUID, Need]) -> PairingProposed:
    """A proposal waits for an adviser."""
    return PairingProposed(**_state(stored, needs))


def approved(stored: StoredPairing, needs: dict[UUID, Need]) -> PairingApproved:
    """The first pairing of a meetup is in force."""
    return PairingApproved(**_state(stored, needs), approved_by=stored.decided_by)


def revised(stored: StoredPairing, needs: dict[UUID, Need]) -> PairingRevised:
    """Another pairing is in force."""
    return PairingRevised(**_state(stored, needs), approved_by=stored.decided_by)


def withdrawn(meetup_id: UUID, pairing_id: UUID, revision: int) -> PairingWithdrawn:
    """No pairing is in force any more."""
    return PairingWithdrawn(meetup_id=meetup_id, pairing_id=pairing_id, revision=revision)


async def announce(
    session: AsyncSession,
    stored: StoredPairing,
    event_of: Telling,
    *,
    moment: Moment,
) -> None:
    """Write the event that tells of a pairing to the outbox."""
    met = {meeting.need_id for meeting in stored.pairing.meetings}
    needs = {need.id: need for need in await facts.find_needs(session, met)}
    await tell(session, event_of(stored, needs), moment=moment)


def _state(stored: StoredPairing, needs: dict[UUID, Need]) -> dict[str, Any]:
    return {
        "meetup_id": stored.meetup_id,
        "pairing_id": stored.id,
        "run_id": stored.run_id,
        "revision": stored.revision,
        "meetings": tuple(_meeting(meeting, needs[meeting.need_id].employer_id) for meeting in stored.pairing.meetings),
        "reserve": tuple(
            contract.ReservePlace(participant_id=place.participant_id, need_id=place.need_id, position=place.position)
            for place in stored.pairing.reserve
        ),
        "difference": _difference(stored.pairing.difference),
    }


def _meeting(meeting: domain.Meeting, employer_id: UUID) -> contract.Meeting:
    return contract.Meeting(
        meeting_id=meeting.id,
        participant_id=meeting.participant_id,
        need_id=meeting.need_id,
        employer_id=employer_id,
        slot=meeting.slot,
        length=meeting.length,
        table=meeting.table,
        position=meeting.position,
        score=meeting.reasons.score.value,
        for_participant=_bilingual(meeting.reasons.account.for_participant),
        for_employer=_bilingual(meeting.reasons.account.for_employer),
    )


def _bilingual(text: Bilingual) -> vocabulary.Bilingual:
    return vocabulary.Bilingual(fr=text.fr, en=text.en)


def _difference(difference: domain.Difference) -> contract.Difference:
    def changes(of: tuple[domain.Change, ...]) -> tuple[contract.Change, ...]:
        return tuple(
            contract.Change(participant_id=change.participant_id, need_id=change.need_id, cause=change.cause)
            for change in of
        )

    return contract.Difference(
        added=changes(difference.added),
        removed=changes(difference.removed),
        moved=changes(difference.moved),
        kept=len(difference.kept),
    )
