"""Whoever changes something says what they saw; two people who saw the same do not overwrite each other."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from shared.contracts.participants import ConsentGranted, ConsentWithdrawn, ParticipantChanged
from tests.services.registration import bodies
from tests.services.registration.office import OPERATOR, Office
from tests.services.registration.use_cases.importing.exports import PARTICIPANT, written


class Programme:
    """One record of each kind, by the paths under which they are changed."""

    def __init__(self, office: Office, ids: Mapping[str, str]) -> None:
        self.office = office
        self.ids = ids

    def path(self, kind: str) -> str:
        """The address of the record of a kind."""
        return f"/api/v1/{kind}/{self.ids[kind]}"

    async def revision(self, kind: str) -> int:
        """The present revision, from the `ETag` of the record."""
        tag = (await self.office.ask("GET", self.path(kind))).headers["etag"]
        return int(tag.strip('"'))


@pytest.fixture
async def programme(office: Office) -> Programme:
    """One record of each kind."""
    participant = (await office.post("/api/v1/participants", bodies.participant()))["id"]
    workshop = (await office.post("/api/v1/workshops", bodies.workshop()))["id"]
    await office.enrol(workshop, participant)
    employer = (await office.post("/api/v1/employers", bodies.employer()))["id"]
    ids = {
        "participants": participant,
        "workshops": workshop,
        "employers": employer,
        "needs": (await office.post("/api/v1/needs", bodies.need(employer)))["id"],
        "meetups": (await office.post("/api/v1/meetups", bodies.meetup()))["id"],
        "venues": (await office.post("/api/v1/venues", bodies.venue()))["id"],
        "observations": (await office.post("/api/v1/observations", bodies.observation(workshop, participant)))["id"],
    }
    return Programme(office, ids)


CHANGES: Mapping[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "participants": ({"phone": "06 11 22 33 44"}, {"email": "autre@courriel.example"}),
    "workshops": ({"title": "Un titre"}, {"ends_on": "2026-11-27"}),
    "employers": ({"contact_name": "Une personne"}, {"name": "Un autre nom"}),
    "needs": ({"seats": 9}, {"title": "Un autre intitulé"}),
    "meetups": ({"access": "Par la cour"}, {"slots": 8}),
    "venues": ({"access": "Par la cour"}, {"contact": None}),
    "observations": ({"level": 1}, {"note": "relu"}),
}
"""Two changes of each kind of record that have nothing to do with each other."""

KINDS = list(CHANGES)


def _whole(kind: str, programme: Programme, said: Mapping[str, Any]) -> dict[str, Any]:
    whole = {
        "participants": bodies.participant(),
        "workshops": bodies.workshop(),
        "employers": bodies.employer(),
        "needs": bodies.need(programme.ids["employers"]),
        "meetups": bodies.meetup(),
        "venues": bodies.venue(),
        "observations": {"level": 3, "note": "Est allé au bout."},
    }[kind]
    return {**whole, **said}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("method", ["PUT", "PATCH"])
async def test_a_write_that_does_not_say_what_it_saw_is_refused(
    office: Office, programme: Programme, kind: str, method: str
) -> None:
    said, _ = CHANGES[kind]
    before = (await office.ask("GET", programme.path(kind))).json()
    for headers in ({}, {"if-match": "*"}):
        refused = await office.ask_blindly(
            method, programme.path(kind), json=_whole(kind, programme, said), headers=headers
        )
        assert (refused.status_code, refused.json()["code"]) == (428, "revision-required")
    assert (await office.ask("GET", programme.path(kind))).json() == before


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("method", ["PUT", "PATCH"])
async def test_whoever_saw_an_older_revision_gets_what_changed(
    office: Office, programme: Programme, kind: str, method: str
) -> None:
    first, second = CHANGES[kind]
    seen = await programme.revision(kind)
    done = await office.ask("PATCH", programme.path(kind), seen=seen, json=first)
    assert done.status_code == 200
    assert done.headers["etag"] == f'"{done.json()["revision"]}"' == f'"{seen + 1}"'
    late = await office.ask(method, programme.path(kind), seen=seen, json=_whole(kind, programme, second))
    assert (late.status_code, late.json()["code"]) == (412, "changed-since")
    assert late.headers["etag"] == f'"{seen + 1}"'
    assert late.json()["revision"] == seen + 1
    shown = (await office.ask("GET", programme.path(kind))).json()
    changed = late.json()["changed"]
    assert changed == {name: shown[name] for name in changed}
    assert set(first) == set(changed) - ({"note"} if kind == "observations" else set())
    again = await office.ask("PATCH", programme.path(kind), seen=seen + 1, json=second)
    assert again.json()["change"] == "changed"


@pytest.mark.parametrize("kind", KINDS)
async def test_of_many_who_saw_the_same_at_once_exactly_one_wins(
    office: Office, programme: Programme, kind: str
) -> None:
    values: dict[str, list[Any]] = {
        "phone": ["06 11 22 33 41", "06 11 22 33 42", "06 11 22 33 43", "06 11 22 33 44"],
        "level": [0, 1, 2, 4],
        "seats": [10, 11, 12, 13],
    }
    (field,) = CHANGES[kind][0]
    seen = await programme.revision(kind)
    wishes = [{field: value} for value in values.get(field, ["Un", "Deux", "Trois", "Quatre"])]
    answers = await asyncio.gather(
        *(office.ask("PATCH", programme.path(kind), seen=seen, json=wish) for wish in wishes)
    )
    assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412]
    assert await programme.revision(kind) == seen + 1


async def test_what_a_reader_may_not_see_is_not_told_to_have_changed(office: Office, programme: Programme) -> None:
    path, seen = programme.path("participants"), await programme.revision("participants")
    both = {"protected": {"sex": "F"}, "commune": "Arras"}
    await office.ask("PATCH", path, seen=seen, json=both)
    told = {}
    for who in (office.adviser, OPERATOR):
        late = await office.ask("PATCH", path, who, seen=seen, json={"phone": None})
        told[who.role.value] = late.json()["changed"]
    assert told["operator"] == {"commune": "62041"}
    assert told["adviser"] == {
        "protected": {"publics": ["DELD"], "born_on": "1991-08-08", "sex": "F", "access_needs": []},
        "commune": "62041",
    }


async def test_an_import_counts_as_a_change_that_was_not_seen(office: Office, programme: Programme) -> None:
    path = programme.path("participants")
    await office.ask("PATCH", path, json={"identifier": "P1"})
    seen = await programme.revision("participants")
    row = {name: PARTICIPANT[name] for name in ("identifiant", "nom", "prenom", "agence")}
    await office.import_files({"participants.csv": written([{**row, "commune": "Arras", "nom": "Brunel"}])})
    late = await office.ask("PATCH", path, seen=seen, json={"phone": None})
    assert (late.status_code, late.json()["changed"]) == (412, {"commune": "62041"})


@pytest.mark.parametrize(
    ("tag", "status"),
    [('"{}"', 200), ("{}", 200), ('W/"{}"', 200), ('"abc"', 412), ('"999"', 412), ('""', 412), ("*", 428)],
)
async def test_a_tag_is_read_as_it_is_sent(office: Office, programme: Programme, tag: str, status: int) -> None:
    headers = {"if-match": tag.format(await programme.revision("employers"))}
    body = {"name": "Autre"}
    answered = await office.ask_blindly("PATCH", programme.path("employers"), json=body, headers=headers)
    assert answered.status_code == status


async def test_what_is_not_there_or_not_theirs_is_told_before_what_was_seen(
    office: Office, programme: Programme
) -> None:
    path = programme.path("participants")
    assert (await office.ask_blindly("PATCH", path, office.other_adviser, json={})).status_code == 404
    nobody = "/api/v1/participants/00000000-0000-0000-0000-0000000000ff"
    assert (await office.ask_blindly("PATCH", nobody, json={})).status_code == 404


async def test_closing_and_cancelling_say_what_they_saw(office: Office, programme: Programme) -> None:
    for kind, action in (("needs", "close"), ("meetups", "cancel")):
        path, seen = programme.path(kind), await programme.revision(kind)
        assert (await office.ask_blindly("POST", f"{path}/{action}")).status_code == 428
        await office.ask("PATCH", path, seen=seen, json=CHANGES[kind][0])
        late = await office.ask("POST", f"{path}/{action}", seen=seen)
        assert (late.status_code, set(late.json()["changed"])) == (412, set(CHANGES[kind][0]))
        assert (await office.ask("POST", f"{path}/{action}", seen=seen + 1)).json()["change"] == "changed"
        late = await office.ask("PATCH", path, seen=seen + 1, json=CHANGES[kind][1])
        expected = {"is_open": False} if kind == "needs" else {"is_cancelled": True}
        assert late.json()["changed"] == expected


async def test_a_consent_is_given_by_who_saw_the_last_decision_and_withdrawn_by_anybody(
    office: Office, programme: Programme
) -> None:
    path, seen = programme.path("participants"), await programme.revision("participants")
    assert (await office.ask_blindly("PUT", f"{path}/consents/contact")).status_code == 428
    assert (await office.ask_blindly("DELETE", f"{path}/consents/contact")).json()["change"] == "changed"
    late = await office.ask("PUT", f"{path}/consents/contact", seen=seen)
    assert (late.status_code, late.json()["changed"]) == (412, {"consents": {"pairing": True, "contact": False}})
    assert len(await office.events(ConsentWithdrawn)) == 1
    await office.ask("PUT", f"{path}/consents/contact", seen=seen + 1)
    assert len(await office.events(ConsentGranted)) == 3
    stale = await office.ask("DELETE", f"{path}/consents/contact", seen=seen)
    assert stale.status_code == 412


async def test_a_note_is_taken_back_by_who_saw_its_last_correction(office: Office, programme: Programme) -> None:
    path = programme.path("observations")
    await office.ask("PATCH", path, seen=1, json={"level": 4})
    assert (await office.ask_blindly("DELETE", path)).status_code == 428
    late = await office.ask("DELETE", path, seen=1)
    assert (late.status_code, late.json()["changed"]["level"]) == (412, 4)
    assert (await office.ask("DELETE", path, seen=2)).status_code == 204


async def test_enrolments_of_different_people_do_not_stand_in_each_others_way(
    office: Office, programme: Programme
) -> None:
    path, seen = programme.path("meetups"), await programme.revision("meetups")
    stranger = bodies.participant(last_name="Autre", email=None, phone=None)
    other = (await office.post("/api/v1/participants", stranger))["id"]
    one = programme.ids["participants"]
    for person in (one, other):
        assert (await office.ask_blindly("PUT", f"{path}/participants/{person}", json={})).status_code == 201
    slots = {"first_slot": 1}
    assert (await office.ask_blindly("PUT", f"{path}/participants/{one}", json=slots)).status_code == 428
    late = await office.ask("PUT", f"{path}/participants/{one}", seen=seen, json=slots)
    assert (late.status_code, late.json()["changed"]["participant_id"]) == (412, one)
    # Theirs is as it was in the revision after the first: that another person came since does not matter.
    changed = await office.ask("PUT", f"{path}/participants/{one}", seen=seen + 1, json=slots)
    assert changed.json()["change"] == "changed"
    late = await office.ask("DELETE", f"{path}/participants/{one}", seen=seen + 2)
    assert (late.status_code, late.json()["changed"]["first_slot"]) == (412, 1)
    assert (await office.ask_blindly("DELETE", f"{path}/participants/{one}")).status_code == 428
    assert (await office.ask("DELETE", f"{path}/participants/{one}", seen=seen + 3)).status_code == 200


async def test_presence_and_outcomes_are_noted_at_once_and_corrected_by_who_saw_them(
    office: Office, programme: Programme
) -> None:
    path, person, need = programme.path("meetups"), programme.ids["participants"], programme.ids["needs"]
    await office.ask("PUT", f"{path}/participants/{person}", json={})
    await office.ask("PUT", f"{path}/needs/{need}", json={})
    for where, said, other in (
        (f"{path}/attendance/{person}", {"present": True}, {"present": False}),
        (
            f"{path}/outcomes",
            {"participant_id": person, "need_id": need, "outcome": "trial"},
            {"participant_id": person, "need_id": need, "outcome": "hired"},
        ),
    ):
        before = await programme.revision("meetups")
        assert (await office.ask_blindly("PUT", where, json=said)).json()["change"] == "changed"
        assert (await office.ask_blindly("PUT", where, json=said)).json()["change"] == "unchanged"
        assert (await office.ask_blindly("PUT", where, json=other)).status_code == 428
        assert (await office.ask("PUT", where, seen=before, json=other)).status_code == 412
        assert (await office.ask("PUT", where, json=other)).json()["change"] == "changed"


async def test_needs_are_invited_and_taken_out_by_who_saw_which_come(office: Office, programme: Programme) -> None:
    path, need, seen = programme.path("meetups"), programme.ids["needs"], await programme.revision("meetups")
    assert (await office.ask_blindly("PUT", f"{path}/needs/{need}", json={})).status_code == 200
    assert (await office.ask_blindly("PUT", f"{path}/needs/{need}", json={"interviewers": 2})).status_code == 428
    late = await office.ask("PUT", f"{path}/needs/{need}", seen=seen, json={"interviewers": 2})
    assert late.json()["changed"] == {"needs": [{"need_id": need, "interviewers": 1}]}
    assert (await office.ask("DELETE", f"{path}/needs/{need}", seen=seen)).status_code == 412
    # Somebody enrols meanwhile: that changes nothing of the needs.
    await office.ask("PUT", f"{path}/participants/{programme.ids['participants']}", json={})
    assert (await office.ask("DELETE", f"{path}/needs/{need}", seen=seen + 1)).status_code == 200


async def test_an_agencys_contact_is_changed_by_who_saw_it(office: Office) -> None:
    path = f"/api/v1/agencies/{office.lens}/contact"
    assert (await office.ask_blindly("PUT", path, json={})).status_code == 428
    done = await office.ask("PATCH", path, seen=1, json={"phone": "03 21 00 00 00"})
    assert (done.status_code, done.headers["etag"]) == (204, '"2"')
    late = await office.ask("PATCH", path, seen=1, json={"email": "lens@agence.example"})
    assert late.status_code == 412
    assert late.json()["changed"] == {"phone": "+33321000000", "email": None, "address": None}


async def test_a_system_that_knows_a_record_by_its_identifier_overwrites_nothing_unsaid(office: Office) -> None:
    path = "/api/v1/participants/by-identifier/P7"
    body, moved = bodies.participant(), bodies.participant(commune="Arras")
    assert (await office.ask_blindly("PUT", path, json=body)).status_code == 201
    assert (await office.ask_blindly("PUT", path, json=body)).json()["change"] == "unchanged"
    refused = await office.ask_blindly("PUT", path, json=moved)
    assert (refused.status_code, refused.json()["code"]) == (428, "revision-required")
    assert await office.events(ParticipantChanged) == []
    late = await office.ask_blindly("PUT", path, json=moved, headers={"if-match": '"1"'})
    assert late.status_code == 412
    whatever = await office.ask_blindly("PUT", path, json=moved, headers={"if-match": "*"})
    assert whatever.json()["change"] == "changed"
    assert whatever.headers["etag"] == f'"{whatever.json()["revision"]}"'


@pytest.mark.parametrize("kind", ["participants", "workshops", "employers", "needs", "meetups"])
async def test_everything_that_has_a_revision_says_it(office: Office, programme: Programme, kind: str) -> None:
    shown = await office.ask("GET", programme.path(kind))
    assert shown.headers["etag"] == f'"{shown.json()["revision"]}"'
    made = await office.ask("POST", f"/api/v1/{kind}", json=_whole(kind, programme, {}))
    assert made.headers["etag"] == f'"{made.json()["revision"]}"'
