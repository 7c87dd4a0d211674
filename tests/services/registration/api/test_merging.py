"""Two records of one person are merged, found under both names, told to the others, and told apart again."""

from __future__ import annotations

from random import Random
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.registration.repository import following
from shared.contracts.meetups import ParticipantEnrolled
from shared.database import unit_of_work
from shared.ids import new_id
from tests.services.hearing.truth import last_words
from tests.services.registration import bodies
from tests.services.registration.merges import (
    P,
    assert_others_are_told_what_holds,
    heard_by_matching,
    merged,
    noted,
    notes_of,
    registered,
    state,
    undone,
)
from tests.services.registration.office import NOW, OPERATOR, SERVICE, Office


async def test_everything_moves_and_both_names_lead_to_the_one_that_goes_on(office: Office) -> None:
    survivor = await registered(office, "P1", phone=None)
    gone = await registered(office, "P9", first_name="Morice", email=None, consents={"pairing": True, "contact": False})
    workshop = (await office.post("/api/v1/workshops", bodies.workshop()))["id"]
    await office.enrol(workshop, survivor, gone)
    await noted(office, workshop, survivor)
    await noted(office, workshop, gone)
    await noted(office, workshop, gone, skill="6D102", level=1)
    meetup = (await office.post("/api/v1/meetups", bodies.meetup()))["id"]
    await office.ask("PUT", f"/api/v1/meetups/{meetup}/participants/{gone}", json={"front_table": True})

    made = await merged(office, survivor, gone)

    assert (made["participant_id"], made["merged_id"]) == (survivor, gone)
    assert (made["merged_by"], made["undone_at"]) == (str(office.adviser.id), None)
    for name in (survivor, gone):
        shown = (await office.ask("GET", f"{P}/{name}")).json()
        assert (shown["id"], shown["phone"]) == (survivor, "+33657018762")
        assert len(await notes_of(office, name)) == 2
    for query in ("", "?identifier=P1", "?identifier=P9", "?q=P9", f"?workshop={workshop}", f"?meetup={meetup}"):
        assert [each["id"] for each in (await office.ask("GET", P + query)).json()["items"]] == [survivor], query
    entries = (await office.ask("POST", "/internal/directory", SERVICE, json={"participants": [gone]})).json()
    assert entries["participants"][gone]["email"] == "maurice.brunel@courriel.example"
    assert entries["participants"][gone]["contact_consent"] is False
    assert (await office.ask("GET", "/api/v1/duplicates")).json()["items"] == []
    await assert_others_are_told_what_holds(office)


async def test_what_is_said_of_the_merged_record_afterwards_is_said_of_the_one_that_goes_on(office: Office) -> None:
    survivor, gone = await registered(office, "P1"), await registered(office, "P9")
    workshop = (await office.post("/api/v1/workshops", bodies.workshop()))["id"]
    meetup = (await office.post("/api/v1/meetups", bodies.meetup()))["id"]
    await merged(office, survivor, gone)
    answer = await office.ask("PUT", f"/api/v1/workshops/{workshop}/participants/{gone}")
    assert answer.is_success
    await noted(office, workshop, gone)
    assert len(await notes_of(office, survivor)) == 1
    await office.ask("PUT", f"/api/v1/meetups/{meetup}/participants/{gone}", json={})
    enrolled = await office.rows("SELECT participant_id FROM meetup_enrolments")
    assert [str(row["participant_id"]) for row in enrolled] == [survivor]
    put = await office.ask("PUT", f"{P}/by-identifier/P9", json=bodies.participant(identifier="P9", phone=None))
    assert (put.status_code, put.json()["code"]) == (409, "already-merged")
    await assert_others_are_told_what_holds(office)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chance=st.randoms(use_true_random=False))
