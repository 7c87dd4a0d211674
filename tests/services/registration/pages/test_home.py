"""Where somebody's day begins: what waits for an adviser, a mediator's workshops, what is coming for the others."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from shared.database import unit_of_work
from shared.sql import run
from tests.services.registration import bodies
from tests.services.registration.office import Office
from tests.services.registration.pages.conftest import somebody, visitor_as
from tests.support.visiting import Visitor


async def test_an_empty_home_begins_the_next_step(office: Office, adviser: Visitor) -> None:
    page = await adviser.open("/")
    assert "Rien ne presse aujourd’hui" in page.text
    assert 'href="/meetups/new"' in page.text
    page = await visitor_as(office, somebody(office, "manager")).open("/")
    assert 'href="/meetups/new"' not in page.text
    page = await visitor_as(office, somebody(office, "operator")).open("/")
    assert 'href="/meetups/new"' in page.text


async def test_what_waits_stands_on_top_and_is_one_click_away(office: Office, adviser: Visitor) -> None:
    meetup = (await office.post("/api/v1/meetups", bodies.meetup()))["id"]
    person = (await office.post("/api/v1/participants", bodies.participant()))["id"]
    other = (await office.post("/api/v1/meetups", bodies.meetup(title="À Lille"), office.other_adviser))["id"]
    async with unit_of_work(office.sessions) as session:
        for number, (table, values) in enumerate(
            [
                ("pairing_states", f"('{meetup}', 1, '{meetup}', 'proposed', 3)"),
                ("pairing_states", f"('{other}', 1, '{other}', 'proposed', 3)"),
                ("invitation_states", f"('{meetup}', '{person}', 1, 'call-requested', NULL)"),
            ]
        ):
            assert (await run(session, text(f"INSERT INTO {table} VALUES {values}"))).rowcount == 1, number  # noqa: S608
    page = await adviser.open("/")
    assert f'href="/meetups/{meetup}/pairing">Une proposition attend votre décision' in page.text
    assert f'href="/meetups/{meetup}/messages">1 personne à appeler' in page.text
    assert "À Lille" not in page.text


async def test_a_pair_of_alike_records_is_one_click_from_being_settled(office: Office, adviser: Visitor) -> None:
    await _twins(office)
    page = await adviser.open("/")
    assert 'href="/duplicates">1 paire de fiches' in page.text
    page = await adviser.open("/duplicates")
    assert "mêmes noms" in page.text
    assert "C’est noté" in (await adviser.send("Ce sont deux personnes")).text
    assert "Rien ne presse aujourd’hui" in (await adviser.open("/")).text


async def test_two_records_of_one_person_become_one_and_the_chosen_goes_on(office: Office, adviser: Visitor) -> None:
    first, _second = await _twins(office)
    await adviser.open("/duplicates")
    page = await adviser.send("Réunir les deux fiches", {"goes_on": first})
    assert "n’en font plus qu’une" in page.text, page.text
    (merged,) = await office.rows("SELECT id, merged_into FROM participants WHERE merged_into IS NOT NULL")
    assert str(merged["merged_into"]) == first


@pytest.mark.parametrize(("role", "status"), [("adviser", 200), ("mediator", 403), ("manager", 403), ("operator", 200)])
async def test_each_role_sees_doubts_as_it_may(office: Office, role: str, status: int) -> None:
    assert (await visitor_as(office, somebody(office, role)).open("/duplicates")).status_code == status


async def _twins(office: Office) -> tuple[str, str]:
    """Two records that are probably of one person."""
    first = (await office.post("/api/v1/participants", bodies.participant()))["id"]
    second = (await office.post("/api/v1/participants", bodies.participant(identifier=None)))["id"]
    return first, second
