"""Weighing each pair: why it cannot be, or how good it would be for both sides."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from services.matching.domain.constraints import Obstacle, ObstacleKind
from services.matching.domain.likings import liking
from services.matching.domain.profiles import profile_of
from services.matching.domain.profiling import Components, Profile
from services.matching.domain.rules import MeetupRules
from services.matching.domain.scoring import mutual_utility
from services.matching.domain.scoring.expected_share import NOTHING_EXPECTED, ExpectedShare, expected_share
from services.matching.domain.scoring.requirements import AskedLevels, KnownLevels, known_levels
from services.matching.domain.situation import Need, Observation, Pair, Participant, RunInputs


@dataclass(frozen=True, slots=True)
class Weighed:
    """A pair that can be, and what it is worth: all that decides who meets, not yet what people are told of it.

    No profile and no levels where the need asks nothing known.
    """

    pair: Pair
    expected: ExpectedShare
    liking: float
    utility: float
    profile: Profile | None
    asked: AskedLevels | None


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
    """Each participant's profile in a framework, worked out and looked over when first asked for."""

    def __init__(self, inputs: RunInputs) -> None:
        self._components = {framework: Components.from_dict(stored) for framework, stored in inputs.components.items()}
        self._seen = seen_of_each(inputs.observations)
        self._profiles: dict[tuple[UUID, str], tuple[Profile, KnownLevels]] = {}

    def of(self, participant_id: UUID, framework: str) -> tuple[Profile, KnownLevels]:
        key = participant_id, framework
        if key not in self._profiles:
            profile = profile_of(self._seen[key], self._components[framework])
            self._profiles[key] = profile, known_levels(profile.mean, profile.covariance, profile.skills)
        return self._profiles[key]


def seen_of_each(observations: Iterable[Observation]) -> Mapping[tuple[UUID, str], list[Observation]]:
    """What was seen of each participant in each framework; nothing of anybody else."""
    seen: dict[tuple[UUID, str], list[Observation]] = defaultdict(list)
    for observation in observations:
        seen[observation.participant_id, observation.framework].append(observation)
    return seen


def _weighed(pair: Pair, participant: Participant, need: Need, profiles: _Profiles, inputs: RunInputs) -> Weighed:
    profile, asked, expected = None, None, NOTHING_EXPECTED
    if need.requirements:
        profile, levels = profiles.of(participant.id, need.framework)
        asked = levels.asked(need.requirements)
        expected = expected_share(asked, inputs.policy.softness)
    liked = _liking(participant, need, inputs.near)
    utility = mutual_utility(expected.value, liked, inputs.policy.alpha)
    return Weighed(pair, expected, liked, utility, profile, asked)


def _liking(participant: Participant, need: Need, near: Mapping[str, tuple[tuple[str, int], ...]]) -> float:
    return liking(participant.wishes, participant.refused_occupations, need.occupation, lambda wish: near.get(wish, ()))
