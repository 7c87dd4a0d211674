"""Shortlists by brute force: every pair, one need after the other, in plain NumPy. Slow, and easy to believe."""

import numpy as np
from numpy.typing import NDArray

from services.matching.domain.commute import squared_chord, squared_chord_of, unit_vectors
from services.matching.domain.shortlisting import Needs, Participants, Policy, lot_keys, lots


def brute_force(participants: Participants, needs: Needs, run: str, policy: Policy) -> list[list[int]]:
    """For each need, the numbers of the participants on its list and reserve, in order."""
    return [_list(participants, needs, need, run, policy) for need in range(len(needs))]


def feasible(participants: Participants, needs: Needs, need: int) -> NDArray[np.bool_]:
    """Who can meet the need."""
    homes = unit_vectors(participants.latitude, participants.longitude)
    work = unit_vectors(needs.latitude[need], needs.longitude[need])
    words = min(participants.licences.shape[1], needs.licences.shape[1])
    can: NDArray[np.bool_] = (
        participants.consent
        & needs.open[need]
        & (squared_chord(homes, work) <= squared_chord_of(participants.travel_limit_km))
        & (participants.available_from <= needs.starts_on[need])
        & (needs.hours[need] & ~participants.hours == 0)
        & (needs.licences[need, :words] & ~participants.licences[:, :words] == 0).all(axis=1)
        & ~needs.licences[need, words:].any()
    )
    forbidden = needs.forbidden[needs.forbidden_starts[need] : needs.forbidden_starts[need + 1]]
    can[forbidden[forbidden < len(can)]] = False
    return can & (liking(participants, int(needs.occupations[need])) > 0)


def liking(participants: Participants, occupation: int) -> NDArray[np.float64]:
    """Everybody's liking of one occupation."""
    known = participants.likings
    people = np.repeat(np.arange(len(participants)), np.diff(known.starts))
    about = known.occupations == occupation
    likings = np.full(len(participants), 0.5)
    likings[people[about]] = known.values[about]
    return likings


def _list(participants: Participants, needs: Needs, need: int, run: str, policy: Policy) -> list[int]:
    score, variance = np.zeros(len(participants)), np.zeros(len(participants))
    for place in range(needs.starts[need], needs.starts[need + 1]):
        weight = needs.weights[place]
        probability = participants.exceedance[:, needs.features[place]].astype(np.float64)
        score += weight * probability
        variance += (weight * weight) * (probability * (1.0 - probability))
    factor = liking(participants, int(needs.occupations[need])) ** ((1 - policy.alpha) / policy.alpha)
    rank, uncertainty = score * factor, np.sqrt(variance) * factor
    lot = lots(lot_keys([run])[0], needs.keys[need], participants.keys)

    able = np.flatnonzero(feasible(participants, needs, need))
    left = sorted(able.tolist(), key=lambda one: (-rank[one], participants.shortlisted[one], lot[one], one))
    length = policy.size + policy.reserve
    listed: list[int] = []
    while left and len(listed) < length:
        lowest = rank[left[0]] - policy.near_tie * uncertainty[left[0]]
        group = [one for one in left if rank[one] >= lowest]
        listed += sorted(group, key=lambda one: (participants.shortlisted[one], lot[one], one))
        left = left[len(group) :]
    return listed[:length]
