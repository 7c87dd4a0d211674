"""A database that is away, locked or out of connections is told as such: come again, nothing is half-done."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from sqlalchemy import text

from deploy.embedded.postgres import EmbeddedPostgres
from shared.database import Patience, create_engine, create_sessions, unit_of_work
from shared.web import create_web_app
from shared.web.edge import Transaction
from tests.shared.web.conftest import ADDRESS, Settings

router = APIRouter()


@router.post("/api/v1/pages/{name}")
async def count(transaction: Transaction, name: str) -> None:
    """Wait for the one lock there is, then write."""
    await (await transaction.connection()).execute(text("SELECT pg_advisory_xact_lock(7)"))
    assert name


@router.get("/page")
async def show(transaction: Transaction) -> None:
    """Show what the database says."""
    await (await transaction.connection()).execute(text("SELECT 1"))


@asynccontextmanager
async def serving(url: str) -> AsyncIterator[FastAPI]:
    engine = create_engine(url, pool_size=2, patience=Patience(lock=0.3, statement=2))
    app = create_web_app(title="Essai", settings=Settings(), routers=[router])
    app.state.sessions = create_sessions(engine)
    yield app
    await engine.dispose()


def asking(app: FastAPI) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=ADDRESS)


def check_told(response: httpx.Response) -> None:
    assert (response.status_code, response.headers["retry-after"]) == (503, "5")
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["code"] == "database-unavailable"
    assert "Zephyrine" not in response.text


async def test_a_lock_that_somebody_else_keeps_is_told(
    service_database: Callable[[str], str], caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(service_database("registration")) as app, asking(app) as client:
        async with unit_of_work(app.state.sessions) as holder:
            await (await holder.connection()).execute(text("SELECT pg_advisory_xact_lock(7)"))
            check_told(await client.post("/api/v1/pages/Zephyrine"))
        assert (await client.post("/api/v1/pages/Zephyrine")).status_code == 200
    assert "Zephyrine" not in caplog.text
    assert "the database cannot serve: LockNotAvailableError" in caplog.text


async def test_an_empty_pool_is_told(service_database: Callable[[str], str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.database.POOL_PATIENCE", 0.2)
    async with (
        serving(service_database("registration")) as app,
        asking(app) as client,
        app.state.sessions() as one,
        app.state.sessions() as two,
    ):
        for each in (one, two):
            await (await each.connection()).execute(text("SELECT 1"))
        check_told(await client.get("/page"))


async def test_a_database_that_is_killed_is_told_and_health_says_it_until_it_is_back(
    own_postgres: EmbeddedPostgres,
) -> None:
    async with serving(own_postgres.url("registration")) as app, asking(app) as client:
        assert (await client.get("/health/ready")).json() == {"ready": True, "parts": {"postgresql": True}}
        os.kill(own_postgres.pid, signal.SIGKILL)
        check_told(await client.get("/page"))
        page = await client.get("/page", headers={"accept": "text/html"})
        assert "Service momentanément indisponible" in page.text
        ready = await client.get("/health/ready")
        assert (ready.status_code, ready.json()["parts"]) == (503, {"postgresql": False})
        assert (await client.get("/health/live")).status_code == 200
        assert (await client.get("/health")).status_code == 200
        async with asyncio.timeout(60):
            while (await client.get("/health/ready")).status_code != 200:  # noqa: ASYNC110  another process comes back
                await asyncio.sleep(0.05)
        assert (await client.get("/page")).status_code == 200
