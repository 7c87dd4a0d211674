"""Meetups on pages: planned, changed, cancelled, and who comes."""

from __future__ import annotations

import pytest

from tests.services.registration import bodies
from tests.services.registration.office import Office
from tests.services.registration.pages.conftest import somebody, visitor_as
from tests.support.visiting import Visitor

EVENING = {
    "title": "Rencontre à la galerie",
    "venue": "Louvre-Lens",
    "commune": "Lens",
    "address": "99 rue Paul-Bert",
    "held_on": "2026-12-18",
    "begins": "09:30",
    "pauses": "5",
}


async def test_a_meetup_is_planned_by_the_clock_of_its_place(office: Office, adviser: Visitor) -> None:
    assert "Aucune rencontre" in (await adviser.open("/meetups")).text
    await adviser.open("/meetups/new")
    page = await adviser.send("Enregistrer la rencontre", EVENING)
    assert "Rencontre enregistrée" in page.text, page.text
    assert "vendredi 18 décembre 2026, 9 h 30" in page.text.replace("\u00a0", " ")
    (kept,) = await office.rows("SELECT starts_at::text, breaks, address FROM meetups")
    assert kept["starts_at"].startswith("2026-12-18 08:30")
    assert kept["breaks"] == [4]
    await adviser.open("/meetups/new")
    await adviser.send("Enregistrer la rencontre", {**EVENING, "commune": "97209", "title": "À Fort-de-France"})
    rows = await office.rows("SELECT starts_at::text FROM meetups WHERE title = 'À Fort-de-France'")
    assert rows[0]["starts_at"].startswith("2026-12-18 13:30")


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"held_on": "", "begins": ""}, "held_on"),
        ({"held_on": "2020-01-01"}, "held_on"),
        ({"pauses": "demain"}, "pauses"),
        ({"pauses": "40"}, "pauses"),
        ({"slots": "beaucoup"}, "slots"),
    ],
)
async def test_what_is_wrong_is_said_at_the_field_where_it_was_typed(
    adviser: Visitor, typed: dict[str, str], field: str
) -> None:
    await adviser.open("/meetups/new")
    page = await adviser.send("Enregistrer la rencontre", {**EVENING, **typed})
    assert page.status_code == 422
    assert f'id="error-{field}"' in page.text, page.text


async def test_what_is_kept_stands_in_the_form_and_only_what_is_typed_changes(office: Office, adviser: Visitor) -> None:
    meetup = (await office.post("/api/v1/meetups", bodies.meetup()))["id"]
    before = (await office.ask("GET", f"/api/v1/meetups/{meetup}")).json()
    await adviser.open(f"/meetups/{meetup}/edit")
    page = await adviser.send("Enregistrer", {"title": "Autre nom"})
    assert "Rencontre enregistrée" in page.text, page.text
    after = (await office.ask("GET", f"/api/v1/meetups/{meetup}")).json()
    assert after == {**before, "title": "Autre nom", "revision": before["revision"] + 1}


async def test_cancelling_says_first_what_it_does(office: Office, adviser: Visitor) -> None:
    meetup = (await office.post("/api/v1/meetups", bodies.meetup()))["id"]
    await adviser.open(f"/meetups/{meetup}/cancel")
    assert not (await office.ask("GET", f"/api/v1/meetups/{meetup}")).json()["is_cancelled"]
    page = await adviser.send("Annuler la rencontre")
    assert "Cette rencontre est annulée" in page.text
    assert (await office.ask("GET", f"/api/v1/meetups/{meetup}")).json()["is_cancelled"]


async def test_people_and_needs_come_and_go(office: Office, adviser: Visitor) -> None:
    meetup = (await office.post("/api/v1/meetups", bodies.meetup()))["id"]
    people = [
        (await office.post("/api/v1/participants", bodies.participant(identifier=None, first_name=name)))["id"]
        for name in ("Ana", "Bob")
    ]
    employer = (await office.post("/api/v1/employers", bodies.employer()))["id"]
    need = (await office.post("/api/v1/needs", bodies.need(employer)))["id"]
    await adviser.open(f"/meetups/{meetup}/people")
    page = await adviser.send("Inscrire", {"participant": people})
    assert "Personnes inscrites" in page.text
    assert page.text.index("Ana") < page.text.index("Bob")
    await adviser.open(f"/meetups/{meetup}/needs")
    page = await adviser.send("Inviter", {"need": need})
    assert "Besoins invités" in page.text
    shown = (await office.ask("GET", f"/api/v1/meetups/{meetup}")).json()
    assert [each["participant_id"] for each in shown["participants"]] == sorted(people)
    assert [each["need_id"] for each in shown["needs"]] == [need]
    out = next(each for each in adviser.forms() if each.action.endswith(f"/people/{people[0]}/remove"))
    assert "Personne retirée" in (await adviser.post(out, out.filled({}, "Retirer"))).text
    out = next(each for each in adviser.forms() if each.action.endswith(f"/needs/{need}/remove"))
    assert "Besoin retiré" in (await adviser.post(out, out.filled({}, "Retirer"))).text
    shown = (await office.ask("GET", f"/api/v1/meetups/{meetup}")).json()
    assert (len(shown["participants"]), shown["needs"]) == (1, [])


