"""The records of the programme through the API, and the events that tell of them."""

from uuid import UUID

from services.registration.domain import kinds
from shared.contracts.employers import EmployerChanged, NeedChanged, NeedClosed, NeedPublished
from shared.contracts.meetups import (
    AttendanceRecorded,
    MeetupCancelled,
    MeetupChanged,
    MeetupScheduled,
    OutcomeRecorded,
    ParticipantEnrolled,
    ParticipantUnenrolled,
)
from shared.contracts.observations import ObservationCorrected, ObservationRetracted, SkillObserved
from shared.contracts.participants import (
    ConsentGranted,
    ConsentWithdrawn,
    ParticipantChanged,
    ParticipantRegistered,
)
from tests.services.registration import bodies
from tests.services.registration.office import SERVICE, Office


async def test_a_registered_participant_is_told_with_all_that_pairing_may_know(office: Office) -> None:
    registered = await office.post("/api/v1/participants", bodies.participant())
    assert registered["warnings"] == []
    state, pairing, contact = await office.events()
    assert isinstance(state, ParticipantRegistered)
    assert state.participant_id == UUID(registered["id"])
    assert state.agency_id == office.lens
    assert state.home.commune == "62510"
    assert state.travel_limit_km == 25
    assert state.hours == ("day", "evening")
    assert "caces-1" in state.licences
    assert {"b", "d"} <= set(state.licences), "who may drive a bus may drive a car"
    assert state.wishes == ("N1103",)
    assert state.refused_occupations == ("M1601",)
    assert isinstance(pairing, ConsentGranted)
    assert isinstance(contact, ConsentGranted)
    assert (pairing.purpose, contact.purpose) == ("pairing", "contact")
    assert (state.revision, pairing.revision, contact.revision) == (1, 2, 3)


async def test_warnings_are_in_the_language_asked_for_also_when_an_answer_is_given_again(office: Office) -> None:
    body = bodies.participant(consents={"pairing": True, "contact": False})
    told: dict[str, str] = {}
    for language in ("en", "fr", "en"):
        headers = {"accept-language": language, "idempotency-key": "once"}
        answer = await office.ask("POST", "/api/v1/participants", json=body, headers=headers)
        [warning] = answer.json()["warnings"]
        assert answer.headers["content-language"] == language
        assert told.setdefault(language, warning["message"]) == warning["message"]
    assert told == {"en": kinds.NO_CONTACT_CONSENT.meaning, "fr": kinds.NO_CONTACT_CONSENT.message}


async def test_consent_is_told_when_given_and_when_taken_back_and_kept_as_a_record(office: Office) -> None:
    consents = {"pairing": True, "contact": False}
    registered = await office.post("/api/v1/participants", bodies.participant(consents=consents))
    assert [warning["code"] for warning in registered["warnings"]] == ["no-contact-consent"]
    path = f"/api/v1/participants/{registered['id']}/consents"
    assert (await office.ask("PUT", f"{path}/contact")).json()["change"] == "changed"
    assert (await office.ask("PUT", f"{path}/contact")).json()["change"] == "unchanged"
    assert (await office.ask("DELETE", f"{path}/pairing")).json()["change"] == "changed"
    told = await office.events(ConsentGranted, ConsentWithdrawn)
    assert [(type(event).__name__, getattr(event, "purpose", "")) for event in told] == [
        ("ConsentGranted", "pairing"),
        ("ConsentGranted", "contact"),
        ("ConsentWithdrawn", "pairing"),
    ]
    revisions = [getattr(event, "revision", 0) for event in await office.events()]
    assert revisions == sorted(set(revisions))
    history = (await office.ask("GET", path)).json()
    assert [(entry["purpose"], entry["granted"]) for entry in history] == [
        ("pairing", True),
        ("contact", False),
        ("contact", True),
        ("pairing", False),
    ]


async def test_a_change_of_contact_or_situation_is_told_and_one_of_protected_data_is_not(office: Office) -> None:
    person = (await office.post("/api/v1/participants", bodies.participant()))["id"]
    path = f"/api/v1/participants/{person}"
    assert (await office.ask("PUT", path, json=bodies.participant())).json()["change"] == "unchanged"
    protected = bodies.participant(protected={"publics": ["TH"], "born_on": None, "sex": None})
    assert (await office.ask("PUT", path, json=protected)).json()["change"] == "changed"
    assert await office.events(ParticipantChanged) == []
    moved = {**protected, "commune": "Arras", "email": None}
    answer = (await office.ask("PUT", path, json=moved)).json()
    assert [warning["code"] for warning in answer["warnings"]] == ["no-email"]
    (changed,) = await office.events(ParticipantChanged)
    assert isinstance(changed, ParticipantChanged)
    assert changed.home.commune == "62041"
    assert changed.revision == answer["revision"] == 5


