"""What registration tells the others: its domain in the words of the contracts. Nothing personal passes here."""

from __future__ import annotations

from collections.abc import Coroutine, Iterable
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.domain.meetups import Constraints, Meetup
from services.registration.domain.needs import Employer, Need
from services.registration.domain.participants import Participant
from services.registration.domain.places import Place
from services.registration.domain.workshops import Observation
from services.registration.repository.meetups import Outcome
from shared.contracts import employers, meetups, observations, participants
from shared.contracts.envelope import Event
from shared.contracts.vocabulary import Place as TravellingPlace
from shared.moment import Moment
from shared.reference.licences import held_with, travelling_codes
from shared.travel import outbox

SOURCE = "/registration"


async def tell(session: AsyncSession, *events: Event, moment: Moment) -> None:
    """Add events to the outbox; they travel once the transaction is committed."""
    await outbox.tell(session, *events, source=SOURCE, moment=moment)


async def tell_after(
    writing: Coroutine[Any, Any, None], session: AsyncSession, events: Iterable[Event], *, moment: Moment
) -> None:
    """Add events to the outbox once ``writing`` has kept what they tell of; many are laid out meanwhile."""
    await outbox.tell_after(writing, session, events, source=SOURCE, moment=moment)


def participant_state(
    participant: Participant, event: type[participants.ParticipantState]
) -> participants.ParticipantState:
    """What pairing may know of a participant."""
    situation = participant.situation
    return event(
        participant_id=participant.id,
        revision=participant.revision,
        agency_id=situation.agency_id,
        home=place(situation.home),
        travel_limit_km=situation.travel_limit_km,
        transport=situation.transport,
        available_from=situation.available_from,
        hours=situation.hours,
        licences=travelling_codes(held_with(situation.licences)),
        wishes=situation.wishes,
        refused_occupations=situation.refused_occupations,
        merged_into=participant.merged_into,
    )


def observation_state(
    observation: Observation, venue: str, event: type[observations.LevelSeen]
) -> observations.LevelSeen:
    """What was seen, without the words beside it."""
    key = observation.key
    return event(
        participant_id=key.participant_id,
        observation_id=observation.id,
        revision=observation.revision,
        rater_id=key.rater_id,
        workshop_id=key.workshop_id,
        venue=venue,
        exercise=key.exercise,
        seen_on=key.seen_on,
        framework=observation.framework,
        skill=key.skill,
        level=observation.seen.level,
    )


def employer_state(employer: Employer, event: type[employers.EmployerState]) -> employers.EmployerState:
    """An employer's place."""
    return event(employer_id=employer.id, revision=employer.revision, place=place(employer.details.place))


def need_state(need: Need, event: type[employers.NeedState]) -> employers.NeedState:
    """A need without its title, which somebody typed."""
    details = need.details
    return event(
        employer_id=details.employer_id,
        need_id=need.id,
        revision=need.revision,
        occupation=details.occupation,
        place=place(details.place),
        posts=details.posts,
        seats=details.seats,
        hours=details.hours,
        licences=travelling_codes(details.licences),
        starts_on=details.starts_on,
        framework=details.framework,
        skills=tuple(
            employers.RequiredSkill(skill=each.skill, level=each.level, weight=each.weight) for each in details.skills
        ),
    )


def meetup_state(meetup: Meetup, event: type[meetups.MeetupState]) -> meetups.MeetupState:
    """A meetup with the needs invited to it."""
    details = meetup.details
    return event(
        meetup_id=meetup.id,
        revision=meetup.revision,
        agency_id=details.agency_id,
        venue=details.venue,
        place=place(details.place),
        directions=meetup.directions,
        starts_at=details.starts_at,
        slot_minutes=details.slot_minutes,
        slots=details.slots,
        breaks=details.breaks,
        front_tables=details.front_tables,
        needs=tuple(meetups.InvitedNeed(need_id=need, interviewers=count) for need, count in meetup.needs),
    )


def enrolled(meetup: Meetup, participant_id: UUID, constraints: Constraints) -> meetups.ParticipantEnrolled:
    """That somebody may be paired at a meetup, and what the timetable must respect.

    What binds nothing is not told: where all tables are alike, nobody is said to need one of some.
    """
    return meetups.ParticipantEnrolled(
        meetup_id=meetup.id,
        participant_id=participant_id,
        revision=meetup.revision,
        first_slot=constraints.first_slot,
        last_slot=constraints.last_slot,
        double_slot=constraints.double_slot,
        front_table=constraints.front_table and meetup.details.front_tables is not None,
    )


def outcome_recorded(outcome: Outcome) -> meetups.OutcomeRecorded:
    """What came of a meeting."""
    return meetups.OutcomeRecorded(
        meetup_id=outcome.meetup_id,
        participant_id=outcome.participant_id,
        need_id=outcome.need_id,
        revision=outcome.revision,
        outcome=outcome.outcome,
        happened_on=outcome.happened_on,
    )


def place(where: Place) -> TravellingPlace:
    """A place, rounded to its commune as it came."""
    return TravellingPlace(commune=where.commune, latitude=where.latitude, longitude=where.longitude)