async def test_a_merge_that_is_undone_leaves_everything_as_it_was(office: Office, chance: Random) -> None:
    people = [
        await registered(
            office,
            f"P{new_id()}",
            phone=chance.choice(["06 57 01 87 62", None]),
            email=chance.choice(["a@x.fr", None]),
            consents=chance.choice([{}, {"pairing": True}, {"pairing": False, "contact": True}, {"contact": False}]),
        )
        for _ in range(2)
    ]
    workshops = [(await office.post("/api/v1/workshops", bodies.workshop()))["id"] for _ in range(2)]
    meetups = [(await office.post("/api/v1/meetups", bodies.meetup()))["id"] for _ in range(2)]
    for person in people:
        for workshop in workshops:
            if chance.random() < 0.7:
                await office.enrol(workshop, person)
                for _ in range(chance.randrange(4)):
                    skill, level = chance.choice(["6D101", "6D102"]), chance.randrange(3)
                    await noted(office, workshop, person, skill=skill, level=level)
        for meetup in meetups:
            if chance.random() < 0.6:
                body = {"front_table": chance.random() < 0.5}
                await office.ask("PUT", f"/api/v1/meetups/{meetup}/participants/{person}", json=body)
    before, heard = await state(office), await heard_by_matching(office)
    made = await merged(office, *people)
    await assert_others_are_told_what_holds(office)
    await undone(office, people[0], made)
    assert (await state(office), await heard_by_matching(office)) == (before, heard)
    await assert_others_are_told_what_holds(office)
    again = await merged(office, people[1], people[0])
    await undone(office, people[1], again)
    assert (await state(office), await heard_by_matching(office)) == (before, heard)
    (first,) = (await office.ask("GET", f"{P}/{people[0]}/merges")).json()["items"]
    assert (first["undone_by"], first["undone_at"] is not None) == (str(office.adviser.id), True)


async def test_what_came_in_meanwhile_stays_and_a_later_act_counts(office: Office) -> None:
    survivor = await registered(office, "P1", phone=None)
    gone = await registered(office, "P9", consents={"pairing": False, "contact": True})
    workshop = (await office.post("/api/v1/workshops", bodies.workshop()))["id"]
    await office.enrol(workshop, gone)
    moved = await noted(office, workshop, gone)
    made = await merged(office, survivor, gone)
    await noted(office, workshop, gone, skill="6D102")
    await office.ask("PUT", f"/api/v1/observations/{moved}", json={"level": 1})
    await office.ask("PUT", f"{P}/{survivor}/consents/pairing")
    await office.ask("PATCH", f"{P}/{survivor}", json={"phone": "06 00 00 00 01"})
    await undone(office, survivor, made)
    assert await notes_of(office, survivor) == [("6D102", 3)]
    assert [level for _, level in await notes_of(office, gone)] == [1]
    shown = (await office.ask("GET", f"{P}/{survivor}")).json()
    assert (shown["phone"], shown["consents"]["pairing"]) == ("+33600000001", True)
    in_workshop = await office.rows("SELECT participant_id FROM workshop_enrolments")
    assert {str(row["participant_id"]) for row in in_workshop} == {survivor, gone}
    await assert_others_are_told_what_holds(office)


async def test_the_timetable_respects_what_either_record_says_as_long_as_they_are_one(office: Office) -> None:
    survivor = await registered(office, "P1")
    gone = await registered(office, "P9", protected={"access_needs": ["step-free"]})
    meetup = (await office.post("/api/v1/meetups", bodies.meetup(front_tables=2)))["id"]
    await office.ask("PUT", f"/api/v1/meetups/{meetup}/participants/{survivor}", json={})

    async def at_front_table() -> bool:
        words = last_words(await office.events(ParticipantEnrolled), ParticipantEnrolled, on=("participant_id",))
        return bool(words[UUID(survivor)].front_table)

    assert not await at_front_table()
    made = await merged(office, survivor, gone)
    assert await at_front_table()
    await undone(office, survivor, made)
    assert not await at_front_table()


async def test_nobody_is_asked_twice_so_whoever_is_expected_goes_on(office: Office) -> None:
    expected, other = await registered(office, "P1"), await registered(office, "P9")
    meetup = (await office.post("/api/v1/meetups", bodies.meetup()))["id"]
    for person in (expected, other):
        await office.ask("PUT", f"/api/v1/meetups/{meetup}/participants/{person}", json={})
    async with unit_of_work(office.sessions) as session:
        await following.replace_paired(session, UUID(meetup), 1, {UUID(expected): 1})
    refused = await office.ask("POST", f"{P}/{other}/merges", json={"merged_id": expected})
    assert (refused.status_code, refused.json()["code"]) == (409, "expected-at-meetup")
    made = await merged(office, expected, other)
    rows = await office.rows("SELECT participant_id FROM meetup_enrolments")
    assert [str(row["participant_id"]) for row in rows] == [expected]
    await undone(office, expected, made)
    rows = await office.rows("SELECT participant_id FROM meetup_enrolments")
    assert {str(row["participant_id"]) for row in rows} == {expected, other}


