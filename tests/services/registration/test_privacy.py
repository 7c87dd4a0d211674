"""What is personal stays in registration: no planted word leaves by an event, a log record or an error."""

import json
import logging

import pytest

from services.registration.tables import Base
from services.registration.use_cases import telling
from shared.contracts.envelope import body_of
from tests.services.registration import bodies
from tests.services.registration.office import OPERATOR, SERVICE, Office
from tests.services.registration.use_cases.importing.exports import OBSERVATION, PARTICIPANT, WORKSHOP, folder

PLANTED = {
    "nom": "Zzyzxname",
    "prenom": "Zzyzxfirst",
    "courriel": "zzyzxmail@courriel.example",
    "telephone": "06 99 88 77 66",
    "identifiant": "ZZYZX-ID",
    "publics": "TH",
    "date_naissance": "23/04/1977",
    "sexe": "F",
    "langue": "en",
}
NOTE = "Zzyzxnote sur la personne"
OBSERVER = "zzyzxobserver@musees.example"
TRACES = ("zzyzx", "699887766", "1977", "deld", '"th"', "sexe", "born", "publics", "sex", "language")


def _traces_in(text: str) -> list[str]:
    return [trace for trace in TRACES if trace in text.lower()]


async def _live_through_everything(office: Office) -> str:
    """Everything that can happen to somebody, with planted words wherever words can stand; what was refused."""
    await office.import_files(
        folder(
            participants=[{**PARTICIPANT, **PLANTED}, {**PARTICIPANT, **PLANTED, "identifiant": "ZZYZX-2", "nom": ""}],
            ateliers=[{**WORKSHOP, "mediateurs": OBSERVER, "titre": "Zzyzx"}],
            inscriptions=[{"atelier": "AT1", "participant": "ZZYZX-ID"}],
            observations=[{**OBSERVATION, "participant": "ZZYZX-ID", "observateur": OBSERVER, "commentaire": NOTE}],
            rencontre_participants=[{"rencontre": "R1", "participant": "ZZYZX-ID"}],
        )
    )
    body = bodies.participant(
        first_name="Zzyzxfirst",
        last_name="Zzyzxother",
        email="zzyzx2@courriel.example",
        phone="06 99 88 77 66",
        postal_address="3 rue Zzyzx",
        language="en",
        protected={"publics": ["TH"], "born_on": "1977-04-23", "sex": "F"},
        agency_id=str(office.lens),
    )
    person = (await office.post("/api/v1/participants", body, OPERATOR))["id"]
    employer = (await office.post("/api/v1/employers", bodies.employer(name="Zzyzx SA", contact_name="Zzyzx")))["id"]
    named = bodies.contact(employer, name="Zzyzx", function="Zzyzx", email="zzyzx3@entreprise.example")
    contact = (await office.post("/api/v1/employer-contacts", named))["id"]
    site = (await office.post("/api/v1/sites", bodies.site(employer, name="Zzyzx", address="Zzyzx", access="Zzyzx")))[
        "id"
    ]
    await office.post("/api/v1/needs", bodies.need(employer, title="Zzyzx", site_id=site, contact_id=contact))
    await office.ask("PATCH", f"/api/v1/sites/{site}", json={"access": "Zzyzx au fond"})
    await office.ask("PATCH", f"/api/v1/employer-contacts/{contact}", json={"is_main": True, "name": "Zzyzx Zzyzx"})
    first = (await office.ask("GET", f"/api/v1/employer-contacts?employer={employer}")).json()["items"][0]["id"]
    assert (await office.ask("DELETE", f"/api/v1/employer-contacts/{first}")).status_code == 204
    meetup = (await office.post("/api/v1/meetups", bodies.meetup(title="Zzyzx", address="Zzyzx", access="Zzyzx")))["id"]
    await office.ask("PUT", f"/api/v1/meetups/{meetup}/participants/{person}", json={"front_table": True})
    await office.ask("PUT", f"/api/v1/participants/{person}", json={**body, "commune": "Arras"})
    await office.ask("POST", "/internal/directory", SERVICE, json={"participants": [person]})
    refusals = [
        await office.ask("POST", "/api/v1/participants", json={**body, "commune": "Zzyzx", "email": "zzyzx@@"}),
        await office.ask("POST", "/api/v1/participants", json={**body, "sexe": "Zzyzx", "last_name": ["Zzyzx"]}),
        await office.ask("GET", f"/api/v1/participants/Zzyzx{person}"),
    ]
    # What was told of somebody erased leaves the outbox, so it is another one: this one's events stay to be looked at.
    other = (await office.post("/api/v1/participants", {**body, "agency_id": str(office.lens)}, OPERATOR))["id"]
    await office.ask("DELETE", f"/api/v1/participants/{other}")
    return "".join(refusal.text for refusal in refusals)


async def test_no_event_holds_anything_personal(office: Office) -> None:
    await _live_through_everything(office)
    told = await office.events()
    assert {type(event).__name__ for event in told} >= {
        "ParticipantRegistered",
        "ParticipantChanged",
        "ConsentGranted",
        "ParticipantErased",
        "SkillObserved",
        "EmployerRegistered",
        "EmployerChanged",
        "NeedPublished",
        "NeedChanged",
        "MeetupScheduled",
        "MeetupChanged",
        "ParticipantEnrolled",
    }
    for event in told:
        assert _traces_in(body_of(event).decode()) == [], type(event).__name__
    rows = await office.rows("SELECT headers::text AS headers, key::text AS key FROM outbox")
    assert _traces_in(json.dumps([dict(row) for row in rows])) == []


async def test_no_log_record_and_no_refusal_holds_anything_personal(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        for name in ("httpx", "httpcore", "sqlalchemy", "asyncio", "python_multipart"):
            logging.getLogger(name).setLevel(logging.WARNING)
        refused = await _live_through_everything(office)
    assert "zzyzx" not in refused.lower()
    assert any("import of 9 files" in record.getMessage() for record in caplog.records)
    for record in caplog.records:
        assert "zzyzx" not in record.getMessage().lower(), record.name


def test_what_is_personal_stands_in_tables_of_its_own_and_what_is_told_is_made_of_none() -> None:
    personal = {"first_name", "last_name", "folded_name", "postal_address"}
    holders = {name for name, table in Base.metadata.tables.items() if personal & set(table.columns.keys())}
    assert holders == {"participant_contacts", "name_words", "agencies", "venues"}
    source = telling.__loader__.get_source(telling.__name__)  # type: ignore[union-attr] # a file has one
    assert "protected" not in source
    assert "contact" not in source
