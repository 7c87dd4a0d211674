"""How PostgreSQL is reached: one spelling for all, bounded waits, and errors that say when it is what failed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import certifi
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel.ext.asyncio.session import AsyncSession

from deploy.embedded.ports import free_port
from shared.database import (
    FOR_EVER,
    DatabaseAway,
    Patience,
    allow,
    connect,
    create_engine,
    create_sessions,
    is_away,
    is_transient,
    unit_of_work,
)

SHORT = Patience(lock=0.2, statement=0.5)


@pytest.fixture
def url(service_database: Callable[[str], str]) -> str:
    """The address of a database that this test may do anything to."""
    return service_database("registration")


@asynccontextmanager
async def engine_on(url: str, *, pool_size: int = 5, patience: Patience = FOR_EVER) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(url, pool_size=pool_size, patience=patience)
    try:
        yield engine
    finally:
        await engine.dispose()


async def execute(session: AsyncSession, statement: str) -> object:
    return (await (await session.connection()).execute(text(statement))).scalar()


async def error_of(session: AsyncSession, statement: str) -> Exception:
    with pytest.raises(Exception) as caught:  # noqa: PT011  its kind is what the test looks at
        await execute(session, statement)
    assert isinstance(caught.value, Exception)
    return caught.value


async def test_whoever_waits_too_long_for_a_lock_or_a_statement_is_told_so(url: str) -> None:
    async with engine_on(url, patience=SHORT) as engine:
        sessions = create_sessions(engine)
        async with sessions() as holder, sessions() as waiting, sessions() as slow:
            await execute(holder, "SELECT pg_advisory_xact_lock(1)")
            assert is_away(await error_of(waiting, "SELECT pg_advisory_xact_lock(1)"))
            assert is_away(await error_of(slow, "SELECT pg_sleep(30)"))


async def test_a_transaction_may_be_given_more_time_and_the_next_one_has_the_usual(url: str) -> None:
    async with engine_on(url, pool_size=1, patience=SHORT) as engine:
        sessions = create_sessions(engine)
        async with unit_of_work(sessions) as session:
            await allow(session, Patience(lock=5, statement=0))
            await execute(session, "SELECT pg_sleep(0.8)")
            assert await execute(session, "SHOW lock_timeout") == "5s"
        async with unit_of_work(sessions) as session:
            assert await execute(session, "SHOW statement_timeout") == "500ms"
            assert await execute(session, "SHOW lock_timeout") == "200ms"


async def test_without_patience_nothing_is_asked_of_the_server(url: str) -> None:
    async with engine_on(url) as engine, create_sessions(engine)() as session:
        assert await execute(session, "SHOW statement_timeout") == "0"
        assert await execute(session, "SHOW lock_timeout") == "0"


async def test_an_empty_pool_is_told_as_the_database_being_away(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.database.POOL_PATIENCE", 0.2)
    async with engine_on(url, pool_size=1) as engine:
        sessions = create_sessions(engine)
        async with sessions() as holder, sessions() as waiting:
            await execute(holder, "SELECT 1")
            assert is_away(await error_of(waiting, "SELECT 1"))


async def test_a_server_that_is_not_there_is_away_for_engine_and_connection_alike() -> None:
    nowhere = f"postgresql+asyncpg://u:p@127.0.0.1:{free_port()}/x"
    with pytest.raises(DatabaseAway) as caught:
        await connect(nowhere)
    assert "u:p" not in str(caught.value)
    async with engine_on(nowhere) as engine, create_sessions(engine)() as session:
        assert is_away(await error_of(session, "SELECT 1"))


async def test_a_fault_of_ours_is_not_the_databases(url: str) -> None:
    async with engine_on(url) as engine, create_sessions(engine)() as session:
        error = await error_of(session, "SELECT nothing_such")
    assert not is_away(error)
    assert not is_transient(error)
    assert not is_away(FileNotFoundError())
    assert is_transient(ConnectionResetError())


async def test_the_server_is_told_to_notice_a_dead_client(url: str) -> None:
    connection = await connect(url, name="somebody")
    try:
        assert await connection.fetchval("SHOW client_connection_check_interval") == "10s"
        assert await connection.fetchval("SHOW tcp_user_timeout") == "20000"
        assert await connection.fetchval("SHOW tcp_keepalives_idle") == "10"
        assert await connection.fetchval("SHOW application_name") == "somebody"
    finally:
        await connection.close()


@pytest.mark.parametrize("mode", ["require", "verify-full"])
async def test_engine_and_connection_ask_for_tls_in_one_spelling(mode: str) -> None:
    """Both send PostgreSQL's request for TLS before anything else: no password, no name of a database."""
    asked: list[bytes] = []

    async def refuse_tls(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readexactly(8))
        writer.write(b"N")
        if more := await reader.read():
            asked.append(more)
        writer.close()

    async with await asyncio.start_server(refuse_tls, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        address = f"postgresql+asyncpg://u:p@127.0.0.1:{port}/x?sslmode={mode}&sslrootcert={certifi.where()}"
        with pytest.raises(ConnectionError):
            await connect(address)
        async with engine_on(address) as engine, create_sessions(engine)() as session:
            assert isinstance(await error_of(session, "SELECT 1"), ConnectionError)
    request_for_tls = bytes.fromhex("0000000804d2162f")
    assert asked == [request_for_tls] * 2
