"""An office for tests: the real application on a real database, with people of every role at its door."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from uuid import UUID
from zipfile import ZipFile

import httpx
from fastapi import FastAPI
from sqlalchemy import text

from services.registration.domain.agencies import Agency
from services.registration.repository.agencies import add_agencies
from services.registration.tables import Base
from services.registration.use_cases.exports import work_at_next_export
from services.registration.use_cases.imports import work_at_next_import
from services.registration.use_cases.working import Workplace
from shared.contracts.envelope import Event
from shared.database import Sessions, unit_of_work
from shared.identity import Person, Role, Seal
from shared.ids import new_id
from shared.protected_role import as_protected_role
from shared.reference.normalise import fold
from shared.sql import run
from shared.travel.topics import TOPICS
from tests.support.tokens import token_for

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
SECRET = "a secret for tests that is long enough"
ADDRESS = "https://registration.test"
EVENTS_BY_TYPE = {event.type: event for topic in TOPICS for event in topic.events}

RECORD = re.compile(
    r"/api/v1/(?P<table>participants|workshops|observations|employers|sites|employer-contacts|needs|meetups|operations|agencies|venues)/(?P<id>[0-9a-f-]{36})"
)
"""The address of a record, and of what belongs to it."""

NO_RECORDS = frozenset({"limits", "imports", "import_pieces", "import_parts", "exports", "export_pieces"})

OPERATOR = Person(UUID(int=1), Role.OPERATOR)
MANAGER = Person(UUID(int=2), Role.MANAGER)
SERVICE = Person(UUID(int=3), Role.SERVICE)


@dataclass
class Office:
    """The application behind its HTTP door, and what it keeps."""

    app: FastAPI
    client: httpx.AsyncClient
    sessions: Sessions
    lens: UUID
    lille: UUID
    database_url: str

    @property
    def adviser(self) -> Person:
        """An adviser of the agency of Lens."""
        return Person(UUID(int=4), Role.ADVISER, self.lens)

    @property
    def other_adviser(self) -> Person:
        """An adviser of the agency of Lille."""
        return Person(UUID(int=5), Role.ADVISER, self.lille)

    async def ask(
        self, method: str, path: str, person: Person | None = None, *, seen: int | None = None, **details: Any
    ) -> httpx.Response:
        """The answer to somebody's request; to an adviser's of Lens where nobody is named.

        They have seen the record that the address names as it is now, or at the revision ``seen``; who names it by its
        identifier replaces whatever is there.
        """
        seen = await self._revision_of(path) if seen is None else seen
        tag = "*" if "/by-identifier/" in path else f'"{seen}"' if seen is not None else None
        headers = {**({"if-match": tag} if tag else {}), **details.pop("headers", {})}
        return await self.ask_blindly(method, path, person, headers=headers, **details)

    async def ask_blindly(self, method: str, path: str, person: Person | None = None, **details: Any) -> httpx.Response:
        """The answer to somebody who does not say what they saw."""
        headers = {"authorization": f"Bearer {token_of(person or self.adviser)}", **details.pop("headers", {})}
        return await self.client.request(method, path, headers=headers, **details)

    async def _revision_of(self, path: str) -> int | None:
        record = RECORD.match(path)
        if record is None:
            return None
        async with unit_of_work(self.sessions) as session:
            query = text(f"SELECT revision FROM {record['table'].replace('-', '_')} WHERE id = :id")  # noqa: S608 - names of our own
            revision: int | None = (await run(session, query, {"id": UUID(record["id"])})).scalar()
        return revision

    async def post(self, path: str, body: Mapping[str, Any], person: Person | None = None) -> dict[str, Any]:
        """What is answered to a creation that succeeds."""
        response = await self.ask("POST", path, person, json=body)
        assert response.status_code == 201, response.text
        answer: dict[str, Any] = response.json()
        return answer

    async def enrol(self, workshop: str, *people: str) -> None:
        """Have the operator enrol people in a workshop."""
        for person in people:
            response = await self.ask("PUT", f"/api/v1/workshops/{workshop}/participants/{person}", OPERATOR)
            assert response.status_code == 200, response.text

    async def plan_session(self, workshop: str, **changes: Any) -> str:
        """Plan a session of a workshop; its id."""
        body = {"held_on": "2026-11-03", **changes}
        return str((await self.post(f"/api/v1/workshops/{workshop}/sessions", body))["id"])

    async def events(self, *types: type[Event]) -> list[Event]:
        """The events in the outbox, in order; those of some types, or all."""
        async with unit_of_work(self.sessions) as session:
            rows = await run(session, text("SELECT type, body FROM outbox ORDER BY position"))
            told = [EVENTS_BY_TYPE[row.type].model_validate_json(row.body) for row in rows]
        return [event for event in told if not types or isinstance(event, types)]

    async def rows(self, query: str) -> Sequence[Mapping[str, Any]]:
        """The rows of a query."""
        async with unit_of_work(self.sessions) as session:
            return [dict(row) for row in (await run(session, text(query))).mappings()]

    async def protected_rows(self, query: str = "SELECT * FROM protected.criteria ORDER BY 1") -> list[dict[str, Any]]:
        """The rows of a query of what is protected."""
        async with unit_of_work(self.sessions) as session, as_protected_role(session):
            return [dict(row) for row in (await run(session, text(query))).mappings()]

    async def counts(self) -> dict[str, int]:
        """How many rows each table has, the outbox included; how often somebody asked, and imports, are no records."""
        tables = [*(name for name in Base.metadata.tables if name not in NO_RECORDS), "outbox"]
        return {name: (await self.rows(f"SELECT count(*) AS rows FROM {name}"))[0]["rows"] for name in tables}  # noqa: S608 - names of our own

    @property
    def workplace(self) -> Workplace:
        """Where the worker works."""
        return Workplace(self.database_url, self.database_url, self.sessions, Seal(SECRET), lambda: NOW, new_id)

    async def hand_in(
        self, files: Mapping[str, str | bytes], person: Person = OPERATOR, *, dry_run: bool = False
    ) -> dict[str, Any]:
        """An import of files by name, which waits."""
        uploads = [
            ("files", (name, text if isinstance(text, bytes) else text.encode())) for name, text in files.items()
        ]
        response = await self.ask("POST", f"/api/v1/imports?dry_run={str(dry_run).lower()}", person, files=uploads)
        assert response.status_code == 202, response.text
        waiting: dict[str, Any] = response.json()
        assert response.headers["location"] == f"/api/v1/imports/{waiting['id']}"
        return waiting

    async def work_at_imports(self) -> None:
        """Work at all imports that wait, as the worker does."""
        while await work_at_next_import(self.workplace):
            pass

    async def export(self, person: Person | None = None, **body: Any) -> Mapping[str, bytes]:
        """The files of an export by name."""
        answer = await self.ask("POST", "/api/v1/exports", person, json=body)
        assert answer.status_code == 202, answer.text
        while await work_at_next_export(self.workplace):
            pass
        address = answer.headers["location"]
        ended = (await self.ask("GET", address, person)).json()
        assert ended["state"] == "done", ended
        fetched = await self.ask("GET", f"{address}/file", person)
        assert len(fetched.content) == ended["size"], fetched.text
        with ZipFile(BytesIO(fetched.content)) as archive:
            return {name: archive.read(name) for name in archive.namelist()}

    async def import_files(
        self, files: Mapping[str, str | bytes], person: Person = OPERATOR, *, dry_run: bool = False
    ) -> dict[str, Any]:
        """The report of an import of files by name."""
        waiting = await self.hand_in(files, person, dry_run=dry_run)
        await self.work_at_imports()
        ended = (await self.ask("GET", f"/api/v1/imports/{waiting['id']}", person)).json()
        assert ended["state"] == "done", ended
        report: dict[str, Any] = (await self.ask("GET", f"/api/v1/imports/{waiting['id']}/report", person)).json()
        return report


def token_of(person: Person) -> str:
    """A token that lasts for the test."""
    return token_for(person, "registration", NOW)


async def open_agencies(sessions: Sessions) -> tuple[UUID, UUID]:
    """Keep the agencies of Lens and Lille."""
    async with unit_of_work(sessions) as session:
        lens = Agency(new_id(), "Agence de Lens", fold("Agence de Lens"), "62")
        lille = Agency(new_id(), "Agence de Lille", fold("Agence de Lille"), "59")
        await add_agencies(session, [lens, lille])
    return lens.id, lille.id


async def forget_everything(sessions: Sessions) -> None:
    """Empty all tables."""
    tables = [*reversed([table.name for table in Base.metadata.sorted_tables]), "outbox", "inbox", "dead_letters"]
    deletions = "".join(f"DELETE FROM {name};" for name in tables)  # noqa: S608 - names of our own
    async with unit_of_work(sessions) as session:
        await run(session, text(f"DO $$ BEGIN {deletions} END $$"))
