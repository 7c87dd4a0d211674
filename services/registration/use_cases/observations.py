"""Observations: record, correct, retract."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Self, TypeAlias
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.domain import kinds
from services.registration.domain.findings import Finding, Notes, find_refused
from services.registration.domain.said import UNSAID, amended, made_of, said_or
from services.registration.domain.workshop_sessions import SessionDays
from services.registration.domain.workshops import (
    Observation,
    ObservationKey,
    Seen,
    SeenDraft,
    Workshop,
    match_notes,
)
from services.registration.repository import observations as repository
from services.registration.repository import participants as participant_rows
from services.registration.repository import workshop_sessions as session_rows
from services.registration.repository import workshops as workshop_rows
from services.registration.use_cases import telling
from services.registration.use_cases.participants import participant_named
from services.registration.use_cases.saving import Saved, SavedAs, unless_refused
from shared.contracts.observations import ObservationCorrected, ObservationRetracted, SkillObserved
from shared.moment import Moment
from shared.rights import EVERYTHING, Reach, Scope


@dataclass(frozen=True, slots=True)
class Note:
    """An observation as handed in; its participant and workshop are known."""

    key: ObservationKey
    framework: str
    seen: SeenDraft


HandedInUnder: TypeAlias = dict[SeenDraft, Saved | Finding | None]
"""The notes that came under one key, and what each turned into."""

Remembered: TypeAlias = list[tuple[int | None, str | None, str | Finding]]
"""The same in plain values, which are put by in a tenth of the time: level, words, and how it was kept or why not."""


SOME_RECORD = UUID(int=0)
"""Stands for a record of which nobody asks which one it is."""


def _said_in(draft: SeenDraft) -> tuple[int | None, str | None]:
    return said_or(draft.level, None), said_or(draft.note, None)


def _draft(level: int | None, note: str | None) -> SeenDraft:
    return SeenDraft(UNSAID if level is None else level, UNSAID if note is None else note)


def _remembered(answer: Saved | Finding) -> str | Finding:
    return answer if isinstance(answer, Finding) else answer.change.value


def _answered(answer: str | Finding) -> Saved | Finding:
    return answer if isinstance(answer, Finding) else Saved(SOME_RECORD, 1, SavedAs(answer))


@dataclass(slots=True)
class HandedIn:
    """The notes that came under each key so far, over the parts of one long import."""

    notes: dict[ObservationKey, HandedInUnder] = field(default_factory=dict)

    @classmethod
    def of(cls, remembered: Mapping[ObservationKey, Remembered]) -> Self:
        """What was remembered."""
        return cls(
            {
                key: {_draft(level, note): _answered(answer) for level, note, answer in notes}
                for key, notes in remembered.items()
            }
        )

    def remembered(self) -> dict[ObservationKey, Remembered]:
        """What the parts to come need of it, once each note has turned into something."""
        return {
            key: [(*_said_in(draft), _remembered(answer)) for draft, answer in notes.items() if answer is not None]
            for key, notes in self.notes.items()
        }

    def add(self, note: Note) -> bool:
        """Count a note in; false where the same came before."""
        under_key = self.notes.setdefault(note.key, {})
        if note.seen in under_key:
            return False
        under_key[note.seen] = None
        return True

    def recall(self, note: Note, *, is_known: bool) -> None:
        """Count in a note that an import kept before it was interrupted."""
        if self.add(note):
            self.notes[note.key][note.seen] = _answered(SavedAs.UNCHANGED if is_known else SavedAs.NEW)

    def is_another_level(self, note: Note) -> bool:
        """Whether a different note came before this one under its key."""
        return next(iter(self.notes[note.key])) != note.seen


async def record_observations(
    session: AsyncSession,
    notes: Sequence[Note],
    workshops: Mapping[UUID, Workshop],
    handed_in: HandedIn,
    moment: Moment,
) -> list[Saved | Finding]:
    """Keep what was noted, in order, one answer each; a note under a known key corrects what was kept under it.

    A `Finding` is a refusal: a note without a level where nothing tells which it is about, or a new one about somebody
    who is not enrolled in the workshop. What was noted while they were stays, and can be corrected.

    ``workshops`` holds the workshops of all notes; ``handed_in`` what came under their keys in earlier parts. A note
    kept before under an equal key with equal content is unchanged; the same note twice in one import is kept once.
    """
    enrolments = await workshop_rows.enrolments_among(session, {note.key.participant_id for note in notes})
    is_first = [handed_in.add(note) for note in notes]
    fresh = {note.key: note.framework for note, first in zip(notes, is_first, strict=True) if first}
    kept = await repository.observations_under(session, fresh)
    effects = _Effects(workshops)
    days = await _session_days(session, fresh)
    for key, framework in fresh.items():
        is_enrolled = (key.workshop_id, key.participant_id) in enrolments
        _match(key, framework, handed_in, kept.get(key, ()), moment, effects, is_enrolled=is_enrolled)
    await _write(session, effects, moment)
    return [
        _answer(note, handed_in, workshops[note.key.workshop_id], days, is_first=first)
        for note, first in zip(notes, is_first, strict=True)
    ]


async def record_observation(
    session: AsyncSession, scope: Scope, note: Note, workshop: Workshop, moment: Moment
) -> Saved:
    """Keep one note, as `record_together` does several."""
    (saved,) = await record_together(session, scope, note.key.participant_id, [note], workshop, moment)
    return saved


async def record_together(
    session: AsyncSession,
    scope: Scope,
    participant_id: UUID,
    notes: Sequence[Note],
    workshop: Workshop,
    moment: Moment,
) -> list[Saved]:
    """Keep notes on one person at one workshop; the same sent twice at once are kept once, and the second finds them.

    Raises `Refused` where the person is unknown within the scope, or not enrolled in the workshop. To mediators both
    are one: they know the people of their workshops.
    """
    goes_on = await participant_rows.going_on(session, participant_id, lock=True)
    notes = [replace(note, key=replace(note.key, participant_id=goes_on)) for note in notes]
    if scope.reach is not Reach.WORKSHOP:
        await participant_named(session, scope, goes_on)
    await repository.hold_notes(session, workshop.id, goes_on)
    answers = await record_observations(session, notes, {workshop.id: workshop}, HandedIn(), moment)
    return [unless_refused(answer) for answer in answers]


async def correct_observation(
    session: AsyncSession, scope: Scope, observation_id: UUID, said: SeenDraft, moment: Moment
) -> Saved:
    """Correct the level or the words of an observation. Raises `Refused` where there is none."""
    kept = await observation_named(session, scope, observation_id, lock=True)
    seen = amended(kept.seen, said)
    if kept.seen == seen:
        return Saved(kept.id, kept.revision, SavedAs.UNCHANGED)
    corrected = _rewritten(kept, seen, moment)
    effects = _Effects(
        await workshop_rows.workshops_by_id(session, EVERYTHING, [kept.key.workshop_id]), corrected=[corrected]
    )
    await _write(session, effects, moment)
    return Saved(corrected.id, corrected.revision, SavedAs.CHANGED)


async def retract_observation(session: AsyncSession, scope: Scope, observation_id: UUID, moment: Moment) -> None:
    """Take an observation back. Raises `Refused` where there is none."""
    kept = await observation_named(session, scope, observation_id, lock=True)
    retracted = replace(kept, revision=kept.revision + 1)
    await repository.retract_observation(session, retracted, moment.now)
    event = ObservationRetracted(
        participant_id=kept.key.participant_id, observation_id=kept.id, revision=retracted.revision
    )
    await telling.tell(session, event, moment=moment)


async def observation_named(
    session: AsyncSession, scope: Scope, observation_id: UUID, *, lock: bool = False
) -> Observation:
    """The observation with this id that holds. Raises `Refused` where there is none within the scope."""
    kept = await repository.observation_by_id(session, scope, observation_id, lock=lock)
    if kept is None or kept.is_retracted:
        raise find_refused(kinds.UNKNOWN_OBSERVATION, "observation_id")
    return kept


async def _session_days(session: AsyncSession, keys: Collection[ObservationKey]) -> SessionDays:
    """On which days the workshops of some notes had sessions, and whether the people in them came."""
    workshops = {key.workshop_id for key in keys}
    sessions = await session_rows.sessions_of(session, workshops)
    people = {key.participant_id for key in keys} if sessions else set()
    return SessionDays(sessions, await session_rows.presences_of(session, people, workshops))


@dataclass(slots=True)
class _Effects:
    workshops: Mapping[UUID, Workshop]
    new: list[Observation] = field(default_factory=list)
    corrected: list[Observation] = field(default_factory=list)


def _match(
    key: ObservationKey,
    framework: str,
    handed_in: HandedIn,
    kept: Sequence[Observation],
    moment: Moment,
    effects: _Effects,
    *,
    is_enrolled: bool,
) -> None:
    """Turn the notes under one key that are still open into corrections and new observations, or find them kept."""
    turned = handed_in.notes[key]
    matched = match_notes(tuple(turned), kept)
    for said, observation in matched.known:
        if turned[said] is None:
            turned[said] = Saved(observation.id, observation.revision, SavedAs.UNCHANGED)
    for said, observation in matched.corrections:
        seen = amended(observation.seen, said)
        effects.corrected.append(_rewritten(observation, seen, moment))
        turned[said] = Saved(observation.id, observation.revision + 1, SavedAs.CHANGED)
    for said in matched.unclear:
        turned[said] = Finding(kinds.MISSING_FOR_NEW_NOTE, "level")
    if not is_enrolled:
        turned.update(dict.fromkeys(matched.new, Finding(kinds.NOT_ENROLLED, "participant_id")))
        return
    taken = {observation.ordinal for observation in kept}
    free = (ordinal for ordinal in count() if ordinal not in taken)
    for said, ordinal in zip(matched.new, free, strict=False):
        fresh = Observation(
            moment.new_id(), 1, framework, key, made_of(Seen, said), written_by=moment.by, ordinal=ordinal
        )
        effects.new.append(fresh)
        turned[said] = Saved(fresh.id, fresh.revision, SavedAs.NEW)


def _rewritten(observation: Observation, seen: Seen, moment: Moment) -> Observation:
    """The note with other words or another level, and whoever wrote them."""
    return replace(observation, seen=seen, revision=observation.revision + 1, written_by=moment.by)


def _answer(
    note: Note, handed_in: HandedIn, workshop: Workshop, days: SessionDays, *, is_first: bool
) -> Saved | Finding:
    saved = handed_in.notes[note.key][note.seen]
    if saved is None:
        raise LookupError("a note was matched with nothing")
    if isinstance(saved, Finding) or saved.change is SavedAs.UNCHANGED:
        return saved
    findings = _warnings(note, handed_in, workshop, days, is_first=is_first)
    return replace(saved, findings=findings) if findings else saved


def _warnings(
    note: Note, handed_in: HandedIn, workshop: Workshop, days: SessionDays, *, is_first: bool
) -> Sequence[Finding]:
    key = note.key
    notes = Notes()
    if not is_first:
        notes.add(kinds.DUPLICATE_OBSERVATION, "participant_id")
        return notes.findings
    if key.rater_id not in workshop.team:
        notes.add(kinds.UNKNOWN_OBSERVER, "observer")
    if not workshop.includes(key.seen_on):
        notes.add(kinds.DATE_OUTSIDE_WORKSHOP, "seen_on")
    if days.lacks(key.workshop_id, key.seen_on):
        notes.add(kinds.NO_SESSION_THAT_DAY, "seen_on")
    if days.was_absent(key.workshop_id, key.seen_on, key.participant_id):
        notes.add(kinds.MARKED_ABSENT, "participant_id")
    if handed_in.is_another_level(note):
        notes.add(kinds.SECOND_LEVEL, "level")
    return notes.findings


async def _write(session: AsyncSession, effects: _Effects, moment: Moment) -> None:
    happened = (
        telling.observation_state(each, effects.workshops[each.key.workshop_id].details.venue, event)
        for event, observations in ((SkillObserved, effects.new), (ObservationCorrected, effects.corrected))
        for each in observations
    )
    await telling.tell_after(_keep(session, effects, moment), session, happened, moment=moment)


async def _keep(session: AsyncSession, effects: _Effects, moment: Moment) -> None:
    await repository.add_observations(session, effects.new, moment.now)
    await repository.change_observations(session, effects.corrected)
