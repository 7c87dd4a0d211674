"""Fixtures of registration's tests."""

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.settings import Settings
from services.registration.web import create_app
from shared.asking import THE_SERVICE
from shared.database import Sessions, create_engine, create_sessions, unit_of_work
from shared.identity import Seal
from shared.migrations import upgrade
from tests.services.registration.caught_mail import CaughtMail
from tests.services.registration.known_records import KnownRecords
from tests.services.registration.office import ADDRESS, NOW, SECRET, Office, forget_everything, open_agencies
from tests.support.databases import Databases
from tests.support.documented import watching
from tests.support.tokens import KEYS

AWAY = "http://127.0.0.1:9"
"""Where nobody answers."""


@pytest.fixture(scope="session")
def database(postgres: Databases) -> Iterator[str]:
    """One database of this service for all its tests, built by its migrations; each test empties it first."""
    name = postgres.create_database(postgres.template_of("registration", upgrade))
    yield name
    postgres.drop_database(name)


@pytest.fixture(scope="session")
def database_url(postgres: Databases, database: str) -> str:
    """Its address, with the role under which the service works."""
    return postgres.url(database)


@pytest.fixture(scope="session")
def owner_url(postgres: Databases, database: str) -> str:
    """Its address, with the role that owns the tables."""
    return postgres.owner_url(database)


@pytest.fixture
async def sessions(database_url: str) -> AsyncIterator[Sessions]:
    """Sessions on an empty database, which work for nobody in particular, as the worker's do."""
    engine = create_engine(database_url, pool_size=4)
    sessions = create_sessions(engine, THE_SERVICE, seal=Seal(SECRET))
    await forget_everything(sessions)
    yield sessions
    await engine.dispose()


@pytest.fixture
async def session(sessions: Sessions) -> AsyncIterator[AsyncSession]:
    """One transaction on an empty database."""
    async with unit_of_work(sessions) as session:
        yield session


@pytest.fixture(scope="session")
def settings(database_url: str) -> Settings:
    """The settings of a web process on the database; the other services are away."""
    return Settings(
        database_url=database_url,
        seal_secret=SecretStr(SECRET),
        public_url=ADDRESS,
        demo_sign_in=True,
        matching_url=AWAY,
        notification_url=AWAY,
    )


@pytest.fixture(scope="session")
def app(settings: Settings) -> FastAPI:
    """The application, made once: describing sixty routes takes longer than serving them."""
    return create_app(settings, keys=KEYS, staff_mail=CaughtMail(), records_elsewhere=KnownRecords(), clock=lambda: NOW)


@pytest.fixture
async def office(sessions: Sessions, app: FastAPI, database_url: str) -> AsyncIterator[Office]:
    """The application with two agencies, and nothing else yet."""
    lens, lille = await open_agencies(sessions)
    # Connections belong to the event loop of one test.
    engine = create_engine(database_url, pool_size=4)
    app.state.sessions = create_sessions(engine, seal=Seal(SECRET))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url=ADDRESS, event_hooks=watching(app)) as client:
        yield Office(app, client, sessions, lens, lille, database_url)
    await engine.dispose()
