"""Fixtures of notification's tests."""

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
from asgi_lifespan import LifespanManager
from pydantic import SecretStr

from services.notification.settings import Settings
from services.notification.web import create_app
from shared.database import create_engine, create_sessions
from shared.migrations import upgrade
from tests.services.notification.mail_catcher import MailCatcher
from tests.services.notification.story import PUBLIC_URL, SECRET, Story
from tests.support.databases import Databases
from tests.support.documented import watching
from tests.support.tokens import KEYS


@pytest.fixture(scope="session")
def database_url(postgres: Databases) -> Iterator[str]:
    """One database of this service for all its tests, built by its migrations; each story empties it first."""
    name = postgres.create_database(postgres.template_of("notification", upgrade))
    yield postgres.url(name)
    postgres.drop_database(name)


@pytest.fixture
async def story(database_url: str) -> AsyncIterator[Story]:
    """A story on an empty database."""
    engine = create_engine(database_url, pool_size=8)
    story = Story(create_sessions(engine))
    await story.forget_everything()
    yield story
    await engine.dispose()


@pytest.fixture
async def catcher() -> AsyncIterator[MailCatcher]:
    """A real mail server."""
    async with MailCatcher() as running:
        yield running


@pytest.fixture
def settings(database_url: str) -> Settings:
    """The settings of a web process on the story's database."""
    return Settings(database_url=database_url, seal_secret=SecretStr(SECRET), public_url=PUBLIC_URL, demo_sign_in=True)


@pytest.fixture
async def client(story: Story, settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """A browser without JavaScript on the real application."""
    app = create_app(settings, directory=story.directory, keys=KEYS, clock=story.clock)
    async with (
        LifespanManager(app),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app),
            base_url=PUBLIC_URL,
            headers={"accept": "text/html"},
            event_hooks=watching(app),
        ) as browser,
    ):
        yield browser
