"""A web process that is told to end within an import ends it whole; one that is killed leaves nothing of it."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from deploy.embedded.ports import free_port
from shared.database import unit_of_work
from shared.sql import run
from shared.tokens import TokenSigner
from tests.services.registration.office import OPERATOR, SECRET, Office
from tests.services.registration.use_cases.importing.exports import folder
from tests.shared.travel.small_service import DEADLINE, until

pytestmark = pytest.mark.slow


@pytest.fixture
async def web(database_url: str) -> AsyncIterator[tuple[Process, str]]:
    """Registration's web process on the office's database, and its address."""
    port = free_port()
    told = {"DATABASE_URL": database_url, "SEAL_SECRET": SECRET, "WEB_PORT": str(port)}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "services.registration.web",
        env=os.environ | {f"VERNISSAGE_REGISTRATION_{name}": value for name, value in told.items()},
    )
    address = f"http://127.0.0.1:{port}"
    try:
        await until(lambda: answers(address))
        yield process, address
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def test_told_to_end_within_an_import_a_web_process_ends_it_whole(
    office: Office, web: tuple[Process, str]
) -> None:
    process, address = web
    before = await office.counts()
    async with halfway_through_an_import(office, address) as importing:
        process.terminate()
        await until(lambda: refuses(address))
    lines = (await importing).splitlines()
    assert json.loads(lines[-1])["report"]["findings"] == []
    assert await asyncio.wait_for(process.wait(), DEADLINE) == 0
    grown = {name for name, rows in (await office.counts()).items() if rows > before[name]}
    assert {"participants", "observations", "meetups", "outbox"} <= grown


async def test_killed_within_an_import_a_web_process_leaves_nothing_of_it(
    office: Office, web: tuple[Process, str]
) -> None:
    process, address = web
    before = await office.counts()
    async with halfway_through_an_import(office, address) as importing:
        process.kill()
        await process.wait()
    with pytest.raises(httpx.HTTPError):
        await importing
    await until(lambda: nobody_imports(office))
    assert await office.counts() == before
    assert (await office.import_files(folder()))["findings"] == []


@asynccontextmanager
async def halfway_through_an_import(office: Office, address: str) -> AsyncIterator[asyncio.Task[str]]:
    """An import that has written some of its rows, and waits for the others as long as the block lasts."""
    async with unit_of_work(office.sessions) as session:
        await run(session, text("LOCK TABLE observations IN SHARE MODE"))
        importing = asyncio.create_task(import_folder(address))
        await until(lambda: somebody_waits_for_observations(office))
        yield importing


async def import_folder(address: str) -> str:
    """Send the folder of exports as an operator; what is answered."""
    token = TokenSigner("registration", [SECRET]).sign(OPERATOR, "registration", now=datetime.now(UTC))
    files: Any = [("files", (name, body.encode())) for name, body in folder().items()]
    async with httpx.AsyncClient(base_url=address, timeout=DEADLINE) as client:
        answer = await client.post("/api/imports", files=files, headers={"authorization": f"Bearer {token}"})
    return answer.raise_for_status().text


async def somebody_waits_for_observations(office: Office) -> bool:
    """Whether a transaction waits to write observations."""
    locks = "SELECT 1 FROM pg_locks WHERE relation = 'observations'::regclass AND NOT granted"
    return bool(await office.rows(locks))


async def nobody_imports(office: Office) -> bool:
    """Whether no import is under way any more."""
    return not await office.an_import_runs()


async def answers(address: str) -> bool:
    """Whether the process serves."""
    return not await refuses(address)


async def refuses(address: str) -> bool:
    """Whether nobody new is let in."""
    async with httpx.AsyncClient() as client:
        try:
            await client.get(f"{address}/health/live")
        except httpx.TransportError:
            return True
    return False
