"""The first operator is invited from the terminal."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from deploy.commands.ending import ExitCode
from deploy.running import database_variable
from deploy.services import prefix_of
from shared.asking import THE_SERVICE, told
from shared.database import create_engine
from shared.migrations import upgrade
from shared.travel.topics import SERVICES
from tests.deploy.command_line import Ended
from tests.support.databases import Databases

Command = Callable[..., Ended]


@pytest.fixture
def registration(postgres: Databases, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Registration's database, named by the environment as the services' own are."""
    name = postgres.create_database(postgres.template_of("registration", upgrade))
    for service in SERVICES:
        monkeypatch.setenv(database_variable(service), postgres.url(name))
        monkeypatch.setenv(prefix_of(service) + "SEAL_SECRET", "s" * 32)
    yield postgres.url(name)
    postgres.drop_database(name)


def accounts(url: str) -> list[tuple[str, str]]:
    """Who has an account, as what."""

    async def read() -> list[tuple[str, str]]:
        engine = create_engine(url)
        async with engine.connect() as connection:
            await connection.execute(told(THE_SERVICE))
            query = text("SELECT email, accounts.role FROM accounts JOIN staff ON staff.id = staff_id")
            found = [(row.email, row.role) for row in await connection.execute(query)]
        await engine.dispose()
        return found

    return asyncio.run(read())


def test_an_operator_is_invited_once(registration: str, vernissage: Command, tmp_path: Path) -> None:
    ended = vernissage("operator", "invite", "Ada@Vernissage.example", "--data", tmp_path)
    assert ended.code == ExitCode.DONE, ended
    assert "ada@vernissage.example may sign in as operator at http://127.0.0.1:8001/sign-in" in ended.out
    assert accounts(registration) == [("ada@vernissage.example", "operator")]
    again = vernissage("operator", "invite", "ada@vernissage.example", "--data", tmp_path)
    assert again.code == ExitCode.REFUSED
    assert "has an account already" in again.err
    assert len(again.err.strip().splitlines()) == 1


def test_what_is_no_address_is_refused(registration: str, vernissage: Command, tmp_path: Path) -> None:
    ended = vernissage("operator", "invite", "ada", "--data", tmp_path)
    assert (ended.code, accounts(registration)) == (ExitCode.REFUSED, [])
    assert "no complete e-mail address" in ended.err
