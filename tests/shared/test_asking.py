"""PostgreSQL knows in whose name each transaction works, and forgets it with the transaction."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.asking import THE_SERVICE, Asker, as_the_service
from shared.database import Sessions, create_engine, create_sessions, unit_of_work
from shared.sql import run
from tests.support.databases import Databases

ADVISER = Asker("adviser", UUID(int=1), UUID(int=2), "GET /api/v1/participants/{participant_id}")
IN_WORDS = ["adviser", str(UUID(int=1)), str(UUID(int=2)), "GET /api/v1/participants/{participant_id}", ""]
AS_THE_SERVICE = [*IN_WORDS[:4], "service"]


@pytest.fixture
async def sessions(postgres: Databases) -> AsyncIterator[Sessions]:
    """Sessions on one connection, which one transaction after another has."""
    name = postgres.create_database()
    engine = create_engine(postgres.url(name), pool_size=1)
    yield create_sessions(engine)
    await engine.dispose()
    postgres.drop_database(name)


async def asked_by(session: AsyncSession) -> list[str]:
    """Role, person, agency, route and as whom they see, as PostgreSQL knows them."""
    names = ("role", "person", "agency", "route", "sees_as")
    found = ", ".join(f"coalesce(current_setting('vernissage.{name}', true), '')" for name in names)
    return list((await run(session, text(f"SELECT {found}"))).one())


async def test_each_transaction_says_who_asks_and_the_next_on_its_connection_knows_nothing_of_it(
    sessions: Sessions,
) -> None:
    async with unit_of_work(sessions, ADVISER) as session:
        assert await asked_by(session) == IN_WORDS
    async with unit_of_work(sessions) as session:
        assert await asked_by(session) == [""] * 5
    async with unit_of_work(sessions, THE_SERVICE) as session:
        assert await asked_by(session) == ["service", "", "", "", ""]


async def test_a_block_as_the_service_ends_with_the_block_and_keeps_who_it_was(sessions: Sessions) -> None:
    async with unit_of_work(sessions, ADVISER) as session:
        async with as_the_service(session):
            assert await asked_by(session) == AS_THE_SERVICE
            async with as_the_service(session):
                assert await asked_by(session) == AS_THE_SERVICE
            assert await asked_by(session) == AS_THE_SERVICE
        assert await asked_by(session) == IN_WORDS
        with pytest.raises(LookupError):
            async with as_the_service(session):
                raise LookupError
        assert await asked_by(session) == IN_WORDS


async def test_a_block_that_fails_in_or_around_a_savepoint_leaves_nothing_of_its_name(sessions: Sessions) -> None:
    async with unit_of_work(sessions, ADVISER) as session:
        with pytest.raises(DBAPIError):
            async with session.begin_nested(), as_the_service(session):
                await run(session, text("SELECT 1 / 0"))
        assert await asked_by(session) == IN_WORDS
        with pytest.raises(DBAPIError):
            async with as_the_service(session), session.begin_nested():
                await run(session, text("SELECT 1 / 0"))
        assert await asked_by(session) == IN_WORDS
        async with as_the_service(session):
            assert await asked_by(session) == AS_THE_SERVICE
        assert await asked_by(session) == IN_WORDS
