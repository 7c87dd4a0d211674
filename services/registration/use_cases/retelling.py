"""What registration tells anew when another service is rebuilt: everything as it is now, at its present revision."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.domain.meetups import Meetup
from services.registration.domain.needs import Need
from services.registration.domain.participants import Participant
from services.registration.repository import employers, erasures, meetups, observations, participants
from services.registration.repository import workshops as workshop_rows
from services.registration.repository.meetups import Enrolment
from services.registration.repository.participants import ConsentDecision
from services.registration.repository.searching import ids_after
from services.registration.tables import (
    EmployerRow,
    ErasureRow,
    MeetupRow,
    NeedRow,
    ObservationRow,
    ParticipantRow,
)
from services.registration.use_cases import telling
from services.registration.use_cases.binding import bound
from shared.contracts.employers import EmployerRegistered, NeedClosed, NeedPublished
from shared.contracts.envelope import Event
from shared.contracts.meetups import (
    AttendanceRecorded,
    MeetupCancelled,
    MeetupScheduled,
    ParticipantUnenrolled,
)
from shared.contracts.observations import ObservationRetracted, SkillObserved
from shared.contracts.participants import (
    ConsentGranted,
    ConsentWithdrawn,
    ParticipantErased,
    ParticipantRegistered,
)
from shared.rights import EVERYTHING
from shared.travel.retelling import PAGE, Chapters, Retold
from shared.travel.topics import EMPLOYERS, MEETUPS, OBSERVATIONS, PARTICIPANTS


async def _participants(session: AsyncSession, after: UUID | None) -> Retold:
    ids = await ids_after(session, ParticipantRow, after, PAGE)
    found = await participants.participants_by_id(session, EVERYTHING, ids)
    decisions = await participants.decisions_of_all(session, ids)
    return _page(ids, [event for one in found.values() for event in _told_of(one, decisions.get(one.id, ()))])


def _told_of(participant: Participant, decisions: Sequence[ConsentDecision]) -> Iterator[Event]:
    """Consents first: whoever hears of the person then knows at once what they agree to.

    A record that was merged agrees to nothing.
    """
    for purpose in {decision.purpose for decision in decisions if decision.is_granted}:
        holds = participant.consents[purpose].granted and participant.merged_into is None
        told = ConsentGranted if holds else ConsentWithdrawn
        yield told(participant_id=participant.id, revision=participant.revision, purpose=purpose)
    yield telling.participant_state(participant, ParticipantRegistered)


async def _erased(session: AsyncSession, after: UUID | None) -> Retold:
    ids = await ids_after(session, ErasureRow, after, PAGE)
    found = [await erasures.erasure_by_id(session, EVERYTHING, each) for each in ids]
    told = [
        ParticipantErased(participant_id=one.participant_id, revision=one.revision, erased_at=one.erased_at)
        for one in found
        if one is not None and one.participant_id is not None
    ]
    return _page(ids, told)


async def _observations(session: AsyncSession, after: UUID | None) -> Retold:
    ids = await ids_after(session, ObservationRow, after, PAGE)
    found = await observations.observations_by_id(session, ids)
    held = await workshop_rows.workshops_by_id(session, EVERYTHING, {one.key.workshop_id for one in found})
    merged = await participants.merged_among(session, {one.key.participant_id for one in found})
    told: list[Event] = [
        ObservationRetracted(participant_id=one.key.participant_id, observation_id=one.id, revision=one.revision)
        if one.is_retracted or one.key.participant_id in merged
        else telling.observation_state(one, held[one.key.workshop_id].details.venue, SkillObserved)
        for one in found
    ]
    return _page(ids, told)


async def _employers(session: AsyncSession, after: UUID | None) -> Retold:
    ids = await ids_after(session, EmployerRow, after, PAGE)
    found = await employers.employers_by_id(session, ids)
    return _page(ids, [telling.employer_state(one, EmployerRegistered) for one in found.values()])


async def _needs(session: AsyncSession, after: UUID | None) -> Retold:
    ids = await ids_after(session, NeedRow, after, PAGE)
    found = await employers.needs_by_id(session, ids)
    return _page(ids, [event for one in found.values() for event in _told_of_need(one)])


def _told_of_need(need: Need) -> Iterator[Event]:
    """Closing is the last that happens to a need, one revision after its state."""
    if not need.is_closed:
        yield telling.need_state(need, NeedPublished)
        return
    employer_id = need.details.employer_id
    before = telling.need_state(need, NeedPublished)
    yield before.model_copy(update={"revision": max(need.revision - 1, 1)})
    yield NeedClosed(employer_id=employer_id, need_id=need.id, revision=need.revision)


async def _meetups(session: AsyncSession, after: UUID | None) -> Retold:
    ids = await ids_after(session, MeetupRow, after, PAGE)
    found = await meetups.meetups_by_id(session, EVERYTHING, ids)
    enrolments = await bound(session, (await meetups.enrolments_of(session, ids)).values())
    departures = await meetups.departures_of(session, ids)
    outcomes = await meetups.outcomes_of(session, ids)
    told: list[Event] = []
    for meetup in found.values():
        told += _told_of_meetup(meetup)
        for enrolment in enrolments:
            if enrolment.meetup_id == meetup.id:
                told += _told_of_enrolment(meetup, enrolment)
        told += [
            ParticipantUnenrolled(meetup_id=meetup.id, participant_id=participant_id, revision=meetup.revision)
            for participant_id in departures.get(meetup.id, ())
        ]
    told += [telling.outcome_recorded(outcome) for outcome in outcomes]
    return _page(ids, told)


def _told_of_meetup(meetup: Meetup) -> Iterator[Event]:
    """A cancellation holds against every state before it."""
    if not meetup.is_cancelled:
        yield telling.meetup_state(meetup, MeetupScheduled)
        return
    before = telling.meetup_state(meetup, MeetupScheduled)
    yield before.model_copy(update={"revision": max(meetup.revision - 1, 1)})
    yield MeetupCancelled(meetup_id=meetup.id, revision=meetup.revision)


def _told_of_enrolment(meetup: Meetup, enrolment: Enrolment) -> Iterator[Event]:
    yield telling.enrolled(meetup, enrolment.participant_id, enrolment.constraints)
    if enrolment.is_present is not None:
        yield AttendanceRecorded(
            meetup_id=meetup.id,
            participant_id=enrolment.participant_id,
            revision=meetup.revision,
            present=enrolment.is_present,
        )


def _page(ids: Sequence[UUID], told: Sequence[Event]) -> Retold:
    return Retold(told, ids[-1] if len(ids) == PAGE else None)


CHAPTERS: Chapters = {
    PARTICIPANTS: (_participants, _erased),
    OBSERVATIONS: (_observations,),
    EMPLOYERS: (_employers, _needs),
    MEETUPS: (_meetups,),
}
