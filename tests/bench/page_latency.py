"""How long an adviser waits for a page, and how much it weighs: twenty pages a second, among 100,000 people.

Matching and notification are away: what is measured is registration's part, which is all that grows with the people.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

import httpx

from tests.bench.registration_ground import AGENCIES, Desk, desk
from tests.bench.steady_rate import Call, at_a_steady_rate, check, ninety_ninth
from tests.services.registration.bodies import employer, meetup, need
from tests.support.real_parts import RealParts

PEOPLE = 100_000
A_SECOND = 20
ROUNDS = 250
WARM_ROUNDS = 5
MEETUPS, ENROLLED, NEEDS = 20, 15, 5
LIGHTEST_KB = 50


def run() -> list[dict[str, object]]:
    """The 99th percentile of each page, and the heaviest of them."""
    parts = RealParts()
    try:
        found, heaviest = asyncio.run(_measure(parts))
    finally:
        parts.stop()
    results = [
        ninety_ninth(f"page-{name}-p99-ms", times, 200, f"{A_SECOND} pages/s of all kinds")
        for name, times in found.items()
    ]
    weight = {"name": "page-kb-max", "value": round(heaviest / 1000, 1), "unit": "kB", "goal": LIGHTEST_KB}
    return [*results, {**weight, "peer": "", "better": "lower", "runs": [heaviest]}]


async def _measure(parts: RealParts) -> tuple[Mapping[str, Sequence[float]], int]:
    async with desk(parts, PEOPLE // AGENCIES) as place:
        kinds = await _kinds(place)
        heaviest = 0
        for turn in range(WARM_ROUNDS):
            for call in kinds.values():
                answer = await call(turn)
                check(answer)
                heaviest = max(heaviest, len(answer.content))
        return await at_a_steady_rate(kinds, A_SECOND, range(WARM_ROUNDS, WARM_ROUNDS + ROUNDS)), heaviest


async def _kinds(place: Desk) -> Mapping[str, Call]:
    """The pages by name, once there are meetups with people and needs."""
    meetups = [str((await _new(place, "meetups", meetup(title=f"Rencontre {n}")))["id"]) for n in range(MEETUPS)]
    firm = str((await _new(place, "employers", employer()))["id"])
    needs = [str((await _new(place, "needs", need(firm, identifier=None)))["id"]) for _ in range(NEEDS)]
    for position, one in enumerate(meetups):
        people = place.people[position * ENROLLED : (position + 1) * ENROLLED]
        for path in (*(f"participants/{person}" for person in people), *(f"needs/{each}" for each in needs)):
            address = f"/api/v1/meetups/{one}/{path}"
            check(await place.client.put(address, json={}, headers={**place.headers, "if-match": "*"}))
    return {
        "home": lambda _: _page(place, "/"),
        "people": lambda turn: _page(place, f"/participants?size={50 + turn % 2}"),
        "people-found": lambda turn: _page(place, f"/participants?q=ma%20{'abcdelmr'[turn % 8]}"),
        "person": lambda turn: _page(place, f"/participants/{place.people[turn % len(place.people)]}"),
        "meetup": lambda turn: _page(place, f"/meetups/{meetups[turn % MEETUPS]}"),
    }


async def _page(place: Desk, address: str) -> httpx.Response:
    return await place.client.get(address, headers={**place.headers, "accept": "text/html"})


async def _new(place: Desk, kind: str, body: Mapping[str, object]) -> Mapping[str, object]:
    answer = await place.client.post(f"/api/v1/{kind}", json=body, headers=place.headers)
    check(answer)
    new: Mapping[str, object] = answer.json()
    return new
