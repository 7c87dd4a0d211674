"""Who may ask what: every route with every role, and an adviser's or mediator's own people only."""

from collections.abc import Mapping
from uuid import UUID, uuid4

import pytest
from fastapi.routing import APIRoute

from services.registration.api import ROUTERS
from shared.identity import Person, Role
from tests.services.registration import bodies
from tests.services.registration.office import Office

ID = "00000000-0000-0000-0000-0000000000ff"

READERS = {"adviser", "manager", "operator"}
WRITERS = {"adviser", "operator"}
EVERYBODY = {"mediator", "adviser", "manager", "operator"}
OBSERVERS = {"mediator", "adviser", "operator"}

ALLOWED: Mapping[tuple[str, str], set[str]] = {
    ("GET", "/api/accounts"): READERS,
    ("POST", "/api/accounts"): READERS,
    ("PUT", "/api/accounts/{account_id}/duty"): READERS,
    ("DELETE", "/api/accounts/{account_id}"): READERS,
    ("POST", "/api/tokens"): EVERYBODY,
    ("GET", "/api/agencies"): EVERYBODY,
    ("PUT", "/api/agencies/{agency_id}/contact"): WRITERS,
    ("PATCH", "/api/agencies/{agency_id}/contact"): WRITERS,
    ("GET", "/api/staff"): READERS,
    ("POST", "/api/participants"): WRITERS,
    ("GET", "/api/participants"): EVERYBODY,
    ("GET", "/api/participants/{participant_id}"): READERS,
    ("PUT", "/api/participants/{participant_id}"): WRITERS,
    ("PATCH", "/api/participants/{participant_id}"): WRITERS,
    ("DELETE", "/api/participants/{participant_id}"): WRITERS,
    ("PUT", "/api/participants/by-identifier/{identifier:path}"): WRITERS,
    ("GET", "/api/participants/{participant_id}/consents"): READERS,
    ("PUT", "/api/participants/{participant_id}/consents/{purpose}"): WRITERS,
    ("DELETE", "/api/participants/{participant_id}/consents/{purpose}"): WRITERS,
    ("GET", "/api/erasures"): READERS,
    ("GET", "/api/erasures/{erasure_id}"): READERS,
    ("POST", "/api/erasures/{erasure_id}/notes/{observation_id}/settle"): WRITERS,
    ("GET", "/api/duplicates"): READERS,
    ("POST", "/api/duplicates/{participant_id}/{resembles_id}/settle"): WRITERS,
    ("POST", "/api/workshops"): WRITERS,
    ("GET", "/api/workshops"): EVERYBODY,
    ("GET", "/api/workshops/{workshop_id}"): EVERYBODY,
    ("PUT", "/api/workshops/{workshop_id}"): WRITERS,
    ("PATCH", "/api/workshops/{workshop_id}"): WRITERS,
    ("PUT", "/api/workshops/by-identifier/{identifier:path}"): WRITERS,
    ("PUT", "/api/workshops/{workshop_id}/participants/{participant_id}"): WRITERS,
    ("DELETE", "/api/workshops/{workshop_id}/participants/{participant_id}"): WRITERS,
    ("POST", "/api/observations"): OBSERVERS,
    ("GET", "/api/observations"): EVERYBODY,
    ("GET", "/api/observations/{observation_id}"): EVERYBODY,
    ("PUT", "/api/observations/{observation_id}"): OBSERVERS,
    ("PATCH", "/api/observations/{observation_id}"): OBSERVERS,
    ("DELETE", "/api/observations/{observation_id}"): OBSERVERS,
    ("POST", "/api/employers"): WRITERS,
    ("GET", "/api/employers"): READERS,
    ("GET", "/api/employers/{employer_id}"): READERS,
    ("PUT", "/api/employers/{employer_id}"): WRITERS,
    ("PATCH", "/api/employers/{employer_id}"): WRITERS,
    ("PUT", "/api/employers/by-identifier/{identifier:path}"): WRITERS,
    ("POST", "/api/needs"): WRITERS,
    ("GET", "/api/needs"): READERS,
    ("GET", "/api/needs/{need_id}"): READERS,
    ("PUT", "/api/needs/{need_id}"): WRITERS,
    ("PATCH", "/api/needs/{need_id}"): WRITERS,
    ("POST", "/api/needs/{need_id}/close"): WRITERS,
    ("PUT", "/api/needs/by-identifier/{identifier:path}"): WRITERS,
    ("POST", "/api/meetups"): WRITERS,
    ("GET", "/api/meetups"): READERS,
    ("GET", "/api/meetups/{meetup_id}"): READERS,
    ("PUT", "/api/meetups/{meetup_id}"): WRITERS,
    ("PATCH", "/api/meetups/{meetup_id}"): WRITERS,
    ("PUT", "/api/meetups/by-identifier/{identifier:path}"): WRITERS,
    ("POST", "/api/meetups/{meetup_id}/cancel"): WRITERS,
    ("PUT", "/api/meetups/{meetup_id}/needs/{need_id}"): WRITERS,
    ("DELETE", "/api/meetups/{meetup_id}/needs/{need_id}"): WRITERS,
    ("PUT", "/api/meetups/{meetup_id}/participants/{participant_id}"): WRITERS,
    ("DELETE", "/api/meetups/{meetup_id}/participants/{participant_id}"): WRITERS,
    ("PUT", "/api/meetups/{meetup_id}/attendance/{participant_id}"): WRITERS,
    ("PUT", "/api/meetups/{meetup_id}/outcomes"): WRITERS,
    ("GET", "/api/meetups/{meetup_id}/invitations"): READERS,
    ("GET", "/api/occupations"): EVERYBODY,
    ("GET", "/api/occupations/{code}"): EVERYBODY,
    ("GET", "/api/skills"): EVERYBODY,
    ("GET", "/api/exercises"): EVERYBODY,
    ("GET", "/api/licences"): EVERYBODY,
    ("GET", "/api/communes"): EVERYBODY,
    ("POST", "/api/venues"): WRITERS,
    ("PUT", "/api/venues/{venue_id}"): WRITERS,
    ("PATCH", "/api/venues/{venue_id}"): WRITERS,
    ("GET", "/api/venues"): READERS,
    ("GET", "/api/venues/{venue_id}"): READERS,
    ("GET", "/api/imports"): READERS,
    ("POST", "/api/imports"): READERS,
    ("POST", "/internal/directory"): {"service"},
}


