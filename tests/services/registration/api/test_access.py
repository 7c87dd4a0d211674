"""Who may ask what beyond the table of rights: nobody unknown, and no way around what is one's own."""

from uuid import UUID, uuid4

from services.registration.api import ROUTERS
from shared.identity import Person, Role
from tests.services.registration import bodies
from tests.services.registration.office import MANAGER, OPERATOR, Office
from tests.support.rights import routes_of


async def test_nobody_unknown_is_let_in_anywhere(office: Office) -> None:
    for method, path, _ in routes_of(ROUTERS):
        response = await office.client.request(method, path)
        assert response.status_code == 401, (method, path)
        assert response.json()["code"] == "not-signed-in"


async def test_an_adviser_neither_sees_nor_changes_what_is_another_agencys(office: Office) -> None:
    person = (await office.post("/api/v1/participants", bodies.participant()))["id"]
    workshop = (await office.post("/api/v1/workshops", bodies.workshop()))["id"]
    meetup = (await office.post("/api/v1/meetups", bodies.meetup()))["id"]
    await office.enrol(workshop, person)
    observation = (await office.post("/api/v1/observations", bodies.observation(workshop, person)))["id"]
    employer = (await office.post("/api/v1/employers", bodies.employer()))["id"]
    need = (await office.post("/api/v1/needs", bodies.need(employer)))["id"]
    asked = [
        ("GET", f"/api/v1/participants/{person}", None),
        ("PUT", f"/api/v1/participants/{person}", bodies.participant()),
        ("DELETE", f"/api/v1/participants/{person}", None),
        ("GET", f"/api/v1/participants/{person}/consents", None),
        ("PUT", f"/api/v1/participants/{person}/consents/contact", None),
        ("DELETE", f"/api/v1/participants/{person}/consents/contact", None),
        ("POST", f"/api/v1/duplicates/{person}/{person}/settle", None),
        ("GET", f"/api/v1/workshops/{workshop}", None),
        ("PUT", f"/api/v1/workshops/{workshop}", bodies.workshop()),
        ("PUT", f"/api/v1/workshops/{workshop}/participants/{person}", None),
        ("DELETE", f"/api/v1/workshops/{workshop}/participants/{person}", None),
        ("POST", "/api/v1/observations", bodies.observation(workshop, person)),
        ("PUT", f"/api/v1/observations/{observation}", {"level": 1}),
        ("DELETE", f"/api/v1/observations/{observation}", None),
        ("GET", f"/api/v1/meetups/{meetup}", None),
        ("PUT", f"/api/v1/meetups/{meetup}", bodies.meetup()),
        ("POST", f"/api/v1/meetups/{meetup}/cancel", None),
        ("PUT", f"/api/v1/meetups/{meetup}/needs/{need}", {}),
        ("DELETE", f"/api/v1/meetups/{meetup}/needs/{need}", None),
        ("PUT", f"/api/v1/meetups/{meetup}/participants/{person}", {}),
        ("DELETE", f"/api/v1/meetups/{meetup}/participants/{person}", None),
        ("PUT", f"/api/v1/meetups/{meetup}/attendance/{person}", {"present": True}),
        (
            "PUT",
            f"/api/v1/meetups/{meetup}/outcomes",
            {"participant_id": person, "need_id": need, "outcome": "hired"},
        ),
        ("GET", f"/api/v1/meetups/{meetup}/invitations", None),
        ("PUT", f"/api/v1/agencies/{office.lens}/contact", {"phone": "03 21 00 00 00"}),
        ("POST", "/api/v1/participants", bodies.participant(agency_id=str(office.lens))),
        ("POST", "/api/v1/workshops", bodies.workshop(agency_id=str(office.lens))),
        ("POST", "/api/v1/meetups", bodies.meetup(agency_id=str(office.lens))),
    ]
    before = await office.counts()
    for method, path, body in asked:
        response = await office.ask(method, path, office.other_adviser, json=body)
        assert response.status_code in (403, 404, 422), (method, path, response.text)
    assert await office.counts() == before
    of_lens = [f"{name}?agency={office.lens}" for name in ("participants", "workshops", "meetups")]
    for name in (*of_lens, "observations", "duplicates"):
        path = f"/api/v1/{name}"
        assert len((await office.ask("GET", path, office.other_adviser)).json()["items"]) == 0
        assert (await office.ask("GET", path, office.adviser)).status_code == 200


