"""suites.csv: what came of meetings comes in, is corrected, and speaks of nothing that was not."""

from __future__ import annotations

from typing import Any

import pytest

from shared.contracts.meetups import OutcomeRecorded
from tests.services.registration.office import OPERATOR, Office
from tests.services.registration.use_cases.importing.exports import folder

HEADER = "rencontre;participant;besoin;suite;date"


async def outcomes(office: Office) -> list[tuple[str, str | None]]:
    rows = await office.rows("SELECT outcome, happened_on FROM meetup_outcomes ORDER BY outcome")
    return [(row["outcome"], row["happened_on"] and row["happened_on"].isoformat()) for row in rows]


async def hand_in(office: Office, *rows: str, header: str = HEADER) -> dict[str, Any]:
    return await office.import_files({"suites.csv": "\n".join([header, *rows]) + "\n"})


@pytest.fixture
async def met(office: Office) -> Office:
    """An office whose meetup took place."""
    await office.import_files(folder())
    return office


async def test_what_came_of_a_meeting_is_kept_told_and_once_is_enough(met: Office) -> None:
    report = await hand_in(met, "R1;P1;B1;Embauché;15/12/2026")
    assert report["files"]["suites.csv"]["accepted"] == 1, report
    assert await outcomes(met) == [("hired", "2026-12-15")]
    assert (await hand_in(met, "R1;P1;B1;embauche;2026-12-15"))["files"]["suites.csv"]["unchanged"] == 1
    [told] = await met.events(OutcomeRecorded)
    assert isinstance(told, OutcomeRecorded)
    assert (told.outcome, str(told.happened_on)) == ("hired", "2026-12-15")


async def test_a_correction_without_a_date_leaves_the_date_and_an_empty_one_empties_it(met: Office) -> None:
    await hand_in(met, "R1;P1;B1;essai;15/12/2026")
    await hand_in(met, "R1;P1;B1;embauche", header="rencontre;participant;besoin;suite")
    assert await outcomes(met) == [("hired", "2026-12-15")]
    await hand_in(met, "R1;P1;B1;embauche;")
    assert await outcomes(met) == [("hired", None)]


async def test_the_columns_tell_what_the_list_is_about(met: Office) -> None:
    report = await met.import_files({"export du 15.csv": f"{HEADER}\nR1;P1;B1;essai;\n"})
    assert report["files"]["export du 15.csv"]["accepted"] == 1


@pytest.mark.parametrize(
    ("row", "code", "column"),
    [
        ("R9;P1;B1;essai;", "unknown-meetup", "rencontre"),
        ("R1;P9;B1;essai;", "unknown-participant", "participant"),
        ("R1;P1;B9;essai;", "unknown-need", "besoin"),
        ("R1;P7;B1;essai;", "not-at-meetup", "participant"),
        ("R1;P1;B2;essai;", "not-at-meetup", "besoin"),
        ("R1;P1;B1;peut-être;", "wrong-word", "suite"),
        ("R1;P1;B1;;", "missing-value", "suite"),
        ("R1;P1;B1;essai;01/01/2020", "outcome-before-meetup", "date"),
        ("R1;P1;B1;essai;31/02/2027", "bad-date", "date"),
    ],
)
async def test_what_cannot_be_is_refused_at_its_cell(met: Office, row: str, code: str, column: str) -> None:
    # Somebody and something that were not part of the meetup.
    await met.import_files(
        {
            "participants.csv": "identifiant;nom;prenom;agence;commune\nP7;Roy;Luc;Agence de Lens;Lens\n",
            "besoins.csv": "identifiant;employeur;intitule;rome;commune;competences\n"
            "B2;E1;Vente;D1106;Lens;écoute:2:100\n",
        }
    )
    report = await hand_in(met, row)
    refused = [(each["code"], each["column"]) for each in report["findings"] if each["severity"] == "refused"]
    assert refused == [(code, column)]
    assert await outcomes(met) == []


async def test_by_the_api_a_day_is_kept_unless_another_is_said(met: Office) -> None:
    [ids] = await met.rows(
        "SELECT m.id AS meetup, p.id AS person, n.id AS need FROM meetups m, participants p, needs n "
        "WHERE m.identifier = 'R1' AND p.identifier = 'P1' AND n.identifier = 'B1'"
    )
    path, about = (
        f"/api/v1/meetups/{ids['meetup']}/outcomes",
        {
            "participant_id": str(ids["person"]),
            "need_id": str(ids["need"]),
        },
    )
    said = {**about, "outcome": "trial", "happened_on": "2026-12-15"}
    assert (await met.ask("PUT", path, OPERATOR, json=said)).is_success
    assert (await met.ask("PUT", path, OPERATOR, json={**about, "outcome": "hired"})).is_success
    assert await outcomes(met) == [("hired", "2026-12-15")]
    early = await met.ask("PUT", path, OPERATOR, json={**said, "happened_on": "2020-01-01"})
    assert (early.status_code, early.json()["code"]) == (422, "outcome-before-meetup")
