"""agences.csv and lieux.csv, and what meetups and needs say of tables, interviewers and ways."""

from __future__ import annotations

from typing import Any

from shared.contracts.meetups import MeetupChanged
from tests.services.registration.office import MANAGER, OPERATOR, Office
from tests.services.registration.use_cases.importing.exports import FOLDER, MEETUP, NEED, folder, written

AGENCY = {
    "nom": "Agence de Lens",
    "telephone": "03 21 08 00 00",
    "courriel": "Lens@Agence.example",
    "adresse": "1, place Jean-Jaurès, 62300 Lens",
}
VENUE = {
    "nom": "Louvre-Lens",
    "adresse": "99, rue Paul-Bert",
    "commune": "Lens",
    "acces": "Entrée par le parc.",
    "contact": "Accueil, 03 21 18 62 62",
}


async def _agency(office: Office) -> dict[str, Any]:
    agencies = (await office.ask("GET", "/api/v1/agencies", OPERATOR)).json()["items"]
    found: dict[str, Any] = next(each for each in agencies if each["name"] == "Agence de Lens")
    return found


async def _meetup(office: Office) -> dict[str, Any]:
    (row,) = await office.rows("SELECT id FROM meetups")
    shown: dict[str, Any] = (await office.ask("GET", f"/api/v1/meetups/{row['id']}", OPERATOR)).json()
    return shown


async def test_an_agency_is_reached_as_its_list_says(office: Office) -> None:
    report = await office.import_files({"agences.csv": written([AGENCY])})
    assert report["findings"] == []
    agency = await _agency(office)
    assert (agency["phone"], agency["email"], agency["address"], agency["department"]) == (
        "+33321080000",
        "lens@agence.example",
        "1, place Jean-Jaurès, 62300 Lens",
        "62",
    )
    again = await office.import_files({"agences.csv": written([AGENCY])})
    assert again["files"]["agences.csv"]["unchanged"] == 1
    await office.import_files({"agences.csv": "nom;telephone\nAGENCE DE LENS;03 21 08 00 01\n"})
    changed = await _agency(office)
    assert changed == {**agency, "phone": "+33321080001", "revision": agency["revision"] + 1}
    emptied = await office.import_files({"agences.csv": "nom;telephone;courriel\nAgence de Lens;;pas une adresse\n"})
    assert [each["code"] for each in emptied["findings"]] == ["bad-email"]
    assert {**await _agency(office), "revision": 0} == {**agency, "phone": None, "revision": 0}


async def test_an_agency_twice_is_one_and_a_new_one_needs_nothing_but_its_name(office: Office) -> None:
    rows = [AGENCY, {**AGENCY, "nom": "agence de lens", "telephone": "0321080009"}, {**AGENCY, "nom": ""}]
    report = await office.import_files({"agences.csv": written(rows)})
    counts = report["files"]["agences.csv"]
    assert (counts["accepted"], counts["refused"]) == (2, 1)
    assert (await _agency(office))["phone"] == "+33321080009"
    report = await office.import_files({"agences.csv": "nom\nAgence de Boulogne\n"})
    assert [(each["code"], each["column"]) for each in report["findings"]] == [("unplaced-agency", "nom")]


async def test_an_adviser_says_how_their_own_agency_is_reached(office: Office) -> None:
    rows = [AGENCY, {**AGENCY, "nom": "Agence de Lille"}, {**AGENCY, "nom": "Agence de nulle part"}]
    report = await office.import_files({"agences.csv": written(rows)}, office.adviser)
    assert [(each["line"], each["code"]) for each in report["findings"]] == [(3, "other-agency"), (4, "other-agency")]
    assert (await _agency(office))["email"] == "lens@agence.example"
    assert "Agence de nulle part" not in {row["name"] for row in await office.rows("SELECT name FROM agencies")}


async def test_contacts_of_people_under_another_name_are_not_taken_for_agencies(office: Office) -> None:
    report = await office.import_files({"carnet.csv": "nom;telephone;courriel;adresse\nPetit;0321000000;;\n"})
    assert [each["code"] for each in report["findings"]] == ["unknown-file"]


async def test_a_meetup_is_found_as_its_venue_says(office: Office) -> None:
    report = await office.import_files({**folder(), "lieux.csv": written([VENUE])})
    assert report["findings"] == []
    meetup = await _meetup(office)
    assert (meetup["address"], meetup["access"]) == ("99, rue Paul-Bert", "Entrée par le parc.")
    venues = (await office.ask("GET", "/api/v1/venues", MANAGER)).json()["items"]
    assert [(each["name"], each["commune"], each["contact"]) for each in venues] == [
        ("Louvre-Lens", "62498", "Accueil, 03 21 18 62 62")
    ]
    again = await office.import_files({**folder(), "lieux.csv": written([VENUE])})
    assert sum(each["unchanged"] for each in again["files"].values()) == sum(len(rows) for rows in FOLDER.values()) + 1