async def test_people_of_one_agency_are_not_enrolled_at_another_by_either_adviser(office: Office) -> None:
    ours = (await office.post("/api/v1/participants", bodies.participant()))["id"]
    theirs = (await office.post("/api/v1/participants", bodies.participant(), office.other_adviser))["id"]
    meetup = (await office.post("/api/v1/meetups", bodies.meetup()))["id"]
    workshop = (await office.post("/api/v1/workshops", bodies.workshop()))["id"]
    for person, asking in ((theirs, office.adviser), (theirs, office.other_adviser), (ours, office.other_adviser)):
        for path in (f"/api/v1/meetups/{meetup}", f"/api/v1/workshops/{workshop}"):
            response = await office.ask("PUT", f"{path}/participants/{person}", asking, json={})
            assert response.status_code == 404, (path, response.text)
    observed = bodies.observation(workshop, theirs)
    assert (await office.ask("POST", "/api/v1/observations", json=observed)).status_code == 422


async def test_an_adviser_cannot_hand_their_people_to_another_agency(office: Office) -> None:
    person = (await office.post("/api/v1/participants", bodies.participant()))["id"]
    moved = bodies.participant(agency_id=str(office.lille))
    assert (await office.ask("PUT", f"/api/v1/participants/{person}", json=moved)).status_code == 403


async def test_a_mediator_notes_and_corrects_in_their_own_workshops_only(office: Office) -> None:
    person = (await office.post("/api/v1/participants", bodies.participant()))["id"]
    workshop = (await office.post("/api/v1/workshops", bodies.workshop()))["id"]
    await office.ask("PUT", f"/api/v1/workshops/{workshop}/participants/{person}")
    (julien,) = [
        each for each in (await office.ask("GET", "/api/v1/staff")).json()["items"] if each["role"] == "mediator"
    ]
    mediator = Person(UUID(julien["id"]), Role.MEDIATOR, office.lens)
    stranger = Person(uuid4(), Role.MEDIATOR, office.lens)
    note = bodies.observation(workshop, person)
    del note["observer"]

    recorded = await office.post("/api/v1/observations", note, mediator)
    assert recorded["warnings"] == []
    assert len((await office.ask("GET", f"/api/v1/participants?workshop={workshop}", mediator)).json()["items"]) == 1
    assert len((await office.ask("GET", "/api/v1/workshops", mediator)).json()["items"]) == 1
    assert len((await office.ask("GET", f"/api/v1/observations?workshop={workshop}", mediator)).json()["items"]) == 1
    corrected = await office.ask("PUT", f"/api/v1/observations/{recorded['id']}", mediator, json={"level": 4})
    assert corrected.json()["change"] == "changed"
    named = await office.ask("POST", "/api/v1/observations", mediator, json={**note, "observer": "x@musees.example"})
    assert named.status_code == 403

    assert (await office.ask("POST", "/api/v1/observations", stranger, json=note)).status_code == 422
    refused = await office.ask("PUT", f"/api/v1/observations/{recorded['id']}", stranger, json={"level": 0})
    assert refused.status_code == 404
    assert len((await office.ask("GET", f"/api/v1/participants?workshop={workshop}", stranger)).json()["items"]) == 0
    assert len((await office.ask("GET", "/api/v1/observations", stranger)).json()["items"]) == 0
    assert len((await office.ask("GET", "/api/v1/workshops", stranger)).json()["items"]) == 0

    by_adviser = await office.post("/api/v1/observations", bodies.observation(workshop, person, level=1, observer=None))
    taken_back = await office.ask("DELETE", f"/api/v1/observations/{by_adviser['id']}", mediator)
    assert taken_back.status_code == 403
    assert (await office.ask("DELETE", f"/api/v1/observations/{recorded['id']}", mediator)).status_code == 204


async def test_nobody_notes_what_they_saw_of_somebody_who_is_not_enrolled(office: Office) -> None:
    theirs = (await office.post("/api/v1/participants", bodies.participant(), office.other_adviser))["id"]
    ours = (await office.post("/api/v1/participants", bodies.participant()))["id"]
    held, another = [(await office.post("/api/v1/workshops", bodies.workshop(title=title)))["id"] for title in "AB"]
    await office.enrol(another, ours)
    (julien,) = [
        each for each in (await office.ask("GET", "/api/v1/staff")).json()["items"] if each["role"] == "mediator"
    ]
    mediator = Person(UUID(julien["id"]), Role.MEDIATOR, office.lens)
    before = await office.counts()
    nobody = str(uuid4())
    answers = [
        await office.ask("POST", "/api/v1/observations", mediator, json=bodies.observation(held, person, observer=None))
        for person in (theirs, ours, nobody)
    ]
    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(422, "not-enrolled")}
    by_adviser = await office.ask("POST", "/api/v1/observations", json=bodies.observation(held, ours, observer=None))
    assert (by_adviser.status_code, by_adviser.json()["code"]) == (422, "not-enrolled")
    assert await office.counts() == before


