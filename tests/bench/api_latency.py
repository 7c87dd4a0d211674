"""How long the commonest calls of registration's API take: thirty a second, come what may, among 100,000 people."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import httpx

from shared.ids import new_id
from tests.bench.registration_ground import AGENCIES, Desk, desk, somebody
from tests.bench.steady_rate import Call, at_a_steady_rate, check, ninety_ninth
from tests.services.registration.bodies import employer, meetup, need, observation
from tests.support.real_parts import RealParts

PEOPLE = 100_000
A_SECOND = 30
ROUNDS = 250
"""So many calls of each kind: the 99th in a hundred is then the third slowest of them."""
WARM_ROUNDS = 5
EMPLOYERS, NEEDS, MEETUPS, CHANGING = 60, 120, 40, 20


def run() -> list[dict[str, object]]:
    """The 99th percentile of each of twelve kinds of calls, in milliseconds."""
    parts = RealParts()
    try:
        found = asyncio.run(_measure(parts))
    finally:
        parts.stop()
    return [
        ninety_ninth(f"api-{name}-p99-ms", times, 150, f"{A_SECOND} calls/s of all kinds")
        for name, times in found.items()
    ]


async def _measure(parts: RealParts) -> Mapping[str, Sequence[float]]:
    async with desk(parts, PEOPLE // AGENCIES) as place:
        calls = await _Calls.beside(place)
        kinds = calls.kinds()
        for turn in range(WARM_ROUNDS):
            for call in kinds.values():
                check(await call(turn))
        return await at_a_steady_rate(kinds, A_SECOND, range(WARM_ROUNDS, WARM_ROUNDS + ROUNDS))


class _Calls:
    """An adviser's calls among the people, employers, needs and meetups of their agency."""

    def __init__(self, place: Desk) -> None:
        self._place = place
        self._employers: list[str] = []
        self._meetups: list[str] = []
        self._revisions: dict[str, str] = {}
        """Of the people who are changed, by id: what the last answer's `ETag` said."""

    @classmethod
    async def beside(cls, place: Desk) -> _Calls:
        """The calls, once there are employers, needs and meetups to look at, and people to change."""
        made = cls(place)
        for number in range(EMPLOYERS):
            new = await made._new("employers", employer(name=f"Maison {number}", siret=None))
            made._employers.append(new.json()["id"])
        for number in range(NEEDS):
            await made._new("needs", need(made._employers[number % EMPLOYERS]))
        for number in range(MEETUPS):
            new = await made._new("meetups", meetup(title=f"Rencontre {number}"))
            made._meetups.append(new.json()["id"])
        for _ in range(CHANGING):
            new = await made._new("participants", somebody())
            made._revisions[new.json()["id"]] = new.headers["etag"]
        return made

    def kinds(self) -> Mapping[str, Call]:
        """The twelve kinds by name."""
        return {
            "list-participants": lambda turn: self._get(f"participants?size={50 + turn % 2}"),
            "find-participants": lambda turn: self._get(f"participants?q=Nom{turn}"),
            "show-participant": lambda turn: self._get(f"participants/{self._person(turn)}"),
            "register-participant": lambda _: self._post("participants", somebody()),
            "change-participant": self._change,
            "list-observations": lambda turn: self._get(f"observations?participant={self._person(turn)}"),
            "note-observation": self._note,
            "list-workshops": lambda _: self._get("workshops"),
            "list-needs": lambda _: self._get("needs"),
            "show-employer": lambda turn: self._get(f"employers/{self._employers[turn % EMPLOYERS]}"),
            "list-meetups": lambda _: self._get("meetups"),
            "show-meetup": lambda turn: self._get(f"meetups/{self._meetups[turn % MEETUPS]}"),
        }

    def _person(self, turn: int) -> str:
        return str(self._place.people[turn % len(self._place.people)])

    async def _change(self, turn: int) -> httpx.Response:
        person = list(self._revisions)[turn % CHANGING]
        answer = await self._place.client.patch(
            f"/api/v1/participants/{person}",
            json={"travel_limit_km": 5 + turn},
            headers={**self._place.headers, "if-match": self._revisions[person]},
        )
        self._revisions[person] = answer.headers.get("etag", "")
        return answer

    async def _note(self, turn: int) -> httpx.Response:
        seen = observation(str(self._place.workshop), self._person(turn), note=str(new_id()), level=turn % 5)
        return await self._post("observations", seen)

    async def _get(self, path: str) -> httpx.Response:
        return await self._place.client.get(f"/api/v1/{path}", headers=self._place.headers)

    async def _post(self, path: str, body: Mapping[str, Any]) -> httpx.Response:
        return await self._place.client.post(f"/api/v1/{path}", json=body, headers=self._place.headers)

    async def _new(self, path: str, body: Mapping[str, Any]) -> httpx.Response:
        answer = await self._post(path, body)
        check(answer)
        return answer
