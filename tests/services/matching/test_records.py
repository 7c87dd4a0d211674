"""The record of a run is kept compressed: it comes back to the byte, and whoever is erased is found in it and goes."""

from __future__ import annotations

import json
from uuid import UUID

import pytest
from sqlalchemy import text

from services.matching.repository import runs
from services.matching.repository.runs import RunRecord
from services.matching.use_cases.replaying import replay
from shared.compressed import uncompressed
from shared.contracts.participants import ParticipantErased
from shared.database import unit_of_work
from shared.migrations import upgrade
from shared.sql import run
from tests.services.matching.conftest import PEOPLE, Stage
from tests.support.databases import Databases
from tests.support.events import NOW, an_id
from tests.support.migrating import Migrating


async def recorded_run(stage: Stage) -> UUID:
    """A run that was computed and recorded."""
    run_id = (await stage.propose()).run_id
    assert run_id is not None
    return run_id


async def record_of(stage: Stage, run_id: UUID) -> RunRecord:
    """What is recorded of a run."""
    async with unit_of_work(stage.sessions) as session:
        record = await runs.record_of(session, run_id)
    assert record is not None
    return record


async def kept_of(stage: Stage, run_id: UUID) -> list[bytes]:
    """The same as PostgreSQL holds it."""
    query = text("SELECT inputs, outcome FROM pairing_runs WHERE id = :id")
    async with unit_of_work(stage.sessions) as session:
        return list((await run(session, query, {"id": run_id})).one())


async def keep_as_it_is(stage: Stage, run_id: UUID, record: RunRecord) -> None:
    """What a process of the release before does."""
    change = text("UPDATE pairing_runs SET inputs = :inputs, outcome = :outcome WHERE id = :id")
    async with unit_of_work(stage.sessions) as session:
        await run(session, change, {"inputs": record.inputs, "outcome": record.outcome, "id": run_id})


async def test_a_record_is_kept_compressed_and_comes_back_to_the_byte(gallery: Stage) -> None:
    run_id = await recorded_run(gallery)
    record, kept = await record_of(gallery, run_id), await kept_of(gallery, run_id)
    assert [uncompressed(each) for each in kept] == [record.inputs, record.outcome]
    assert sum(map(len, kept)) < (len(record.inputs) + len(record.outcome)) / 4
    assert await replay(record)


@pytest.mark.parametrize("is_compressed", [True, False])
async def test_whoever_is_erased_goes_from_a_record_and_nobody_else_does(gallery: Stage, is_compressed: bool) -> None:
    run_id = await recorded_run(gallery)
    if not is_compressed:
        await keep_as_it_is(gallery, run_id, await record_of(gallery, run_id))
    there = {str(an_id(name)) for name in PEOPLE}
    for name in PEOPLE[:-1]:
        await gallery.hear(ParticipantErased(participant_id=an_id(name), revision=9, erased_at=NOW))
        there.remove(str(an_id(name)))
        record, kept = await record_of(gallery, run_id), await kept_of(gallery, run_id)
        assert {each["id"] for each in json.loads(record.inputs)["participants"]} == there
        assert not any(str(an_id(name)).encode() in each for each in (record.inputs, record.outcome, *kept))
    assert record.redacted_at == gallery.now


async def test_records_that_were_kept_as_they_are_become_compressed(gallery: Stage, postgres: Databases) -> None:
    run_id = await recorded_run(gallery)
    record, kept = await record_of(gallery, run_id), await kept_of(gallery, run_id)
    owner_url = postgres.owner_url(gallery.engine.url.database or "")
    Migrating("matching", owner_url, "compressed_records").back()
    assert await kept_of(gallery, run_id) == [record.inputs, record.outcome]
    upgrade("matching", owner_url)
    assert await kept_of(gallery, run_id) == kept
    assert await replay(await record_of(gallery, run_id))
