"""Gathering everything that one run computes from."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import fields, replace
from typing import TypeVar
from uuid import UUID

from pydantic import TypeAdapter
from pydantic_core import from_json
from sqlmodel.ext.asyncio.session import AsyncSession

from services.matching.domain.known_words import in_known_words
from services.matching.domain.situation import (
    Need,
    Observation,
    Participant,
    Policy,
    RunInputs,
    Since,
    Truth,
)
from services.matching.repository import facts, pairings, runs
from services.matching.repository.runs import Run
from services.matching.use_cases.profiles import components_for, known_skills
from services.matching.use_cases.truth import true_now
from shared.language import Bilingual
from shared.reference import exercises
from shared.reference.occupations import near
from shared.reference.skills import framework as reference_framework

log = logging.getLogger(__name__)

INPUTS = TypeAdapter(RunInputs)
"""How the inputs are written into the record of a run."""

Thing = TypeVar("Thing", Participant, Need)


async def gather(session: AsyncSession, run: Run, policy: Policy) -> tuple[RunInputs, UUID | None]:
    """Everything that a run computes from, and the pairing in force that it builds on.

    The session's transaction is expected to see one moment. Raises `Unknown`.
    """
    in_force, _ = await pairings.outlined(session, run.meetup_id)
    truth = _in_known_words(await true_now(session, run.meetup_id, in_force.outline if in_force else None, policy))
    people = {enrolment.participant_id for enrolment in truth.enrolments}
    frameworks = sorted({need.framework for need in truth.needs if need.requirements})
    seen = [one for framework in frameworks for one in await facts.observations_of(session, framework, people)]
    raters = {str(one.rater_id) for one in seen}
    inputs = RunInputs(
        **{field.name: getattr(truth, field.name) for field in fields(Truth)},
        observations=tuple(seen),
        components={framework: await components_for(session, framework, raters) for framework in frameworks},
        near={wish: near(wish) for wish in sorted({wish for one in truth.participants for wish in one.wishes})},
        skill_labels=_skill_labels(truth.needs),
        exercise_titles=_exercise_titles(seen),
        exposure=await facts.exposures(session, people),
        asked_because=run.reason,
        seed=str(run.meetup_id),
    )
    if in_force is None:
        return inputs, None
    origin = await pairings.origin_of(session, in_force.id)
    record = await runs.record_of(session, origin.run_id) if origin.run_id else None
    return replace(inputs, since=_since(inputs, record, origin.mended)), in_force.id


def inputs_of(recorded: bytes) -> RunInputs:
    """The inputs in a run's record; one that says nothing of softness was made when every step was hard."""
    inputs = from_json(recorded)
    inputs["policy"].setdefault("softness", 0.0)
    return INPUTS.validate_python(inputs)


def _in_known_words(truth: Truth) -> Truth:
    """What binds a pairing, its needs as far as this version knows what they ask: the rest cannot be weighed."""
    needs, others = in_known_words(truth.needs, known_skills)
    if others:
        log.warning("%d needs of a meetup ask for skills that nobody here knows: these are left out", others)
    return replace(truth, needs=tuple(needs))


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


def _since(now: RunInputs, record: runs.RunRecord | None, mended: bool) -> Since:
    """What changed since the run behind the pairing in force gathered: its record says what it knew."""
    if record is None:
        return Since()
    then = inputs_of(record.inputs)
    return Since(
        arrivals=_arrived(now, then),
        changed_participants=_changed(now.participants, then.participants),
        changed_needs=_changed(now.needs, then.needs),
        observed=tuple(sorted({one.participant_id for one in set(now.observations) ^ set(then.observations)})),
        meetup_changed=now.meetup != then.meetup,
        mended=mended,
        policy_changed=now.policy != then.policy,
    )


def _arrived(now: RunInputs, then: RunInputs) -> tuple[UUID, ...]:
    people = {one.participant_id for one in now.enrolments} - {one.participant_id for one in then.enrolments}
    needs = {one.id for one in now.needs} - {one.id for one in then.needs}
    return tuple(sorted(people | needs))


def _changed(now: Iterable[Thing], then: Iterable[Thing]) -> tuple[UUID, ...]:
    before = {one.id: one for one in then}
    return tuple(one.id for one in now if one.id in before and before[one.id] != one)
