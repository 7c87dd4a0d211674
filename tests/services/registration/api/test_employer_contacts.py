"""Employers have several contacts, one of them the main one: where shortlists go is nobody else's to see or to say."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.registration.domain.owed_mails import ContactChanged, MailContent
from services.registration.worker import send_owed_mails
from shared.contracts.employers import EmployerChanged
from shared.identity import Person
from tests.services.registration import bodies
from tests.services.registration.office import MANAGER, NOW, OPERATOR, SERVICE, Office
from tests.services.registration.use_cases.importing.exports import EMPLOYER, NEED, PARTICIPANT, written

AUDREY, NADIA = "recrutement@entreprise.example", "nord@entreprise.example"
C = "/api/v1/employer-contacts"

ROW = {
    "identifiant": "C1",
    "employeur": "E1",
    "nom": "Audrey Jacob",
    "fonction": "Gérante",
    "courriel": AUDREY,
    "telephone": "03 37 20 74 61",
    "langue": "fr",
    "principal": "oui",
}
SECOND = {**ROW, "identifiant": "C2", "nom": "Nadia Lefebvre", "courriel": NADIA, "principal": "non"}


class Taken:
    """Takes every mail."""

    def __init__(self) -> None:
        self.sent: list[MailContent] = []

    async def send_owed(self, mail: MailContent) -> str | None:
        self.sent.append(mail)
        return None


async def told_of_change(office: Office) -> list[str]:
    """The former addresses that hear that they are former ones."""
    sender = Taken()
    await send_owed_mails(office.sessions, sender, lambda: NOW + timedelta(minutes=1))
    return [mail.email for mail in sender.sent if isinstance(mail, ContactChanged)]


async def employer_of_lens(office: Office, **changes: Any) -> str:
    return str((await office.post("/api/v1/employers", bodies.employer(**changes)))["id"])


async def contact_of(office: Office, employer: str, **changes: Any) -> str:
    return str((await office.post(C, bodies.contact(employer, **changes)))["id"])


async def main_contact(office: Office, employer: str) -> str:
    listed = (await office.ask("GET", f"{C}?employer={employer}")).json()["items"]
    return next(str(each["id"]) for each in listed if each["is_main"])


async def is_expected(office: Office, employer: str, **changes: Any) -> str:
    """A need of the employer is invited to a meetup ahead; gives the need."""
    need = str((await office.post("/api/v1/needs", bodies.need(employer, **changes)))["id"])
    meetup = (await office.post("/api/v1/meetups", bodies.meetup()))["id"]
    await office.ask("PUT", f"/api/v1/meetups/{meetup}/needs/{need}", json={})
    return need


async def receives(office: Office, need: str) -> str | None:
    """Where the shortlist of a need would go, as notification learns it."""
    asked = {"needs": [need], "employers": [(await office.ask("GET", f"/api/v1/needs/{need}")).json()["employer_id"]]}
    found = (await office.ask("POST", "/internal/directory", SERVICE, json=asked)).json()
    (employer,) = found["employers"].values()
    contact = found["needs"][need]["contact"] or employer
    email: str | None = contact["email"]
    return email


async def test_the_contact_that_an_employer_shows_is_its_main_one(office: Office) -> None:
    employer = await employer_of_lens(office, language="en")
    main = await main_contact(office, employer)
    shown = (await office.ask("GET", f"{C}/{main}")).json()
    assert {name: shown[name] for name in ("name", "email", "phone", "language", "is_main")} == {
        "name": "Audrey Jacob",
        "email": AUDREY,
        "phone": "+33337207461",
        "language": "en",
        "is_main": True,
    }
    await office.ask("PATCH", f"{C}/{main}", json={"name": "Audrey Petit", "function": "Gérante"})
    kept = (await office.ask("GET", f"/api/v1/employers/{employer}")).json()
    assert (kept["contact_name"], kept["revision"]) == ("Audrey Petit", 2)
    assert len(await office.events(EmployerChanged)) == 1
    await office.ask("PATCH", f"/api/v1/employers/{employer}", json={"email": NADIA})
    assert (await office.ask("GET", f"{C}/{main}")).json()["email"] == NADIA


async def test_the_first_contact_is_the_main_one_until_another_is(office: Office) -> None:
    employer = await employer_of_lens(office, contact_name=None, email=None, phone=None)
    nadia = await contact_of(office, employer)
    audrey = await contact_of(office, employer, name="Audrey Jacob", email=AUDREY, is_main=False)
    assert await main_contact(office, employer) == nadia
    await office.ask("PATCH", f"{C}/{audrey}", json={"is_main": True})
    assert await main_contact(office, employer) == audrey
    assert (await office.ask("GET", f"/api/v1/employers/{employer}")).json()["email"] == AUDREY
    refused = await office.ask("PATCH", f"{C}/{audrey}", json={"is_main": False})
    assert (refused.status_code, refused.json()["code"]) == (409, "main-contact")


async def test_contacts_are_seen_by_the_agency_that_vouches_alone(office: Office) -> None:
    employer = await employer_of_lens(office)
    contact = await contact_of(office, employer)

    async def seen(person: Person) -> tuple[int, int]:
        listed = await office.ask("GET", f"{C}?employer={employer}", person)
        one = await office.ask("GET", f"{C}/{contact}", person)
        return len(listed.json().get("items", [])), one.status_code

    assert await seen(office.adviser) == (2, 200)
    assert await seen(OPERATOR) == (2, 200)
    assert await seen(office.other_adviser) == (0, 404)
    assert await seen(MANAGER) == (0, 403)
    theirs = (await office.ask("GET", f"/api/v1/employers/{employer}", office.other_adviser)).json()
    assert not {"contact_name", "email", "phone", "language"} & set(theirs)


async def test_others_propose_a_contact_and_change_none(office: Office) -> None:
    employer = await employer_of_lens(office)
    contact = await contact_of(office, employer, identifier="C1")
    stranger = office.other_adviser
    body = bodies.contact(employer, name="Zoé Roy", email="zoe@entreprise.example")
    for answer, status in (
        (await office.ask("POST", C, stranger, json=body), 403),
        (await office.ask("PUT", f"{C}/by-identifier/C1", stranger, json=body), 403),
        (await office.ask("PATCH", f"{C}/{contact}", stranger, json={"email": "x@evil.example"}), 404),
        (await office.ask("DELETE", f"{C}/{contact}", stranger), 404),
    ):
        assert answer.status_code == status, answer.text
    proposal = (await office.post(f"{C}/proposals", body, stranger))["id"]
    listed = (await office.ask("GET", f"{C}?employer={employer}")).json()["items"]
    assert {each["email"] for each in listed} == {AUDREY, NADIA}
    assert (await office.ask("POST", f"/api/v1/proposals/{proposal}/accept")).status_code == 201
    listed = (await office.ask("GET", f"{C}?employer={employer}")).json()["items"]
    assert {each["email"] for each in listed} == {AUDREY, NADIA, "zoe@entreprise.example"}


async def test_the_shortlist_of_a_need_goes_to_the_contact_that_it_names(office: Office) -> None:
    employer = await employer_of_lens(office)
    contact = await contact_of(office, employer)
    need = (await office.post("/api/v1/needs", bodies.need(employer)))["id"]
    assert await receives(office, need) == AUDREY
    await office.ask("PATCH", f"/api/v1/needs/{need}", json={"contact_id": contact})
    assert await receives(office, need) == NADIA
    await office.ask("PATCH", f"{C}/{contact}", json={"email": None})
    assert await receives(office, need) == AUDREY


async def test_a_need_names_a_contact_of_its_employer_and_of_ones_agency(office: Office) -> None:
    employer = await employer_of_lens(office)
    contact = await contact_of(office, employer)
    other = await employer_of_lens(office)
    foreign = await office.ask("POST", "/api/v1/needs", json=bodies.need(other, contact_id=contact))
    theirs = bodies.need(employer, contact_id=contact)
    unseen = await office.ask("POST", "/api/v1/needs", office.other_adviser, json=theirs)
    for refused in (foreign, unseen):
        assert (refused.status_code, refused.json()["code"]) == (422, "unknown-contact")
    assert (await office.ask("POST", "/api/v1/needs", office.other_adviser, json=bodies.need(employer))).is_success


async def test_while_a_list_is_open_its_own_agency_alone_says_where_it_goes(office: Office) -> None:
    employer = await employer_of_lens(office)
    contact = await contact_of(office, employer)
    need = await is_expected(office, employer)
    for path, said in (
        (f"{C}/{contact}", {"email": "x@y.example"}),
        (f"{C}/{contact}", {"is_main": True}),
        (f"/api/v1/needs/{need}", {"contact_id": contact}),
    ):
        refused = await office.ask("PATCH", path, OPERATOR, json=said)
        assert (refused.status_code, refused.json()["code"]) == (409, "contact-in-use"), said
    assert (await office.ask("PATCH", f"{C}/{contact}", OPERATOR, json={"function": "Cheffe"})).is_success
    assert (await office.ask("PATCH", f"/api/v1/needs/{need}", json={"contact_id": contact})).is_success
    gone = await office.ask("DELETE", f"{C}/{contact}", OPERATOR)
    assert (gone.status_code, gone.json()["code"]) == (409, "contact-in-use")


@pytest.mark.parametrize(
    ("named", "path", "said", "hears"),
    [
        (True, "contact", {"email": "x@y.example"}, [NADIA]),
        (False, "contact", {"email": "x@y.example"}, []),
        (False, "contact", {"is_main": True}, [AUDREY]),
        (False, "need", "contact", [AUDREY]),
        (True, "need", None, [NADIA]),
        (True, "contact", {"phone": "03 21 00 00 99"}, []),
    ],
)
async def test_the_address_where_an_open_list_no_longer_goes_hears_of_it(
    office: Office, named: bool, path: str, said: Any, hears: list[str]
) -> None:
    employer = await employer_of_lens(office)
    contact = await contact_of(office, employer)
    need = await is_expected(office, employer, contact_id=contact if named else None)
    body = {"contact_id": contact if said else None} if path == "need" else said
    address = f"/api/v1/needs/{need}" if path == "need" else f"{C}/{contact}"
    assert (await office.ask("PATCH", address, json=body)).status_code == 200
    assert await told_of_change(office) == hears


async def test_somebody_who_is_forgotten_leaves_their_lists_to_the_main_contact(office: Office) -> None:
    employer = await employer_of_lens(office)
    contact = await contact_of(office, employer)
    need = await is_expected(office, employer, contact_id=contact)
    main = await main_contact(office, employer)
    refused = await office.ask("DELETE", f"{C}/{main}")
    assert (refused.status_code, refused.json()["code"]) == (409, "main-contact")
    assert (await office.ask("DELETE", f"{C}/{contact}")).status_code == 204
    assert await receives(office, need) == AUDREY
    assert await told_of_change(office) == [NADIA]
    former = (await office.ask("GET", f"/api/v1/employers/{employer}/former-contacts")).json()["items"]
    assert [each["email"] for each in former] == [NADIA]
    assert (await office.ask("DELETE", f"{C}/{main}")).status_code == 204
    shown = (await office.ask("GET", f"/api/v1/employers/{employer}")).json()
    assert (shown["contact_name"], shown["email"], shown["phone"]) == (None, None, None)
    assert (await office.ask("GET", f"{C}?employer={employer}")).json()["items"] == []


async def test_an_employer_that_names_nobody_any_more_keeps_nothing_of_its_contact(office: Office) -> None:
    employer = await employer_of_lens(office)
    await office.ask("PATCH", f"{C}/{await main_contact(office, employer)}", json={"function": "Gérante"})
    gone = {"contact_name": None, "email": None, "phone": None}
    await office.ask("PATCH", f"/api/v1/employers/{employer}", json=gone)
    assert await office.rows("SELECT * FROM employer_contacts") == []


async def test_contacts_are_imported_and_the_main_one_is_who_the_list_of_employers_names(office: Office) -> None:
    files = {
        "besoins.csv": written([{**NEED, "contact": "C2"}]),
        "contacts.csv": written([SECOND, ROW]),
        "employeurs.csv": written([EMPLOYER]),
        "participants.csv": written([PARTICIPANT]),
    }
    report = await office.import_files(files, office.adviser)
    assert report["findings"] == []
    kept = await office.rows("SELECT identifier, name, function, email, is_main FROM employer_contacts ORDER BY 1")
    assert [(each["identifier"], each["email"], each["is_main"]) for each in kept] == [
        ("C1", AUDREY, True),
        ("C2", NADIA, False),
    ]
    assert kept[0]["function"] == "Gérante"
    [need] = await office.rows("SELECT id FROM needs")
    assert await receives(office, str(need["id"])) == NADIA
    again = await office.import_files(files, office.adviser)
    assert all(each["unchanged"] == each["read"] for each in again["files"].values()), again


async def test_an_import_refuses_what_is_unknown_or_another_agencys(office: Office) -> None:
    await office.import_files({"employeurs.csv": written([EMPLOYER])}, office.adviser)
    rows = [{**ROW, "employeur": "E9"}, {**ROW, "identifiant": "C3", "nom": "", "courriel": "", "telephone": ""}]
    report = await office.import_files({"contacts.csv": written(rows)}, office.adviser)
    assert [(each["code"], each["column"]) for each in report["findings"]] == [
        ("unknown-employer", "employeur"),
        ("missing-value", "nom"),
    ]
    foreign = await office.import_files({"contacts.csv": written([ROW])}, office.other_adviser)
    assert [each["code"] for each in foreign["findings"]] == ["other-agency"]
    unknown = await office.import_files({"besoins.csv": written([{**NEED, "contact": "C9"}])}, office.adviser)
    assert [(each["code"], each["column"]) for each in unknown["findings"]] == [("unknown-contact", "contact")]


async def test_an_open_list_is_not_redirected_by_an_import_of_anybody_else(office: Office) -> None:
    files = {"employeurs.csv": written([EMPLOYER]), "contacts.csv": written([ROW, SECOND])}
    await office.import_files({**files, "besoins.csv": written([{**NEED, "contact": "C2"}])}, office.adviser)
    [need] = await office.rows("SELECT id FROM needs")
    meetup = (await office.post("/api/v1/meetups", bodies.meetup()))["id"]
    await office.ask("PUT", f"/api/v1/meetups/{meetup}/needs/{need['id']}", json={})
    changed = {
        "contacts.csv": written([{**SECOND, "courriel": "x@y.example"}]),
        "besoins.csv": written([{**NEED, "contact": "C1"}]),
    }
    report = await office.import_files(changed)
    assert {(each["code"], each["column"]) for each in report["findings"]} == {
        ("contact-in-use", "courriel"),
        ("contact-in-use", "contact"),
    }
    assert await receives(office, str(need["id"])) == NADIA
