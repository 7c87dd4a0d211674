"""Weighing each pair: why it cannot be, or how good it would be for both sides."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from services.matching.domain.commute import road_km, unit_vectors
from services.matching.domain.constraints import Obstacle, ObstacleKind
from services.matching.domain.likings import liking
from services.matching.domain.pairing import Evidence
from services.matching.domain.profiles import profile_of
from services.matching.domain.profiling import Components, Profile
from services.matching.domain.rules import MeetupRules
from services.matching.domain.scoring import NOT_WEIGHED, Score, mutual_utility, score, share_deviation
from services.matching.domain.situation import Need, Observation, Pair, Participant, Policy, RunInputs


@dataclass(frozen=True, slots=True)
class Weighed:
    """A pair that can be: what it is worth and what that rests on; no profile where the need asks nothing known.

    `deviation` is that of the share of what was asked, by which near-ties are told.
    """

    pair: Pair
    score: Score
    deviation: float
    liking: float
    utility: float
    distance_km: float | None
    evidence: tuple[Evidence, ...]
    profile: Profile | None


@dataclass(frozen=True, slots=True)
class Weighing:
    """All pairs of a meetup, those that can be and those that cannot."""

    possible: dict[Pair, Weighed]
    impossible: dict[Pair, tuple[Obstacle, ...]]


def weigh(inputs: RunInputs) -> Weighing:
    """Weigh every free participant against every invited need."""
    profiles, rules = _Profiles(inputs), MeetupRules(inputs)
    possible: dict[Pair, Weighed] = {}
    impossible: dict[Pair, tuple[Obstacle, ...]] = {}
    for participant in rules.free_participants():
        for need in rules.needs.values():
            pair = Pair(participant.id, need.id)
            if found := _against(pair, need, rules):
                impossible[pair] = found
            else:
                possible[pair] = _weighed(pair, participant, need, profiles, inputs)
    return Weighing(possible, impossible)


def _against(pair: Pair, need: Need, rules: MeetupRules) -> tuple[Obstacle, ...]:
    """What keeps a pair from being weighed: against skills that nobody here knows only, a yes given earlier stands."""
    found = rules.obstacles_to_pairing(pair)
    if need.requirements or pair in rules.accepted:
        return found
    return (*found, Obstacle(ObstacleKind.UNKNOWN_SKILLS, {}))


class _Profiles:
    """Each participant's profile in a framework, worked out when first asked for."""

    def __init__(self, inputs: RunInputs) -> None:
        self._components = {framework: Components.from_dict(stored) for framework, stored in inputs.components.items()}
        self._seen: dict[tuple[UUID, str], list[Observation]] = defaultdict(list)
        for observation in inputs.observations:
            self._seen[observation.participant_id, observation.framework].append(observation)
        self._profiles: dict[tuple[UUID, str], Profile] = {}

    def of(self, participant_id: UUID, framework: str) -> Profile:
        key = participant_id, framework
        if key not in self._profiles:
            self._profiles[key] = profile_of(self._seen[key], self._components[framework])
        return self._profiles[key]

    def seen(self, participant_id: UUID, framework: str) -> list[Observation]:
        return self._seen[participant_id, framework]


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


def _weighed(pair: Pair, participant: Participant, need: Need, profiles: _Profiles, inputs: RunInputs) -> Weighed:
    policy = inputs.policy
    profile = profiles.of(participant.id, need.framework) if need.requirements else None
    seen = profiles.seen(participant.id, need.framework)
    scored, deviation = _scored(profile, need, policy)
    liked = _liking(participant, need, inputs.near)
    return Weighed(
        pair=pair,
        score=scored,
        deviation=deviation,
        liking=liked,
        utility=mutual_utility(scored.value, liked, policy.alpha),
        distance_km=_distance_km(participant, need),
        evidence=tuple(evidence_for(term.skill, seen) for term in scored.terms),
        profile=profile,
    )


def _scored(profile: Profile | None, need: Need, policy: Policy) -> tuple[Score, float]:
    """The score, and the deviation of the share of what was asked."""
    if profile is None:
        return NOT_WEIGHED, 0.0
    known = profile.mean, profile.covariance, profile.skills, need.requirements
    return score(*known, policy.coverage, policy.softness), share_deviation(*known, policy.softness)


def _liking(participant: Participant, need: Need, near: Mapping[str, tuple[tuple[str, int], ...]]) -> float:
    return liking(participant.wishes, participant.refused_occupations, need.occupation, lambda wish: near.get(wish, ()))


def _distance_km(participant: Participant, need: Need) -> float | None:
    if participant.latitude is None or participant.longitude is None:
        return None
    if need.latitude is None or need.longitude is None:
        return None
    home = unit_vectors(participant.latitude, participant.longitude)
    return float(road_km(home, unit_vectors(need.latitude, need.longitude)))
