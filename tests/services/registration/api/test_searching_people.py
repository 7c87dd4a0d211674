"""People are found by the beginnings of the words of their names, however these are written and wherever they moved."""

from __future__ import annotations

from uuid import UUID

import pytest

from services.registration.repository import name_search
from shared.identity import Person
from tests.services.registration import bodies
from tests.services.registration.office import OPERATOR, Office

PEOPLE = (
    ("Marie", "Dupont"),
    ("Mariama", "Duparc"),
    ("Élodie", "Le Gall-Dupuis"),
    ("Jean-Marie", "Touré"),
    ("Marc", "Martin"),
    ("Zoé", "Œuvrard"),
)


@pytest.fixture
async def registered(office: Office) -> dict[str, str]:
    """People of Lens: their ids by their first names."""
    ids = {}
    for number, (first, last) in enumerate(PEOPLE):
        body = bodies.participant(identifier=f"P{number}", first_name=first, last_name=last, email=None, phone=None)
        ids[first] = str((await office.post("/api/v1/participants", body))["id"])
    return ids


async def _found(office: Office, q: str, person: Person | None = None, **asked: str) -> list[str]:
    """The first names of whoever is found, over parts of one."""
    found: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        params = {"q": q, "size": "1", **asked, **cursor}
        answer = await office.ask("GET", "/api/v1/participants", person, params=params)
        assert answer.status_code == 200, answer.text
        found += [each["first_name"] for each in answer.json()["items"]]
        if answer.json()["next"] is None:
            return found
        cursor = {"cursor": answer.json()["next"]}


@pytest.fixture(params=[None, 1], ids=["from the bearers of a word", "in the list's own order"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ways by which people are found."""
    if request.param is not None:
        monkeypatch.setattr(name_search, "MANY", request.param)


@pytest.mark.usefixtures("registered", "way")
@pytest.mark.parametrize(
    ("q", "expected"),
    [
        ("dup mar", ["Mariama", "Marie"]),
        ("MAR DUP", ["Mariama", "Marie"]),
        ("mar", ["Mariama", "Marie", "Marc", "Jean-Marie"]),
        ("dup", ["Mariama", "Marie", "Élodie"]),
        ("Dupont, Marie", ["Marie"]),
        ("elo le-gall", ["Élodie"]),
        ("TOURE", ["Jean-Marie"]),
        ("oeuv", ["Zoé"]),
        ("pont", []),
        ("dup zoe", []),
        ("%", []),
        ("P4", ["Marc"]),
    ],
)
async def test_words_are_found_by_how_they_begin(office: Office, q: str, expected: list[str]) -> None:
    assert await _found(office, q) == expected
    assert sorted(await _found(office, q, OPERATOR)) == sorted(expected)
    assert sorted(await _found(office, q, OPERATOR, agency=str(office.lens))) == sorted(expected)
    assert await _found(office, q, office.other_adviser) == []


@pytest.mark.usefixtures("registered", "way")
@pytest.mark.parametrize("sort", ["name", "-name", "created", "-created"])
async def test_whoever_is_found_comes_in_the_order_of_the_list(office: Office, sort: str) -> None:
    listed = (await office.ask("GET", f"/api/v1/participants?sort={sort}")).json()["items"]
    bearers = [
        each["first_name"] for each in listed if each["first_name"] in ("Mariama", "Marie", "Jean-Marie", "Marc")
    ]
    assert await _found(office, "mar", sort=sort) == bearers


async def test_whoever_is_called_otherwise_is_found_so_from_then_on(office: Office, registered: dict[str, str]) -> None:
    renamed = {"last_name": "Quatrepommes"}
    path = f"/api/v1/participants/{registered['Marie']}"
    assert (await office.ask("PATCH", path, json=renamed)).status_code == 200
    assert await _found(office, "quatre mar") == ["Marie"]
    assert await _found(office, "dup mar") == ["Mariama"]
    await office.ask("PATCH", f"/api/v1/participants/{registered['Mariama']}", json={"commune": "Béthune"})
    assert await _found(office, "dup mar") == ["Mariama"]


async def test_whoever_moves_is_found_by_their_new_agency_alone(office: Office, registered: dict[str, str]) -> None:
    moved = {"agency_id": str(office.lille), "last_name": "Dupré"}
    path = f"/api/v1/participants/{registered['Marie']}"
    assert (await office.ask("PATCH", path, OPERATOR, json=moved)).status_code == 200
    assert await _found(office, "dup mar") == ["Mariama"]
    assert await _found(office, "dupr", office.other_adviser) == ["Marie"]
    assert sorted(await _found(office, "dup mar", OPERATOR)) == ["Mariama", "Marie"]


async def test_a_merged_record_is_found_no_more_and_nothing_is_left_of_whoever_is_erased(
    office: Office, registered: dict[str, str]
) -> None:
    merging = await office.ask(
        "POST", f"/api/v1/participants/{registered['Marie']}/merges", json={"merged_id": registered["Mariama"]}
    )
    assert merging.status_code == 201, merging.text
    assert await _found(office, "dup mar") == ["Marie"]
    assert (await office.ask("DELETE", f"/api/v1/participants/{registered['Zoé']}")).is_success
    rows = await office.rows("SELECT DISTINCT participant_id FROM name_words")
    assert UUID(registered["Zoé"]) not in {row["participant_id"] for row in rows}


@pytest.mark.usefixtures("registered")
async def test_people_of_a_workshop_are_found_among_its_own(office: Office, registered: dict[str, str]) -> None:
    workshop = (await office.post("/api/v1/workshops", bodies.workshop()))["id"]
    await office.enrol(workshop, registered["Marie"], registered["Marc"])
    assert await _found(office, "mar", workshop=workshop) == ["Marie", "Marc"]


async def test_every_name_has_its_words_and_no_others(office: Office, registered: dict[str, str]) -> None:
    assert registered
    rows = await office.rows(
        "SELECT named.folded_name, string_agg(word, ' ' ORDER BY word) AS words, bool_and("
        " (words.agency_id, words.sorted_last_name, words.sorted_first_name, words.folded_name)"
        " = (named.agency_id, named.sorted_last_name, named.sorted_first_name, named.folded_name)) AS say_the_same"
        " FROM participant_contacts named LEFT JOIN name_words words USING (participant_id)"
        " GROUP BY named.folded_name"
    )
    assert len(rows) == len(PEOPLE)
    for row in rows:
        assert (row["words"], row["say_the_same"]) == (row["folded_name"], True)
