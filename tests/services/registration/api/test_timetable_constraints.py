"""What the timetable must respect for somebody: told without a why, and only where it binds."""

from __future__ import annotations

from shared.contracts.meetups import ParticipantEnrolled
from tests.services.registration import bodies
from tests.services.registration.office import Office


async def _enrolled(office: Office) -> list[tuple[bool, bool]]:
    """Double slots and front tables, as they were told of whoever was enrolled."""
    told = await office.events(ParticipantEnrolled)
    return [(event.double_slot, event.front_table) for event in told if isinstance(event, ParticipantEnrolled)]


async def test_nobody_is_told_to_need_one_of_some_tables_where_all_are_alike(office: Office) -> None:
    person = (await office.post("/api/participants", bodies.participant()))["id"]
    meetup = (await office.post("/api/meetups", bodies.meetup()))["id"]
    path = f"/api/meetups/{meetup}"
    await office.ask("PUT", f"{path}/participants/{person}", json={"front_table": True})
    assert await _enrolled(office) == [(False, False)]
    await office.ask("PATCH", path, json={"front_tables": 2})
    assert await _enrolled(office) == [(False, False), (False, True)]
    await office.ask("PATCH", path, json={"front_tables": 3})
    await office.ask("PATCH", path, json={"title": "Rencontre de printemps"})
    assert len(await _enrolled(office)) == 2
    await office.ask("PATCH", path, json={"front_tables": None})
    assert await _enrolled(office) == [(False, False), (False, True), (False, False)]
    shown = (await office.ask("GET", path)).json()["participants"][0]
    assert (shown["double_slot"], shown["front_table"]) == (False, True)


async def test_both_constraints_are_told_where_they_bind(office: Office) -> None:
    person = (await office.post("/api/participants", bodies.participant()))["id"]
    meetup = (await office.post("/api/meetups", bodies.meetup(front_tables=2)))["id"]
    constraints = {"front_table": True, "double_slot": True}
    await office.ask("PUT", f"/api/meetups/{meetup}/participants/{person}", json=constraints)
    assert await _enrolled(office) == [(True, True)]