async def test_an_observation_is_told_corrected_and_taken_back_without_its_words(office: Office) -> None:
    person = (await office.post("/api/v1/participants", bodies.participant()))["id"]
    workshop = (await office.post("/api/v1/workshops", bodies.workshop()))["id"]
    await office.ask("PUT", f"/api/v1/workshops/{workshop}/participants/{person}")
    body = bodies.observation(workshop, person)
    recorded = await office.post("/api/v1/observations", body)
    assert recorded["warnings"] == []
    assert (await office.ask("POST", "/api/v1/observations", json=body)).json()["change"] == "unchanged"
    second = (await office.ask("POST", "/api/v1/observations", json={**body, "level": 4})).json()
    assert (second["id"], second["change"]) == (recorded["id"], "changed")
    path = f"/api/v1/observations/{recorded['id']}"
    assert (await office.ask("PUT", path, json={"level": 2, "note": "relu"})).json()["revision"] == 3
    assert (await office.ask("DELETE", path)).status_code == 204
    assert (await office.ask("DELETE", path)).status_code == 404
    told = await office.events(SkillObserved, ObservationCorrected, ObservationRetracted)
    assert [type(event) for event in told] == [
        SkillObserved,
        ObservationCorrected,
        ObservationCorrected,
        ObservationRetracted,
    ]
    first = told[0]
    assert isinstance(first, SkillObserved)
    assert (first.skill, first.level, first.venue, first.framework) == ("6D109", 3, "Louvre-Lens", "rome-4")
    assert len((await office.ask("GET", f"/api/v1/observations?participant={person}")).json()["items"]) == 0


async def test_an_observation_by_a_stranger_out_of_time_is_kept_with_warnings(office: Office) -> None:
    person = (await office.post("/api/v1/participants", bodies.participant()))["id"]
    workshop = (await office.post("/api/v1/workshops", bodies.workshop()))["id"]
    await office.enrol(workshop, person)
    body = bodies.observation(workshop, person, observer="inconnue@musees.example", seen_on="2026-09-01")
    recorded = await office.post("/api/v1/observations", body)
    codes = {warning["code"] for warning in recorded["warnings"]}
    assert codes == {"unknown-observer", "date-outside-workshop"}


async def test_a_need_is_published_with_shares_of_one_changed_and_closed(office: Office) -> None:
    employer = (await office.post("/api/v1/employers", bodies.employer()))["id"]
    need = (await office.post("/api/v1/needs", bodies.need(employer, licences=["permis B"])))["id"]
    (published,) = await office.events(NeedPublished)
    assert isinstance(published, NeedPublished)
    assert [(skill.skill, skill.level, skill.weight) for skill in published.skills] == [
        ("6D108", 2, 0.5),
        ("6D102", 3, 0.3),
        ("6D116", 3, 0.2),
    ]
    assert published.licences == ("b",)
    path = f"/api/v1/needs/{need}"
    assert (await office.ask("PUT", path, json=bodies.need(employer, seats=9))).json()["revision"] == 2
    (changed,) = await office.events(NeedChanged)
    assert isinstance(changed, NeedChanged)
    assert (changed.seats, changed.licences) == (9, ())
    assert (await office.ask("POST", f"{path}/close")).json()["change"] == "changed"
    assert (await office.ask("POST", f"{path}/close")).json()["change"] == "unchanged"
    assert len(await office.events(NeedClosed)) == 1
    refused = await office.ask("PUT", path, json=bodies.need(employer))
    assert (refused.status_code, refused.json()["code"]) == (409, "need-closed")
    assert len((await office.ask("GET", "/api/v1/needs?open=true")).json()["items"]) == 0


async def test_a_need_stays_with_its_employer(office: Office) -> None:
    employer = (await office.post("/api/v1/employers", bodies.employer()))["id"]
    other = (await office.post("/api/v1/employers", bodies.employer(name="Blondel")))["id"]
    need = (await office.post("/api/v1/needs", bodies.need(employer)))["id"]
    refused = await office.ask("PUT", f"/api/v1/needs/{need}", json=bodies.need(other))
    assert (refused.status_code, refused.json()["code"]) == (409, "other-employer")


