"""Ranking the candidates of one need by the rule of the pool's shortlists, for the few people of a meetup."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from uuid import UUID

from services.matching.domain.proposing.weighing import Weighed
from services.matching.domain.situation import Policy


def rank(candidates: Sequence[Weighed], exposure: Mapping[UUID, int], policy: Policy, seed: str) -> list[Weighed]:
    """The candidates of one need in the order of its shortlist.

    Utility decides. The best of those who remain leads a group: all who are behind by no more than the policy's part
    of the uncertainty of the leader's own score. In a group, whoever was shortlisted less often comes first, then a lot
    drawn from seed, need and participant. Never the alphabet, never the date of entry.
    """
    waiting = sorted(candidates, key=lambda one: (-_strength(one, policy), _lot(seed, one)))
    ranked: list[Weighed] = []
    while waiting:
        lowest = _strength(waiting[0], policy) - policy.near_tie * _uncertainty(waiting[0], policy)
        group = [one for one in waiting if _strength(one, policy) >= lowest]
        ranked += sorted(group, key=lambda one: (exposure.get(one.pair.participant_id, 0), _lot(seed, one)))
        waiting = waiting[len(group) :]
    return ranked


def _strength(one: Weighed, policy: Policy) -> float:
    """The utility on the scale of the score: u^(1/α) = s · v^((1−α)/α)."""
    return one.expected.value * _liking_factor(one, policy)


def _uncertainty(one: Weighed, policy: Policy) -> float:
    """The deviation of the share of what was asked, on the same scale."""
    return one.expected.deviation * _liking_factor(one, policy)


def _liking_factor(one: Weighed, policy: Policy) -> float:
    return float(one.liking ** ((1 - policy.alpha) / policy.alpha))


def _lot(seed: str, one: Weighed) -> bytes:
    return blake2b(f"{seed}\x1f{one.pair.need_id}\x1f{one.pair.participant_id}".encode(), digest_size=16).digest()
