"""Notes posted twice at once, as a double click or a bad connection does, count once."""

import asyncio
from uuid import UUID, uuid4

import pytest
from sqlalchemy.exc import IntegrityError

from services.registration.domain.workshops import Observation, ObservationKey, Seen
from services.registration.repository import observations as repository
from shared.contracts.observations import ObservationCorrected, ObservationRetracted, SkillObserved
from shared.database import unit_of_work
from tests.services.registration import bodies
from tests.services.registration.office import NOW, Office


async def _place(office: Office) -> tuple[str, str]:
    """A workshop and a participant."""
    person = (await office.post("/api/v1/participants", bodies.participant()))["id"]
    workshop = (await office.post("/api/v1/workshops", bodies.workshop()))["id"]
    await office.enrol(workshop, person)
    return workshop, person


async def test_equal_notes_posted_at_once_are_one_note_and_one_event(office: Office) -> None:
    workshop, person = await _place(office)
    body = bodies.observation(workshop, person)
    for day in ("2026-11-10", "2026-11-11", "2026-11-12"):
        answers = await asyncio.gather(
            *(office.ask("POST", "/api/v1/observations", json={**body, "seen_on": day}) for _ in range(4))
        )
        assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 201]
        assert len({answer.json()["id"] for answer in answers}) == 1
    assert (await office.counts())["observations"] == 3
    assert len(await office.events(SkillObserved)) == 3


async def test_different_levels_posted_at_once_leave_the_note_with_one_of_them(office: Office) -> None:
    workshop, person = await _place(office)
    body = bodies.observation(workshop, person)
    answers = await asyncio.gather(
        *(office.ask("POST", "/api/v1/observations", json={**body, "level": level}) for level in (0, 1, 2, 4))
    )
    assert len({answer.json()["id"] for answer in answers}) == 1
    (kept,) = await office.rows("SELECT level, revision FROM observations")
    assert kept["revision"] == 4
    assert len(await office.events(SkillObserved)) == 1
    assert len(await office.events(ObservationCorrected)) == 3


async def test_a_note_that_was_taken_back_may_be_noted_again(office: Office) -> None:
    workshop, person = await _place(office)
    body = bodies.observation(workshop, person)
    first = (await office.post("/api/v1/observations", body))["id"]
    await office.ask("DELETE", f"/api/v1/observations/{first}")
    second = (await office.post("/api/v1/observations", body))["id"]
    assert second != first
    assert len(await office.events(ObservationRetracted)) == 1
    assert len((await office.ask("GET", f"/api/v1/observations?participant={person}")).json()["items"]) == 1


async def test_the_database_refuses_a_second_note_in_the_place_of_the_first(office: Office) -> None:
    workshop, person = await _place(office)
    await office.post("/api/v1/observations", bodies.observation(workshop, person))
    (row,) = await office.rows("SELECT rater_id, seen_on, exercise, skill FROM observations")
    key = ObservationKey(UUID(workshop), UUID(person), **row)
    twin = Observation(uuid4(), 1, "rome-4", key, Seen(3))
    with pytest.raises(IntegrityError, match="uq_observations_key"):
        async with unit_of_work(office.sessions) as session:
            await repository.add_observations(session, [twin], NOW)
    async with unit_of_work(office.sessions) as session:
        another = Observation(uuid4(), 1, "rome-4", key, Seen(2), ordinal=1)
        await repository.add_observations(session, [another], NOW)
    assert (await office.counts())["observations"] == 2
