"""Whether lists stay as fast with a million people as with a thousand: the same pages of both, in turn."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Mapping
from itertools import cycle

from shared.identity import Person, Role
from shared.ids import new_id
from tests.bench.registration_ground import AGENCIES, NOW, Desk, desk
from tests.support.real_parts import RealParts
from tests.support.tokens import token_for

LONG_AGO = "1990-01-01T00:00:00Z"
FEW, MANY = 1_000, 1_000_000
CALLS = 600
"""So many of each region: the 99th in a hundred is then the seventh slowest of them."""
WARMING = 40
"""So many calls before, that each page was asked for."""
PAGES_IN = 5
BEGINNINGS = ("mar", "dubar", "marie dubar", "nobody")
"""What is searched for: what many are called, what some are, both together, and what nobody is."""


def run() -> list[dict[str, object]]:
    """The 99th percentile among a million people over that among a thousand."""
    parts = RealParts()
    try:
        few, many = asyncio.run(_measure(parts))
    finally:
        parts.stop()
    return [
        {
            "name": "list-p99-growth-1k-to-1m",
            "value": round(many / few, 2),
            "unit": "times",
            "peer": f"among {FEW:,} people: {few * 1000:.0f} ms; among {MANY:,}: {many * 1000:.0f} ms",
            "goal": 2,
            "better": "lower",
            "runs": [round(few * 1000, 1), round(many * 1000, 1)],
        }
    ]


async def _measure(parts: RealParts) -> tuple[float, float]:
    async with (
        desk(parts, FEW // AGENCIES, notes_each=1) as small,
        desk(parts, MANY // AGENCIES, notes_each=1) as large,
    ):
        regions = [(place, cycle([*(await _pages(place))])) for place in (small, large)]
        seconds: list[list[float]] = [[], []]
        for turn in range(-WARMING, CALLS):
            for taken, (place, pages) in zip(seconds, regions, strict=True):
                began = time.perf_counter()
                path, headers = next(pages)
                answer = await place.client.get(path, headers=headers)
                assert answer.status_code == 200, answer.text
                if turn >= 0:
                    taken.append(time.perf_counter() - began)
    few, many = (sorted(taken)[len(taken) * 99 // 100] for taken in seconds)
    return few, many


async def _pages(place: Desk) -> Iterator[tuple[str, Mapping[str, str]]]:
    """First pages, pages further in and searches, of an adviser and of an operator."""
    operator = {"authorization": f"Bearer {token_for(Person(new_id(), Role.OPERATOR, None), 'registration', NOW)}"}
    lists = (
        *("participants?size=10", "observations?size=10", "workshops?size=10", "participants?size=10&sort=created"),
        f"participants?size=10&changed-since={LONG_AGO}",
        f"observations?size=10&changed-since={LONG_AGO}",
    )
    asked = [(f"/api/v1/{path}", headers) for path in lists for headers in (place.headers, operator)]
    further = [(await _further_in(place, path, headers), headers) for path, headers in asked]
    middle = f"/api/v1/participants?size=10&cursor={place.people[len(place.people) // 2]}"
    found = [
        (f"/api/v1/participants?size=10&q={words}", headers)
        for words in BEGINNINGS
        for headers in (place.headers, operator)
    ]
    return iter([*asked, *further, (middle, place.headers), (middle, operator), *found])


async def _further_in(place: Desk, path: str, headers: Mapping[str, str]) -> str:
    """The address some pages behind the first one, or the last that there is."""
    page = path
    for _ in range(PAGES_IN):
        answer = (await place.client.get(page, headers=headers)).json()
        if answer["next"] is None:
            break
        page = f"{path}&cursor={answer['next']}"
    return page
