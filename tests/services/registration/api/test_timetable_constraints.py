"""What the timetable must respect for somebody: told without a why, and only where it binds."""

from __future__ import annotations

from typing import Any

import pytest

from services.registration.tables import Base
from services.registration.use_cases.retelling import CHAPTERS
from shared.contracts.envelope import body_of
from shared.contracts.meetups import MeetupCancelled, ParticipantEnrolled
from shared.database import unit_of_work
from shared.travel.topics import MEETUPS
from tests.services.registration import bodies
from tests.services.registration.office import Office
from tests.services.registration.use_cases.importing.exports import PARTICIPANT, written


async def _told(office: Office) -> list[ParticipantEnrolled]:
    """What was told of whoever was enrolled."""
    return [event for event in await office.events() if isinstance(event, ParticipantEnrolled)]


async def _enrolled(office: Office) -> list[tuple[bool, bool]]:
    """Double slots and front tables, as they were told of whoever was enrolled."""
    return [(event.double_slot, event.front_table) for event in await _told(office)]


async def _person(office: Office, *needs: str) -> str:
    """Somebody with these access needs."""
    body = bodies.participant(protected={"access_needs": needs})
    return str((await office.post("/api/v1/participants", body))["id"])


async def _need(office: Office, person: str, *needs: str) -> None:
    """From now on they have these access needs."""
    answer = await office.ask("PATCH", f"/api/v1/participants/{person}", json={"protected": {"access_needs": needs}})
    assert answer.json()["change"] == "changed", answer.text


async def test_nobody_is_told_to_need_one_of_some_tables_where_all_are_alike(office: Office) -> None:
    person = (await office.post("/api/v1/participants", bodies.participant()))["id"]
    meetup = (await office.post("/api/v1/meetups", bodies.meetup()))["id"]
    path = f"/api/v1/meetups/{meetup}"
    await office.ask("PUT", f"{path}/participants/{person}", json={"front_table": True})
    assert await _enrolled(office) == [(False, False)]
    await office.ask("PATCH", path, json={"front_tables": 2})
    assert await _enrolled(office) == [(False, False), (False, True)]
    await office.ask("PATCH", path, json={"front_tables": 3})
    await office.ask("PATCH", path, json={"title": "Rencontre de printemps"})
    assert len(await _enrolled(office)) == 2
    await office.ask("PATCH", path, json={"front_tables": None})
    assert await _enrolled(office) == [(False, False), (False, True), (False, False)]
    shown = (await office.ask("GET", path)).json()["participants"][0]
    assert (shown["double_slot"], shown["front_table"]) == (False, True)


async def test_both_constraints_are_told_where_they_bind(office: Office) -> None:
    person = (await office.post("/api/v1/participants", bodies.participant()))["id"]
    meetup = (await office.post("/api/v1/meetups", bodies.meetup(front_tables=2)))["id"]
    constraints = {"front_table": True, "double_slot": True}
    await office.ask("PUT", f"/api/v1/meetups/{meetup}/participants/{person}", json=constraints)
    assert await _enrolled(office) == [(True, True)]


@pytest.mark.parametrize(
    ("needs", "constraints"),
    [
        ([], (False, False)),
        (["step-free"], (False, True)),
        (["more-time"], (True, False)),
        (["interpreter"], (True, False)),
        (["sign-language"], (True, False)),
        (["sign-language", "step-free"], (True, True)),
    ],
)
async def test_access_needs_bind_the_timetable_and_are_not_told_as_what_they_are(
    office: Office, needs: list[str], constraints: tuple[bool, bool]
) -> None:
    person = await _person(office, *needs)
    meetup = (await office.post("/api/v1/meetups", bodies.meetup(front_tables=2)))["id"]
    path = f"/api/v1/meetups/{meetup}/participants/{person}"
    assert (await office.ask("PUT", path, json={})).status_code == 201
    assert await _enrolled(office) == [constraints]
    # What was said of the enrolment itself says nothing of the person's needs.
    shown = (await office.ask("GET", f"/api/v1/meetups/{meetup}")).json()["participants"][0]
    assert (shown["double_slot"], shown["front_table"]) == (False, False)
    told = "".join([body_of(event).decode() for event in await office.events()])
    assert not any(need in told for need in ("step-free", "more-time", "interpreter", "sign-language", "access"))
    kept = "".join([str(await office.rows(f"SELECT * FROM {name}")) for name in Base.metadata.tables])  # noqa: S608 - names of our own
    assert not any(need in kept for need in needs)


