"""PostgreSQL knows in whose name each transaction works, and forgets it with the transaction."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.asking import THE_SERVICE, Asker
from shared.database import Sessions, create_engine, create_sessions, unit_of_work
from shared.sql import run
from tests.support.databases import Databases

ADVISER = Asker("adviser", UUID(int=1), UUID(int=2), "GET /api/participants/{participant_id}")
IN_WORDS = ["adviser", str(UUID(int=1)), str(UUID(int=2)), "GET /api/participants/{participant_id}"]


@pytest.fixture
async def sessions(postgres: Databases) -> AsyncIterator[Sessions]:
    """Sessions on one connection, which one transaction after another has."""
    name = postgres.create_database()
    engine = create_engine(postgres.url(name), pool_size=1)
    yield create_sessions(engine)
    await engine.dispose()
    postgres.drop_database(name)


async def asked_by(session: AsyncSession) -> list[str]:
    """Role, person, agency and route, as PostgreSQL knows them."""
    names = ("role", "person", "agency", "route")
    found = ", ".join(f"coalesce(current_setting('vernissage.{name}', true), '')" for name in names)
    return list((await run(session, text(f"SELECT {found}"))).one())


async def test_each_transaction_says_who_asks_and_the_next_on_its_connection_knows_nothing_of_it(
    sessions: Sessions,
) -> None:
    async with unit_of_work(sessions, ADVISER) as session:
        assert await asked_by(session) == IN_WORDS
    async with unit_of_work(sessions) as session:
        assert await asked_by(session) == [""] * 4
    async with unit_of_work(sessions, THE_SERVICE) as session:
        assert await asked_by(session) == ["service", "", "", ""]
