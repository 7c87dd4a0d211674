"""Shortlists by brute force: every pair, one need after the other, in plain NumPy. Slow, and easy to believe."""

import numpy as np
from numpy.typing import NDArray

from services.matching.domain.commute import squared_chord, squared_chord_of, unit_vectors
from services.matching.domain.scoring import steps
from services.matching.domain.shortlisting import Needs, Participants, ShortlistPolicy, lot_keys, lots


def brute_force(participants: Participants, needs: Needs, run: str, policy: ShortlistPolicy) -> list[list[int]]:
    """For each need, the numbers of the participants on its list and reserve, in order."""
    homes = unit_vectors(participants.latitude, participants.longitude)
    limits = squared_chord_of(participants.travel_limit_km)
    owners = np.repeat(np.arange(len(participants)), np.diff(participants.likings.starts))
    lists = []
    for need in range(len(needs)):
        likings = _likings(participants, owners, int(needs.occupations[need]))
        near = squared_chord(homes, unit_vectors(needs.latitude[need], needs.longitude[need])) <= limits
        able = np.flatnonzero(near & (likings > 0) & _suits(participants, needs, need))
        lists.append(_ordered(participants, needs, need, able, likings[able], run, policy))
    return lists


def _likings(participants: Participants, owners: NDArray[np.int64], occupation: int) -> NDArray[np.float64]:
    """Everybody's liking of one occupation."""
    about = participants.likings.occupations == occupation
    likings = np.full(len(participants), 0.5)
    likings[owners[about]] = participants.likings.values[about]
    return likings


def _suits(participants: Participants, needs: Needs, need: int) -> NDArray[np.bool_]:
    """Who can meet the need but for the way and the wishes."""
    words = min(participants.licences.shape[1], needs.licences.shape[1])
    can: NDArray[np.bool_] = (
        participants.consent
        & needs.open[need]
        & (participants.available_from <= needs.starts_on[need])
        & (needs.hours[need] & ~participants.hours == 0)
        & (needs.licences[need, :words] & ~participants.licences[:, :words] == 0).all(axis=1)
        & ~needs.licences[need, words:].any()
    )
    forbidden = needs.forbidden[needs.forbidden_starts[need] : needs.forbidden_starts[need + 1]]
    can[forbidden[forbidden < len(can)]] = False
    return can


def _ordered(
    participants: Participants,
    needs: Needs,
    need: int,
    able: NDArray[np.int64],
    likings: NDArray[np.float64],
    run: str,
    policy: ShortlistPolicy,
) -> list[int]:
    score, variance = np.zeros(len(able)), np.zeros(len(able))
    for place in range(needs.starts[need], needs.starts[need + 1]):
        skill, level = divmod(int(needs.features[place]), 4)
        asked = steps(level + 1, policy.softness)
        weights = [needs.weights[place] * step.share for step in asked]
        reaching = [participants.exceedance[able, 4 * skill + step.level - 1].astype(np.float64) for step in asked]
        for weight, p in zip(weights, reaching, strict=True):
            score += weight * p
            for other, q in zip(weights, reaching, strict=True):
                variance += (weight * other) * (np.minimum(p, q) - p * q)
    factor = likings ** ((1 - policy.alpha) / policy.alpha)
    rank, uncertainty = score * factor, np.sqrt(variance) * factor
    lot = lots(lot_keys([run])[0], needs.keys[need], participants.keys[able])
    often = participants.shortlisted[able]

    left = sorted(range(len(able)), key=lambda one: (-rank[one], often[one], lot[one], one))
    length = policy.size + policy.reserve
    listed: list[int] = []
    while left and len(listed) < length:
        lowest = rank[left[0]] - policy.near_tie * uncertainty[left[0]]
        group = [one for one in left if rank[one] >= lowest]
        listed += sorted(group, key=lambda one: (often[one], lot[one], one))
        left = left[len(group) :]
    return [int(able[one]) for one in listed[:length]]
