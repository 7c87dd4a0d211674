"""Bounded queues: the best few of many, kept as a binary heap whose root comes last and is the first to go."""

import numpy as np
from numpy.typing import NDArray

from services.matching.domain.compiling import compiled

QUEUED = np.dtype(
    [
        ("primary", np.float64),
        ("lot", np.uint64),
        ("rank", np.float64),
        ("score", np.float64),
        ("shortlisted", np.int32),
        ("person", np.int32),
    ],
    align=True,
)
"""Somebody in a queue; the order is by `primary` (highest first), then least shortlisted, then lot, then number."""

Queue = NDArray[np.void]


@compiled
def new_queue(length: int) -> Queue:
    """Room for `length` people and, behind them, one newcomer."""
    return np.zeros(length + 1, dtype=QUEUED)


@compiled
def admit(queue: Queue, size: int, capacity: int) -> int:
    """Let the newcomer, who stands at place `size`, into the heap or not; gives the heap's size after that."""
    if size < capacity:
        _rise(queue, size)
        return size + 1
    if _comes_after(queue, 0, size):
        _swap(queue, 0, size)
        _sink(queue, size)
    return size


@compiled
def sort(queue: Queue, size: int) -> None:
    """Turn a heap into a list, best first."""
    for last in range(size - 1, 0, -1):
        _swap(queue, 0, last)
        _sink(queue, last)


@compiled
def sort_as_equals(queue: Queue, first: int, end: int) -> None:
    """Order the places from `first` up to `end` as if their `primary` were the same."""
    for newcomer in range(first, end):
        queue[newcomer].primary = 0.0
        place = newcomer
        while place > first and _comes_after(queue, place - 1, place):
            _swap(queue, place - 1, place)
            place -= 1


@compiled
def _comes_after(queue: Queue, place: int, other: int) -> bool:
    one, two = queue[place], queue[other]
    if one.primary != two.primary:
        return bool(one.primary < two.primary)
    if one.shortlisted != two.shortlisted:
        return bool(one.shortlisted > two.shortlisted)
    if one.lot != two.lot:
        return bool(one.lot > two.lot)
    return bool(one.person > two.person)


@compiled
def _swap(queue: Queue, place: int, other: int) -> None:
    one, two = queue[place], queue[other]
    one.primary, two.primary = two.primary, one.primary
    one.lot, two.lot = two.lot, one.lot
    one.rank, two.rank = two.rank, one.rank
    one.score, two.score = two.score, one.score
    one.shortlisted, two.shortlisted = two.shortlisted, one.shortlisted
    one.person, two.person = two.person, one.person


@compiled
def _rise(queue: Queue, place: int) -> None:
    while place > 0:
        parent = (place - 1) // 2
        if not _comes_after(queue, place, parent):
            break
        _swap(queue, place, parent)
        place = parent


@compiled
def _sink(queue: Queue, size: int) -> None:
    place = 0
    while 2 * place + 1 < size:
        child = 2 * place + 1
        if child + 1 < size and _comes_after(queue, child + 1, child):
            child += 1
        if not _comes_after(queue, child, place):
            break
        _swap(queue, place, child)
        place = child
