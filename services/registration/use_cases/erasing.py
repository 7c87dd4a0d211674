"""Forgetting somebody for good: all about them goes, and the receipt says what, where, and what is still to come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping
from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.domain import kinds
from services.registration.domain.findings import find_refused
from services.registration.domain.naming import bearer_of
from services.registration.domain.participants import Participant
from services.registration.repository import erasures, exports, participants, protected
from services.registration.repository.erasures import Erasure
from services.registration.tables import Base
from services.registration.use_cases.participants import participant_named
from services.registration.use_cases.telling import tell
from shared.asking import as_the_service
from shared.contracts.participants import ParticipantErased
from shared.moment import Moment
from shared.rights import EVERYTHING, Scope
from shared.travel.erasure import forget
from shared.travel.retention import TOMBSTONES_STAY
from shared.travel.topics import TOPICS

AGES_OUT = max(topic.retention for topic in TOPICS) + timedelta(days=2)
"""After this nothing of what was told of somebody stands in an outbox or on its topic: their time, and a day each for
Kafka's segment that is still written and for the pruning that comes next."""


ID_GOES = TOMBSTONES_STAY + timedelta(days=1)
"""After this the bare id is gone everywhere, and with it all copies of messages that could not be applied: their time,
and a day for the pruning that comes next."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of somebody's data.

    ``ages_out_on`` is the day from which nothing that was told before stands in an outbox or on its topic,
    ``id_goes_by`` the day by which their bare id and the last copy of a message that could not be applied are gone.
    """

    erasure: Erasure
    ages_out_on: date
    id_goes_by: date
    notes: Sequence[RowMapping]


async def erase_participant(session: AsyncSession, scope: Scope, participant_id: UUID, moment: Moment) -> Receipt:
    """Forget everything about one participant, here and, by the event, everywhere. Raises `Refused` if unknown.

    A record that was merged goes with the one that goes on for it.
    """
    kept = await participant_named(session, scope, participant_id, lock=True)
    async with as_the_service(session):  # what is about them lies at every agency that met them
        return await _erase(session, kept, moment)


async def _erase(session: AsyncSession, kept: Participant, moment: Moment) -> Receipt:
    merged = await participants.records_merged_into(session, [kept.id])
    found = await participants.participants_by_id(session, EVERYTHING, [kept.id, *merged], lock=True)
    naming = {each.id: await _notes_that_name(session, each) for each in found.values()}
    apart = await protected.erase(session, list(found))
    forgotten = await forget(session, Base.metadata, list(found), now=moment.now)
    await exports.forget_files(session)
    counts = {"protected": apart, **(forgotten.rows + forgotten.documents)}
    gone = {name: count for name, count in sorted(counts.items()) if count}
    told = {
        each.id: await _keep_erasure(session, each, naming[each.id], gone if each.id == kept.id else {}, moment)
        for each in found.values()
    }
    return await _receipt(session, told[kept.id])


async def _keep_erasure(
    session: AsyncSession, participant: Participant, naming: Sequence[UUID], gone: dict[str, int], moment: Moment
) -> Erasure:
    """Keep and tell that one record was erased; what went is counted once, with the record that went on."""
    erasure = Erasure(
        id=moment.new_id(),
        participant_id=participant.id,
        revision=participant.revision + 1,
        identifier_digest=(
            erasures.identifier_digest(session, participant.identifier) if participant.identifier else None
        ),
        agency_id=participant.situation.agency_id,
        erased_at=moment.now,
        erased_by=moment.by,
        gone=gone,
    )
    await erasures.add_erasure(session, erasure)
    await erasures.add_naming_notes(session, erasure.id, naming)
    event = ParticipantErased(participant_id=participant.id, revision=erasure.revision, erased_at=erasure.erased_at)
    await tell(session, event, moment=moment)
    return erasure


async def receipt_of(session: AsyncSession, scope: Scope, erasure_id: UUID) -> Receipt:
    """The receipt of an erasure, as things stand now. Raises `Refused` where there is none within the scope."""
    erasure = await erasures.erasure_by_id(session, scope, erasure_id)
    if erasure is None:
        raise find_refused(kinds.UNKNOWN_ERASURE, "erasure_id")
    return await _receipt(session, erasure)


async def settle_naming_note(session: AsyncSession, erasure_id: UUID, observation_id: UUID, moment: Moment) -> None:
    """Note that somebody looked at a note that probably names somebody erased. Raises `Refused` where none waits."""
    if not await erasures.settle_naming_note(session, erasure_id, observation_id, moment.by, moment.now):
        raise find_refused(kinds.UNKNOWN_ERASURE, "observation_id")


async def _notes_that_name(session: AsyncSession, participant: Participant) -> list[UUID]:
    bearer = bearer_of(participant.contact)
    beside: Sequence[Any] = await erasures.notes_beside(session, participant.id, participant.situation.agency_id)
    return [each["id"] for each in beside if bearer.is_named_in(each["note"], was_there=each["was_there"])]


async def _receipt(session: AsyncSession, erasure: Erasure) -> Receipt:
    return Receipt(
        erasure=erasure,
        ages_out_on=((erasure.told_at or erasure.erased_at) + AGES_OUT).date(),
        id_goes_by=(erasure.erased_at + ID_GOES).date(),
        notes=await erasures.naming_notes(session, erasure.id),
    )
