"""What people are told of a pair: the score with its interval, the evidence, and an account in three voices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from services.matching.domain.commute import road_km, unit_vectors
from services.matching.domain.explaining import Grounds, Voice, explain, grounds
from services.matching.domain.pairing import Account, Evidence, Reasons
from services.matching.domain.proposing.weighing import Weighed, seen_of_each
from services.matching.domain.scoring import NOT_WEIGHED, Score, WhatWouldChange
from services.matching.domain.scoring.changing import changes_to
from services.matching.domain.scoring.expected_share import with_interval
from services.matching.domain.situation import Need, Observation, Participant, Policy, RunInputs
from shared.language import Bilingual, Language


class Teller:
    """Gives the reasons of any pair that was weighed; what they are drawn from is looked up once."""

    def __init__(self, inputs: RunInputs) -> None:
        self._policy = inputs.policy
        self._labels = inputs.skill_labels
        self._titles = inputs.exercise_titles
        self._participants = {one.id: one for one in inputs.participants}
        self._needs = {need.id: need for need in inputs.needs}
        self._seen = seen_of_each(inputs.observations)

    def reasons(self, weighed: Weighed) -> Reasons:
        """Why this pair: each number, what it rests on, and the account for participant, adviser and employer."""
        participant, need = self._participants[weighed.pair.participant_id], self._needs[weighed.pair.need_id]
        seen = self._seen[participant.id, need.framework]
        evidence = tuple(evidence_for(term.skill, seen) for term in weighed.expected.terms)
        score, distance_km = _score(weighed, self._policy), _distance_km(participant, need)
        changing = _changing(weighed, self._policy)

        def told(language: Language) -> Grounds:
            return grounds(
                score,
                labels=self._labels,
                evidence={one.skill: _with_titles(one, self._titles, language) for one in evidence if one.observations},
                liking=weighed.liking,
                utility=weighed.utility,
                distance_km=distance_km,
                travel_limit_km=participant.travel_limit_km,
                changing=changing,
                profile=weighed.profile,
            )

        account = _account(told("fr"), told("en"))
        return Reasons(score, weighed.liking, weighed.utility, distance_km, evidence, account)


def evidence_for(skill: str, seen: Iterable[Observation]) -> Evidence:
    """What stands behind one skill."""
    relevant = [one for one in seen if one.skill == skill]
    return Evidence(
        skill=skill,
        observations=len(relevant),
        raters=len({one.rater_id for one in relevant}),
        venues=tuple(sorted({one.venue for one in relevant})),
        exercises=tuple(sorted({one.exercise for one in relevant})),
    )


def _score(weighed: Weighed, policy: Policy) -> Score:
    if weighed.asked is None:
        return NOT_WEIGHED
    return with_interval(weighed.expected, weighed.asked, policy.coverage, policy.softness)


def _distance_km(participant: Participant, need: Need) -> float | None:
    if participant.latitude is None or participant.longitude is None:
        return None
    if need.latitude is None or need.longitude is None:
        return None
    home = unit_vectors(participant.latitude, participant.longitude)
    return float(road_km(home, unit_vectors(need.latitude, need.longitude)))


def _changing(weighed: Weighed, policy: Policy) -> WhatWouldChange | None:
    """What would change the score; for a meeting that is not worthwhile, also what would make it so."""
    if weighed.asked is None:
        return None
    target = (policy.worthwhile / weighed.liking ** (1 - policy.alpha)) ** (1 / policy.alpha)
    within_reach = target if weighed.expected.value < target <= 1 else None
    return changes_to(weighed.asked, within_reach, policy.softness)


def _with_titles(evidence: Evidence, titles: Mapping[str, Bilingual], language: Language) -> Evidence:
    return replace(evidence, exercises=tuple(getattr(titles[code], language) for code in evidence.exercises))


def _account(french: Grounds, english: Grounds) -> Account:
    def voiced(voice: Voice) -> Bilingual:
        return Bilingual(fr=explain(french, voice, "fr"), en=explain(english, voice, "en"))

    return Account(
        for_participant=voiced(Voice.PARTICIPANT),
        for_adviser=voiced(Voice.ADVISER),
        for_employer=voiced(Voice.EMPLOYER),
    )