async def test_whoever_a_colleague_enrolled_meanwhile_keeps_what_binds_the_timetable(
    office: Office, adviser: Visitor
) -> None:
    meetup = (await office.post("/api/v1/meetups", bodies.meetup()))["id"]
    person = (await office.post("/api/v1/participants", bodies.participant()))["id"]
    await adviser.open(f"/meetups/{meetup}/people")
    body = {"first_slot": 2, "double_slot": True}
    await office.ask("PUT", f"/api/v1/meetups/{meetup}/participants/{person}", json=body)
    await adviser.send("Inscrire", {"participant": person})
    (enrolment,) = (await office.ask("GET", f"/api/v1/meetups/{meetup}")).json()["participants"]
    assert (enrolment["first_slot"], enrolment["double_slot"]) == (2, True)


async def test_who_is_there_is_noted_and_corrected(office: Office, adviser: Visitor) -> None:
    meetup = (await office.post("/api/v1/meetups", bodies.meetup()))["id"]
    person = (await office.post("/api/v1/participants", bodies.participant()))["id"]
    await office.ask("PUT", f"/api/v1/meetups/{meetup}/participants/{person}", json={})
    page = await adviser.open(f"/meetups/{meetup}/day")
    assert "Là : 0 sur 1" in page.text
    page = await adviser.send("Est là")
    assert "Là : 1 sur 1" in page.text
    page = await adviser.send("N’est pas là")
    assert "pas là" in page.text
    (enrolment,) = (await office.ask("GET", f"/api/v1/meetups/{meetup}")).json()["participants"]
    assert enrolment["is_present"] is False


async def test_without_matching_a_meetup_shows_its_own_part_and_the_proposal_says_when_to_come_back(
    office: Office, adviser: Visitor
) -> None:
    meetup = (await office.post("/api/v1/meetups", bodies.meetup()))["id"]
    page = await adviser.open(f"/meetups/{meetup}")
    assert page.status_code == 200
    assert "ne peut pas être montré pour le moment" in page.text
    page = await adviser.open(f"/meetups/{meetup}/pairing")
    assert page.status_code == 503
    assert "Rien n’est perdu" in page.text


ROLES = ("adviser", "other", "mediator", "manager", "operator")


@pytest.mark.parametrize(
    ("path", "statuses"),
    [
        ("/meetups", (200, 200, 403, 200, 200)),
        ("/meetups/new", (200, 200, 403, 403, 200)),
        ("/meetups/{id}", (200, 404, 403, 200, 200)),
        ("/meetups/{id}/edit", (200, 404, 403, 403, 200)),
        ("/meetups/{id}/cancel", (200, 404, 403, 403, 200)),
        ("/meetups/{id}/people", (200, 404, 403, 403, 200)),
        ("/meetups/{id}/needs", (200, 404, 403, 403, 200)),
        ("/meetups/{id}/pairing", (503, 404, 403, 403, 503)),
        ("/meetups/{id}/messages", (503, 404, 403, 403, 503)),
        ("/meetups/{id}/day", (200, 404, 403, 403, 200)),
        ("/meetups/{id}/outcomes", (200, 404, 403, 403, 200)),
    ],
)
async def test_each_role_sees_what_is_theirs(office: Office, path: str, statuses: tuple[int, ...]) -> None:
    meetup = (await office.post("/api/v1/meetups", bodies.meetup()))["id"]
    for role, status in zip(ROLES, statuses, strict=True):
        page = await visitor_as(office, somebody(office, role)).open(path.format(id=meetup))
        assert page.status_code == status, (role, page.text)
