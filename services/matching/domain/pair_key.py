"""A pair as the planner, the timetable and their difference know it: by whatever ids they are handed."""

from collections.abc import Hashable

PairKey = tuple[Hashable, Hashable]
"""A participant's id and a need's id."""
