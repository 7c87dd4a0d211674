"""Runs: leases that are renewed and given back, and failures that end and are seen."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text

from services.matching.domain.situation import RunInputs
from services.matching.repository import facts, runs
from services.matching.use_cases import computing, replaying
from services.matching.use_cases.computing import compute_next
from shared.contracts.participants import ConsentWithdrawn
from shared.database import unit_of_work
from shared.ids import new_id
from tests.services.matching.conftest import PEOPLE, Stage
from tests.shared.travel.small_service import until
from tests.support.events import an_id


async def test_a_run_that_meets_a_passing_error_is_given_back_at_once(
    gallery: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    await gallery.ask()

    async def lose_the_database(_inputs: RunInputs) -> object:
        raise ConnectionResetError

    with monkeypatch.context() as patched:
        patched.setattr(replaying, "propose_on_record", lose_the_database)
        with pytest.raises(ConnectionResetError):
            await compute_next(gallery.computer)
    assert (await gallery.newest_run()).attempts == 0, "what passes does not count"
    assert await gallery.compute() == 1
    await gallery.proposal()


async def test_a_worker_that_stops_gives_its_run_back_at_once(gallery: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    await gallery.ask()
    began = asyncio.Event()

    async def compute_for_ever(_inputs: RunInputs) -> object:
        began.set()
        await asyncio.Event().wait()
        raise AssertionError

    with monkeypatch.context() as patched:
        patched.setattr(replaying, "propose_on_record", compute_for_ever)
        worker = asyncio.create_task(compute_next(gallery.computer))
        await began.wait()
        worker.cancel()
        with pytest.raises(asyncio.CancelledError):
            await worker
    assert await gallery.compute() == 1
    await gallery.proposal()


async def test_a_run_that_fails_again_and_again_says_so_and_stops_no_other(
    gallery: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    await gallery.ask()
    monkeypatch.setattr(computing, "TRY_AGAIN", timedelta(seconds=-1))

    async def fail(_inputs: RunInputs) -> object:
        raise ArithmeticError("a number of somebody")

    with monkeypatch.context() as patched:
        patched.setattr(replaying, "propose_on_record", fail)
        assert await gallery.compute() == runs.MOST_ATTEMPTS
    failed = await gallery.newest_run()
    assert (failed.status, failed.failure, failed.attempts) == ("failed", "ArithmeticError", runs.MOST_ATTEMPTS)
    assert failed.finished_at is not None
    await gallery.ask()
    assert await gallery.compute() == 1
    await gallery.proposal()


async def test_a_run_whose_computers_died_is_given_up_and_says_when(gallery: Stage) -> None:
    await gallery.ask()
    async with unit_of_work(gallery.sessions) as session:
        for _ in range(runs.MOST_ATTEMPTS + 1):
            await runs.claim(session, new_id(), timedelta(seconds=-1))
    failed = await gallery.newest_run()
    assert (failed.status, failed.failure) == ("failed", "its-computer-died")
    assert failed.finished_at is not None


async def test_a_lease_is_renewed_as_long_as_somebody_computes(gallery: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    await gallery.ask()
    monkeypatch.setattr(computing, "LEASE", timedelta(seconds=0.3))
    compute = replaying.propose_on_record

    async def compute_longer_than_a_lease(inputs: RunInputs) -> object:
        first = await lease_end(gallery)
        await until(lambda: is_later(gallery, first))
        return await compute(inputs)

    monkeypatch.setattr(replaying, "propose_on_record", compute_longer_than_a_lease)
    assert await gallery.compute() == 1
    await gallery.proposal()


async def is_later(stage: Stage, first: object) -> bool:
    return await lease_end(stage) != first


async def lease_end(stage: Stage) -> object:
    """When the lease of the run that computes ends."""
    async with stage.engine.connect() as connection:
        return (await connection.execute(text("SELECT max(lease_until) FROM pairing_runs"))).scalar()


async def test_a_request_that_meets_its_run_being_claimed_gets_another(gallery: Stage) -> None:
    await gallery.ask()
    async with unit_of_work(gallery.sessions) as session:
        assert await runs.claim(session, new_id(), timedelta(minutes=1)) is not None
        late = asyncio.create_task(gallery.ask(forbids=[("person 0", "need 0")]))
        # The request waits for the claim where it would take the run that is being claimed.
        await asyncio.wait([late], timeout=0.5)
    request_id = await late
    async with unit_of_work(gallery.sessions) as session:
        request = await runs.find_request(session, request_id)
        assert request is not None
        first, second = sorted((await runs.runs_of(session, request.meetup_id)).items, key=lambda run: run.id)
    assert (first.status, second.status) == ("running", "queued")
    assert request.run_id == second.id


async def test_a_result_that_is_always_refused_does_not_compute_for_ever(
    gallery: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    await gallery.ask()
    monkeypatch.setattr(computing, "ENDLESS", 2)
    monkeypatch.setattr(computing, "outdated", lambda *_: ("never",))
    assert await gallery.compute() == 3
    run = await gallery.newest_run()
    assert (run.status, run.failure) == ("failed", "never-settles")


async def test_what_a_run_gathers_is_of_one_moment(gallery: Stage) -> None:
    withdrawn = ConsentWithdrawn(participant_id=an_id(PEOPLE[0]), revision=2, purpose="pairing")
    async with computing.one_moment(gallery.sessions) as session:
        before = await facts.consenting(session)
        await gallery.hear(withdrawn)
        assert await facts.consenting(session) == before
    async with unit_of_work(gallery.sessions) as session:
        assert an_id(PEOPLE[0]) not in await facts.consenting(session)
