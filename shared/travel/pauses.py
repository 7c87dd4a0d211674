"""How long to wait before trying again."""

from __future__ import annotations

SHORTEST = 0.1
"""Seconds to wait after the first failure, doubled."""

DOUBLINGS = 10
"""More would change nothing but the size of the number, which an outage of hours would let overflow."""


def pause_after(failures: int, *, longest: float) -> float:
    """Seconds to wait after so many failures in a row: twice as long each time, ``longest`` at most."""
    return min(SHORTEST * 2.0 ** min(failures, DOUBLINGS), longest)