def test_every_route_of_the_api_says_who_may_use_it() -> None:
    served = {
        (method, route.path)
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute)
        for method in route.methods or ()
    }
    assert served == set(ALLOWED)


@pytest.mark.parametrize("role", list(Role))
async def test_a_role_is_let_in_exactly_where_it_belongs(office: Office, role: Role) -> None:
    person = Person(uuid4(), role, office.lens if role is Role.ADVISER else None)
    for (method, template), allowed in ALLOWED.items():
        path = template.replace(":path", "").format(
            **dict.fromkeys(
                [
                    f"{kind}_id"
                    for kind in ("participant", "workshop", "observation", "employer", "need", "meetup", "venue")
                ],
                ID,
            ),
            erasure_id=ID,
            account_id=ID,
            resembles_id=ID,
            agency_id=office.lens,
            identifier="X1",
            purpose="pairing",
            code="N1103",
        )
        response = await office.ask(method, path, person)
        # A mediator's lists are bounded further: by a workshop that they hold.
        expected_refusal = role.value not in allowed or (role is Role.MEDIATOR and template == "/api/participants")
        assert (response.status_code == 403) is expected_refusal, (method, template, role, response.status_code)


async def test_nobody_unknown_is_let_in_anywhere(office: Office) -> None:
    for method, template in ALLOWED:
        path = template.replace("{purpose}", "pairing").replace("{erasure_id}", ID).replace("{account_id}", ID)
        for name in ("participant_id", "workshop_id", "observation_id", "employer_id", "need_id", "meetup_id"):
            path = path.replace(f"{{{name}}}", ID)
        response = await office.client.request(method, path)
        assert response.status_code == 401, (method, template)
        assert response.json()["code"] == "not-signed-in"


