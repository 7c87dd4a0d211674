"""Loops over participants on all cores."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import TypeVar

Result = TypeVar("Result")

STRANDS = 2
"""Participants are summed in this many strands, whatever the number of cores, so that sums are the same everywhere."""

WORTH_A_THREAD = 5_000
"""From this many participants on, starting threads costs less than it saves."""


def in_strands(people: int, work: Callable[[range], Result]) -> list[Result]:
    """Give each strand its range of participants, all at the same time where it pays; results in their order."""
    bounds = [people * strand // STRANDS for strand in range(STRANDS + 1)]
    ranges = [range(first, stop) for first, stop in pairwise(bounds)]
    if people < WORTH_A_THREAD:
        return list(map(work, ranges))
    with ThreadPoolExecutor(STRANDS) as threads:
        return list(threads.map(work, ranges))
