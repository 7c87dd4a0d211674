"""What the service stands on: its migrations, its web process, its worker."""

import asyncio
import subprocess
import sys
from datetime import timedelta

import httpx
from asgi_lifespan import LifespanManager
from pydantic import SecretStr

from services.registration.settings import Settings
from services.registration.tables import Apart, Base
from services.registration.web import create_app
from services.registration.worker import create_worker, keep_no_longer
from shared.database import Sessions
from shared.migrations import differences, upgrade
from tests.services.registration import bodies
from tests.services.registration.office import ADDRESS, NOW, SECRET, Office
from tests.support.databases import Databases


def test_the_migrations_make_the_tables_that_the_code_expects_and_can_be_run_again(postgres: Databases) -> None:
    url = postgres.url(postgres.create_database())
    upgrade("registration", url)
    upgrade("registration", url)
    assert differences(url, Base.metadata, Apart.metadata) == []


async def test_the_application_starts_serves_and_stops_by_itself(settings: Settings, sessions: Sessions) -> None:
    app = create_app(settings)
    async with (
        LifespanManager(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=ADDRESS) as client,
    ):
        assert (await client.get("/health")).status_code == 200
        assert (await client.get("/api/v1/agencies")).status_code == 401


def test_the_web_process_opens_no_kafka_and_loads_nothing_heavy() -> None:
    program = (
        "import sys, services.registration.web; "
        "print([name for name in ('aiokafka', 'faststream', 'numpy', 'alembic') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


async def test_reference_tables_are_loaded_when_the_first_word_asks_for_them() -> None:
    program = (
        "import services.registration.web; "
        "from shared.reference import communes, skills; "
        "print(communes._communes.cache_info().currsize, skills.framework.cache_info().currsize)"
    )
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", program, stdout=asyncio.subprocess.PIPE)
    output, _ = await process.communicate()
    assert output.decode().split() == ["0", "0"]


async def test_the_worker_listens_to_what_others_tell(database_url: str) -> None:
    worker = create_worker(
        Settings(database_url=database_url, seal_secret=SecretStr(SECRET), kafka_bootstrap="127.0.0.1:1")
    )
    assert {"registration.pairings", "registration.invitations"} <= set(worker.health())


async def test_old_idempotency_keys_are_forgotten(office: Office, settings: Settings) -> None:
    headers = {"Idempotency-Key": "k"}
    await office.ask("POST", "/api/v1/employers", json=bodies.employer(), headers=headers)
    await keep_no_longer(office.sessions, settings, lambda: NOW + timedelta(days=1))
    assert (await office.counts())["idempotency_keys"] == 1
    await keep_no_longer(office.sessions, settings, lambda: NOW + timedelta(days=3))
    assert (await office.counts())["idempotency_keys"] == 0
