"""A small service's database for each test, and sessions on it."""

from collections.abc import AsyncIterator

import pytest

from shared.database import Sessions, create_engine, create_sessions
from shared.travel.broker import KafkaAddress
from tests.shared.travel.small_service import prepare
from tests.support.brokers import Broker
from tests.support.databases import Databases


@pytest.fixture
async def database(postgres: Databases) -> AsyncIterator[str]:
    """The address of a new database with the travel tables and the small service's own."""
    name = postgres.create_database()
    await prepare(postgres.url(name))
    yield postgres.url(name)
    postgres.drop_database(name)


@pytest.fixture
async def sessions(database: str) -> AsyncIterator[Sessions]:
    """Sessions on the small service's database."""
    engine = create_engine(database)
    yield create_sessions(engine)
    await engine.dispose()


@pytest.fixture
def address(kafka: Broker, topic_prefix: str) -> KafkaAddress:
    """The run's Kafka under names that no other test has."""
    return KafkaAddress(kafka.bootstrap_servers, topic_prefix)
