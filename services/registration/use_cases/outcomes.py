"""What came of meetings: said by somebody, or by a file, once or again."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.domain import kinds
from services.registration.domain.findings import Finding
from services.registration.domain.meetups import Meetup, OutcomeKind
from services.registration.domain.said import UNSAID, Said, said_or
from services.registration.repository import meetups as repository
from services.registration.repository.meetups import EnrolmentKey, Outcome
from services.registration.use_cases import telling
from services.registration.use_cases.meetups import records_that_were_there, standing_meetup
from services.registration.use_cases.saving import Saved, SavedAs, unless_refused
from shared.moment import Moment
from shared.rights import Scope


@dataclass(frozen=True, slots=True)
class SaidOutcome:
    """What somebody says came of a person's meeting for a need, and on which day; unsaid, a known day stays."""

    participant_id: UUID
    need_id: UUID
    outcome: OutcomeKind
    happened_on: Said[date | None] = UNSAID


async def record_outcome(
    session: AsyncSession, scope: Scope, meetup_id: UUID, said: SaidOutcome, moment: Moment
) -> Saved:
    """Record what came of a meeting. Raises `Refused` where the person or the need was not part of the meetup."""
    meetup = await standing_meetup(session, scope, meetup_id)
    return unless_refused((await record_outcomes(session, [(meetup, said)], moment))[0])


async def record_outcomes(
    session: AsyncSession, told: Sequence[tuple[Meetup, SaidOutcome]], moment: Moment
) -> list[Saved | Finding]:
    """Record what came of meetings, or correct it; one answer each, in order. The meetups are locked.

    A `Finding` is a refusal: what is cancelled changes no more.
    """
    meetups = {meetup.id: meetup for meetup, _ in told}
    enrolled = (await repository.enrolments_of(session, list(meetups))).keys()
    told = await _under_enrolled_records(session, told, enrolled)
    known = {_key(outcome): outcome for outcome in await repository.outcomes_of(session, list(meetups))}
    answers: list[Saved | Finding] = []
    recorded: list[Outcome] = []
    for meetup_id, said in ((meetup.id, said) for meetup, said in told):
        meetup = meetups[meetup_id]
        if objection := _objection(meetup, said, is_enrolled=(meetup_id, said.participant_id) in enrolled):
            answers.append(objection)
            continue
        kept = known.get((meetup_id, said.participant_id, said.need_id))
        happened_on = said_or(said.happened_on, kept.happened_on if kept else None)
        if kept is not None and (kept.outcome, kept.happened_on) == (said.outcome, happened_on):
            answers.append(Saved(meetup_id, meetup.revision, SavedAs.UNCHANGED))
            continue
        if meetup.is_cancelled:
            answers.append(Finding(kinds.MEETUP_CANCELLED, "meetup_id"))
            continue
        raised = meetups[meetup_id] = meetup.revised("participants")
        outcome = Outcome(meetup_id, said.participant_id, said.need_id, said.outcome, raised.revision, happened_on)
        known[_key(outcome)] = outcome
        recorded.append(outcome)
        answers.append(Saved(meetup_id, raised.revision, SavedAs.CHANGED))
    await repository.put_outcomes(session, recorded, moment.now)
    changed = {outcome.meetup_id for outcome in recorded}
    await repository.change_meetups(session, [meetups[meetup_id] for meetup_id in changed])
    await telling.tell(session, *map(telling.outcome_recorded, recorded), moment=moment)
    return answers


async def _under_enrolled_records(
    session: AsyncSession, told: Sequence[tuple[Meetup, SaidOutcome]], enrolled: Collection[EnrolmentKey]
) -> list[tuple[Meetup, SaidOutcome]]:
    """The same, each of the record that is enrolled: who was merged since was there under the name they had."""
    was_there = await records_that_were_there(session, {said.participant_id for _, said in told}, enrolled)
    return [
        (
            meetup,
            replace(said, participant_id=was_there.get((meetup.id, said.participant_id), said.participant_id)),
        )
        for meetup, said in told
    ]


def _key(outcome: Outcome) -> tuple[UUID, UUID, UUID]:
    return outcome.meetup_id, outcome.participant_id, outcome.need_id


def _objection(meetup: Meetup, said: SaidOutcome, *, is_enrolled: bool) -> Finding | None:
    if not is_enrolled:
        return Finding(kinds.NOT_AT_MEETUP, "participant_id")
    if said.need_id not in dict(meetup.needs):
        return Finding(kinds.NOT_AT_MEETUP, "need_id")
    day = meetup.details.starts_at.astimezone(meetup.details.place.zone).date()
    if isinstance(said.happened_on, date) and said.happened_on < day:
        return Finding(kinds.OUTCOME_BEFORE_MEETUP, "happened_on")
    return None