async def test_a_meetup_goes_its_whole_way(office: Office) -> None:
    person = (await office.post("/api/v1/participants", bodies.participant()))["id"]
    employer = (await office.post("/api/v1/employers", bodies.employer()))["id"]
    need = (await office.post("/api/v1/needs", bodies.need(employer)))["id"]
    meetup = (await office.post("/api/v1/meetups", bodies.meetup(breaks=[5], front_tables=2)))["id"]
    path = f"/api/v1/meetups/{meetup}"
    steps = [
        ("PUT", f"{path}/needs/{need}", {"interviewers": 2}),
        ("PUT", f"{path}/participants/{person}", {"first_slot": 2, "double_slot": True}),
        ("PUT", f"{path}", bodies.meetup(breaks=[5], front_tables=2, slots=12)),
        ("PUT", f"{path}/attendance/{person}", {"present": True}),
        ("PUT", f"{path}/outcomes", {"participant_id": person, "need_id": need, "outcome": "trial"}),
    ]
    for method, where, body in steps:
        first = await office.ask(method, where, json=body)
        assert first.json()["change"] in ("new", "changed"), first.text
        again = await office.ask(method, where, json=body)
        assert again.json()["change"] == "unchanged"
    shown = (await office.ask("GET", path)).json()
    assert shown["needs"] == [{"need_id": need, "interviewers": 2}]
    assert shown["participants"][0]["is_present"] is True
    assert (await office.ask("DELETE", f"{path}/participants/{person}")).status_code == 200
    assert (await office.ask("POST", f"{path}/cancel")).json()["change"] == "changed"
    told = [event for event in await office.events() if hasattr(event, "meetup_id")]
    assert [type(event) for event in told] == [
        MeetupScheduled,
        MeetupChanged,
        ParticipantEnrolled,
        MeetupChanged,
        AttendanceRecorded,
        OutcomeRecorded,
        ParticipantUnenrolled,
        MeetupCancelled,
    ]
    assert [getattr(event, "revision", 0) for event in told] == list(range(1, 9))
    enrolled = told[2]
    assert isinstance(enrolled, ParticipantEnrolled)
    assert (enrolled.first_slot, enrolled.last_slot, enrolled.double_slot) == (2, None, True)


async def test_a_cancelled_meetup_takes_nobody_and_a_stranger_to_a_meetup_cannot_attend_it(office: Office) -> None:
    person = (await office.post("/api/v1/participants", bodies.participant()))["id"]
    employer = (await office.post("/api/v1/employers", bodies.employer()))["id"]
    need = (await office.post("/api/v1/needs", bodies.need(employer)))["id"]
    path = f"/api/v1/meetups/{(await office.post('/api/v1/meetups', bodies.meetup()))['id']}"
    for where, body in (
        (f"{path}/attendance/{person}", {"present": True}),
        (f"{path}/outcomes", {"participant_id": person, "need_id": need, "outcome": "hired"}),
    ):
        refused = await office.ask("PUT", where, json=body)
        assert (refused.status_code, refused.json()["code"]) == (409, "not-at-meetup")
    out_of_range = await office.ask("PUT", f"{path}/participants/{person}", json={"first_slot": 12})
    assert out_of_range.json()["code"] == "bad-slot"
    await office.ask("POST", f"{path}/cancel")
    for method, where, body in (
        ("PUT", f"{path}/participants/{person}", {}),
        ("PUT", f"{path}/needs/{need}", {}),
        ("PUT", path, bodies.meetup(slots=3)),
    ):
        refused = await office.ask(method, where, json=body)
        assert (refused.status_code, refused.json()["code"]) == (409, "meetup-cancelled")


async def test_an_employer_that_moves_is_told(office: Office) -> None:
    employer = (await office.post("/api/v1/employers", bodies.employer()))["id"]
    await office.ask("PUT", f"/api/v1/employers/{employer}", json=bodies.employer(commune="Lille"))
    (changed,) = await office.events(EmployerChanged)
    assert isinstance(changed, EmployerChanged)
    assert changed.place.commune == "59350"


