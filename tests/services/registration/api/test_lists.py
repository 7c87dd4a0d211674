"""Lists come in parts: each goes on where the one before ended, whatever is added meanwhile, and names nobody."""

from __future__ import annotations

from uuid import UUID

import pytest

from tests.services.registration import bodies
from tests.services.registration.office import Office

NAMES = ("Élan", "élan", "Brunel", "Brunel", "Quatrepommes", "Zola", "Adam")


async def test_whoever_is_new_moves_nobody_into_a_part_seen(office: Office) -> None:
    await _register(office, NAMES)
    first = (await office.ask("GET", "/api/v1/participants?size=3")).json()
    await _register(office, ["Aaa"])
    rest = (await office.ask("GET", f"/api/v1/participants?cursor={first['next']}")).json()
    assert not {item["id"] for item in first["items"]} & {item["id"] for item in rest["items"]}
    assert len(first["items"]) + len(rest["items"]) == len(NAMES)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 50])
async def test_parts_together_are_the_list(office: Office, size: int) -> None:
    await _register(office, NAMES)
    for number in range(len(NAMES)):
        await office.post("/api/v1/meetups", bodies.meetup(identifier=f"R{number}"))
        await office.post("/api/v1/workshops", bodies.workshop(identifier=f"A{number}"))
    for address in ("/api/v1/participants", "/api/v1/meetups", "/api/v1/workshops"):
        [whole] = await _parts(office, address, 200)
        parts = await _parts(office, address, size)
        assert [each for part in parts for each in part] == whole
        assert len(whole) == len(NAMES)
        assert all(len(part) == size for part in parts[:-1])


async def test_a_cursor_holds_an_id_and_nothing_of_anybody(office: Office) -> None:
    await _register(office, ["Brunel", "Zola"])
    part = (await office.ask("GET", "/api/v1/participants?size=1")).json()
    assert str(UUID(part["next"])) == part["items"][0]["id"] == part["next"]


@pytest.mark.parametrize("cursor", [UUID(int=5), f"{UUID(int=5)}.{UUID(int=6)}"])
async def test_a_list_says_when_it_must_be_begun_again(office: Office, cursor: object) -> None:
    answer = await office.ask("GET", f"/api/v1/participants?cursor={cursor}")
    assert (answer.status_code, answer.json()["code"]) == (422, "cursor-gone")
    assert [(error["in"], error["path"]) for error in answer.json()["errors"]] == [("query", "cursor")]


async def _register(office: Office, names: tuple[str, ...] | list[str]) -> None:
    for number, name in enumerate(names):
        body = bodies.participant(identifier=f"{name}{number}", last_name=name, email=None, phone=None)
        await office.post("/api/v1/participants", body)


async def _parts(office: Office, address: str, size: int) -> list[list[str]]:
    parts: list[list[str]] = []
    cursor = ""
    while True:
        part = (await office.ask("GET", f"{address}?size={size}{cursor}")).json()
        parts.append([item["id"] for item in part["items"]])
        if part["next"] is None:
            return parts
        cursor = f"&cursor={part['next']}"