async def test_an_adviser_neither_sees_nor_changes_what_is_another_agencys(office: Office) -> None:
    person = (await office.post("/api/participants", bodies.participant()))["id"]
    workshop = (await office.post("/api/workshops", bodies.workshop()))["id"]
    meetup = (await office.post("/api/meetups", bodies.meetup()))["id"]
    observation = (await office.post("/api/observations", bodies.observation(workshop, person)))["id"]
    employer = (await office.post("/api/employers", bodies.employer()))["id"]
    need = (await office.post("/api/needs", bodies.need(employer)))["id"]
    asked = [
        ("GET", f"/api/participants/{person}", None),
        ("PUT", f"/api/participants/{person}", bodies.participant()),
        ("DELETE", f"/api/participants/{person}", None),
        ("GET", f"/api/participants/{person}/consents", None),
        ("PUT", f"/api/participants/{person}/consents/contact", None),
        ("DELETE", f"/api/participants/{person}/consents/contact", None),
        ("GET", f"/api/participants?agency={office.lens}", None),
        ("POST", f"/api/duplicates/{person}/{person}/settle", None),
        ("GET", f"/api/workshops/{workshop}", None),
        ("PUT", f"/api/workshops/{workshop}", bodies.workshop()),
        ("GET", f"/api/workshops?agency={office.lens}", None),
        ("PUT", f"/api/workshops/{workshop}/participants/{person}", None),
        ("DELETE", f"/api/workshops/{workshop}/participants/{person}", None),
        ("POST", "/api/observations", bodies.observation(workshop, person)),
        ("PUT", f"/api/observations/{observation}", {"level": 1}),
        ("DELETE", f"/api/observations/{observation}", None),
        ("GET", f"/api/meetups/{meetup}", None),
        ("GET", f"/api/meetups?agency={office.lens}", None),
        ("PUT", f"/api/meetups/{meetup}", bodies.meetup()),
        ("POST", f"/api/meetups/{meetup}/cancel", None),
        ("PUT", f"/api/meetups/{meetup}/needs/{need}", {}),
        ("DELETE", f"/api/meetups/{meetup}/needs/{need}", None),
        ("PUT", f"/api/meetups/{meetup}/participants/{person}", {}),
        ("DELETE", f"/api/meetups/{meetup}/participants/{person}", None),
        ("PUT", f"/api/meetups/{meetup}/attendance/{person}", {"present": True}),
        (
            "PUT",
            f"/api/meetups/{meetup}/outcomes",
            {"participant_id": person, "need_id": need, "outcome": "hired"},
        ),
        ("GET", f"/api/meetups/{meetup}/invitations", None),
        ("PUT", f"/api/agencies/{office.lens}/contact", {"phone": "03 21 00 00 00"}),
        ("POST", "/api/participants", bodies.participant(agency_id=str(office.lens))),
        ("POST", "/api/workshops", bodies.workshop(agency_id=str(office.lens))),
        ("POST", "/api/meetups", bodies.meetup(agency_id=str(office.lens))),
    ]
    before = await office.counts()
    for method, path, body in asked:
        response = await office.ask(method, path, office.other_adviser, json=body)
        assert response.status_code == 403, (method, path, response.text)
        assert response.json()["code"] == "not-allowed"
    assert await office.counts() == before
    for path in ("/api/participants", "/api/workshops", "/api/meetups", "/api/observations", "/api/duplicates"):
        assert (await office.ask("GET", path, office.other_adviser)).json()["total"] == 0
        assert (await office.ask("GET", path, office.adviser)).status_code == 200


