"""What a standing shortlist, one over the pool, says of somebody; apart from the solver, to be read without it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class StandingPlace:
    """One place of a standing shortlist: who, with score and utility in [0, 1]."""

    participant_id: UUID
    score: float
    utility: float
