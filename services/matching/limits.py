"""How often somebody may do what costs much."""

from __future__ import annotations

from datetime import timedelta

from shared.limits import Limit

REMATCHES = Limit("rematches", times=60, within=timedelta(minutes=10))
"""Each computes a proposal."""

REPLAYS = Limit("replays", times=10, within=timedelta(minutes=10))
"""Each computes a recorded proposal again."""