async def test_a_need_that_changes_is_told_where_the_timetable_must_respect_something_else(office: Office) -> None:
    person = await _person(office, "interpreter")
    alike = (await office.post("/api/v1/meetups", bodies.meetup()))["id"]
    apart = (await office.post("/api/v1/meetups", bodies.meetup(front_tables=2)))["id"]
    cancelled = (await office.post("/api/v1/meetups", bodies.meetup(front_tables=2)))["id"]
    for meetup in (alike, apart, cancelled):
        await office.ask("PUT", f"/api/v1/meetups/{meetup}/participants/{person}", json={})
    await office.ask("POST", f"/api/v1/meetups/{cancelled}/cancel")
    assert len(await office.events(MeetupCancelled)) == 1
    begun = len(await _enrolled(office))
    await _need(office, person, "sign-language")
    assert len(await _enrolled(office)) == begun
    await _need(office, person, "sign-language", "step-free")
    (told,) = (await _told(office))[begun:]
    assert (str(told.meetup_id), told.double_slot, told.front_table) == (apart, True, True)
    await _need(office, person)
    last = (await _told(office))[begun + 1 :]
    assert {(str(each.meetup_id), each.double_slot, each.front_table) for each in last} == {
        (apart, False, False),
        (alike, False, False),
    }
    revisions = {str(row["id"]): row["revision"] for row in await office.rows("SELECT id, revision FROM meetups")}
    assert {str(each.meetup_id): each.revision for each in last} == {key: revisions[key] for key in (apart, alike)}


async def test_who_needs_a_front_table_is_told_where_a_meetup_comes_to_have_some(office: Office) -> None:
    person = await _person(office, "step-free")
    meetup = (await office.post("/api/v1/meetups", bodies.meetup()))["id"]
    await office.ask("PUT", f"/api/v1/meetups/{meetup}/participants/{person}", json={})
    await office.ask("PATCH", f"/api/v1/meetups/{meetup}", json={"front_tables": 1})
    assert await _enrolled(office) == [(False, False), (False, True)]


async def test_what_is_told_anew_binds_as_what_was_told(office: Office) -> None:
    person = await _person(office, "step-free", "interpreter")
    meetup = (await office.post("/api/v1/meetups", bodies.meetup(front_tables=1)))["id"]
    await office.ask("PUT", f"/api/v1/meetups/{meetup}/participants/{person}", json={})
    (chapter,) = CHAPTERS[MEETUPS]
    async with unit_of_work(office.sessions) as session:
        retold: Any = await chapter(session, None)
    assert [each for each in retold.events if isinstance(each, ParticipantEnrolled)] == await office.events(
        ParticipantEnrolled
    )


async def test_an_import_says_access_needs_in_plain_words(office: Office) -> None:
    row = {**PARTICIPANT, "besoins_acces": "Plain-pied|interprète"}
    report = await office.import_files({"participants.csv": written([row])})
    assert report["files"]["participants.csv"]["refused"] == 0
    assert [each["access_needs"] for each in await office.protected_rows()] == [["interpreter", "step-free"]]
    await office.import_files({"participants.csv": written([PARTICIPANT])})
    assert [each["access_needs"] for each in await office.protected_rows()] == [["interpreter", "step-free"]]
