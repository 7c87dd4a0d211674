"""A correction: a file that holds the key and what is put right, nothing else."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.registration.domain.agencies import Agency
from services.registration.repository.agencies import add_agencies
from shared.contracts.participants import ConsentWithdrawn
from shared.database import unit_of_work
from tests.services.registration.office import Office
from tests.services.registration.use_cases.importing.exports import FOLDER, PARTICIPANT, folder, written

CORRECTIONS: list[tuple[str, str, str, str, str, Any]] = [
    ("participants", "P1", "commune", "Lens", "commune FROM participants", "62498"),
    ("participants", "P1", "nom", "Brunet", "last_name FROM participant_contacts", "Brunet"),
    ("participants", "P1", "telephone", "0321000000", "phone FROM participant_contacts", "+33321000000"),
    ("ateliers", "AT1", "titre", "Autre", "title FROM workshops", "Autre"),
    ("ateliers", "AT1", "date_fin", "09/10/2026", "ends_on FROM workshops", date(2026, 10, 9)),
    ("employeurs", "E1", "commune", "Lens", "commune FROM employers", "62498"),
    ("employeurs", "E1", "contact", "Anne Petit", "name FROM employer_contacts", "Anne Petit"),
    ("besoins", "B1", "postes", "3", "posts FROM needs", 3),
    ("besoins", "B1", "commune", "Lens", "commune FROM needs", "62498"),
    ("besoins", "B1", "rome", "N1103", "occupation FROM needs", "N1103"),
    ("besoins", "B1", "competences", "autonomie:2:100", "jsonb_array_length(skills) FROM needs", 1),
    ("rencontres", "R1", "date", "08/12/2026", "starts_at FROM meetups", datetime(2026, 12, 8, 8, 30, tzinfo=UTC)),
    ("rencontres", "R1", "heure_debut", "14h", "starts_at FROM meetups", datetime(2026, 12, 1, 13, tzinfo=UTC)),
    ("rencontres", "R1", "creneaux", "12", "slots FROM meetups", 12),
    ("rencontres", "R1", "acces", "Par la cour", "access FROM meetups", "Par la cour"),
]


@pytest.mark.parametrize(("stem", "identifier", "column", "cell", "query", "kept"), CORRECTIONS)
async def test_the_key_and_one_column_change_that_alone(
    office: Office, stem: str, identifier: str, column: str, cell: str, query: str, kept: object
) -> None:
    await office.import_files(folder())
    before = await _everything(office)
    row = {"identifiant": identifier, column: cell}
    report = await office.import_files({f"{stem}.csv": written([row])}, office.adviser)
    assert report["findings"] == []
    assert report["files"][f"{stem}.csv"]["accepted"] == 1
    assert [kept] in [list(each.values()) for each in await office.rows(f"SELECT {query}")]
    first = next(each for each in FOLDER[f"{stem}.csv"] if each["identifiant"] == identifier)
    if column in first:
        await office.import_files({f"{stem}.csv": written([{**row, column: first[column]}])}, office.adviser)
        assert await _everything(office) == before
    assert await office.events(ConsentWithdrawn) == []


async def _everything(office: Office) -> list[Any]:
    """What is kept of everything, but for when and how often it changed."""
    passing = {"revision", "field_revisions", "changed_at", "kept_at", "directions"}
    tables = ("participants", "participant_contacts", "workshops", "workshop_staff")
    rows = [await office.protected_rows()]
    for table in (*tables, "employers", "employer_contacts", "needs", "meetups"):
        kept = await office.rows(f"SELECT * FROM {table} ORDER BY 1")  # noqa: S608 - names of our own
        rows.append([{name: value for name, value in row.items() if name not in passing} for row in kept])
    return rows


@pytest.mark.parametrize(
    ("stem", "row", "missing"),
    [
        ("participants", {"identifiant": "P9", "commune": "Lens"}, ["nom", "prenom", "agence"]),
        ("participants", {"identifiant": "P9", "nom": "A", "prenom": "B", "agence": "Agence de Lens"}, ["commune"]),
        ("ateliers", {"identifiant": "AT9", "titre": "Autre"}, ["lieu", "commune", "date_debut", "date_fin", "agence"]),
        ("employeurs", {"identifiant": "E9", "commune": "Lens"}, ["raison_sociale"]),
        ("besoins", {"identifiant": "B9", "postes": "3"}, ["employeur", "intitule", "rome", "competences"]),
        ("rencontres", {"identifiant": "R9", "date": "08/12/2026"}, ["titre", "lieu", "commune", "heure_debut"]),
    ],
)  # fmt: skip
async def test_a_row_that_would_make_something_new_is_refused_and_its_neighbours_are_not(
    office: Office, stem: str, row: dict[str, str], missing: list[str]
) -> None:
    await office.import_files(folder())
    known = {**row, "identifiant": FOLDER[f"{stem}.csv"][0]["identifiant"]}
    report = await office.import_files({f"{stem}.csv": written([row, known])})
    counts = report["files"][f"{stem}.csv"]
    assert (counts["read"], counts["refused"], counts["accepted"] + counts["unchanged"]) == (2, 1, 1)
    (finding,) = report["findings"]
    assert (finding["line"], finding["code"], finding["column"]) == (2, "missing-value", missing[0])
    assert finding["value"] == row["identifiant"]
    assert all(f"« {column} »" in finding["message"] for column in missing)


async def test_a_file_without_its_key_says_so_once(office: Office) -> None:
    report = await office.import_files({"participants.csv": "nom;commune\nPetit;Lens\nGrand;Lens\n"})
    assert [(each["line"], each["code"], each["column"]) for each in report["findings"]] == [
        (1, "missing-column", "identifiant")
    ]
    assert report["files"]["participants.csv"]["refused"] == 2


async def test_somebody_erased_is_told_to_be_erased_and_not_unknown(office: Office) -> None:
    await office.import_files(folder())
    (person, _) = await office.rows("SELECT id FROM participants ORDER BY identifier")
    await office.ask("DELETE", f"/api/v1/participants/{person['id']}")
    report = await office.import_files({"participants.csv": "identifiant;commune\nP1;Lens\n"})
    assert [each["code"] for each in report["findings"]] == ["erased-participant"]


async def test_an_adviser_corrects_only_who_is_of_their_agency(office: Office) -> None:
    await office.import_files(folder())
    correction = {"participants.csv": "identifiant;commune\nP1;Lens\n"}
    report = await office.import_files(correction, office.other_adviser)
    assert [(each["code"], each["column"]) for each in report["findings"]] == [("other-agency", "identifiant")]
    report = await office.import_files(correction, office.adviser)
    assert report["files"]["participants.csv"]["accepted"] == 1


async def test_the_kept_agency_settles_namesakes_where_the_file_has_no_column_for_it(office: Office) -> None:
    async with unit_of_work(office.sessions) as session:
        await add_agencies(session, [Agency(office.lille, "Agence de Lille", "agence de lille", "59")])
    await office.import_files(folder(participants=[{**PARTICIPANT, "agence": "Agence de Lille", "commune": "Lille"}]))
    report = await office.import_files({"participants.csv": "identifiant;commune\nP1;Croix\n"})
    assert report["findings"] == []
    assert await office.rows("SELECT commune FROM participants") == [{"commune": "59163"}]


async def test_a_street_alone_leaves_the_town_under_it(office: Office) -> None:
    address = {"adresse": "3, rue des Peintres", "code_postal": "62300", "ville": "Lens"}
    await office.import_files({"participants.csv": written([{**PARTICIPANT, **address}])})
    for street, kept in (("5, rue Neuve", "5, rue Neuve\n62300 Lens"), ("", None)):
        await office.import_files({"participants.csv": written([{"identifiant": "P1", "adresse": street}])})
        assert await office.rows("SELECT postal_address AS kept FROM participant_contacts") == [{"kept": kept}]


async def test_an_observation_is_corrected_by_what_it_is_about(office: Office) -> None:
    await office.import_files(folder())
    about = {
        "atelier": "AT1",
        "date": "25/09/2026",
        "participant": "P1",
        "observateur": "georges.julien@musees.example",
        "exercice": "Le dessin dicté",
        "competence": "perseverance",
    }
    other = {**about, "competence": "autonomie"}
    with_words = [{**each, "commentaire": "Est allé au bout."} for each in (about, other)]
    report = await office.import_files({"observations.csv": written(with_words)})
    assert [(each["line"], each["code"], each["column"]) for each in report["findings"]] == [
        (3, "missing-value", "niveau")
    ]
    kept = await office.rows("SELECT level, note FROM observations WHERE note <> ''")
    assert kept == [{"level": 3, "note": "Est allé au bout."}]
    again = await office.import_files({"observations.csv": written(with_words[:1])})
    assert again["files"]["observations.csv"]["unchanged"] == 1


@pytest.mark.parametrize(
    "name", ["participants (2).csv", "Participants_corrections.csv", "corrections participants 2026-11-25.csv"]
)
async def test_a_correction_is_known_by_a_name_that_goes_on(office: Office, name: str) -> None:
    await office.import_files(folder())
    report = await office.import_files({name: "identifiant;commune\nP1;Lens\n"})
    assert report["findings"] == []
    assert report["files"][name]["accepted"] == 1
