"""Objections: in force at once everywhere, overruled by nothing that comes in, lifted by an act with its reason."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from shared.contracts.participants import ConsentGranted, ConsentWithdrawn
from shared.ids import new_id
from tests.services.registration import bodies
from tests.services.registration.merges import assert_others_are_told_what_holds, merged, registered, state, undone
from tests.services.registration.office import OPERATOR, SERVICE, Office
from tests.services.registration.use_cases.importing.exports import PARTICIPANT, folder, written

P = "/api/v1/participants"


async def objected(office: Office, person: str, purpose: str = "contact") -> dict[str, Any]:
    """The answer to an objection."""
    return await office.post(f"{P}/{person}/objections", {"purpose": purpose, "way": "oral"})


async def lifted(office: Office, person: str, objection: dict[str, Any], reason: str = "Elle veut bien.") -> Any:
    """The answer to lifting an objection."""
    path = f"{P}/{person}/objections/{objection['id']}/lift"
    return await office.ask_blindly("POST", path, json={"reason": reason})


async def test_an_objection_withdraws_what_was_agreed_to_and_says_when_by_whom_and_how(office: Office) -> None:
    person = await registered(office, "P1")
    made = await objected(office, person)
    assert (made["purpose"], made["way"], made["noted_by"]) == ("contact", "oral", str(office.adviser.id))
    shown = (await office.ask("GET", f"{P}/{person}")).json()
    assert shown["consents"] == {"pairing": True, "contact": False}
    (told,) = await office.events(ConsentWithdrawn)
    assert isinstance(told, ConsentWithdrawn)
    assert (told.participant_id, told.purpose) == (UUID(person), "contact")
    entries = await office.ask("POST", "/internal/directory", SERVICE, json={"participants": [person]})
    assert entries.json()["participants"][person]["contact_consent"] is False
    assert (await office.ask("GET", f"{P}/{person}/objections")).json()["items"] == [made]
    assert await objected(office, person) == made, "said twice, it is one"
    assert len(await office.events(ConsentWithdrawn)) == 1


async def test_who_never_agreed_can_object_and_an_import_does_not_agree_for_them(office: Office) -> None:
    person = await registered(office, "P1", consents={})
    await objected(office, person, "pairing")
    assert await office.events(ConsentGranted, ConsentWithdrawn) == []
    await office.import_files({"participants.csv": written([{**PARTICIPANT, "commune": "Arras"}])})
    shown = (await office.ask("GET", f"{P}/{person}")).json()
    assert shown["consents"] == {"pairing": False, "contact": True}


async def test_an_import_that_says_yes_is_warned_each_time_and_changes_nothing(office: Office) -> None:
    await office.import_files(folder())
    (person,) = await office.rows("SELECT id FROM participants WHERE identifier = 'P1'")
    await objected(office, person["id"])
    before = await office.events()
    for _ in range(2):
        report = await office.import_files({"participants.csv": written([PARTICIPANT])})
        found = [(each["code"], each["column"], each["severity"]) for each in report["findings"]]
        assert found == [("objected-since", "consentement_contact", "warning")]
    assert await office.events() == before


@pytest.mark.parametrize(
    ("method", "where"),
    [("PUT", "{P}/{person}/consents/contact"), ("PUT", "{P}/{person}"), ("PUT", "{P}/by-identifier/P1")],
)
async def test_nobody_agrees_for_somebody_who_objects(office: Office, method: str, where: str) -> None:
    person = await registered(office, "P1")
    await objected(office, person)
    body = bodies.participant(identifier="P1", consents={"contact": True})
    refused = await office.ask(method, where.format(P=P, person=person), json=body)
    assert (refused.status_code, refused.json()["code"]) == (409, "objected")
    shown = (await office.ask("GET", f"{P}/{person}")).json()
    assert shown["consents"]["contact"] is False


async def test_enrolling_somebody_who_objects_does_not_overrule_it(office: Office) -> None:
    person = await registered(office, "P1")
    await objected(office, person, "pairing")
    meetup = (await office.post("/api/v1/meetups", bodies.meetup()))["id"]
    await office.ask("PUT", f"/api/v1/meetups/{meetup}/participants/{person}", json={})
    shown = (await office.ask("GET", f"{P}/{person}")).json()
    assert shown["consents"]["pairing"] is False
    assert isinstance((await office.events(ConsentGranted, ConsentWithdrawn))[-1], ConsentWithdrawn)


async def test_an_objection_is_lifted_with_its_reason_and_the_person_agrees_anew(office: Office) -> None:
    person = await registered(office, "P1")
    made = await objected(office, person)
    assert (await lifted(office, person, made, " ")).status_code == 422
    answer = (await lifted(office, person, made)).json()
    assert (answer["lifted_because"], answer["lifted_by"]) == ("Elle veut bien.", str(office.adviser.id))
    assert (await office.ask("GET", f"{P}/{person}")).json()["consents"]["contact"] is False
    assert (await office.ask("PUT", f"{P}/{person}/consents/contact")).json()["change"] == "changed"
    assert (await office.ask("GET", f"{P}/{person}")).json()["consents"]["contact"] is True
    again = await lifted(office, person, made)
    assert (again.status_code, again.json()["code"]) == (409, "objection-lifted")
    unknown = await lifted(office, person, {"id": str(new_id())})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown-objection")


async def test_what_somebody_objected_to_stands_in_their_record_and_in_the_audit(office: Office) -> None:
    person = await registered(office, "P1")
    await lifted(office, person, await objected(office, person))
    record = (await office.ask("GET", f"{P}/{person}/record")).json()["services"]["registration"]["record"]
    (told,) = record["objections"]
    assert told["lifted_because"] == "Elle veut bien."
    page = await office.ask("GET", f"/participants/{person}/record", headers={"accept": "text/html"})
    assert "Vos oppositions" in page.text
    lines = (await office.ask("GET", f"/api/v1/audit/participants/{person}", OPERATOR)).json()["items"]
    assert [each["what"] for each in lines if each["kind"] == "objections"] == ["update", "insert"]


async def test_a_merge_takes_an_objection_over_and_its_undoing_takes_it_back(office: Office) -> None:
    survivor, gone = await registered(office, "P1"), await registered(office, "P9")
    await objected(office, gone, "pairing")
    before = await state(office)
    made = await merged(office, survivor, gone)
    refused = await office.ask("PUT", f"{P}/{survivor}/consents/pairing")
    assert refused.json()["code"] == "objected"
    await assert_others_are_told_what_holds(office)
    await undone(office, survivor, made)
    assert await state(office) == before
    assert (await office.ask("GET", f"{P}/{survivor}")).json()["consents"]["pairing"] is True


async def test_an_objection_made_while_a_merge_stands_outlives_it(office: Office) -> None:
    survivor, gone = await registered(office, "P1"), await registered(office, "P9")
    await objected(office, gone, "pairing")
    made = await merged(office, survivor, gone)
    again = await objected(office, survivor, "pairing")
    assert await objected(office, survivor, "pairing") == again
    await undone(office, survivor, made)
    for person in (survivor, gone):
        assert (await office.ask("GET", f"{P}/{person}")).json()["consents"]["pairing"] is False
        assert (await office.ask("PUT", f"{P}/{person}/consents/pairing")).json()["code"] == "objected"
    await assert_others_are_told_what_holds(office)