async def test_what_was_noted_of_somebody_who_was_taken_out_stays_and_can_be_corrected(office: Office) -> None:
    person = (await office.post("/api/v1/participants", bodies.participant()))["id"]
    workshop = (await office.post("/api/v1/workshops", bodies.workshop()))["id"]
    await office.enrol(workshop, person)
    note = bodies.observation(workshop, person)
    await office.post("/api/v1/observations", note)
    await office.ask("DELETE", f"/api/v1/workshops/{workshop}/participants/{person}")
    assert (await office.ask("POST", "/api/v1/observations", json=note)).json()["change"] == "unchanged"
    assert (await office.ask("POST", "/api/v1/observations", json={**note, "level": 1})).json()["change"] == "changed"
    another = await office.ask("POST", "/api/v1/observations", json={**note, "skill": "6D102"})
    assert another.json()["code"] == "not-enrolled"


async def test_an_adviser_sees_every_note_about_their_people_whoevers_workshop_it_was(office: Office) -> None:
    person = (await office.post("/api/v1/participants", bodies.participant()))["id"]
    workshop = (await office.post("/api/v1/workshops", bodies.workshop(), office.other_adviser))["id"]
    await office.enrol(workshop, person)
    noted = (await office.post("/api/v1/observations", bodies.observation(workshop, person), OPERATOR))["id"]
    listed = (await office.ask("GET", f"/api/v1/observations?participant={person}")).json()["items"]
    assert [each["id"] for each in listed] == [noted]
    assert (await office.ask("GET", f"/api/v1/observations/{noted}", office.other_adviser)).status_code == 404
    corrected = await office.ask("PUT", f"/api/v1/observations/{noted}", json={"level": 1})
    assert corrected.json()["change"] == "changed"


async def test_what_a_mediator_sees_and_did_not_write_is_not_theirs_to_change(office: Office) -> None:
    person = (await office.post("/api/v1/participants", bodies.participant()))["id"]
    workshop = (await office.post("/api/v1/workshops", bodies.workshop()))["id"]
    await office.enrol(workshop, person)
    (julien,) = [
        each for each in (await office.ask("GET", "/api/v1/staff")).json()["items"] if each["role"] == "mediator"
    ]
    mediator = Person(UUID(julien["id"]), Role.MEDIATOR, office.lens)
    noted = (await office.post("/api/v1/observations", bodies.observation(workshop, person, observer=None)))["id"]
    assert (await office.ask("GET", f"/api/v1/observations/{noted}", mediator)).status_code == 200
    assert (await office.ask("PUT", f"/api/v1/observations/{noted}", mediator, json={"level": 0})).status_code == 403


async def test_nobody_learns_by_a_namesake_that_somebody_is_registered_elsewhere(office: Office) -> None:
    await office.post("/api/v1/participants", bodies.participant(), office.other_adviser)
    twin = await office.post("/api/v1/participants", bodies.participant())
    assert "probable-duplicate" not in {each["code"] for each in twin["warnings"]}
    for person in (office.adviser, office.other_adviser):
        assert len((await office.ask("GET", "/api/v1/duplicates", person)).json()["items"]) == 0
    assert len((await office.ask("GET", "/api/v1/duplicates", OPERATOR)).json()["items"]) == 1
    again = await office.post("/api/v1/participants", bodies.participant())
    assert "probable-duplicate" in {each["code"] for each in again["warnings"]}
    assert len((await office.ask("GET", "/api/v1/duplicates")).json()["items"]) == 1


async def test_a_manager_counts_people_and_learns_no_names(office: Office) -> None:
    await office.post("/api/v1/participants", bodies.participant())
    listed = (await office.ask("GET", "/api/v1/participants", MANAGER)).json()
    assert len(listed["items"]) == 1
    assert set(listed["items"][0]) == {
        "id", "agency_id", "commune", "revision", "has_email", "kept_at", "merged_into",
    }  # fmt: skip
    for query in ("q=Brunel", "identifier=P1"):
        assert (await office.ask("GET", f"/api/v1/participants?{query}", MANAGER)).status_code == 403
