"""`vernissage audit` over the real databases of all three services."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from pydantic import SecretStr
from sqlalchemy import text
from typer.testing import CliRunner

from deploy.cli import app
from deploy.commands import audit
from deploy.running import Surroundings, settings_classes
from shared.asking import Asker
from shared.auditing import note_looks
from shared.database import Sessions, create_engine, create_sessions, unit_of_work
from shared.sql import run
from shared.travel.topics import SERVICES, Service
from tests.support.auditing import seal_all
from tests.support.databases import Databases

PERSON = UUID(int=8)
ADVISER = Asker("adviser", UUID(int=1), UUID(int=2), "GET /api/v1/participants/{participant_id}")


@pytest.fixture
def surroundings(service_database: Callable[[str], str], monkeypatch: pytest.MonkeyPatch) -> Surroundings:
    """Three services on empty databases, found by the command."""
    secret = SecretStr("a secret for tests that is long enough")
    found = Surroundings(
        {
            service: settings(database_url=service_database(service), seal_secret=secret)
            for service, settings in settings_classes().items()
        }
    )
    monkeypatch.setattr(audit, "find_surroundings", lambda _data: found)
    return found


def in_sessions(surroundings: Surroundings, service: Service, act: Callable[[Sessions], Any]) -> Any:
    """What comes of working with a service's sessions."""

    async def work() -> Any:
        engine = create_engine(surroundings.settings[service].database_url)
        try:
            return await act(create_sessions(engine))
        finally:
            await engine.dispose()

    return asyncio.run(work())


async def look(sessions: Sessions) -> None:
    """An adviser looks at somebody, and the line is sealed."""
    async with unit_of_work(sessions, ADVISER) as session:
        await note_looks(session, "profiles", [PERSON])
    await seal_all(sessions)


def called(*arguments: str) -> tuple[int, str]:
    """How the command ends, and what it says."""
    ended = CliRunner().invoke(app, ["audit", *arguments])
    return ended.exit_code, str(ended.exception or "") + ended.output


def test_verify_tells_the_heads_of_all_three_and_finds_them_again(surroundings: Surroundings) -> None:
    for service in SERVICES:
        in_sessions(surroundings, service, look)
    code, said = called("verify", "--json")
    assert code == 0, said
    heads = [row["head"] for row in json.loads(said)]
    assert [head.split(":")[0] for head in heads] == list(SERVICES)
    assert called("verify", *(part for head in heads for part in ("--noted", head)))[0] == 0
    code, said = called("verify", "--noted", f"matching:1:{'00' * 32}")
    assert code != 0
    assert "matching does not hold the noted head" in said
    assert called("verify", "--noted", "elsewhere:1:00")[0] == 2
    assert called("verify", "--noted", "matching")[0] == 2


def test_verify_names_the_service_whose_line_the_owner_changed(surroundings: Surroundings, postgres: Databases) -> None:
    in_sessions(surroundings, "notification", look)
    name = surroundings.settings["notification"].database_url.rpartition("/")[2]

    async def change(sessions: Sessions) -> None:
        engine = create_engine(postgres.owner_url(name))
        async with engine.begin() as connection:
            await connection.execute(text("UPDATE audit.lines SET role = 'nobody'"))
        await engine.dispose()

    in_sessions(surroundings, "notification", change)
    code, said = called("verify")
    assert code != 0
    assert "The chain of notification breaks at seal 1" in said


def test_tell_writes_for_a_person_what_was_looked_at_in_all_three(surroundings: Surroundings) -> None:
    async def open_agency(sessions: Sessions) -> None:
        async with unit_of_work(sessions, ADVISER) as session:
            columns = "id, name, folded_name, revision"
            agency = text(f"INSERT INTO agencies ({columns}) VALUES (:id, 'Agence de Lens', 'lens', 1)")  # noqa: S608
            await run(session, agency, {"id": ADVISER.agency})
            await note_looks(session, "participants", [PERSON])

    in_sessions(surroundings, "registration", open_agency)
    in_sessions(surroundings, "matching", look)
    code, said = called("tell", str(PERSON))
    assert code == 0, said
    assert "une conseillère ou un conseiller (Agence de Lens) a consulté votre fiche." in said
    assert "une conseillère ou un conseiller (Agence de Lens) a consulté votre profil." in said
    assert str(ADVISER.person) not in said