async def test_people_of_one_agency_are_not_enrolled_at_another_by_either_adviser(office: Office) -> None:
    ours = (await office.post("/api/participants", bodies.participant()))["id"]
    theirs = (await office.post("/api/participants", bodies.participant(), office.other_adviser))["id"]
    meetup = (await office.post("/api/meetups", bodies.meetup()))["id"]
    workshop = (await office.post("/api/workshops", bodies.workshop()))["id"]
    for person, asking in ((theirs, office.adviser), (theirs, office.other_adviser), (ours, office.other_adviser)):
        for path in (f"/api/meetups/{meetup}", f"/api/workshops/{workshop}"):
            response = await office.ask("PUT", f"{path}/participants/{person}", asking, json={})
            assert response.status_code == 403, (path, response.text)
    observed = bodies.observation(workshop, theirs)
    assert (await office.ask("POST", "/api/observations", json=observed)).status_code == 403


async def test_an_adviser_cannot_hand_their_people_to_another_agency(office: Office) -> None:
    person = (await office.post("/api/participants", bodies.participant()))["id"]
    moved = bodies.participant(agency_id=str(office.lille))
    assert (await office.ask("PUT", f"/api/participants/{person}", json=moved)).status_code == 403


async def test_a_mediator_notes_and_corrects_in_their_own_workshops_only(office: Office) -> None:
    person = (await office.post("/api/participants", bodies.participant()))["id"]
    workshop = (await office.post("/api/workshops", bodies.workshop()))["id"]
    await office.ask("PUT", f"/api/workshops/{workshop}/participants/{person}")
    (julien,) = [each for each in (await office.ask("GET", "/api/staff")).json()["items"] if each["role"] == "mediator"]
    mediator = Person(UUID(julien["id"]), Role.MEDIATOR, office.lens)
    stranger = Person(uuid4(), Role.MEDIATOR, office.lens)
    note = bodies.observation(workshop, person)
    del note["observer"]

    recorded = await office.post("/api/observations", note, mediator)
    assert recorded["warnings"] == []
    assert (await office.ask("GET", f"/api/participants?workshop={workshop}", mediator)).json()["total"] == 1
    assert (await office.ask("GET", "/api/workshops", mediator)).json()["total"] == 1
    assert (await office.ask("GET", f"/api/observations?workshop={workshop}", mediator)).json()["total"] == 1
    corrected = await office.ask("PUT", f"/api/observations/{recorded['id']}", mediator, json={"level": 4})
    assert corrected.json()["change"] == "changed"
    named = await office.ask("POST", "/api/observations", mediator, json={**note, "observer": "x@musees.example"})
    assert named.status_code == 403

    assert (await office.ask("POST", "/api/observations", stranger, json=note)).status_code == 403
    refused = await office.ask("PUT", f"/api/observations/{recorded['id']}", stranger, json={"level": 0})
    assert refused.status_code == 403
    assert (await office.ask("GET", f"/api/participants?workshop={workshop}", stranger)).status_code == 403
    assert (await office.ask("GET", "/api/observations", stranger)).json()["total"] == 0
    assert (await office.ask("GET", "/api/workshops", stranger)).json()["total"] == 0

    by_adviser = await office.post("/api/observations", bodies.observation(workshop, person, level=1, observer=None))
    taken_back = await office.ask("DELETE", f"/api/observations/{by_adviser['id']}", mediator)
    assert taken_back.status_code == 403
    assert (await office.ask("DELETE", f"/api/observations/{recorded['id']}", mediator)).status_code == 204


async def test_protected_data_are_shown_to_the_advisers_of_the_agency_only(office: Office) -> None:
    person = (await office.post("/api/participants", bodies.participant()))["id"]
    for role, sees in ((Role.ADVISER, True), (Role.MANAGER, False), (Role.OPERATOR, False)):
        asking = Person(uuid4(), role, office.lens if role is Role.ADVISER else None)
        shown = (await office.ask("GET", f"/api/participants/{person}", asking)).json()
        assert shown["last_name"] == "Brunel"
        assert ("protected" in shown) is sees
