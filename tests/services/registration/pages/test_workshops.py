"""Workshops on pages: set up, changed, who is enrolled, their sessions and who came."""

from __future__ import annotations

import pytest

from shared.identity import Person, Role
from shared.ids import new_id
from tests.services.registration import bodies
from tests.services.registration.office import Office
from tests.services.registration.pages.conftest import somebody, visitor_as
from tests.support.visiting import Visitor

MONTH = {
    "title": "Un mois au musée",
    "venue": "Louvre-Lens",
    "commune": "Lens",
    "starts_on": "26/10/2026",
    "ends_on": "2026-11-20",
    "mediators": "Georges.Julien@musees.example\nlea@musees.example",
    "adviser": "madeleine.henry@agence.example",
}


async def workshop_with(office: Office, *names: str) -> tuple[str, list[str]]:
    """A workshop with these people enrolled; its id and theirs."""
    workshop = (await office.post("/api/v1/workshops", bodies.workshop()))["id"]
    people = [
        (await office.post("/api/v1/participants", bodies.participant(identifier=None, first_name=name)))["id"]
        for name in names
    ]
    await office.enrol(workshop, *people)
    return workshop, people


async def holder_of(office: Office) -> Person:
    """The mediator who holds the workshops of the bodies."""
    (row,) = await office.rows("SELECT id FROM staff WHERE email = 'georges.julien@musees.example'")
    return Person(row["id"], Role.MEDIATOR, office.lens)


async def test_an_adviser_sets_a_workshop_up_with_its_team(office: Office, adviser: Visitor) -> None:
    assert "Aucun atelier" in (await adviser.open("/workshops")).text
    await adviser.open("/workshops/new")
    page = await adviser.send("Enregistrer l’atelier", MONTH)
    assert "Atelier enregistré" in page.text, page.text
    for words in ("georges.julien@musees.example", "lea@musees.example", "madeleine.henry@agence.example", "Lens (62)"):
        assert words in page.text, words
    (kept,) = await office.rows("SELECT title, starts_on::text, ends_on::text FROM workshops")
    assert kept == {"title": "Un mois au musée", "starts_on": "2026-10-26", "ends_on": "2026-11-20"}
    assert "Un mois au musée" in (await adviser.open("/workshops")).text


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"title": ""}, "title"),
        ({"commune": "Nulle-Part"}, "commune"),
        ({"ends_on": "2026-10-01"}, "ends_on"),
        ({"starts_on": "bientôt"}, "starts_on"),
        ({"mediators": "georges.julien@musees.example\nLéa"}, "mediators"),
        ({"adviser": "Madeleine"}, "adviser"),
    ],
)
async def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(
    office: Office, adviser: Visitor, typed: dict[str, str], field: str
) -> None:
    await adviser.open("/workshops/new")
    page = await adviser.send("Enregistrer l’atelier", {**MONTH, **typed})
    assert page.status_code == 422
    assert f'id="error-{field}"' in page.text, page.text
    sent = dict(adviser.form("Enregistrer l’atelier").fields)
    assert {name: sent[name].replace("\r\n", "\n") for name in MONTH} == {**MONTH, **typed}
    assert await office.rows("SELECT id FROM workshops") == []


async def test_a_form_sent_twice_sets_one_up(office: Office, adviser: Visitor) -> None:
    await adviser.open("/workshops/new")
    form = adviser.form("Enregistrer l’atelier")
    pages = [await adviser.post(form, form.filled(MONTH, "Enregistrer l’atelier")) for _ in range(2)]
    assert len({str(page.url) for page in pages}) == 1
    assert len(await office.rows("SELECT id FROM workshops")) == 1


async def test_what_is_kept_stands_in_the_form_and_only_what_is_typed_changes(office: Office, adviser: Visitor) -> None:
    workshop, _ = await workshop_with(office)
    before = (await office.ask("GET", f"/api/v1/workshops/{workshop}")).json()
    await adviser.open(f"/workshops/{workshop}/edit")
    page = await adviser.send("Enregistrer", {"title": "Autre nom"})
    assert "Atelier enregistré" in page.text, page.text
    after = (await office.ask("GET", f"/api/v1/workshops/{workshop}")).json()
    assert after == {**before, "title": "Autre nom", "revision": before["revision"] + 1}


async def test_two_who_change_the_same_see_both_versions(office: Office, adviser: Visitor) -> None:
    workshop, _ = await workshop_with(office)
    await adviser.open(f"/workshops/{workshop}/edit")
    colleague = visitor_as(office, office.adviser)
    await colleague.open(f"/workshops/{workshop}/edit")
    await colleague.send("Enregistrer", {"mediators": "lea@musees.example"})
    page = await adviser.send("Enregistrer", {"title": "Autre nom"})
    assert page.status_code == 412
    assert "Maintenant : lea@musees.example" in page.text
    assert ("title", "Autre nom") in adviser.form("Enregistrer").fields


async def test_people_come_and_go_and_their_notes_are_counted(office: Office, adviser: Visitor) -> None:
    workshop, (ana,) = await workshop_with(office, "Ana")
    bob = (await office.post("/api/v1/participants", bodies.participant(identifier=None, first_name="Bob")))["id"]
    await office.post("/api/v1/observations", bodies.observation(workshop, ana))
    await adviser.open(f"/workshops/{workshop}/people")
    page = await adviser.send("Inscrire", {"participant": bob})
    assert "Personnes inscrites" in page.text
    assert page.text.index("Ana Brunel</a> – 1 note") < page.text.index("pas encore de note")
    out = next(each for each in adviser.forms() if each.action.endswith(f"/people/{ana}/remove"))
    assert "ce qui a été vu reste" in (await adviser.post(out, out.filled({}, "Retirer"))).text
    assert "Ana Brunel" not in (await adviser.open(f"/workshops/{workshop}")).text
    assert len(await office.rows("SELECT id FROM observations WHERE retracted_at IS NULL")) == 1


