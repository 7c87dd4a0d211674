"""Lists come in parts: each goes on where the one before ended, whatever is added meanwhile, and names nobody."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from shared.asking import Asker
from shared.database import unit_of_work
from shared.sql import run
from tests.services.registration import bodies
from tests.services.registration.office import MANAGER, Office

LONG_AGO = "1990-01-01T00:00:00Z"

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


ORDERS = {
    "participants": ("name", "created"),
    "workshops": ("starts_on", "created"),
    "meetups": ("starts_at", "created"),
    "employers": ("name", "created"),
    "needs": ("title", "created"),
    "observations": ("seen_on", "created"),
    "sites": ("name", "created"),
    "employer-contacts": ("name", "created"),
    "operations": ("starts_on", "created"),
}


async def _some_of_each(office: Office) -> None:
    """Two of each record, the second one first by everything but when it was made."""
    venue = await office.post("/api/v1/venues", bodies.venue())
    for number, name, day in ((0, "Zola", 2), (1, "Adam", 1)):
        days = {"starts_on": f"2026-09-0{day}", "ends_on": "2026-12-31"}
        person = await office.post(
            "/api/v1/participants", bodies.participant(identifier=f"P{number}", last_name=name, email=None, phone=None)
        )
        workshop = await office.post(
            "/api/v1/workshops", bodies.workshop(identifier=f"A{number}", starts_on=f"2026-09-0{day}")
        )
        await office.post(
            "/api/v1/meetups", bodies.meetup(identifier=f"R{number}", starts_at=f"2026-12-0{day}T09:30:00+01:00")
        )
        employer = await office.post(
            "/api/v1/employers", bodies.employer(identifier=f"E{number}", name=name, contact_name=name)
        )
        await office.post("/api/v1/sites", bodies.site(employer["id"], identifier=f"S{number}", name=name))
        await office.post("/api/v1/operations", bodies.operation(venue["id"], identifier=f"O{number}", **days))
        await office.post("/api/v1/needs", bodies.need(employer["id"], identifier=f"B{number}", title=name))
        await office.enrol(workshop["id"], person["id"])
        await office.post(
            "/api/v1/observations", bodies.observation(workshop["id"], person["id"], seen_on=f"2026-09-0{day}")
        )


async def test_a_list_comes_in_the_order_asked_for_and_goes_on_in_it(office: Office) -> None:
    await _some_of_each(office)
    for kind, orders in ORDERS.items():
        for order in orders:
            parts = await _parts(office, f"/api/v1/{kind}", 1, f"&sort={order}")
            back = await _parts(office, f"/api/v1/{kind}", 1, f"&sort=-{order}")
            assert [len(parts), len(back)] == [2, 2], (kind, order)
            assert parts == back[::-1], (kind, order)
        by_something, by_making = [await _parts(office, f"/api/v1/{kind}", 1, f"&sort={order}") for order in orders]
        assert by_something == by_making[::-1], kind


async def test_an_order_that_a_list_has_not_is_refused_with_those_that_it_has(office: Office) -> None:
    answer = await office.ask("GET", "/api/v1/participants?sort=phone", headers={"accept-language": "en"})
    [error] = answer.json()["errors"]
    assert (answer.status_code, error["path"]) == (422, "sort")
    assert all(order in error["message"] for order in ("'name'", "'-name'", "'created'", "'-created'"))


async def test_whoever_may_know_no_names_learns_nothing_of_them_by_sorting(office: Office) -> None:
    await _register(office, ["Zola", "Adam"])
    assert (await office.ask("GET", "/api/v1/participants?sort=-name", MANAGER)).status_code == 403
    assert (await office.ask("GET", "/api/v1/participants?sort=-created", MANAGER)).status_code == 200


async def test_whoever_asks_for_what_changed_learns_of_it_once_in_the_order_in_which_it_was_kept(
    office: Office,
) -> None:
    await _register(office, ["Zola", "Adam", "Brunel"])
    first = await _changes(office, "participants", LONG_AGO)
    zola, adam, brunel = (each["id"] for each in first)
    assert [each["last_name"] for each in first] == ["Zola", "Adam", "Brunel"]
    await office.ask("PATCH", f"/api/v1/participants/{zola}", json={"commune": "Béthune"})
    assert [each["id"] for each in await _changes(office, "participants", first[-1]["kept_at"])] == [brunel, zola]
    latest = (await _changes(office, "participants", LONG_AGO))[-1]
    made = await office.ask("POST", f"/api/v1/participants/{adam}/merges", json={"merged_id": brunel})
    assert made.status_code == 201, made.text
    merged = await _changes(office, "participants", latest["kept_at"])
    assert {each["id"]: each["merged_into"] for each in merged} == {zola: None, adam: None, brunel: adam}
    listed = (await office.ask("GET", "/api/v1/participants")).json()["items"]
    assert {each["id"] for each in listed} == {zola, adam}
    await office.ask("DELETE", f"/api/v1/participants/{zola}")
    assert zola in {each["participant_id"] for each in await _changes(office, "erasures", LONG_AGO)}
    assert zola not in {each["id"] for each in await _changes(office, "participants", LONG_AGO)}


CHANGES = {"sites": {"access": "Bus 41"}, "employer-contacts": {"function": "Gérance"}, "operations": {"name": "Été"}}


@pytest.mark.parametrize("kind", CHANGES)
async def test_sites_contacts_and_operations_that_change_are_told_too(office: Office, kind: str) -> None:
    await _some_of_each(office)
    first, second = await _changes(office, kind, LONG_AGO)
    changed = await office.ask("PATCH", f"/api/v1/{kind}/{first['id']}", json=CHANGES[kind])
    assert changed.json()["change"] == "changed", changed.text
    told = await _changes(office, kind, second["kept_at"])
    assert [each["id"] for each in told] == [second["id"], first["id"]]
    assert CHANGES[kind].items() <= told[1].items()


async def test_that_a_note_was_retracted_is_told_as_a_change(office: Office) -> None:
    await _some_of_each(office)
    first, second = await _changes(office, "observations", LONG_AGO)
    gone = await office.ask("DELETE", f"/api/v1/observations/{first['id']}")
    assert gone.is_success, gone.text
    changed = await _changes(office, "observations", second["kept_at"])
    assert [(each["id"], each["retracted_at"] is None) for each in changed] == [
        (second["id"], True),
        (first["id"], False),
    ]
    assert len((await office.ask("GET", "/api/v1/observations")).json()["items"]) == 1


async def test_nothing_that_is_being_kept_is_missed_by_whoever_goes_on_from_the_last_change(office: Office) -> None:
    await _register(office, ["Zola", "Adam"])
    zola, adam = (each["id"] for each in await _changes(office, "participants", LONG_AGO))
    before = (await _changes(office, "participants", LONG_AGO))[-1]["kept_at"]
    async with unit_of_work(office.sessions) as session:
        await run(session, text("UPDATE participants SET revision = revision + 1 WHERE id = :id"), {"id": UUID(zola)})
        await office.ask("PATCH", f"/api/v1/participants/{adam}", json={"commune": "Béthune"})
        assert await _changes(office, "participants", before) == []
    assert [each["id"] for each in await _changes(office, "participants", before)] == [zola, adam]


async def test_what_changed_goes_on_behind_a_record_that_changes_meanwhile(office: Office) -> None:
    await _register(office, ["Zola", "Adam", "Brunel"])
    address = f"/api/v1/participants?changed-since={LONG_AGO}&size=1"
    first = (await office.ask("GET", address)).json()
    await office.ask("PATCH", f"/api/v1/participants/{first['items'][0]['id']}", json={"commune": "Béthune"})
    second = (await office.ask("GET", f"{address}&cursor={first['next']}")).json()
    assert [each["last_name"] for each in second["items"]] == ["Adam"]
    for cursor in (UUID(int=5), f"{UUID(int=5)}.{UUID(int=6)}"):
        assert (await office.ask("GET", f"{address}&cursor={cursor}")).json()["code"] == "cursor-gone"
    assert (await office.ask("GET", f"/api/v1/meetups?cursor={first['next']}")).json()["code"] == "cursor-gone"


@pytest.mark.parametrize(
    ("table", "by"),
    [
        ("participant_contacts", "sorted_last_name, sorted_first_name, participant_id"),
        ("participants", "kept_at, id"),
        ("workshops", "starts_on, id"),
        ("observations", "seen_on, id"),
        ("employers", "name, id"),
        ("needs", "title, id"),
        ("meetups", "starts_at, id"),
        ("sites", "name, id"),
        ("employer_contacts", "sorted_name, id"),
        ("operations", "starts_on, id"),
        ("erasures", "erased_at, id"),
    ],
)
async def test_a_list_goes_on_by_an_index_whoever_asks(office: Office, table: str, by: str) -> None:
    assert "Index Cond: (ROW(" in await _plan_of_next_part(office, table, by), by


@pytest.mark.parametrize(
    ("table", "by"),
    [
        ("participant_contacts", "sorted_last_name, sorted_first_name, participant_id"),
        ("participants", "kept_at, id"),
        ("participants", "id"),
        ("workshops", "starts_on, id"),
        ("workshops", "id"),
        ("observations", "seen_on, id"),
        ("observations", "kept_at, id"),
        ("observations", "id"),
        ("meetups", "starts_at, id"),
        ("meetups", "id"),
        ("erasures", "erased_at, id"),
        ("operations", "starts_on, id"),
    ],
)
async def test_an_agency_s_list_goes_on_by_an_index_of_its_own_rows(office: Office, table: str, by: str) -> None:
    plan = await _plan_of_next_part(office, table, by, f" AND agency_id = '{office.lens}'")
    assert re.search(r"Index Cond: \(\(agency_id = '[^']*'::uuid\) AND \((ROW\(|id >)", plan), plan


async def _plan_of_next_part(office: Office, table: str, by: str, whose: str = "") -> str:
    """How PostgreSQL goes on in a list of an adviser's."""
    asker = Asker("adviser", office.adviser.id, office.lens)
    columns = by.split(", ")
    here = ", ".join(f"(SELECT {each} FROM {table} LIMIT 1)" for each in columns)  # noqa: S608 - names of our own
    asked = f"EXPLAIN SELECT * FROM {table} WHERE ({by}) > ({here}){whose} ORDER BY {by} LIMIT 51"  # noqa: S608 - the same
    async with unit_of_work(office.sessions, asker) as session:
        await run(session, text("SET LOCAL enable_seqscan = off"))
        await run(session, text("SET LOCAL enable_sort = off"))
        return "\n".join(row[0] for row in await run(session, text(asked)))


async def _changes(office: Office, kind: str, since: str) -> list[dict[str, Any]]:
    """What changed since an instant, fetched in parts of one."""
    found: list[dict[str, Any]] = []
    cursor = ""
    while True:
        part = (await office.ask("GET", f"/api/v1/{kind}?changed-since={since}&size=1{cursor}")).json()
        found += part["items"]
        if part["next"] is None:
            return found
        cursor = f"&cursor={part['next']}"


async def _register(office: Office, names: tuple[str, ...] | list[str]) -> None:
    for number, name in enumerate(names):
        body = bodies.participant(identifier=f"{name}{number}", last_name=name, email=None, phone=None)
        await office.post("/api/v1/participants", body)


async def _parts(office: Office, address: str, size: int, order: str = "") -> list[list[str]]:
    parts: list[list[str]] = []
    cursor = ""
    while True:
        part = (await office.ask("GET", f"{address}?size={size}{order}{cursor}")).json()
        parts.append([item["id"] for item in part["items"]])
        if part["next"] is None:
            return parts
        cursor = f"&cursor={part['next']}"