async def test_a_probable_duplicate_is_flagged_and_never_merged(office: Office) -> None:
    first = await office.post("/api/v1/participants", bodies.participant(identifier="P0007"))
    twin = bodies.participant(
        last_name="BRUNEL", first_name="maurice", email="Maurice.BRUNEL@courriel.example", phone=None
    )
    second = await office.post("/api/v1/participants", twin)
    (warning,) = second["warnings"]
    assert warning["code"] == "probable-duplicate"
    assert "(P0007), à 99\u00a0%\u00a0: mêmes noms\u00a0; même courriel\u00a0; même date" in warning["message"]
    listed = (await office.ask("GET", "/api/v1/duplicates")).json()["items"]
    assert [(pair["participant_id"], pair["resembles_id"]) for pair in listed] == [(second["id"], first["id"])]
    settle = f"/api/v1/duplicates/{second['id']}/{first['id']}/settle"
    assert (await office.ask("POST", settle)).status_code == 204
    assert len((await office.ask("GET", "/api/v1/duplicates")).json()["items"]) == 0
    assert len((await office.ask("GET", "/api/v1/participants")).json()["items"]) == 2


async def test_lists_filter_and_page(office: Office) -> None:
    for number in range(5):
        name = "Brunel" if number < 3 else "Élan"
        body = bodies.participant(identifier=f"P{number}", last_name=f"{name} {number}", email=None, phone=None)
        await office.post("/api/v1/participants", body)
    first = (await office.ask("GET", "/api/v1/participants?size=2")).json()
    page = (await office.ask("GET", f"/api/v1/participants?size=2&cursor={first['next']}")).json()
    assert [item["identifier"] for item in page["items"]] == ["P2", "P3"]
    assert len((await office.ask("GET", "/api/v1/participants?q=elan")).json()["items"]) == 2
    assert len((await office.ask("GET", "/api/v1/participants?q=%25")).json()["items"]) == 0
    assert len((await office.ask("GET", "/api/v1/participants?identifier=P4")).json()["items"]) == 1
    await office.post("/api/v1/meetups", bodies.meetup(identifier="R1"))
    await office.post("/api/v1/meetups", bodies.meetup(identifier="R2", starts_at="2027-01-05T09:30:00+01:00"))
    later = (await office.ask("GET", "/api/v1/meetups?after=2026-12-15T00:00:00Z")).json()
    assert [item["identifier"] for item in later["items"]] == ["R2"]
    employer = (await office.post("/api/v1/employers", bodies.employer()))["id"]
    await office.post("/api/v1/needs", bodies.need(employer))
    assert (
        len((await office.ask("GET", f"/api/v1/needs?employer={employer}&occupation=D1505&q=caisse")).json()["items"])
        == 1
    )
    assert len((await office.ask("GET", "/api/v1/needs?occupation=N1103")).json()["items"]) == 0
    assert len((await office.ask("GET", "/api/v1/employers?q=ross")).json()["items"]) == 1


async def test_the_directory_names_what_other_services_need_and_no_more(office: Office) -> None:
    person = (await office.post("/api/v1/participants", bodies.participant(postal_address="3 rue du Musée")))["id"]
    employer = (await office.post("/api/v1/employers", bodies.employer()))["id"]
    need = (await office.post("/api/v1/needs", bodies.need(employer, access="Bus 18, arrêt Gare")))["id"]
    meetup = (await office.post("/api/v1/meetups", bodies.meetup(address="99 rue Paul-Bert")))["id"]
    contact = {"phone": "03 21 00 00 00", "email": "lens@agence.example", "address": "1, place Jean-Jaurès"}
    await office.ask("PUT", f"/api/v1/agencies/{office.lens}/contact", json=contact)
    asked = {
        "participants": [person, str(office.lens)],
        "employers": [employer],
        "needs": [need],
        "meetups": [meetup],
        "agencies": [str(office.lens)],
    }
    found = (await office.ask("POST", "/internal/directory", SERVICE, json=asked)).json()
    assert found["participants"] == {
        person: {
            "first_name": "Maurice",
            "last_name": "Brunel",
            "email": "maurice.brunel@courriel.example",
            "phone": "+33657018762",
            "postal_address": "3 rue du Musée",
            "language": "fr",
            "contact_consent": True,
        }
    }
    assert found["employers"][employer]["contact_name"] == "Audrey Jacob"
    assert found["needs"][need]["employer_id"] == employer
    assert found["needs"][need]["access"] == "Bus 18, arrêt Gare"
    assert found["meetups"][meetup]["address"] == "99 rue Paul-Bert"
    assert found["meetups"][meetup]["commune"] == "Lens"
    assert found["agencies"][str(office.lens)] == {
        "name": "Agence de Lens",
        "phone": "+33321000000",
        "email": "lens@agence.example",
        "address": "1, place Jean-Jaurès",
    }
    await office.ask("DELETE", f"/api/v1/participants/{person}/consents/contact")
    again = (await office.ask("POST", "/internal/directory", SERVICE, json={"participants": [person]})).json()
    assert again["participants"][person]["contact_consent"] is False
