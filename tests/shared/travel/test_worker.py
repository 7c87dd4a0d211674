"""A worker keeps its parts going, tells how it is, and ends with the right exit code."""

from __future__ import annotations

import asyncio
import os
import signal
from datetime import timedelta

import httpx
import pytest
from faststream.kafka import KafkaRouter

from deploy.embedded.ports import free_port
from shared import ending
from shared.database import Sessions, create_engine
from shared.travel.broker import KafkaAddress
from shared.travel.process import Task, Timer, Well
from shared.travel.worker import Worker
from tests.shared.travel.checks import has_applied
from tests.shared.travel.mortal import Life, new_halt, start_served
from tests.shared.travel.small_service import (
    DEADLINE,
    metadata,
    observations,
    running,
    settings_of,
    until,
    write,
)


async def test_a_served_worker_is_ready_in_time_and_ends_well_on_a_signal(
    database: str, sessions: Sessions, address: KafkaAddress
) -> None:
    port = free_port()
    process = start_served(Life(database, address.bootstrap, address.prefix), port)
    try:
        await write(sessions, observations(2, 2))
        await until(lambda: answers(port, "/health/ready", 200))
        await until(lambda: has_applied(sessions, 4))
        assert process.pid is not None
        os.kill(process.pid, signal.SIGTERM)
        await asyncio.to_thread(process.join, DEADLINE)
    finally:
        process.kill()
    assert process.exitcode == 0


async def test_a_worker_serves_only_when_it_has_warmed_up(database: str, address: KafkaAddress) -> None:
    port, halt = free_port(), new_halt()
    process = start_served(Life(database, address.bootstrap, address.prefix), port, halt=halt)
    try:
        assert await asyncio.to_thread(halt.reached.wait, DEADLINE)
        assert not await answers(port, "/health/live", 200)
        halt.go_on.set()
        await until(lambda: answers(port, "/health/ready", 200))
    finally:
        process.kill()


async def test_a_worker_without_kafka_lives_but_is_not_ready(database: str) -> None:
    async with running(small(database, f"127.0.0.1:{free_port()}")) as worker, client_of(worker) as client:
        assert (await client.get("/health/live")).status_code == 200
        await until(lambda: is_well(worker, "postgresql"))
        answer = await client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["parts"]["relay"] is False
    assert answer.json()["parts"]["kafka"] is False


async def test_a_timer_goes_on_after_an_error_and_counts_it(database: str) -> None:
    runs: list[int] = []
    mended = asyncio.Event()

    async def job() -> None:
        runs.append(len(runs))
        if not mended.is_set():
            raise ValueError("Madame Durand")

    worker = small(database, f"127.0.0.1:{free_port()}", timers=[Timer("sweep", timedelta(milliseconds=10), job)])
    async with running(worker), client_of(worker) as client:
        await until(lambda: reaches(runs, 2))
        trouble = worker.health()["sweep"]
        assert trouble is not None
        assert trouble.startswith("failed with ValueError at test_worker.py")
        assert 'vernissage_timer_failed_total{timer="sweep"}' in (await client.get("/metrics")).text
        mended.set()
        await until(lambda: is_well(worker, "sweep"))


async def test_a_task_begins_again_after_an_error_and_its_text_is_not_logged(
    database: str, caplog: pytest.LogCaptureFixture
) -> None:
    runs: list[int] = []

    mended = asyncio.Event()

    async def work(well: Well) -> None:
        runs.append(len(runs))
        if len(runs) < 3:
            raise ValueError("Madame Durand")
        await mended.wait()
        well()
        await asyncio.Event().wait()

    worker = small(database, f"127.0.0.1:{free_port()}", tasks=[Task("pairing", work)])
    async with running(worker), client_of(worker) as client:
        await until(lambda: reaches(runs, 3))
        troubles = (await client.get("/health/ready")).json()["troubles"]
        assert troubles["pairing"].startswith("failed with ValueError at test_worker.py")
        assert 'vernissage_task_failed_total{task="pairing"} 2.0' in (await client.get("/metrics")).text
        mended.set()
        await until(lambda: is_well(worker, "pairing"))
    assert "pairing begins again after ValueError at test_worker.py" in caplog.text
    assert "Durand" not in caplog.text


async def test_a_trouble_that_lasts_is_seen_while_the_task_goes_on(database: str) -> None:
    ended = asyncio.Event()

    async def work(well: Well) -> None:
        well("gave up fitting rome-4")
        await ended.wait()
        well()
        await asyncio.Event().wait()

    worker = small(database, f"127.0.0.1:{free_port()}", tasks=[Task("components", work)])
    async with running(worker), client_of(worker) as client:
        await until(lambda: is_unwell(worker, "components"))
        assert (await client.get("/health/ready")).json()["troubles"]["components"] == "gave up fitting rome-4"
        assert 'vernissage_task_failing{task="components"} 1.0' in (await client.get("/metrics")).text
        ended.set()
        await until(lambda: is_well(worker, "components"))
        assert 'vernissage_task_failing{task="components"} 0.0' in (await client.get("/metrics")).text


def small(
    database: str, bootstrap: str, *, timers: list[Timer] | None = None, tasks: list[Task] | None = None
) -> Worker:
    return Worker(
        service="matching",
        settings=settings_of(database, bootstrap, ""),
        engine=create_engine(database),
        metadata=metadata,
        router=KafkaRouter(),
        timers=timers or [],
        tasks=tasks or [],
    )


def client_of(worker: Worker) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(worker), base_url="http://worker")


async def is_unwell(worker: Worker, part: str) -> bool:
    return worker.health()[part] is not None


async def is_well(worker: Worker, part: str) -> bool:
    return worker.health()[part] is None


async def reaches(runs: list[int], count: int) -> bool:
    return len(runs) >= count


async def answers(port: int, path: str, status: int) -> bool:
    async with httpx.AsyncClient() as client:
        try:
            return (await client.get(f"http://127.0.0.1:{port}{path}")).status_code == status
        except httpx.TransportError:
            return False


async def test_a_worker_ends_also_while_a_lost_connection_hides_that_it_is_asked_to(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ending, "ASK_AGAIN_SECONDS", 0.1)
    hidden: list[str] = []

    async def job() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            if hidden:
                raise
            hidden.append("once")
            raise ConnectionResetError from None

    timers = [Timer("sweep", timedelta(milliseconds=10), job)]
    async with running(small(database, f"127.0.0.1:{free_port()}", timers=timers)) as worker:
        await until(lambda: is_well(worker, "postgresql"))
    assert hidden == ["once"]
