"""What is said of a workshop's sessions, and of what was seen there, as use cases keep it."""

from __future__ import annotations

from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.adapters import known_words
from services.registration.domain import kinds
from services.registration.domain.contact_rules import clean_email
from services.registration.domain.findings import Notes, find_refused
from services.registration.domain.places import civil_date
from services.registration.domain.workshop_sessions import SessionDraft
from services.registration.domain.workshops import ObservationKey, SeenDraft, Workshop
from services.registration.intake.bodies import ObservationBody, SessionBody
from services.registration.use_cases.agencies import staff_named
from services.registration.use_cases.observations import Note
from shared.identity import NotAllowed, Person
from shared.moment import Moment
from shared.reference.skills import DEFAULT_FRAMEWORK
from shared.rights import may


def read_session(workshop_id: UUID, body: SessionBody) -> SessionDraft:
    """What a body says of a session of a workshop."""
    notes = Notes(is_strict=True)
    exercise = known_words.read_exercise(body.exercise, notes, "exercise") if body.exercise else body.said("exercise")
    return SessionDraft(
        workshop_id=workshop_id,
        held_on=body.said("held_on"),
        identifier=body.said("identifier"),
        begins=body.said("begins"),
        ends=body.said("ends"),
        exercise=exercise,
        title=body.said("title"),
    )


async def read_note(
    session: AsyncSession, body: ObservationBody, person: Person, workshop: Workshop, moment: Moment
) -> Note:
    """What a body says that was seen, by ``person`` where it names nobody else.

    Raises `Refused`, and `NotAllowed` where the person writes down nothing for others.
    """
    notes = Notes(is_strict=True)
    exercise = known_words.read_exercise(body.exercise, notes, "exercise")
    skill = known_words.read_skill(body.skill, notes, "skill")
    if body.seen_on > civil_date(moment.now, workshop.details.place):
        notes.add(kinds.DATE_IN_THE_FUTURE, "seen_on")
    notes.raise_refusals()
    rater_id = await _rater(body, person, session, moment)
    key = ObservationKey(workshop.id, body.participant_id, rater_id, body.seen_on, exercise, skill or "")
    return Note(key, DEFAULT_FRAMEWORK, SeenDraft(body.level, body.said("note")))


async def _rater(body: ObservationBody, person: Person, session: AsyncSession, moment: Moment) -> UUID:
    """Whoever saw it: the person who writes it down, or whom an adviser or a system names by e-mail."""
    if body.observer is None:
        return person.id
    if not may(person, "record observations of others"):
        raise NotAllowed
    email = clean_email(body.observer)
    if email is None:
        raise find_refused(kinds.BAD_OBSERVER, "observer")
    return (await staff_named(session, {email: (None, None)}, moment))[email].id
