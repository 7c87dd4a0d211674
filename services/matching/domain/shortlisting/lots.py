"""Lots: the order of those whom nothing else tells apart, drawn anew for each run and each need.

A lot is a 64-bit mix (the finaliser of splitmix64: Steele, Lea and Flood 2014) of run, need and participant. The same
run always draws the same lots, whoever entered first and whatever their names. The need takes part, so that of a
thousand people not yet seen, the same twenty are not first everywhere.
"""

from collections.abc import Hashable, Iterable
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from services.matching.domain.compiling import compiled


def lot_keys(ids: Iterable[Hashable]) -> NDArray[np.uint64]:
    """A 64-bit key for each id (of participants, needs or a run): a digest of its text."""
    digests = b"".join(blake2b(str(one).encode(), digest_size=8).digest() for one in ids)
    return np.frombuffer(digests, dtype="<u8").astype(np.uint64)


@compiled
def lot(run: np.uint64, need: np.uint64, participant: np.uint64) -> np.uint64:
    """The lot of one participant for one need in one run, from their keys; the lowest comes first."""
    return _mixed(_mixed(_mixed(run) ^ need) ^ participant)


@compiled
def lots(run: np.uint64, need: np.uint64, participants: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The lots of many participants (their keys, shape (n,)) for one need in one run."""
    drawn = np.empty(len(participants), dtype=np.uint64)
    for place in range(len(participants)):
        drawn[place] = lot(run, need, participants[place])
    return drawn


@compiled
def _mixed(state: np.uint64) -> np.uint64:
    state = np.uint64(state + np.uint64(0x9E3779B97F4A7C15))
    state = np.uint64((state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9))
    state = np.uint64((state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB))
    return np.uint64(state ^ (state >> np.uint64(31)))
