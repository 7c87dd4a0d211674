"""Somebody who has been everywhere is erased: nothing of them stays but a tombstone, and the receipt says so."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from services.registration.domain.naming import bearer_of
from services.registration.domain.participants import Contact
from services.registration.subscribers import create_router
from services.registration.tables import Base
from services.registration.worker import note_erasures_told
from shared.contracts.envelope import Envelope, Event, body_of
from shared.contracts.invitations import EmployerReplied, InvitationAccepted
from shared.contracts.pairings import Difference, Meeting, PairingApproved
from shared.contracts.participants import ParticipantErased
from shared.contracts.vocabulary import Bilingual
from shared.database import unit_of_work
from shared.identity import Seal
from shared.ids import new_id
from shared.sql import run
from shared.travel.hearing import Hearing
from shared.travel.inbox import apply_batch
from shared.travel.retention import TOMBSTONES_STAY, prune
from shared.travel.topics import TOPIC_OF_EVENT
from tests.services.registration import bodies
from tests.services.registration.office import MANAGER, NOW, OPERATOR, SERVICE, Office
from tests.services.registration.use_cases.importing.exports import PARTICIPANT, folder
from tests.shared.travel.records import deliver
from tests.support.traces import AUDIT, HOW_TO_MEND, traces_of

TOMBSTONE = {"erasures.participant_id", "outbox.key", "outbox.body"}
"""The outbox tells of the erasure itself, for the time that all events are kept."""

PERSON = bodies.participant(
    first_name="Zzyzxline",
    last_name="Qwertzuiop",
    email="zzyzxline@courriel.example",
    phone="06 99 88 77 66",
    identifier="ZQ-0815",
    postal_address="3 rue Zzyzxline",
)
WORDS = ("zzyzxline", "qwertzuiop", "699887766", "ZQ-0815")


async def hear(office: Office, *events: Event) -> None:
    """Let registration hear what the other services tell."""
    hearing = Hearing("registration", create_router())
    for event in events:
        async with unit_of_work(office.sessions) as session:
            topic = TOPIC_OF_EVENT[type(event)]
            await hearing.subscription(topic).handler(session, [Envelope(new_id(), topic.source, NOW, event)])


def paired(meetup: UUID, person: UUID, need: UUID, revision: int = 1) -> PairingApproved:
    """A pairing of one meeting is in force."""
    words = Bilingual(fr="…", en="…")
    meeting = Meeting.model_validate(
        {
            "meeting_id": new_id(),
            "participant_id": person,
            "need_id": need,
            "employer_id": new_id(),
            "slot": 0,
            "length": 1,
            "table": 1,
            "starts_at": NOW,
            "minutes": 12,
            "position": 1,
            "score": 0.5,
            "for_participant": words,
            "for_employer": words,
        }
    )
    return PairingApproved(
        meetup_id=meetup,
        pairing_id=new_id(),
        run_id=None,
        revision=revision,
        meetings=(meeting,),
        reserve=(),
        difference=Difference(),
        approved_by=new_id(),
    )


async def somebody_everywhere(office: Office) -> dict[str, Any]:
    """They are registered, resemble somebody, are observed, enrolled, paired, invited, answered for, dead-lettered."""
    once = {"Idempotency-Key": "once"}
    first = await office.ask("POST", "/api/v1/participants", json=PERSON, headers=once)
    person = UUID(first.json()["id"])
    await office.post("/api/v1/participants", {**PERSON, "identifier": "ZQ-0816", "last_name": "Other"})
    twin = (await office.post("/api/v1/participants", {**PERSON, "identifier": "OTHER"}))["id"]
    workshop = (await office.post("/api/v1/workshops", bodies.workshop()))["id"]
    await office.ask("PUT", f"/api/v1/workshops/{workshop}/participants/{person}")
    await office.post("/api/v1/observations", bodies.observation(workshop, str(person), note="Zzyzxline tient bon."))
    employer = (await office.post("/api/v1/employers", bodies.employer()))["id"]
    need = UUID((await office.post("/api/v1/needs", bodies.need(employer)))["id"])
    meetup = UUID((await office.post("/api/v1/meetups", bodies.meetup()))["id"])
    await office.ask("PUT", f"/api/v1/meetups/{meetup}/needs/{need}", json={})
    await office.ask("PUT", f"/api/v1/meetups/{meetup}/participants/{person}", json={"front_table": True})
    await office.ask("DELETE", f"/api/v1/participants/{person}/consents/contact")
    replied = {"meetup_id": meetup, "participant_id": person}
    await hear(
        office,
        paired(meetup, person, need),
        InvitationAccepted(**replied, invitation_id=new_id(), revision=1),
        EmployerReplied.model_validate(
            {**replied, "employer_id": employer, "need_id": need, "revision": 1, "answer": "not-now", "reason": "hours"}
        ),
    )
    await bury(office, InvitationAccepted(**replied, invitation_id=new_id(), revision=2))
    await office.ask("DELETE", f"/api/v1/participants/{twin}")
    return {"person": person, "meetup": meetup, "need": need, "workshop": workshop}


async def bury(office: Office, event: Event) -> None:
    """An event about somebody cannot be read."""
    topic = TOPIC_OF_EVENT[type(event)]
    subscription = Hearing("registration", create_router()).subscription(topic)
    [record] = deliver([Envelope(new_id(), topic.source, NOW, event)])
    dead = replace(record, topic=topic.full_name(), value=body_of(event)[:-1])
    assert (await apply_batch(office.sessions, subscription, [dead], dead_in_a_row=0, limit=20)).dead == 1


async def erase(office: Office, person: UUID | str) -> dict[str, Any]:
    """The receipt of an erasure by their adviser."""
    response = await office.ask("DELETE", f"/api/v1/participants/{person}")
    assert response.status_code == 200, response.text
    receipt: dict[str, Any] = response.json()
    return receipt


async def test_of_somebody_erased_only_the_tombstone_stays(office: Office) -> None:
    person = (await somebody_everywhere(office))["person"]
    before = await traces_of(office.sessions, str(person))
    assert len(before) >= 14, f"they have not been everywhere: {sorted(before)}"
    await erase(office, person)
    left = await traces_of(office.sessions, str(person)) - TOMBSTONE - AUDIT
    assert not left, f"{sorted(left)} {HOW_TO_MEND}"
    told = [event for event in await office.events() if str(person).encode() in body_of(event)]
    assert [type(event) for event in told] == [ParticipantErased]


async def test_neither_name_nor_address_nor_identifier_of_somebody_erased_stays(office: Office) -> None:
    person = (await office.post("/api/v1/participants", PERSON))["id"]
    workshop = (await office.post("/api/v1/workshops", bodies.workshop()))["id"]
    await office.enrol(workshop, person)
    await office.post("/api/v1/observations", bodies.observation(workshop, person, note="Zzyzxline tient bon."))
    assert len(await traces_of(office.sessions, *WORDS)) >= 6
    await erase(office, person)
    assert await traces_of(office.sessions, *WORDS) == set()


async def test_an_erasure_wins_for_ever(office: Office) -> None:
    were = await somebody_everywhere(office)
    person = were["person"]
    await erase(office, person)
    *_, erased = await office.events()
    assert isinstance(erased, ParticipantErased)
    assert (await office.ask("GET", f"/api/v1/participants/{person}")).status_code == 404
    again = await office.ask("POST", "/api/v1/participants", json=PERSON)
    assert (again.status_code, again.json()["code"]) == (409, "erased-participant")
    report = await office.import_files(folder(participants=[{**PARTICIPANT, "identifiant": "ZQ-0815"}]))
    assert [each["code"] for each in report["findings"] if each["code"] == "erased-participant"]
    found = await office.ask("POST", "/internal/directory", SERVICE, json={"participants": [str(person)]})
    assert found.json()["participants"] == {}
    late = {"meetup_id": were["meetup"], "participant_id": person, "invitation_id": new_id(), "revision": 9}
    await hear(office, paired(were["meetup"], person, were["need"], 7), InvitationAccepted(**late))
    left = await traces_of(office.sessions, str(person)) - TOMBSTONE - AUDIT
    assert not left, f"{sorted(left)} {HOW_TO_MEND}"


async def test_the_digest_of_an_identifier_cannot_be_guessed_without_the_secret(office: Office) -> None:
    await erase(office, (await office.post("/api/v1/participants", bodies.participant(identifier="P0007")))["id"])
    [row] = await office.rows("SELECT identifier_digest FROM erasures")
    digest = row["identifier_digest"]
    guesses = {identifier_digest_of(secret, "P0007") for secret in ("", "P0007", "another secret, just as long as it")}
    assert digest not in guesses
    assert digest != hashlib.sha256(b"P0007").hexdigest()


def identifier_digest_of(secret: str, identifier: str) -> str:
    return Seal(secret.ljust(32)).mark("erased-identifier", identifier)


async def test_the_receipt_says_what_went_what_is_on_its_way_and_what_ages_out(office: Office) -> None:
    person = (await somebody_everywhere(office))["person"]
    receipt = await erase(office, person)
    assert receipt["gone"]["participants"] == 1
    assert receipt["gone"]["observations"] == 1
    assert receipt["gone"]["outbox"] >= 5
    assert receipt["gone"]["dead_letters"] == 1
    assert receipt["kept"]["participant_id"] == str(person)
    assert receipt["kept"]["participant_id_goes_by"] == (NOW + timedelta(days=63)).date().isoformat()
    assert "reste jusqu’au dimanche 24\u00a0janvier 2027 au plus tard" in receipt["kept"]["why"]
    assert "s’efface d’elle-même, le dimanche 24\u00a0janvier 2027 au plus tard" in receipt["kept"]["why"]
    assert receipt["told_at"] is None
    assert receipt["ages_out_on"] == (NOW + timedelta(days=32)).date().isoformat()
    async with unit_of_work(office.sessions) as session:
        connection = await session.connection()
        await connection.exec_driver_sql("UPDATE outbox SET published_at = '2026-11-24T10:00:00Z'")
    later = (await office.ask("GET", f"/api/v1/erasures/{receipt['id']}", MANAGER)).json()
    assert later["told_at"].startswith("2026-11-24T10:00:00")
    assert later["ages_out_on"] == "2026-12-26"
    listed = (await office.ask("GET", "/api/v1/erasures")).json()
    assert receipt["id"] in {each["id"] for each in listed["items"]}
    elsewhere = await office.ask("GET", f"/api/v1/erasures/{receipt['id']}", office.other_adviser)
    assert elsewhere.status_code == 404


async def test_a_receipt_stays_true_when_the_outbox_forgets_and_the_id_goes(office: Office) -> None:
    were = await somebody_everywhere(office)
    receipt = await erase(office, were["person"])
    await bury(
        office,
        InvitationAccepted(meetup_id=were["meetup"], participant_id=were["person"], invitation_id=new_id(), revision=3),
    )
    async with unit_of_work(office.sessions) as session:
        await run(session, text("UPDATE outbox SET written_at = :now, published_at = :now"), {"now": NOW})
    await note_erasures_told(office.sessions)

    async def receipt_then(now: datetime) -> dict[str, Any]:
        await prune(office.sessions, Base.metadata, now=now)
        found: dict[str, Any] = (await office.ask("GET", f"/api/v1/erasures/{receipt['id']}", MANAGER)).json()
        return found

    told = datetime.fromisoformat((await receipt_then(NOW))["told_at"])
    assert await traces_of(office.sessions, str(were["person"])) - AUDIT == TOMBSTONE
    later = await receipt_then(NOW + timedelta(days=31))
    assert await traces_of(office.sessions, str(were["person"])) - AUDIT == {"erasures.participant_id"}
    assert datetime.fromisoformat(later["told_at"]) == told == NOW
    at_last = await receipt_then(NOW + TOMBSTONES_STAY + timedelta(seconds=1))
    assert await traces_of(office.sessions, str(were["person"])) - AUDIT == set()
    assert at_last["kept"]["participant_id"] is None
    assert at_last["kept"]["why"].startswith(
        "L’identifiant technique ne reste que dans le journal des accès, qui ne nomme personne. Une empreinte"
    )
    assert {**at_last, "kept": None} == {**later, "kept": None}
    again = await office.ask("POST", "/api/v1/participants", json=PERSON)
    assert (again.status_code, again.json()["code"]) == (409, "erased-participant")


async def test_other_peoples_notes_that_name_them_are_shown_to_an_adviser(office: Office) -> None:
    person = (await office.post("/api/v1/participants", PERSON))["id"]
    other = (await office.post("/api/v1/participants", bodies.participant()))["id"]
    there = (await office.post("/api/v1/workshops", bodies.workshop()))["id"]
    elsewhere = (await office.post("/api/v1/workshops", bodies.workshop(title="Ailleurs")))["id"]
    await office.ask("PUT", f"/api/v1/workshops/{there}/participants/{person}")

    async def note(workshop: str, words: str, skill: str) -> str:
        await office.enrol(workshop, other)
        body = bodies.observation(workshop, other, note=words, skill=skill)
        return str((await office.post("/api/v1/observations", body))["id"])

    named = await note(there, "A aidé ZZYZXLINE à finir.", "6D101")
    await note(there, "A fini seul.", "6D102")
    both = await note(elsewhere, "Parle de Zzyzxline Qwertzuiop.", "6D103")
    await note(elsewhere, "Parle de Zzyzxline, une autre.", "6D104")
    receipt = await erase(office, person)
    assert {each["observation_id"] for each in receipt["notes_to_look_at"]} == {named, both}
    words = {each["observation_id"]: each["note"] for each in receipt["notes_to_look_at"]}
    assert words[named] == "A aidé ZZYZXLINE à finir."
    shown = (await office.ask("GET", f"/api/v1/erasures/{receipt['id']}", OPERATOR)).json()
    assert all("note" not in each for each in shown["notes_to_look_at"])
    path = f"/api/v1/erasures/{receipt['id']}/notes/{named}/settle"
    assert (await office.ask("POST", path)).status_code == 204
    assert (await office.ask("POST", path)).status_code == 404
    left = (await office.ask("GET", f"/api/v1/erasures/{receipt['id']}")).json()["notes_to_look_at"]
    assert [each["observation_id"] for each in left] == [both]


@pytest.mark.parametrize(
    ("text", "was_there", "is_named"),
    [
        ("Aide Élodie.", True, True),
        ("Aide ELODIE", True, True),
        ("Aide Élodie.", False, False),
        ("Aide Élodie de la Tour.", False, True),
        ("de-la-tour s’impatiente", True, True),
        ("Parle de la pluie.", True, False),
        ("Mélodie chante.", True, False),
    ],
)
def test_a_name_is_found_as_words(text: str, was_there: bool, is_named: bool) -> None:
    bearer = bearer_of(Contact("Élodie", "de la Tour", None, None, None))
    assert bearer.is_named_in(text, was_there=was_there) is is_named
