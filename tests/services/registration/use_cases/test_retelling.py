"""What is told anew is what holds: whoever lost everything, or missed one event, then knows what the others know."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from services.registration.use_cases import retelling
from shared.contracts.envelope import Event
from shared.ids import new_id
from shared.moment import Moment
from shared.travel.retelling import tell_anew
from shared.travel.topics import Service
from tests.services.hearing.truth import TRUTH
from tests.services.registration import bodies
from tests.services.registration.office import NOW, Office

LISTENERS: tuple[Service, ...] = ("matching", "notification")


async def live(office: Office) -> list[Event]:
    """Of everything some is as it was entered, some changed, some taken back; all that was told of it."""
    ids = [(await office.post("/api/v1/participants", person(number)))["id"] for number in range(5)]
    anselme, bathilde, clotaire, _, euphrasie = (f"/api/v1/participants/{one}" for one in ids)
    await done(office, "PUT", anselme, json=person(0, travel_limit_km=12, commune="Béthune"))
    await done(office, "DELETE", f"{bathilde}/consents/pairing")
    await done(office, "DELETE", f"{clotaire}/consents/contact")
    await done(office, "PUT", f"{clotaire}/consents/contact")

    workshop = (await office.post("/api/v1/workshops", bodies.workshop()))["id"]
    await office.enrol(workshop, *ids)
    seen = [(await office.post("/api/v1/observations", bodies.observation(workshop, one)))["id"] for one in ids]
    await done(office, "DELETE", f"/api/v1/observations/{seen[0]}")

    employer = (await office.post("/api/v1/employers", bodies.employer()))["id"]
    open_, closed, changed = [
        (await office.post("/api/v1/needs", bodies.need(employer, title=title)))["id"] for title in ("A", "B", "C")
    ]
    await done(office, "PUT", f"/api/v1/needs/{changed}", json=bodies.need(employer, title="C", seats=2))

    meetup, cancelled = [
        (await office.post("/api/v1/meetups", bodies.meetup(title=title)))["id"] for title in ("Lens", "Autre")
    ]
    for need in (open_, closed, changed):
        await done(office, "PUT", f"/api/v1/meetups/{meetup}/needs/{need}", json={})
    for one in ids:
        await done(office, "PUT", f"/api/v1/meetups/{meetup}/participants/{one}", json={})
    await done(office, "DELETE", f"/api/v1/meetups/{meetup}/participants/{ids[3]}")
    await done(office, "PUT", f"/api/v1/meetups/{meetup}", json=bodies.meetup(title="Lens", slots=8))
    await done(office, "POST", f"/api/v1/meetups/{cancelled}/cancel")
    await done(office, "POST", f"/api/v1/needs/{closed}/close")
    await live_twice(office, workshop, meetup)
    told = await office.events()
    await done(office, "DELETE", euphrasie)
    # The outbox forgets whoever was erased; those who were told do so only when they hear of it.
    return [*told, *(event for event in await office.events() if event not in told)]


async def live_twice(office: Office, workshop: str, meetup: str) -> None:
    """Two people who are registered twice and merged; of one the merge is undone."""
    for number in (5, 7):
        ids = [
            (await office.post("/api/v1/participants", person(number + each, consents={"pairing": each == 1})))["id"]
            for each in range(2)
        ]
        await office.enrol(workshop, *ids)
        for one, skills in zip(ids, (["6D101"], ["6D101", "6D102"]), strict=True):
            for skill in skills:
                await office.post("/api/v1/observations", bodies.observation(workshop, one, skill=skill))
        await done(office, "PUT", f"/api/v1/meetups/{meetup}/participants/{ids[1]}", json={})
        merges = f"/api/v1/participants/{ids[0]}/merges"
        made = await office.post(merges, {"merged_id": ids[1]})
        if number == 7:
            await done(office, "DELETE", f"{merges}/{made['id']}")


async def done(office: Office, method: str, path: str, **details: Any) -> None:
    """Have something done."""
    answer = await office.ask(method, path, **details)
    assert answer.is_success, answer.text


def person(number: int, **changes: Any) -> dict[str, Any]:
    """Somebody who resembles nobody else."""
    name = f"Du Val{number}"
    return bodies.participant(last_name=name, email=f"{number}@courriel.example", phone=None, **changes)


async def told_anew(office: Office) -> list[Event]:
    """All that is told anew."""
    before = len(await office.events())
    chapters = [chapter for of_topic in retelling.CHAPTERS.values() for chapter in of_topic]
    count = await tell_anew(office.sessions, chapters, "/registration", Moment(NOW, new_id))
    anew = (await office.events())[before:]
    assert len(anew) == count
    return anew


def check(anew: Sequence[Event], told: Sequence[Event]) -> None:
    """Who hears only what is told anew, or that beside what they know, knows the same as who heard everything."""
    for listener in LISTENERS:
        truth = TRUTH[listener](told)
        assert TRUTH[listener](anew) == truth
        for missed in range(len(told)):
            assert TRUTH[listener]([*told[:missed], *told[missed + 1 :], *anew]) == truth, told[missed]


async def test_what_is_told_anew_is_what_holds(office: Office) -> None:
    told = await live(office)
    check(await told_anew(office), told)


async def test_what_takes_many_pages_is_told_to_its_end(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    told = await live(office)
    monkeypatch.setattr(retelling, "PAGE", 1)
    check(await told_anew(office), told)
