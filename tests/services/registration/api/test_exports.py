"""Exports: an import reads them as the same, spreadsheets carry out nothing, files go in a day and with the erased."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta
from typing import Any

import pytest

from services.registration.limits import EXPORTS
from services.registration.settings import Settings
from services.registration.worker import forget_exports
from tests.services.registration.office import MANAGER, NOW, OPERATOR, Office, forget_everything, open_agencies
from tests.services.registration.use_cases.importing.exports import (
    EMPLOYER,
    FOLDER,
    MEETUP,
    NEED,
    PARTICIPANT,
    SECOND,
    WORKSHOP,
    folder,
    written,
)

WHOLE = folder(
    participants=[
        {
            **PARTICIPANT,
            "nom": "=2+5+cmd|' /C calc'!A0",
            "adresse": "5 rue Jean-Jaurès",
            "code_postal": "62300",
            "ville": "Lens",
            "mobilite_km": "7,5",
            "besoins_acces": "sans marche|LSF",
            "metiers_exclus": "D1505",
        },
        {**SECOND, "telephone": "0033 7 85 74 73 98", "consentement_contact": "non", "commune": "Saint-Denis (93)"},
    ],
    besoins=[{**NEED, "interlocuteurs": "2", "acces": "Bus 41\nau fond", "site": "S1", "contact": "C1"}],
    ateliers=[{**WORKSHOP, "operation": "O1"}],
    rencontres=[{**MEETUP, "pauses": "4|5", "tables": "3", "adresse": "99 rue Paul-Bert", "operation": "O1"}],
) | {
    "operations.csv": "identifiant;nom;lieu;commune;date_debut;date_fin;agence\n"
    "O1;Automne;Louvre-Lens;Lens;07/09/2026;01/12/2026;Agence de Lens\n",
    "suites.csv": "rencontre;participant;besoin;suite;date\nR1;P1;B1;embauche;02/12/2026\n",
    "sites.csv": "identifiant;employeur;nom;adresse;commune;acces\nS1;E1;Nord;8 rue Haute;Liévin;Bus 10\n",
    "contacts.csv": "identifiant;employeur;nom;fonction;courriel;langue\nC1;E1;Zoé;Cheffe;zoe@nord.example;en\n",
    "seances.csv": (
        "identifiant;atelier;date;heure_debut;heure_fin;exercice;titre\n"
        "S1;AT1;25/09/2026;09:30;12:00;Le dessin dicté;Décrire\nS2;AT1;26/09/2026;;;;\n"
    ),
    "presences.csv": "seance;participant;present\nS1;P1;oui\nS1;P2;non\n",
}

KEPT = (
    "SELECT identifier, commune, latitude, travel_limit_km, transport, available_from FROM participants ORDER BY 1",
    "SELECT identifier, hours, licences, wishes, refused_occupations FROM participants ORDER BY 1",
    "SELECT first_name, last_name, email, phone, postal_address, language FROM participant_contacts ORDER BY 1",
    "SELECT purpose, is_granted FROM consents ORDER BY 1, 2",
    "SELECT identifier, title, venue, commune, starts_on, ends_on FROM workshops ORDER BY 1",
    "SELECT email, role FROM staff ORDER BY 1",
    "SELECT seen_on, exercise, skill, level, note FROM observations ORDER BY 1, 4",
    "SELECT identifier, name, siret, commune FROM employers",
    "SELECT identifier, name, function, email, phone, language, is_main FROM employer_contacts ORDER BY 2",
    "SELECT identifier, name, siret, address, commune, access FROM sites",
    "SELECT site_id IS NULL AS elsewhere, contact_id IS NULL AS main FROM needs ORDER BY identifier",
    "SELECT identifier, title, occupation, commune, posts, seats, hours, licences, interviewers FROM needs ORDER BY 1",
    "SELECT access, skills FROM needs ORDER BY identifier",
    "SELECT identifier, title, venue, commune, starts_at, slot_minutes, slots, breaks, address FROM meetups ORDER BY 1",
    "SELECT front_tables, access FROM meetups ORDER BY identifier",
    "SELECT identifier, starts_on, ends_on, venues.name FROM operations JOIN venues ON venue_id = venues.id",
    "SELECT operations.identifier FROM operations JOIN workshops ON operation_id = operations.id",
    "SELECT operations.identifier FROM operations JOIN meetups ON operation_id = operations.id",
    "SELECT count(*) FROM workshop_enrolments",
    "SELECT count(*) FROM meetup_enrolments",
    "SELECT count(*) FROM meetup_needs",
    "SELECT outcome, happened_on FROM meetup_outcomes",
    "SELECT identifier, held_on, begins, ends, exercise, title FROM workshop_sessions ORDER BY 1",
    "SELECT identifier, is_present FROM workshop_presences JOIN participants ON id = participant_id ORDER BY 1",
)


async def kept(office: Office) -> list[Any]:
    criteria = await office.protected_rows(
        "SELECT publics, born_on, sex, access_needs FROM protected.criteria ORDER BY born_on, sex"
    )
    return [criteria, *[await office.rows(query) for query in KEPT]]


async def test_an_export_read_into_an_empty_database_gives_the_same_records(office: Office) -> None:
    await office.import_files(WHOLE, office.adviser)
    before = await kept(office)
    files = await office.export()
    assert set(files) == {
        *FOLDER,
        "suites.csv",
        "sites.csv",
        "contacts.csv",
        "operations.csv",
        "seances.csv",
        "presences.csv",
    }
    await forget_everything(office.sessions)
    office.lens, office.lille = await open_agencies(office.sessions)
    report = await office.import_files(files, office.adviser)
    assert [each for each in report["findings"] if each["severity"] == "refused"] == []
    assert {each["code"] for each in report["findings"]} <= {"no-contact-consent", "codes-settled", "marked-absent"}
    assert await kept(office) == before


async def test_read_into_the_same_database_an_export_changes_nothing(office: Office) -> None:
    await office.import_files(WHOLE, office.adviser)
    before = await office.counts()
    report = await office.import_files(await office.export(), office.adviser)
    assert all(each["unchanged"] == each["read"] for each in report["files"].values()), report
    assert await office.counts() == before


PAST = folder(
    besoins=[{**NEED, "etat": "fermé"}, {**NEED, "identifiant": "B2", "etat": "ouvert"}],
    rencontres=[
        {**MEETUP, "date": "03/11/2026", "etat": "maintenu"},
        {**MEETUP, "identifiant": "R2", "etat": "annulé"},
        {**MEETUP, "identifiant": "R3", "etat": ""},
    ],
    rencontre_participants=[
        {"rencontre": "R1", "participant": "P1", "present": "oui"},
        {"rencontre": "R1", "participant": "P2", "present": "non"},
        {"rencontre": "R3", "participant": "P1", "present": ""},
    ],
) | {
    "suites.csv": "rencontre;participant;besoin;suite;date\nR1;P1;B1;embauche;05/11/2026\n",
}
"""A programme of which a need is closed, a meetup cancelled, and one over, to which somebody came; without sessions."""

STATES = (
    "SELECT identifier, is_closed FROM needs ORDER BY 1",
    "SELECT identifier, is_cancelled FROM meetups ORDER BY 1",
    "SELECT identifier, is_present FROM meetup_enrolments JOIN participants ON id = participant_id ORDER BY 1, 2",
)


async def test_what_is_closed_cancelled_or_over_is_read_from_an_export_as_it_is(office: Office) -> None:
    await office.import_files(PAST, office.adviser)
    before = [await office.rows(query) for query in STATES]
    assert before == [
        [{"identifier": "B1", "is_closed": True}, {"identifier": "B2", "is_closed": False}],
        [{"identifier": name, "is_cancelled": name == "R2"} for name in ("R1", "R2", "R3")],
        [
            {"identifier": "P1", "is_present": True},
            {"identifier": "P1", "is_present": None},
            {"identifier": "P2", "is_present": False},
        ],
    ]
    files, whole = await office.export(), await kept(office)
    await forget_everything(office.sessions)
    office.lens, office.lille = await open_agencies(office.sessions)
    report = await office.import_files(files, office.adviser)
    assert [each for each in report["findings"] if each["severity"] == "refused"] == []
    assert [await office.rows(query) for query in STATES] == before
    assert await kept(office) == whole


async def test_an_export_of_what_is_closed_cancelled_or_over_changes_nothing_where_it_comes_from(
    office: Office,
) -> None:
    await office.import_files(PAST, office.adviser)
    for name, path in (("B2", "needs/{id}/close"), ("R3", "meetups/{id}/cancel")):
        table = path.split("/")[0]
        (row,) = await office.rows(f"SELECT id FROM {table} WHERE identifier = '{name}'")  # noqa: S608 - of our own
        await office.ask("POST", f"/api/v1/{path.format(id=row['id'])}")
    before, told = await office.counts(), await office.events()
    report = await office.import_files(await office.export(), office.adviser)
    assert all(each["unchanged"] == each["read"] for each in report["files"].values()), report
    assert (await office.counts(), await office.events()) == (before, told)


async def test_no_cell_is_a_formula_and_json_says_what_is_meant(office: Office) -> None:
    await office.import_files(WHOLE, office.adviser)
    raw = (await office.export(lists=["participants"]))["participants.csv"]
    assert raw.startswith(b"\xef\xbb\xbf")
    first, second = csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline=""), delimiter=";")
    assert (first["nom"], second["telephone"]) == ("'=2+5+cmd|' /C calc'!A0", "'+33785747398")
    assert not [cell for row in (first, second) for cell in row.values() if cell[:1] in ("=", "+", "-", "@", "\t")]
    said = json.loads((await office.export(lists=["participants"], form="json"))["participants.json"])
    assert (said[0]["nom"], said[0]["mobilite_km"], said[0]["publics"]) == (
        "=2+5+cmd|' /C calc'!A0",
        7.5,
        ["DELD", "TH"],
    )


async def test_what_is_protected_goes_to_whoever_may_read_it_and_names_to_no_manager(office: Office) -> None:
    await office.import_files(WHOLE, office.adviser)
    assert b"date_naissance" in (await office.export(lists=["participants"]))["participants.csv"]
    theirs = (await office.export(OPERATOR, lists=["participants"]))["participants.csv"]
    assert b"Berthelot" in theirs
    assert not [word for word in (b"date_naissance", b"1991", b"DELD", b"LSF") if word in theirs]
    assert set(await office.export(MANAGER)) == {
        f"{stem}.csv"
        for stem in (
            "operations",
            "ateliers",
            "seances",
            "employeurs",
            "sites",
            "besoins",
            "rencontres",
            "rencontre_besoins",
        )
    }
    refused = await office.ask("POST", "/api/v1/exports", MANAGER, json={"lists": ["participants"]})
    assert (refused.status_code, refused.json()["code"]) == (422, "list-not-exported")


@pytest.mark.parametrize("who", ["adviser", "other_adviser", "operator"])
async def test_no_export_has_an_employer_without_the_contact_that_an_import_would_take_from_them(
    office: Office, who: str
) -> None:
    await office.import_files(WHOLE, office.adviser)
    other = {**EMPLOYER, "identifiant": "E2", "siret": "", "raison_sociale": "Noir"}
    await office.import_files({"employeurs.csv": written([other])}, office.other_adviser)
    person = {"adviser": office.adviser, "other_adviser": office.other_adviser, "operator": OPERATOR}[who]
    before = await kept(office)
    files = await office.export(person, lists=["employeurs", "besoins"])
    listed = list(csv.DictReader(io.StringIO(files["employeurs.csv"].decode("utf-8-sig"), newline=""), delimiter=";"))
    names = {"adviser": ["E1"], "other_adviser": ["E2"], "operator": ["E1", "E2"]}[who]
    assert [each["identifiant"] for each in listed] == names
    assert all(each["contact"] and each["courriel"] and each["telephone"] for each in listed)
    assert (b"B1" in files["besoins.csv"]) is (who != "other_adviser")
    await office.import_files(files, person)
    assert await kept(office) == before


async def test_an_export_and_each_look_at_somebody_in_it_are_noted(office: Office) -> None:
    await office.import_files(WHOLE, office.adviser)
    await office.export(lists=["participants"])
    lines = await office.rows(
        "SELECT DISTINCT what, kind, lines.person_id, route FROM audit.lines"
        " LEFT JOIN exports ON exports.id = record_id LEFT JOIN participants ON participants.id = participant_id"
        " WHERE kind = 'exports' AND (exports.id IS NOT NULL AND what = 'insert' OR participants.id IS NOT NULL)"
        " ORDER BY what"
    )
    who = {"kind": "exports", "person_id": office.adviser.id, "route": "POST /api/v1/exports"}
    assert lines == [{"what": "insert", **who}, {"what": "look", **who}]


async def test_files_go_after_a_day_and_with_whoever_is_erased(office: Office, settings: Settings) -> None:
    await office.import_files(WHOLE, office.adviser)
    asked = (await office.ask("POST", "/api/v1/exports", json={})).headers["location"]
    waits = await office.ask("GET", f"{asked}/file")
    assert (waits.status_code, waits.json()["code"]) == (404, "no-export-file")
    await office.export()
    assert (await office.ask("GET", f"{asked}/file")).status_code == 200
    await forget_exports(office.sessions, settings, lambda: NOW + timedelta(hours=23))
    [person, *_] = await office.rows("SELECT id FROM participants")
    await office.ask("DELETE", f"/api/v1/participants/{person['id']}")
    assert (await office.ask("GET", f"{asked}/file")).status_code == 404
    assert (await office.ask("GET", asked)).status_code == 200
    await forget_exports(office.sessions, settings, lambda: NOW + timedelta(hours=25))
    assert (await office.ask("GET", asked)).status_code == 404


async def test_an_export_can_be_cancelled_while_it_waits(office: Office) -> None:
    asked = (await office.ask("POST", "/api/v1/exports", json={"lists": ["besoins"]})).headers["location"]
    assert (await office.ask("POST", f"{asked}/cancel")).json()["state"] == "cancelled"
    again = await office.ask("POST", f"{asked}/cancel")
    assert (again.status_code, again.json()["code"]) == (409, "export-ended")
    listed = (await office.ask("GET", "/api/v1/exports?size=1")).json()
    assert [each["state"] for each in listed["items"]] == ["cancelled"]


@pytest.mark.parametrize("body", [{"lists": []}, {"lists": ["x"]}, {"form": "xlsx"}, {"more": 1}])
async def test_only_known_lists_and_forms_are_exported(office: Office, body: dict[str, Any]) -> None:
    answer = await office.ask("POST", "/api/v1/exports", json=body)
    assert answer.status_code == 422
    assert answer.headers["ratelimit"].startswith(f'"exports";r={EXPORTS.times - 1};')
