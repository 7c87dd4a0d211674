"""Gathering everything that one run computes from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Literal, TypeVar
from uuid import UUID

from pydantic import TypeAdapter
from sqlmodel.ext.asyncio.session import AsyncSession

from services.matching.domain.situation import (
    Bilingual,
    Meetup,
    Need,
    Observation,
    Pair,
    Participant,
    Policy,
    ScheduledMeeting,
    Since,
    Situation,
)
from services.matching.repository import facts, pairings, runs
from services.matching.repository.pairings import StoredPairing
from services.matching.repository.runs import Run
from services.matching.use_cases.profiles import components_for
from services.matching.use_cases.refusals import Unknown
from shared.reference import exercises
from shared.reference.occupations import near
from shared.reference.skills import framework as reference_framework

SITUATION = TypeAdapter(Situation)
"""How a situation is written into the record of a run."""

Thing = TypeVar("Thing", Participant, Need)


async def gather(session: AsyncSession, run: Run, policy: Policy) -> tuple[Situation, StoredPairing | None]:
    """Everything that a run computes from, and the pairing in force that it builds on. Raises `Unknown`."""
    meetup = await facts.find_meetup(session, run.meetup_id)
    if meetup is None:
        raise Unknown("meetup", run.meetup_id)
    enrolments = await facts.enrolments_of(session, meetup.id)
    people = {enrolment.participant_id for enrolment in enrolments}
    participants = await facts.find_participants(session, people)
    needs = await facts.find_needs(session, {need.need_id for need in meetup.needs})
    frameworks = sorted({need.framework for need in needs})
    seen = [one for framework in frameworks for one in await facts.observations_of(session, framework, people)]
    raters = {str(one.rater_id) for one in seen}
    in_force = await pairings.in_force(session, meetup.id)
    rules = await pairings.rules_of(session, meetup.id)
    situation = Situation(
        meetup=_with_needs_that_are_known(meetup, needs),
        participants=tuple(participants),
        enrolments=tuple(enrolments),
        consenting=tuple(sorted(await facts.consenting(session, people))),
        needs=tuple(needs),
        observations=tuple(seen),
        components={framework: await components_for(session, framework, raters) for framework in frameworks},
        near={wish: near(wish) for wish in sorted({wish for one in participants for wish in one.wishes})},
        skill_labels=_skill_labels(needs),
        exercise_titles=_exercise_titles(seen),
        replies=await facts.replies_of(session, meetup.id),
        current=scheduled(in_force),
        pins=_pairs_with("pin", rules),
        forbids=_pairs_with("forbid", rules),
        exposure=await facts.exposures(session, people),
        asked_because=run.reason,
        seed=str(meetup.id),
        policy=policy,
    )
    return replace(situation, since=await _since(session, situation, in_force)), in_force


def scheduled(in_force: StoredPairing | None) -> tuple[ScheduledMeeting, ...]:
    """The timetable of a pairing, without its reasons."""
    if in_force is None:
        return ()
    return tuple(
        ScheduledMeeting(one.id, one.participant_id, one.need_id, one.slot, one.table, one.length)
        for one in in_force.pairing.meetings
    )


def _with_needs_that_are_known(meetup: Meetup, needs: Sequence[Need]) -> Meetup:
    """A need that is invited but not yet told of is left out until it is."""
    known = {need.id for need in needs}
    return replace(meetup, needs=tuple(one for one in meetup.needs if one.need_id in known))


def _skill_labels(needs: Iterable[Need]) -> dict[str, Bilingual]:
    return {
        asked.skill: Bilingual(fr=skill.name("fr"), en=skill.name("en"))
        for need in needs
        for asked in need.requirements
        if (skill := reference_framework(need.framework).skill(asked.skill))
    }


def _exercise_titles(seen: Iterable[Observation]) -> dict[str, Bilingual]:
    codes = sorted({one.exercise for one in seen})
    return {
        code: Bilingual(fr=exercises.exercise(code).title("fr"), en=exercises.exercise(code).title("en"))
        for code in codes
    }


def _pairs_with(rule: Literal["pin", "forbid"], rules: Mapping[Pair, str]) -> tuple[Pair, ...]:
    return tuple(sorted((pair for pair, word in rules.items() if word == rule), key=str))


async def _since(session: AsyncSession, now: Situation, in_force: StoredPairing | None) -> Since:
    """What changed since the run behind the pairing in force gathered: its record says what it knew."""
    record = await runs.record_of(session, in_force.run_id) if in_force and in_force.run_id else None
    if record is None:
        return Since()
    then = SITUATION.validate_json(record.inputs)
    return Since(
        arrivals=_arrived(now, then),
        changed_participants=_changed(now.participants, then.participants),
        changed_needs=_changed(now.needs, then.needs),
        observed=tuple(sorted({one.participant_id for one in set(now.observations) ^ set(then.observations)})),
        policy_changed=now.policy != then.policy,
    )


def _arrived(now: Situation, then: Situation) -> tuple[UUID, ...]:
    people = {one.participant_id for one in now.enrolments} - {one.participant_id for one in then.enrolments}
    needs = {one.id for one in now.needs} - {one.id for one in then.needs}
    return tuple(sorted(people | needs))


def _changed(now: Iterable[Thing], then: Iterable[Thing]) -> tuple[UUID, ...]:
    before = {one.id: one for one in then}
    return tuple(one.id for one in now if one.id in before and before[one.id] != one)
