"""What whoever notes at a workshop has before them: the day, the people and what was noted of them already."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.desk.workshops import PersonThere, people_there
from services.registration.domain import kinds
from services.registration.domain.findings import find_refused
from services.registration.domain.places import civil_date
from services.registration.domain.workshop_sessions import SessionDays, WorkshopSession
from services.registration.domain.workshops import Observation, ObservationKey, Workshop
from services.registration.repository.observations import observations_under
from services.registration.repository.workshop_sessions import presences_at, sessions_of
from services.registration.use_cases.workshops import workshop_named
from shared.auditing import note_looks
from shared.identity import Person
from shared.reference.skills import framework
from shared.rights import scope_of


@dataclass(frozen=True, slots=True)
class Observing:
    """A day of a workshop: the people by name, who of them did not come, and the exercises that are planned."""

    workshop: Workshop
    day: date
    people: Sequence[PersonThere]
    absent: Set[UUID]
    exercises: Sequence[str]

    def somebody(self, participant_id: UUID) -> PersonThere:
        """The person with this id. Raises `Refused` where they are not enrolled."""
        for each in self.people:
            if each.id == participant_id:
                return each
        raise find_refused(kinds.UNKNOWN_PARTICIPANT, "participant_id")

    def after(self, participant_id: UUID) -> PersonThere | None:
        """Who comes next by name, of those who are there; nobody after the last."""
        position = [each.id for each in self.people].index(participant_id)
        return next((each for each in self.people[position + 1 :] if each.id not in self.absent), None)


async def observing_at(
    session: AsyncSession, person: Person, workshop_id: UUID, asked: date | None, now: datetime
) -> Observing:
    """A day of a workshop where ``person`` notes: the one asked for, or the one that they most likely mean.

    Raises `Refused` where they note nothing there, and before it begins.
    """
    workshop = await workshop_named(session, scope_of(person, "record observations"), workshop_id)
    sessions = await sessions_of(session, [workshop.id])
    day = day_of_notes(workshop, asked, civil_date(now, workshop.details.place), sessions)
    if day is None:
        raise find_refused(kinds.DATE_IN_THE_FUTURE, "day")
    days = SessionDays(sessions, await presences_at(session, [each.id for each in sessions]))
    people = await people_there(session, person, workshop, day)
    absent = {each.id for each in people if days.was_absent(workshop.id, day, each.id)}
    planned = [each.details.exercise for each in sessions if each.details.held_on == day and each.details.exercise]
    return Observing(workshop, day, people, absent, list(dict.fromkeys(planned)))


def day_of_notes(
    workshop: Workshop, asked: date | None, today: date, sessions: Sequence[WorkshopSession]
) -> date | None:
    """The day of which notes are made: the one asked for where it is one of the workshop's and not ahead.

    Else today, or once it is over the day of its last session, or its last day; none before it begins.
    """
    if asked is not None and workshop.includes(asked) and asked <= today:
        return asked
    if today < workshop.details.starts_on:
        return None
    if workshop.includes(today):
        return today
    held = (each.details.held_on for each in sessions if workshop.includes(each.details.held_on))
    return max(held, default=workshop.details.ends_on)


async def noted_by(
    session: AsyncSession, rater_id: UUID, observing: Observing, participant_id: UUID, exercise: str
) -> dict[str, Observation]:
    """What one rater noted of somebody in an exercise on that day, by skill; the look is noted."""
    about = (observing.workshop.id, participant_id, rater_id, observing.day, exercise)
    found = await observations_under(session, [ObservationKey(*about, skill) for skill in framework().codes])
    await note_looks(session, "observations", [participant_id] if found else [])
    return {key.skill: kept[0] for key, kept in found.items()}
