"""Which need sits at which table: kept from the first placing on, so that one more need moves nobody."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from itertools import count
from uuid import UUID

from services.matching.domain.situation import Meetup, Need

Seating = Mapping[int, UUID]
"""Tables, numbered from 1, with the need that sits there."""


def seat(meetup: Meetup, needs: Collection[Need], kept: Seating) -> dict[int, UUID]:
    """A table of its own for each interviewer of each open need that is invited.

    Whoever sat somewhere stays there; a newcomer takes the lowest table that nobody holds, also one that a closed need
    left.
    """
    is_open = {need.id for need in needs if need.is_open}
    wanted = {need.need_id: need.interviewers for need in meetup.needs if need.need_id in is_open}
    seated: dict[int, UUID] = {}
    for table, need_id in sorted(kept.items()):
        if wanted.get(need_id, 0) > 0:
            seated[table] = need_id
            wanted[need_id] -= 1
    free = _free(seated)
    for need_id in sorted(wanted):
        for _ in range(wanted[need_id]):
            seated[next(free)] = need_id
    return dict(sorted(seated.items()))


def _free(seated: Seating) -> Iterator[int]:
    taken = set(seated)
    return (table for table in count(1) if table not in taken)
