"""Venues are registered and changed like other records, and the meetups held there go where they go."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from services.registration.api.problems import answer_clashes
from services.registration.settings import Settings
from shared.contracts.meetups import MeetupChanged
from shared.database import Sessions, unit_of_work
from shared.sql import run
from tests.services.registration import bodies
from tests.services.registration.office import Office


async def _meetup(office: Office, **changes: Any) -> str:
    meetup: str = (await office.post("/api/v1/meetups", bodies.meetup(venue="Louvre Lens", **changes)))["id"]
    return meetup


async def _whereabouts(office: Office, meetup: str) -> tuple[str, ...]:
    shown = (await office.ask("GET", f"/api/v1/meetups/{meetup}")).json()
    return tuple(shown[name] for name in ("venue", "commune", "address", "access"))


async def test_a_venue_is_shown_as_it_was_registered(office: Office) -> None:
    made = await office.post("/api/v1/venues", bodies.venue())
    shown = await office.ask("GET", f"/api/v1/venues/{made['id']}")
    assert shown.headers["etag"] == '"1"'
    assert shown.json() == {**bodies.venue(), "id": made["id"], "revision": 1, "commune": "62498"}
    assert (await office.ask("GET", "/api/v1/venues")).json()["items"] == [shown.json()]


@pytest.mark.parametrize(
    ("said", "status", "code"),
    [
        ({"name": "LOUVRE LENS"}, 409, "duplicate-venue"),
        ({"name": "La Piscine", "commune": "Nullepart-sur-Rien"}, 422, "unknown-commune"),
    ],
)
async def test_a_venue_that_cannot_be_is_refused(office: Office, said: dict[str, str], status: int, code: str) -> None:
    await office.post("/api/v1/venues", bodies.venue())
    other = await office.post("/api/v1/venues", bodies.venue(name="La Chapelle"))
    new = await office.ask("POST", "/api/v1/venues", json=bodies.venue(**said))
    changed = await office.ask("PATCH", f"/api/v1/venues/{other['id']}", json=said)
    for answer in (new, changed):
        assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_an_unknown_venue_is_not_found(office: Office) -> None:
    for method, body in (("GET", None), ("PUT", bodies.venue()), ("PATCH", {})):
        answer = await office.ask(method, f"/api/v1/venues/{office.lens}", json=body)
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown-venue")


async def test_the_meetups_of_a_venue_that_moves_move_with_it(office: Office) -> None:
    venue = (await office.post("/api/v1/venues", bodies.venue()))["id"]
    there = await _meetup(office)
    own = await _meetup(office, address="12, rue de la Gare", access="Par la cour")
    elsewhere = await _meetup(office, commune="Liévin")
    moved = {"commune": "Roubaix", "address": "23, rue de l’Espérance", "access": "Métro Gare."}
    await office.ask("PATCH", f"/api/v1/venues/{venue}", json=moved)
    for meetup in (there, own):
        assert await _whereabouts(office, meetup) == ("Louvre-Lens", "59512", "23, rue de l’Espérance", "Métro Gare.")
    assert (await _whereabouts(office, elsewhere))[1] == "62510"
    told = [each for each in await office.events(MeetupChanged) if isinstance(each, MeetupChanged)]
    assert {(str(each.meetup_id), each.place.commune, each.directions) for each in told} == {
        (there, "59512", 2),
        (own, "59512", 2),
    }


async def test_the_meetups_of_a_venue_with_a_new_name_keep_a_way_of_their_own(office: Office) -> None:
    venue = (await office.post("/api/v1/venues", bodies.venue()))["id"]
    there = await _meetup(office)
    own = await _meetup(office, address="12, rue de la Gare", access="Par la cour")
    await office.ask("PATCH", f"/api/v1/venues/{venue}", json={"name": "Musée du Louvre-Lens", "access": "Par la gare"})
    assert await _whereabouts(office, there) == ("Musée du Louvre-Lens", "62498", "99, rue Paul-Bert", "Par la gare")
    assert await _whereabouts(office, own) == ("Musée du Louvre-Lens", "62498", "12, rue de la Gare", "Par la cour")


async def test_a_venue_registered_late_tells_the_meetups_that_are_held_there(office: Office) -> None:
    meetup = await _meetup(office)
    await office.post("/api/v1/venues", bodies.venue())
    assert (await _whereabouts(office, meetup))[2:] == ("99, rue Paul-Bert", "Entrée par le parc.")


async def test_who_waits_for_somebody_who_waits_for_them_is_told_to_begin_again(
    sessions: Sessions, settings: Settings
) -> None:
    app = FastAPI()
    app.state.settings = settings
    answer_clashes(app)

    @app.get("/")
    async def wait_for_each_other() -> None:
        async with unit_of_work(sessions) as session:
            await run(session, text("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = 'deadlock_detected'; END $$"))

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://registration.test") as client:
        answer = await client.get("/")
    assert (answer.status_code, answer.json()["code"]) == (409, "changed-meanwhile")
