"""An import as a whole: dry, twice, in parts, corrected, broken off, by an adviser; its progress and its reports."""

import csv
import io
import json
from pathlib import Path

from services.registration.adapters import documentation
from services.registration.adapters.files.reports import as_csv, as_dict, as_json, from_dict, write
from services.registration.domain.import_report import Report
from shared.contracts.observations import ObservationCorrected
from shared.contracts.participants import ConsentGranted, ConsentWithdrawn, ParticipantChanged
from tests.services.registration import bodies
from tests.services.registration.office import OPERATOR, Office
from tests.services.registration.use_cases.importing.exports import (
    OBSERVATION,
    PARTICIPANT,
    SECOND,
    folder,
    written,
)

ROOT = Path(__file__).parents[5]


async def test_a_dry_run_says_what_the_import_says_and_changes_nothing(office: Office) -> None:
    before = await office.counts()
    files = folder(participants=[PARTICIPANT, {**SECOND, "nom": ""}])
    dry = await office.import_files(files, dry_run=True)
    assert await office.counts() == before
    real = await office.import_files(files)
    assert _without_seconds(dry) == _without_seconds(real)
    assert (await office.counts())["participants"] == 1


async def test_importing_the_same_folder_twice_changes_nothing_the_second_time(office: Office) -> None:
    dirty = [
        PARTICIPANT,
        {**SECOND, "courriel": "", "consentement_contact": "non"},
        {**PARTICIPANT, "identifiant": "P3", "nom": "Brunel"},
        PARTICIPANT,
    ]
    observations = [OBSERVATION, OBSERVATION, {**OBSERVATION, "niveau": "0"}, {**OBSERVATION, "niveau": "7"}]
    files = folder(participants=dirty, observations=observations)
    await office.import_files(files)
    counts, events = await office.counts(), await office.events()
    again = await office.import_files(files)
    for name, each in again["files"].items():
        assert (each["accepted"], each["warned"]) == (0, 0), name
        assert each["unchanged"] + each["refused"] == each["read"], name
    assert [finding["code"] for finding in again["findings"]] == ["level-out-of-range"]
    assert await office.counts() == counts
    assert await office.events() == events


async def test_files_come_in_any_order_and_one_by_one(office: Office) -> None:
    together = await office.import_files(dict(reversed(folder().items())))
    assert together["findings"] == []
    later = [{**OBSERVATION, "date": "26/09/2026"}]
    alone = await office.import_files({"observations.csv": written(later)})
    assert alone["files"]["observations.csv"]["accepted"] == 1
    assert alone["findings"] == []


async def test_a_corrected_row_changes_what_its_identifier_names(office: Office) -> None:
    await office.import_files(folder())
    corrected = {**PARTICIPANT, "commune": "Arras", "consentement_contact": "non"}
    report = await office.import_files(
        {
            "participants.csv": written([corrected, SECOND]),
            "observations.csv": written([{**OBSERVATION, "niveau": "4"}]),
        }
    )
    counts = report["files"]["participants.csv"]
    assert (counts["warned"], counts["unchanged"]) == (1, 1)
    (changed,) = await office.events(ParticipantChanged)
    assert isinstance(changed, ParticipantChanged)
    assert changed.home.commune == "62041"
    assert len(await office.events(ConsentWithdrawn)) == 1
    (observation,) = await office.events(ObservationCorrected)
    assert isinstance(observation, ObservationCorrected)
    assert observation.level == 4


async def test_an_import_never_gives_back_a_consent_that_the_person_withdrew(office: Office) -> None:
    await office.import_files(folder())
    (person,) = await office.rows("SELECT id FROM participants WHERE identifier = 'P1'")
    await office.ask("DELETE", f"/api/v1/participants/{person['id']}/consents/contact")
    report = await office.import_files({"participants.csv": written([{**PARTICIPANT, "commune": "Arras"}])})
    assert [finding["code"] for finding in report["findings"]] == ["consent-withdrawn-since"]
    told = await office.events(ConsentGranted, ConsentWithdrawn)
    assert [type(event) for event in told][-1] is ConsentWithdrawn


async def test_a_consent_that_the_person_confirms_is_recorded_and_not_told_twice(office: Office) -> None:
    await office.import_files(folder())
    (person,) = await office.rows("SELECT id FROM participants WHERE identifier = 'P1'")
    before = await office.events()
    confirmed = await office.ask("PUT", f"/api/v1/participants/{person['id']}/consents/contact")
    assert confirmed.json()["change"] == "changed"
    assert await office.events() == before
    history = (await office.ask("GET", f"/api/v1/participants/{person['id']}/consents")).json()
    assert [entry["source"] for entry in history] == ["import", "import", "person"]


