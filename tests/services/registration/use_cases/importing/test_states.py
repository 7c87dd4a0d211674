"""What an import says of needs that are closed, meetups that are cancelled, and who came."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from shared.contracts.employers import NeedClosed, NeedPublished
from shared.contracts.meetups import AttendanceRecorded, MeetupCancelled, MeetupScheduled, ParticipantEnrolled
from tests.services.registration.office import Office
from tests.services.registration.use_cases.importing.exports import FOLDER, MEETUP, NEED, folder, written

AT_R1 = FOLDER["rencontre_participants.csv"]


async def verdict(office: Office, stem: str, *rows: Mapping[str, str]) -> tuple[str, list[tuple[str, str]]]:
    """What became of all rows of one file, and the codes and columns of what was found."""
    report = await office.import_files({f"{stem}.csv": written(rows)}, office.adviser)
    counts = report["files"][f"{stem}.csv"]
    (became,) = [each for each in ("accepted", "warned", "refused", "unchanged") if counts[each] == len(rows)]
    return became, [(each["code"], each["column"]) for each in report["findings"]]


async def test_a_need_that_is_said_to_be_closed_is_told_and_stays_so(office: Office) -> None:
    await office.import_files(folder(besoins=[{**NEED, "etat": "Fermée"}]), office.adviser)
    told = await office.events(NeedPublished, NeedClosed)
    assert [(type(each), each.revision) for each in told if isinstance(each, NeedPublished | NeedClosed)] == [
        (NeedPublished, 1),
        (NeedClosed, 2),
    ]
    assert await verdict(office, "besoins", {**NEED, "etat": "fermé"}) == ("unchanged", [])
    assert await verdict(office, "besoins", NEED) == ("unchanged", [])
    assert await verdict(office, "besoins", {**NEED, "etat": ""}) == ("unchanged", [])
    assert await verdict(office, "besoins", {**NEED, "etat": "ouvert"}) == ("refused", [("need-closed", "etat")])
    assert await verdict(office, "besoins", {**NEED, "etat": "peut-être"}) == ("refused", [("wrong-word", "etat")])
    assert await office.events(NeedPublished, NeedClosed) == told


async def test_a_meetup_that_is_said_to_be_cancelled_is_told_and_stays_so(office: Office) -> None:
    await office.import_files(folder(), office.adviser)
    assert await verdict(office, "rencontres", {**MEETUP, "etat": "maintenue"}) == ("unchanged", [])
    assert await verdict(office, "rencontres", {**MEETUP, "etat": "annulée"}) == ("accepted", [])
    assert len(await office.events(MeetupCancelled)) == 1
    assert await verdict(office, "rencontres", {**MEETUP, "etat": "annulé"}) == ("unchanged", [])
    refused = ("refused", [("meetup-cancelled", "etat")])
    assert await verdict(office, "rencontres", {**MEETUP, "etat": "maintenu"}) == refused
    assert len(await office.events(MeetupScheduled, MeetupCancelled)) == 2


@pytest.mark.parametrize(
    ("stem", "row"),
    [
        ("rencontre_participants", {"rencontre": "R1", "participant": "P1", "present": "oui"}),
        ("rencontre_besoins", {"rencontre": "R1", "besoin": "B2"}),
        ("suites", {"rencontre": "R1", "participant": "P1", "besoin": "B1", "suite": "embauche"}),
    ],
)
async def test_what_is_cancelled_takes_nothing_new_and_what_is_known_of_it_stays(
    office: Office, stem: str, row: dict[str, str]
) -> None:
    await office.import_files(folder(besoins=[NEED, {**NEED, "identifiant": "B2"}]), office.adviser)
    await verdict(office, "rencontres", {**MEETUP, "etat": "annulé"})
    assert await verdict(office, stem, row) == ("refused", [("meetup-cancelled", "rencontre")])
    assert await verdict(office, "rencontre_participants", *AT_R1) == ("unchanged", [])
    assert await verdict(office, "rencontre_besoins", {"rencontre": "R1", "besoin": "B1"}) == ("unchanged", [])


async def test_who_came_is_told_once_and_can_be_corrected(office: Office) -> None:
    await office.import_files(folder(), office.adviser)
    first, second = ({**row, "present": word} for row, word in zip(AT_R1, ("oui", "non"), strict=True))
    assert await verdict(office, "rencontre_participants", first, second) == ("accepted", [])
    assert await verdict(office, "rencontre_participants", first, second) == ("unchanged", [])
    assert await verdict(office, "rencontre_participants", *AT_R1) == ("unchanged", []), "a file that does not say"
    assert await verdict(office, "rencontre_participants", {**first, "present": ""}) == ("unchanged", [])
    assert await verdict(office, "rencontre_participants", {**first, "present": "non"}) == ("accepted", [])
    told = [each for each in await office.events(AttendanceRecorded) if isinstance(each, AttendanceRecorded)]
    assert [each.present for each in told] == [True, False, False]
    assert sorted({each.revision for each in told}) == [each.revision for each in told]


async def test_whoever_is_new_is_enrolled_and_was_there(office: Office) -> None:
    await office.import_files(folder(rencontre_participants=[{**AT_R1[0], "present": "oui"}]), office.adviser)
    enrolled, came = await office.events(ParticipantEnrolled, AttendanceRecorded)
    assert isinstance(enrolled, ParticipantEnrolled)
    assert isinstance(came, AttendanceRecorded)
    assert came.revision > enrolled.revision


async def test_a_closed_need_comes_to_no_meetup_ahead(office: Office) -> None:
    files = folder(besoins=[{**NEED, "etat": "fermé"}])
    report = await office.import_files(files, office.adviser)
    assert ("need-closed", "besoin") in [(each["code"], each["column"]) for each in report["findings"]]