async def test_a_session_is_planned_and_who_came_is_noted(office: Office, adviser: Visitor) -> None:
    workshop, (ana, bob) = await workshop_with(office, "Ana", "Bob")
    await adviser.open(f"/workshops/{workshop}/sessions/new")
    typed = {"held_on": "03/11/2026", "begins": "09:30", "ends": "12:00", "exercise": "dessin-dicte", "title": "Un jeu"}
    form = adviser.form("Enregistrer la séance")
    pages = [await adviser.post(form, form.filled(typed, "Enregistrer la séance")) for _ in range(2)]
    assert "Séance enregistrée" in pages[1].text
    assert "mardi 3 novembre 2026, 9 h 30 – 12 h" in pages[1].text.replace("\u00a0", " ")
    (planned,) = await office.rows("SELECT id FROM workshop_sessions")
    address = f"/workshops/{workshop}/sessions/{planned['id']}"
    await adviser.open(address)
    page = await adviser.send("Enregistrer les présences", {f"came.{ana}": "yes", f"came.{bob}": "no"})
    assert "1 là, 1 pas là" in page.text
    await adviser.open(address)
    page = await adviser.send("Enregistrer les présences", {f"came.{bob}": "unknown"})
    assert "1 là, 0 pas là" in page.text
    page = await adviser.open(address)
    assert "Supprimer la séance" not in page.text
    await adviser.send("Enregistrer les présences", {f"came.{ana}": "unknown"})
    await adviser.open(address)
    assert "Séance supprimée" in (await adviser.send("Supprimer la séance")).text
    assert await office.rows("SELECT id FROM workshop_sessions") == []


async def test_a_session_is_changed_unless_somebody_else_did(office: Office, adviser: Visitor) -> None:
    workshop, _ = await workshop_with(office)
    planned = await office.plan_session(workshop, exercise="other", begins="09:30", ends="12:00")
    address = f"/workshops/{workshop}/sessions/{planned}/edit"
    late = visitor_as(office, office.adviser)
    await late.open(address)
    await adviser.open(address)
    assert "Séance enregistrée" in (await adviser.send("Enregistrer", {"title": "Un jeu"})).text
    (kept,) = await office.rows("SELECT title, exercise, begins::text FROM workshop_sessions")
    assert kept == {"title": "Un jeu", "exercise": "other", "begins": "09:30:00"}
    page = await late.send("Enregistrer", {"begins": "10:00"})
    assert page.status_code == 412
    assert "Maintenant : Un jeu" in page.text
    page = await late.send("Enregistrer", {"ends": "08:00"})
    assert page.status_code == 422
    assert 'id="error-ends"' in page.text


async def test_a_mediator_finds_the_workshops_they_hold_and_notes_who_came(office: Office) -> None:
    workshop, (ana,) = await workshop_with(office, "Ana")
    planned = await office.plan_session(workshop)
    mediator = visitor_as(office, await holder_of(office))
    assert f"/workshops/{workshop}" in (await mediator.open("/")).text
    assert f"/workshops/{workshop}" in (await mediator.open("/workshops")).text
    page = await mediator.open(f"/workshops/{workshop}")
    assert "Ana Brunel" in page.text
    for hidden in ("@", "Modifier", "Retirer", "/participants/"):
        assert hidden not in page.text.split("<h1>")[1], hidden
    await mediator.open(f"/workshops/{workshop}/sessions/{planned}")
    assert "1 là, 0 pas là" in (await mediator.send("Enregistrer les présences", {f"came.{ana}": "yes"})).text
    stranger = visitor_as(office, Person(new_id(), Role.MEDIATOR, office.lens))
    assert f"/workshops/{workshop}" not in (await stranger.open("/workshops")).text


async def test_who_looked_at_whom_is_noted(office: Office, adviser: Visitor) -> None:
    workshop, (ana,) = await workshop_with(office, "Ana")
    await adviser.open(f"/workshops/{workshop}")
    looks = await office.rows(
        "SELECT participant_id::text FROM audit.lines"
        " WHERE what = 'look' AND kind = 'participants' AND route = 'GET /workshops/{workshop_id}'"
    )
    assert [each["participant_id"] for each in looks].count(ana) == 1, "lines of other tests stay beside"


ROLES = ("adviser", "other", "mediator", "manager", "operator")


@pytest.mark.parametrize(
    ("path", "statuses"),
    [
        ("/workshops", (200, 200, 200, 200, 200)),
        ("/workshops/new", (200, 200, 403, 403, 200)),
        ("/workshops/{id}", (200, 404, 404, 200, 200)),
        ("/workshops/{id}/edit", (200, 404, 403, 403, 200)),
        ("/workshops/{id}/people", (200, 404, 403, 403, 200)),
        ("/workshops/{id}/sessions/new", (200, 404, 403, 403, 200)),
        ("/workshops/{id}/sessions/{session}", (200, 404, 404, 403, 200)),
        ("/workshops/{id}/sessions/{session}/edit", (200, 404, 403, 403, 200)),
    ],
)
async def test_each_role_sees_what_is_theirs(office: Office, path: str, statuses: tuple[int, ...]) -> None:
    workshop, _ = await workshop_with(office, "Ana")
    planned = await office.plan_session(workshop)
    for role, status in zip(ROLES, statuses, strict=True):
        page = await visitor_as(office, somebody(office, role)).open(path.format(id=workshop, session=planned))
        assert page.status_code == status, (role, page.text)
        assert ("Ana Brunel" in page.text) <= (role in {"adviser", "operator"})