async def test_a_meetup_where_the_one_that_goes_on_is_expected_by_now_stays_its_own(office: Office) -> None:
    survivor, gone = await registered(office, "P1"), await registered(office, "P9")
    meetup = (await office.post("/api/v1/meetups", bodies.meetup()))["id"]
    await office.ask("PUT", f"/api/v1/meetups/{meetup}/participants/{gone}", json={})
    made = await merged(office, survivor, gone)
    async with unit_of_work(office.sessions) as session:
        await following.replace_paired(session, UUID(meetup), 1, {UUID(survivor): 1})
    await undone(office, survivor, made)
    rows = await office.rows("SELECT participant_id FROM meetup_enrolments")
    assert [str(row["participant_id"]) for row in rows] == [survivor]
    await assert_others_are_told_what_holds(office)


async def test_what_makes_no_sense_is_refused_with_a_sentence(office: Office) -> None:
    one, two, three = [await registered(office, f"P{number}") for number in range(3)]
    made = await merged(office, one, two)

    async def refusal(survivor: str, gone: str) -> tuple[int, str]:
        answer = await office.ask_blindly("POST", f"{P}/{survivor}/merges", json={"merged_id": gone})
        return answer.status_code, answer.json()["code"]

    assert await refusal(one, one) == (409, "same-record")
    assert await refusal(three, two) == (409, "already-merged")
    assert await refusal(two, three) == (409, "already-merged")
    assert await refusal(one, str(UUID(int=9))) == (422, "unknown-participant")
    await undone(office, one, made)
    again = await office.ask("DELETE", f"{P}/{one}/merges/{made['id']}")
    assert (again.status_code, again.json()["code"]) == (409, "merge-undone")
    assert (await office.ask("DELETE", f"{P}/{three}/merges/{made['id']}")).json()["code"] == "unknown-merge"


async def test_records_of_two_agencies_are_merged_by_operators_alone(office: Office) -> None:
    here = await registered(office, "P1")
    there = str((await office.post(P, bodies.participant(identifier="P9"), office.other_adviser))["id"])
    for adviser, survivor, gone in ((office.adviser, here, there), (office.other_adviser, here, there)):
        answer = await office.ask("POST", f"{P}/{survivor}/merges", adviser, json={"merged_id": gone})
        assert answer.json()["code"] == "unknown-participant"
    assert (await office.ask("POST", f"{P}/{here}/merges", OPERATOR, json={"merged_id": there})).status_code == 201
    assert (await office.ask("GET", f"{P}/{there}", office.other_adviser)).status_code == 404
    workshop = (await office.post("/api/v1/workshops", bodies.workshop(), office.other_adviser))["id"]
    refused = await office.ask("PUT", f"/api/v1/workshops/{workshop}/participants/{there}", office.other_adviser)
    assert refused.json()["code"] == "unknown-participant"


async def test_an_erasure_takes_both_records_and_with_them_the_way_back(office: Office) -> None:
    survivor, gone = await registered(office, "P1"), await registered(office, "P9")
    made = await merged(office, survivor, gone)
    assert (await office.ask("DELETE", f"{P}/{gone}")).status_code == 200
    assert (await office.counts())["participants"] == 0
    assert (await office.counts())["merges"] == 0
    undo = await office.ask_blindly("DELETE", f"{P}/{survivor}/merges/{made['id']}")
    assert undo.status_code == 404
    for identifier in ("P1", "P9"):
        refused = await office.ask("POST", P, json=bodies.participant(identifier=identifier))
        assert refused.json()["code"] == "erased-participant"
    erased = {each["participant_id"] for each in await office.rows("SELECT participant_id FROM erasures")}
    assert {str(each) for each in erased} == {survivor, gone}
    assert NOW in {each["erased_at"] for each in await office.rows("SELECT erased_at FROM erasures")}