async def test_an_import_does_not_bring_an_erased_person_back(office: Office) -> None:
    await office.import_files(folder())
    (person,) = await office.rows("SELECT id FROM participants WHERE identifier = 'P1'")
    await office.ask("DELETE", f"/api/v1/participants/{person['id']}")
    report = await office.import_files(folder())
    assert report["findings"][0]["code"] == "erased-participant"
    assert (await office.counts())["participants"] == 1


async def test_what_was_said_in_the_application_about_a_meetup_outlives_an_import(office: Office) -> None:
    await office.import_files(folder())
    (meetup,) = await office.rows("SELECT id FROM meetups")
    body = bodies.meetup(breaks=[4], address="99 rue Paul-Bert", identifier="R1")
    await office.ask("PUT", f"/api/v1/meetups/{meetup['id']}", json=body)
    report = await office.import_files(folder())
    assert report["files"]["rencontres.csv"]["unchanged"] == 1


async def test_an_adviser_imports_what_is_their_own_agencys(office: Office) -> None:
    other = {**SECOND, "agence": "Agence de Lille"}
    await office.import_files({"participants.csv": written([other])}, office.other_adviser)
    files = folder(participants=[PARTICIPANT, SECOND, {**SECOND, "identifiant": "P3", "agence": "Agence de Paris"}])
    report = await office.import_files(files, office.adviser)
    refused = [
        (each["file"], each["line"], each["column"]) for each in report["findings"] if each["severity"] == "refused"
    ]
    assert refused == [
        ("participants.csv", 3, "identifiant"),
        ("participants.csv", 4, "agence"),
        ("inscriptions.csv", 3, "participant"),
        ("observations.csv", 3, "participant"),
        ("rencontre_participants.csv", 3, "participant"),
    ]
    assert {row["name"] for row in await office.rows("SELECT name FROM agencies")} == {
        "Agence de Lens",
        "Agence de Lille",
    }


async def test_an_import_without_a_file_is_refused(office: Office) -> None:
    response = await office.ask("POST", "/api/v1/imports", OPERATOR, data={"a": "b"})
    assert (response.status_code, response.json()["code"]) == (422, "no-file")


async def test_an_import_may_be_longer_than_other_requests_but_not_endless(office: Office) -> None:
    rows = [{**OBSERVATION, "commentaire": "x" * 4000}] * 700
    report = await office.import_files({"observations.csv": written(rows)}, dry_run=True)
    assert report["files"]["observations.csv"]["refused"] == 700
    huge = await office.ask("POST", "/api/v1/imports", OPERATOR, content=b" ", headers={"content-length": "99000000"})
    assert huge.status_code == 413


def _report() -> Report:
    return from_dict(
        {
            "files": {"a.csv": {"read": 1, "accepted": 0, "warned": 0, "refused": 1, "unchanged": 0, "seconds": 0.1}},
            "findings": [
                {
                    "file": "a.csv",
                    "line": 2,
                    "column": "nom",
                    "value": value,
                    "severity": "refused",
                    "code": "missing-value",
                    "message": "Cette valeur est obligatoire.",
                }
                for value in ("=1+1", "+33", "-3", "@x", "\tx", "\rx", "un ; deux", 'dit "oui"', "Élodie")
            ],
        }
    )


def test_the_table_opens_in_a_spreadsheet_and_carries_nothing_out() -> None:
    raw = as_csv(_report())
    assert raw.startswith(b"\xef\xbb\xbf")
    header, *rows = csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline=""), delimiter=";")
    assert header == ["fichier", "ligne", "colonne", "valeur", "gravite", "code", "message"]
    assert [row[3] for row in rows] == [
        "'=1+1",
        "'+33",
        "'-3",
        "'@x",
        "'\tx",
        "'\rx",
        "un ; deux",
        'dit "oui"',
        "Élodie",
    ]


def test_the_report_is_written_as_told(tmp_path: Path) -> None:
    report = _report()
    write(report, tmp_path / "new" / "folder")
    read_back = json.loads((tmp_path / "new" / "folder" / "report.json").read_text(encoding="utf-8"))
    assert read_back == as_dict(report) == json.loads(as_json(report))
    assert (tmp_path / "new" / "folder" / "report.csv").read_bytes() == as_csv(report)


def test_the_documentation_lists_every_code_as_it_is() -> None:
    assert (ROOT / "docs" / "import-codes.md").read_text(encoding="utf-8") == documentation.text()


def _without_seconds(report: dict[str, object]) -> str:
    files = report["files"]
    assert isinstance(files, dict)
    return json.dumps([{**each, "seconds": 0} for each in files.values()]) + json.dumps(report["findings"])