async def test_meetups_ahead_follow_their_venue_unless_they_say_something_else(office: Office) -> None:
    own = {**MEETUP, "identifiant": "R2", "adresse": "12, rue de la Gare"}
    past = {**MEETUP, "identifiant": "R3", "date": "01/09/2026"}
    far = {**MEETUP, "identifiant": "R4", "commune": "Liévin"}
    with_column = [{"adresse": "", **each} for each in (MEETUP, own, past, far)]
    await office.import_files({**folder(rencontres=with_column), "lieux.csv": written([VENUE])})
    told = len(await office.events(MeetupChanged))
    report = await office.import_files(
        {"lieux.csv": "nom;commune;adresse;acces\nLOUVRE LENS;62300 Lens;6, rue Bayle;Par la gare\n"}
    )
    assert report["files"]["lieux.csv"]["accepted"] == 1
    kept = await office.rows("SELECT identifier, address, access, directions FROM meetups ORDER BY identifier")
    assert [tuple(row.values()) for row in kept] == [
        ("R1", "6, rue Bayle", "Par la gare", 2),
        ("R2", "12, rue de la Gare", "Par la gare", 2),
        ("R3", "99, rue Paul-Bert", "Entrée par le parc.", 1),
        ("R4", None, None, 1),
    ]
    assert len(await office.events(MeetupChanged)) == told + 2
    again = await office.import_files({"rencontres.csv": written(with_column)})
    assert again["files"]["rencontres.csv"]["unchanged"] == 3, (
        "the past one has the venue's new address, empty as it is"
    )


async def test_a_meetup_that_moves_to_another_venue_is_found_there(office: Office) -> None:
    other = {**VENUE, "nom": "La Piscine", "commune": "Roubaix", "adresse": "23, rue de l’Espérance", "acces": ""}
    await office.import_files({**folder(), "lieux.csv": written([VENUE, other])})
    await office.import_files({"rencontres.csv": "identifiant;lieu;commune\nR1;La Piscine;Roubaix\n"})
    meetup = await _meetup(office)
    assert (meetup["address"], meetup["access"]) == ("23, rue de l’Espérance", None)


async def test_a_meetup_scheduled_by_hand_is_found_as_its_venue_says_too(office: Office) -> None:
    await office.import_files({"lieux.csv": written([VENUE])})
    meetup = {"title": "Soir", "venue": "Louvre Lens", "commune": "Lens", "starts_at": "2026-12-01T09:00:00+01:00"}
    await office.post("/api/v1/meetups", {**meetup, "agency_id": str(office.lens)})
    assert (await _meetup(office))["address"] == "99, rue Paul-Bert"


async def test_tables_without_stairs_are_kept(office: Office) -> None:
    await office.import_files(folder(rencontres=[{**MEETUP, "tables": "6"}]))
    assert (await _meetup(office))["front_tables"] == 6
    await office.import_files({"rencontres.csv": "identifiant;tables\nR1;\n"})
    assert (await _meetup(office))["front_tables"] is None
    report = await office.import_files({"rencontres.csv": "identifiant;tables\nR1;beaucoup\n"})
    assert [(each["code"], each["column"]) for each in report["findings"]] == [("bad-number", "tables")]


async def test_a_need_comes_with_its_interviewers_and_meetups_ahead_follow(office: Office) -> None:
    need = {**NEED, "interlocuteurs": "2", "acces": "Bus 18, arrêt Zone industrielle."}
    await office.import_files(folder(besoins=[need]))
    (kept,) = await office.rows("SELECT id, interviewers, access FROM needs")
    assert (kept["interviewers"], kept["access"]) == (2, "Bus 18, arrêt Zone industrielle.")
    meetup = await _meetup(office)
    assert [each["interviewers"] for each in meetup["needs"]] == [2]
    await office.import_files({"besoins.csv": "identifiant;interlocuteurs\nB1;3\n"})
    assert [each["interviewers"] for each in (await _meetup(office))["needs"]] == [3]
    address = f"/api/v1/meetups/{meetup['id']}/needs/{kept['id']}"
    await office.ask("PUT", address, OPERATOR, json={"interviewers": 5})
    await office.import_files({"besoins.csv": "identifiant;interlocuteurs\nB1;1\n"})
    assert [each["interviewers"] for each in (await _meetup(office))["needs"]] == [5], "said at the meetup"
    assert (await office.ask("PUT", address, OPERATOR, json={})).status_code == 200
    assert [each["interviewers"] for each in (await _meetup(office))["needs"]] == [5]
