"""Learning what other services tell: events become matching's own facts, in any order, any number of times."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.matching.domain.scoring import RequiredSkill
from services.matching.domain.situation import (
    Enrolment,
    InvitedNeed,
    Meetup,
    Need,
    Observation,
    Participant,
    ReplyStatus,
)
from services.matching.repository import facts
from shared.contracts.employers import NeedClosed, NeedState
from shared.contracts.envelope import Event
from shared.contracts.invitations import (
    AskedAgain,
    CallRequested,
    InvitationAccepted,
    InvitationDeclined,
    InvitationEvent,
    InvitationExpired,
    InvitationFailed,
    InvitationSent,
    InvitationUncertain,
)
from shared.contracts.meetups import MeetupCancelled, MeetupState, ParticipantEnrolled, ParticipantUnenrolled
from shared.contracts.observations import LevelSeen, ObservationRetracted
from shared.contracts.participants import ConsentGranted, ConsentWithdrawn, ParticipantErased, ParticipantState
from shared.reference.licences import held_with

_REPLY_OF_EVENT: dict[type[InvitationEvent], ReplyStatus] = {
    InvitationSent: "invited",
    InvitationAccepted: "accepted",
    InvitationDeclined: "declined",
    InvitationExpired: "expired",
    InvitationFailed: "failed",
    InvitationUncertain: "uncertain",
    CallRequested: "call-requested",
    AskedAgain: "invited",
}


async def learn_participants(session: AsyncSession, events: Sequence[Event]) -> None:
    """Learn who takes part, what they agree to, and whom to forget."""
    await facts.erase_participants(
        session,
        [
            facts.ToldErasure(event.revision, event.participant_id, event.erased_at)
            for event in events
            if isinstance(event, ParticipantErased)
        ],
    )
    erased = await _erased_in(session, events)
    await facts.save_participants(
        session,
        [
            facts.ToldState(event.revision, _participant(event), event.merged_into)
            for event in events
            if isinstance(event, ParticipantState)
        ],
    )
    await facts.save_consents(
        session,
        [
            facts.ToldConsent(
                event.revision, event.participant_id, event.purpose, is_granted=isinstance(event, ConsentGranted)
            )
            for event in events
            if isinstance(event, ConsentGranted | ConsentWithdrawn) and event.participant_id not in erased
        ],
    )


async def learn_observations(session: AsyncSession, events: Sequence[Event]) -> None:
    """Learn what was seen, corrected and taken back; nothing is kept of somebody erased."""
    erased = await _erased_in(session, events)
    await facts.save_observations(
        session,
        [
            (event.revision, _observation(event))
            for event in events
            if isinstance(event, LevelSeen) and event.participant_id not in erased
        ],
    )
    await facts.retract_observations(
        session,
        [
            (event.revision, event.observation_id, event.participant_id)
            for event in events
            if isinstance(event, ObservationRetracted) and event.participant_id not in erased
        ],
    )


async def learn_needs(session: AsyncSession, events: Sequence[Event]) -> None:
    """Learn which needs are open and what they ask."""
    await facts.save_needs(
        session, [(event.revision, _need(event)) for event in events if isinstance(event, NeedState)]
    )
    await facts.close_needs(
        session,
        [(event.revision, event.need_id, event.employer_id) for event in events if isinstance(event, NeedClosed)],
    )


async def learn_meetups(session: AsyncSession, events: Sequence[Event]) -> None:
    """Learn where and when people meet, and who is enrolled."""
    await facts.save_meetups(
        session, [(event.revision, _meetup(event)) for event in events if isinstance(event, MeetupState)]
    )
    await facts.cancel_meetups(
        session, [(event.revision, event.meetup_id) for event in events if isinstance(event, MeetupCancelled)]
    )
    erased = await _erased_in(session, events)
    await facts.save_enrolments(
        session,
        [
            facts.ToldEnrolment(event.revision, event.meetup_id, event.participant_id, _enrolment(event))
            for event in events
            if isinstance(event, ParticipantEnrolled | ParticipantUnenrolled) and event.participant_id not in erased
        ],
    )


async def learn_replies(session: AsyncSession, events: Sequence[Event]) -> None:
    """Learn how invitations stand."""
    erased = await _erased_in(session, events)
    await facts.save_replies(
        session,
        [
            facts.ToldReply(event.revision, event.meetup_id, event.participant_id, _REPLY_OF_EVENT[type(event)])
            for event in events
            if isinstance(event, InvitationEvent) and event.participant_id not in erased
        ],
    )


async def _erased_in(session: AsyncSession, events: Sequence[Event]) -> frozenset[UUID]:
    people = {person for event in events if isinstance(person := getattr(event, "participant_id", None), UUID)}
    return await facts.erased_among(session, people)


def _participant(event: ParticipantState) -> Participant:
    return Participant(
        id=event.participant_id,
        agency_id=event.agency_id,
        latitude=event.home.latitude,
        longitude=event.home.longitude,
        travel_limit_km=event.travel_limit_km,
        transport=event.transport,
        available_from=event.available_from,
        hours=event.hours,
        licences=tuple(sorted(held_with(event.licences))),
        wishes=event.wishes,
        refused_occupations=event.refused_occupations,
    )


def _observation(event: LevelSeen) -> Observation:
    return Observation(
        id=event.observation_id,
        participant_id=event.participant_id,
        rater_id=event.rater_id,
        workshop_id=event.workshop_id,
        venue=event.venue,
        exercise=event.exercise,
        seen_on=event.seen_on,
        framework=event.framework,
        skill=event.skill,
        level=event.level,
    )


def _need(event: NeedState) -> Need:
    return Need(
        id=event.need_id,
        employer_id=event.employer_id,
        occupation=event.occupation,
        latitude=event.place.latitude,
        longitude=event.place.longitude,
        seats=event.seats,
        hours=event.hours,
        licences=event.licences,
        starts_on=event.starts_on,
        framework=event.framework,
        requirements=tuple(RequiredSkill(skill.skill, skill.level, skill.weight) for skill in event.skills),
    )


def _meetup(event: MeetupState) -> Meetup:
    return Meetup(
        id=event.meetup_id,
        agency_id=event.agency_id,
        venue=event.venue,
        starts_at=event.starts_at,
        slot_minutes=event.slot_minutes,
        slots=event.slots,
        breaks=event.breaks,
        front_tables=event.front_tables,
        needs=tuple(InvitedNeed(need.need_id, need.interviewers) for need in event.needs),
    )


def _enrolment(event: ParticipantEnrolled | ParticipantUnenrolled) -> Enrolment | None:
    if isinstance(event, ParticipantUnenrolled):
        return None
    return Enrolment(
        participant_id=event.participant_id,
        first_slot=event.first_slot,
        last_slot=event.last_slot,
        double_slot=event.double_slot,
        front_table=event.front_table,
    )
