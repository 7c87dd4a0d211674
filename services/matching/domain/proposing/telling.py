"""The account of one pair in three voices and two languages."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from services.matching.domain.explaining import Grounds, Voice, explain, grounds
from services.matching.domain.pairing import Account, Evidence
from services.matching.domain.proposing.weighing import Weighed
from services.matching.domain.scoring import WhatWouldChange, what_would_change
from services.matching.domain.situation import Need, RunInputs
from shared.language import Bilingual


def tell(weighed: Weighed, need: Need, inputs: RunInputs) -> Account:
    """Why this pair, told to the participant, the adviser and the employer."""
    told = {language: _grounds(weighed, need, inputs, language) for language in ("fr", "en")}

    def voiced(voice: Voice) -> Bilingual:
        return Bilingual(fr=explain(told["fr"], voice, "fr"), en=explain(told["en"], voice, "en"))

    return Account(
        for_participant=voiced(Voice.PARTICIPANT),
        for_adviser=voiced(Voice.ADVISER),
        for_employer=voiced(Voice.EMPLOYER),
    )


def _grounds(weighed: Weighed, need: Need, inputs: RunInputs, language: Literal["fr", "en"]) -> Grounds:
    participant = next(one for one in inputs.participants if one.id == weighed.pair.participant_id)
    return grounds(
        weighed.score,
        labels=inputs.skill_labels,
        evidence={one.skill: _with_titles(one, inputs, language) for one in weighed.evidence if one.observations},
        liking=weighed.liking,
        utility=weighed.utility,
        distance_km=weighed.distance_km,
        travel_limit_km=participant.travel_limit_km,
        changing=_changing(weighed, need, inputs),
        profile=weighed.profile,
    )


def _with_titles(evidence: Evidence, inputs: RunInputs, language: Literal["fr", "en"]) -> Evidence:
    titles = (getattr(inputs.exercise_titles[code], language) for code in evidence.exercises)
    return replace(evidence, exercises=tuple(titles))


def _changing(weighed: Weighed, need: Need, inputs: RunInputs) -> WhatWouldChange | None:
    """What would change the score; for a meeting that is not worthwhile, also what would make it so."""
    policy, profile = inputs.policy, weighed.profile
    if profile is None:
        return None
    target = (policy.worthwhile / weighed.liking ** (1 - policy.alpha)) ** (1 / policy.alpha)
    return what_would_change(
        profile.mean,
        profile.covariance,
        profile.skills,
        need.requirements,
        target=target if weighed.score.value < target <= 1 else None,
        softness=policy.softness,
    )
