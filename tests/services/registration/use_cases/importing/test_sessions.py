"""seances.csv and presences.csv: when workshops meet, and who came."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.services.registration.office import Office
from tests.services.registration.use_cases.importing.exports import OBSERVATION, WORKSHOP, folder, written

SESSION = {
    "identifiant": "S1",
    "atelier": "AT1",
    "date": "25/09/2026",
    "heure_debut": "9h30",
    "heure_fin": "12:00",
    "exercice": "dessin dicté",
    "titre": "Décrire",
}
CAME = {"seance": "S1", "participant": "P1", "present": "oui"}

KEPT = "SELECT identifier, held_on, begins::text, ends::text, exercise, title FROM workshop_sessions ORDER BY 1"
WHO = (
    "SELECT workshop_sessions.identifier AS at, participants.identifier AS who, is_present FROM workshop_presences"
    " JOIN workshop_sessions ON workshop_sessions.id = session_id"
    " JOIN participants ON participants.id = participant_id ORDER BY 1, 2"
)


async def verdict(office: Office, stem: str, *rows: Mapping[str, str]) -> tuple[str, list[tuple[str, str]]]:
    """What became of all rows of one file, and the codes and columns of what was found."""
    report = await office.import_files({f"{stem}.csv": written(rows)}, office.adviser)
    counts = report["files"][f"{stem}.csv"]
    (became,) = [each for each in ("accepted", "warned", "refused", "unchanged") if counts[each] == len(rows)]
    return became, [(each["code"], each["column"]) for each in report["findings"]]


async def test_sessions_and_presences_are_read_and_the_second_time_change_nothing(office: Office) -> None:
    await office.import_files(folder(), office.adviser)
    bare = {**SESSION, "identifiant": "S2", "heure_debut": "", "heure_fin": "", "exercice": "", "titre": ""}
    for became in ("accepted", "unchanged"):
        assert await verdict(office, "seances", SESSION, bare) == (became, [])
        assert await verdict(office, "presences", CAME, {**CAME, "participant": "P2", "present": "non"}) == (became, [])
    first, second = await office.rows(KEPT)
    assert (first["begins"], first["ends"], first["exercise"]) == ("09:30:00", "12:00:00", "dessin-dicte")
    assert (second["begins"], second["ends"], second["exercise"], second["title"]) == (None, None, None, None)
    assert await office.rows(WHO) == [
        {"at": "S1", "who": "P1", "is_present": True},
        {"at": "S1", "who": "P2", "is_present": False},
    ]
    assert await verdict(office, "presences", {**CAME, "present": "non"}) == ("accepted", [])
    assert await verdict(office, "seances", {**SESSION, "titre": "Autre"}) == ("accepted", [])
    without = {name: value for name, value in SESSION.items() if name in ("identifiant", "date")}
    assert await verdict(office, "seances", without) == ("unchanged", [])


@pytest.mark.parametrize(
    ("stem", "row", "found"),
    [
        ("seances", {**SESSION, "atelier": "AT9"}, ("unknown-workshop", "atelier")),
        ("seances", {**SESSION, "heure_fin": "08:00"}, ("bad-hours", "heure_fin")),
        ("seances", {**SESSION, "date": "31/02/2026"}, ("bad-date", "date")),
        ("presences", {**CAME, "seance": "S9"}, ("unknown-session", "seance")),
        ("presences", {**CAME, "participant": "P9"}, ("unknown-participant", "participant")),
        ("presences", {**CAME, "present": "peut-être"}, ("wrong-word", "present")),
        ("presences", {**CAME, "present": ""}, ("missing-value", "present")),
    ],
)
async def test_a_wrong_row_is_refused_at_its_column(
    office: Office, stem: str, row: dict[str, str], found: tuple[str, str]
) -> None:
    await office.import_files(folder() | {"seances.csv": written([{**SESSION, "identifiant": "S1"}])}, office.adviser)
    if stem == "seances":
        row = {**row, "identifiant": "S5"}
    became, findings = await verdict(office, stem, row)
    assert (became, found in findings) == ("refused", True), findings


async def test_somebody_who_is_not_enrolled_and_a_session_of_another_workshop_are_refused(office: Office) -> None:
    inscriptions = [{"atelier": "AT1", "participant": "P1"}]
    other = {**WORKSHOP, "identifiant": "AT2"}
    files = folder(inscriptions=inscriptions, observations=[OBSERVATION], ateliers=[WORKSHOP, other])
    await office.import_files(files | {"seances.csv": written([SESSION])}, office.adviser)
    refused = ("refused", [("not-enrolled", "participant")])
    assert await verdict(office, "presences", {**CAME, "participant": "P2"}) == refused
    assert await verdict(office, "seances", {**SESSION, "atelier": "AT2"}) == (
        "refused",
        [("other-workshop", "atelier")],
    )


async def test_notes_are_held_against_the_sessions_that_come_with_them(office: Office) -> None:
    notes = [OBSERVATION, {**OBSERVATION, "date": "26/09/2026", "participant": "P2"}]
    files = folder(observations=notes) | {
        "seances.csv": written([SESSION]),
        "presences.csv": written([{**CAME, "present": "non"}]),
    }
    report = await office.import_files(files, office.adviser)
    told = [(each["code"], each["line"]) for each in report["findings"] if each["file"] == "observations.csv"]
    assert told == [("marked-absent", 2), ("no-session-that-day", 3)]
