"""A correction with fewer columns: what a file does not say stays as it is, and an empty cell empties."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from shared.contracts.employers import EmployerChanged, NeedChanged
from shared.contracts.meetups import MeetupChanged
from shared.contracts.observations import ObservationCorrected
from shared.contracts.participants import ConsentGranted, ConsentWithdrawn, ParticipantChanged, ParticipantRegistered
from tests.services.registration import bodies
from tests.services.registration.office import Office
from tests.services.registration.use_cases.importing.exports import (
    EMPLOYER,
    FOLDER,
    MEETUP,
    NEED,
    OBSERVATION,
    PARTICIPANT,
    WORKSHOP,
    folder,
    written,
)

PACK = Path(__file__).parent / "data" / "partial-reimport"

WITH_CONTACT = "FROM employers JOIN employer_contacts contact ON employer_id = employers.id"
STATE = """
    SELECT p.identifier, c.language, p.travel_limit_km, p.transport, p.available_from, p.hours, p.licences, p.wishes,
        p.refused_occupations, c.email, c.phone, c.postal_address
    FROM participants p JOIN participant_contacts c ON c.participant_id = p.id ORDER BY p.identifier
"""


async def _state(office: Office) -> list[Mapping[str, Any]]:
    return [*await office.rows(STATE), *await office.protected_rows()]


async def _imported(office: Office, name: str, row: dict[str, str]) -> dict[str, Any]:
    report = await office.import_files({f"{name}.csv": written([row])}, office.adviser)
    counts: dict[str, Any] = report["files"][f"{name}.csv"]
    assert counts["refused"] == 0, report["findings"]
    return report


def _only(row: dict[str, str], *columns: str, **changes: str) -> dict[str, str]:
    return {**{column: row[column] for column in columns}, **changes}


async def test_a_correction_of_one_commune_leaves_everything_else(office: Office) -> None:
    await office.import_files({"participants.csv": (PACK / "participants-1-first.csv").read_bytes()})
    before, consents = await _state(office), await office.rows("SELECT * FROM consents")
    correction = (PACK / "participants-2-correction.csv").read_bytes()
    report = await office.import_files({"participants.csv": correction})
    assert report["findings"] == []
    counts = report["files"]["participants.csv"]
    assert (counts["accepted"], counts["unchanged"]) == (1, 2)
    assert await _state(office) == before
    assert await office.rows("SELECT * FROM consents") == consents
    (changed,) = await office.events(ParticipantChanged)
    assert isinstance(changed, ParticipantChanged)
    assert changed.home.commune == "62510"
    assert await office.events(ConsentWithdrawn) == []


async def test_an_empty_cell_of_a_present_column_empties(office: Office) -> None:
    await office.import_files(folder())
    emptied = {**PARTICIPANT, **dict.fromkeys(("courriel", "telephone", "permis", "publics", "metiers_souhaites"), "")}
    await _imported(office, "participants", emptied)
    (first, _) = await office.rows(STATE)
    assert (first["email"], first["phone"], first["wishes"]) == (None, None, [])
    assert first["licences"] == ["CACES-1"]
    (protected, *_) = await office.protected_rows()
    assert (protected["publics"], protected["sex"]) == ([], "M")


@pytest.mark.parametrize("column", ["consentement_appariement", "consentement_contact"])
@pytest.mark.parametrize(("cell", "withdrawn"), [("", False), ("peut-être", False), ("non", True)])
async def test_only_a_present_no_withdraws_a_consent(
    office: Office, column: str, cell: str, *, withdrawn: bool
) -> None:
    await office.import_files(folder())
    await _imported(office, "participants", {**PARTICIPANT, column: cell})
    assert bool(await office.events(ConsentWithdrawn)) is withdrawn


async def test_an_import_grants_what_a_cell_says_and_nothing_that_none_says(office: Office) -> None:
    report = await _imported(office, "participants", {**PARTICIPANT, "consentement_contact": ""})
    assert [finding["code"] for finding in report["findings"]] == ["no-contact-consent"]
    assert [getattr(event, "purpose", "") for event in await office.events(ConsentGranted)] == ["pairing"]
    history = await office.rows("SELECT purpose FROM consents")
    assert [entry["purpose"] for entry in history] == ["pairing"]


async def test_somebody_new_gets_the_stated_defaults(office: Office) -> None:
    row = _only(PARTICIPANT, "identifiant", "nom", "prenom", "agence", "commune")
    report = await _imported(office, "participants", row)
    defaulted = {each["column"] for each in report["findings"] if each["code"] == "default-used"}
    assert defaulted == {"mobilite_km", "transport", "disponible_des", "horaires"}
    (registered,) = await office.events(ParticipantRegistered)
    assert isinstance(registered, ParticipantRegistered)
    assert (registered.travel_limit_km, registered.transport, registered.hours) == (20, "transit", ("day",))


@pytest.mark.parametrize(
    ("column", "cell"),
    [("courriel", "personne"), ("telephone", "12"), ("transport", "fusée"), ("date_naissance", "01/01/1905")],
)
async def test_a_cell_that_nobody_understands_changes_nothing(office: Office, column: str, cell: str) -> None:
    await office.import_files(folder())
    before = await _state(office)
    await _imported(office, "participants", {**PARTICIPANT, column: cell})
    assert await _state(office) == before


@pytest.mark.parametrize(
    ("column", "other", "left"), [("permis", "certificats", "CACES-1"), ("certificats", "permis", "B")]
)
async def test_licences_stay_where_only_certificates_come_and_the_other_way_round(
    office: Office, column: str, other: str, left: str
) -> None:
    await office.import_files(folder())
    row = {name: cell for name, cell in PARTICIPANT.items() if name != other}
    await _imported(office, "participants", {**row, column: ""})
    assert (await office.rows(STATE))[0]["licences"] == [left]


async def test_an_employer_keeps_what_a_correction_does_not_say(office: Office) -> None:
    await office.import_files(folder())
    row = _only(EMPLOYER, "identifiant", "raison_sociale", commune="Lens")
    await _imported(office, "employeurs", row)
    (kept,) = await office.rows(f"SELECT siret, contact.name, email, phone, commune {WITH_CONTACT}")
    assert list(kept.values()) == [
        "12388345625821",
        "Audrey Jacob",
        "recrutement@entreprise.example",
        "+33337207461",
        "62498",
    ]
    assert len(await office.events(EmployerChanged)) == 1
    await _imported(office, "employeurs", {**row, "siret": "", "contact": ""})
    (kept,) = await office.rows(f"SELECT siret, contact.name, email {WITH_CONTACT}")
    assert list(kept.values()) == [None, None, "recrutement@entreprise.example"]


async def test_a_need_keeps_what_a_correction_does_not_say(office: Office) -> None:
    await office.import_files(folder(besoins=[{**NEED, "horaires": "soir", "permis": "B"}]))
    row = _only(NEED, "identifiant", "employeur", "rome", "commune", "competences", intitule="Caisse")
    report = await _imported(office, "besoins", row)
    assert report["findings"] == []
    (kept,) = await office.rows("SELECT title, posts, seats, hours, licences FROM needs")
    assert list(kept.values()) == ["Caisse", 4, 4, ["evening"], ["B"]]
    (changed,) = await office.events(NeedChanged)
    assert isinstance(changed, NeedChanged)
    assert (changed.posts, changed.seats) == (4, 4)
    report = await _imported(office, "besoins", {**row, "places_entretien": "", "postes": "2"})
    assert [finding["column"] for finding in report["findings"]] == ["places_entretien"]
    (kept,) = await office.rows("SELECT posts, seats FROM needs")
    assert list(kept.values()) == [2, 5]


async def test_what_only_the_application_knows_of_a_need_outlives_an_import(office: Office) -> None:
    await office.import_files(folder())
    (need,) = await office.rows("SELECT id FROM needs")
    await office.ask("PATCH", f"/api/v1/needs/{need['id']}", json={"starts_on": "2027-01-04"})
    report = await office.import_files(folder())
    assert report["files"]["besoins.csv"]["unchanged"] == 1
    (kept,) = await office.rows("SELECT starts_on::text FROM needs")
    assert kept["starts_on"] == "2027-01-04"


async def test_a_workshop_keeps_its_team_where_a_correction_does_not_name_it(office: Office) -> None:
    await office.import_files(folder())
    team = await office.rows("SELECT * FROM workshop_staff ORDER BY position")
    row = {name: cell for name, cell in WORKSHOP.items() if name not in ("mediateurs", "conseiller")}
    await _imported(office, "ateliers", {**row, "titre": "Autre titre"})
    assert await office.rows("SELECT * FROM workshop_staff ORDER BY position") == team
    await _imported(office, "ateliers", {**row, "conseiller": ""})
    left = await office.rows("SELECT role FROM workshop_staff")
    assert {member["role"] for member in left} == {"mediator"}


async def test_a_meetup_keeps_what_the_application_alone_knows(office: Office) -> None:
    await office.import_files(folder())
    (meetup,) = await office.rows("SELECT id FROM meetups")
    said = {"breaks": [4], "address": "99 rue Paul-Bert", "access": "Par la cour", "front_tables": 2}
    await office.ask("PATCH", f"/api/v1/meetups/{meetup['id']}", json=said)
    await _imported(office, "rencontres", {**MEETUP, "date": "08/12/2026"})
    (kept,) = await office.rows("SELECT breaks, address, access, front_tables FROM meetups")
    assert kept == said
    assert len(await office.events(MeetupChanged)) == 3


async def test_a_file_without_comments_leaves_the_comments(office: Office) -> None:
    seen = {**OBSERVATION, "commentaire": "Est allé au bout."}
    await office.import_files(folder(observations=[seen]))
    without = {name: cell for name, cell in OBSERVATION.items() if name != "commentaire"}
    report = await _imported(office, "observations", without)
    assert report["files"]["observations.csv"]["unchanged"] == 1
    await _imported(office, "observations", {**without, "niveau": "1"})
    (kept,) = await office.rows("SELECT level, note FROM observations")
    assert (kept["level"], kept["note"]) == (1, "Est allé au bout.")
    assert len(await office.events(ObservationCorrected)) == 1


@pytest.mark.parametrize("name", ["participants", "employeurs", "besoins", "ateliers", "rencontres"])
async def test_a_file_of_required_columns_alone_changes_nothing_of_what_is_known(office: Office, name: str) -> None:
    await office.import_files(folder())
    events = await office.events()
    required = {
        "participants": ("identifiant", "nom", "prenom", "agence", "commune"),
        "employeurs": ("identifiant", "raison_sociale", "commune"),
        "besoins": ("identifiant", "employeur", "intitule", "rome", "commune", "competences"),
        "ateliers": ("identifiant", "titre", "lieu", "commune", "date_debut", "date_fin", "agence"),
        "rencontres": tuple(MEETUP),
    }[name]
    rows = [_only(dict(row), *required) for row in FOLDER[f"{name}.csv"]]
    report = await office.import_files({f"{name}.csv": written(rows)})
    assert report["findings"] == []
    assert report["files"][f"{name}.csv"]["unchanged"] == len(rows)
    assert await office.events() == events


async def test_what_was_typed_in_the_application_outlives_an_import_that_has_no_column_for_it(office: Office) -> None:
    await office.import_files(folder())
    (person,) = await office.rows("SELECT id FROM participants WHERE identifier = 'P1'")
    address = bodies.participant(postal_address="3 rue des Mineurs, 62800 Liévin")["postal_address"]
    await office.ask("PATCH", f"/api/v1/participants/{person['id']}", json={"postal_address": address})
    await _imported(office, "participants", {**PARTICIPANT, "commune": "Arras"})
    assert (await office.rows(STATE))[0]["postal_address"] == address
