"""A region in registration's database, and an adviser at work in it: what benchmarks of registration stand on."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import count
from statistics import median
from typing import Any
from uuid import UUID

import httpx
from pydantic import SecretStr
from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.registration.settings import Settings
from services.registration.web import create_app
from shared.asking import THE_SERVICE, told
from shared.database import create_engine
from shared.identity import Person, Role
from shared.ids import new_id
from shared.migrations import upgrade
from tests.services.registration.bodies import observation, participant
from tests.services.registration.caught_mail import CaughtMail
from tests.support.databases import Databases
from tests.support.real_parts import RealParts
from tests.support.slips import BEGINNINGS, ENDINGS, FIRST_NAMES, MIDDLES
from tests.support.tokens import KEYS, token_for

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
SECRET = "a secret for benchmarks that is long enough"
ADDRESS = "https://registration.test"
CALLS = 20
RUNS = 9
AGENCIES = 84
PEOPLE_MADE = count()
WITH_TRIGGERS = "SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal"


def _one_of(words: Sequence[str]) -> str:
    """SQL for one of these words, another for another identifier."""
    return f"(ARRAY{list(words)!r})[1 + abs(hashtext('{len(words)}' || identifier)) % {len(words)}]"


REGION = (
    """
    INSERT INTO agencies (id, name, folded_name, revision, department)
    SELECT uuidv7(), 'Agence ' || n, 'agence ' || n, 1, '62' FROM generate_series(1, 84) n
    """,
    """
    INSERT INTO participants (id, identifier, revision, agency_id, commune, travel_limit_km, transport,
                              available_from, registered_at, changed_at)
    SELECT uuidv7(), id::text || n, 1, id, '62498', 25, 'car', '2026-11-30', now(), now()
    FROM agencies CROSS JOIN generate_series(1, :people_each) n
    """,
    f"""
    INSERT INTO participant_contacts (participant_id, agency_id, first_name, last_name, folded_name, name_key, language)
    SELECT id, agency_id, first_name, last_name,
           translate(lower(first_name || ' ' || last_name), 'Ééèëïôç-', 'eeeeioc '), substr(identifier, 20), 'fr'
    FROM (
        SELECT *, {_one_of(FIRST_NAMES)} AS first_name,
               {_one_of(BEGINNINGS)} || {_one_of(MIDDLES)} || {_one_of(ENDINGS)} AS last_name FROM participants
    ) named
    """,  # noqa: S608 - lists of our own
    """
    INSERT INTO name_words (participant_id, word, agency_id, sorted_last_name, sorted_first_name, folded_name)
    SELECT DISTINCT participant_id, word, agency_id, sorted_last_name, sorted_first_name, folded_name
    FROM participant_contacts CROSS JOIN string_to_table(folded_name, ' ') word
    ON CONFLICT DO NOTHING
    """,
    "INSERT INTO protected.criteria (participant_id) SELECT id FROM participants",
    """
    INSERT INTO consents (participant_id, purpose, revision, is_granted, source, decided_at)
    SELECT id, purpose, 1, true, 'person', now()
    FROM participants CROSS JOIN unnest(ARRAY['pairing', 'contact']) purpose
    """,
    """
    INSERT INTO workshops (id, revision, agency_id, title, venue, commune, starts_on, ends_on)
    SELECT uuidv7(), 1, id, 'Atelier ' || n, 'Louvre-Lens', '62498', '2026-10-26', '2026-11-20'
    FROM agencies CROSS JOIN generate_series(1, 8) n
    """,
    """
    INSERT INTO workshop_enrolments (workshop_id, participant_id)
    SELECT workshop.id, person.id FROM participants person
    JOIN (SELECT id, agency_id, row_number() OVER (PARTITION BY agency_id) AS turn FROM workshops) workshop
    ON workshop.agency_id = person.agency_id AND workshop.turn = 1 + abs(hashtext(person.identifier)) % 8
    """,
    """
    INSERT INTO observations (id, revision, workshop_id, participant_id, agency_id, rater_id, seen_on, exercise,
                              framework, skill, ordinal, level, note, recorded_at)
    SELECT uuidv7(), 1, workshop_id, participant_id, agency_id, uuidv7(), '2026-11-10', 'describe-unseen',
           'rome-4', '6D101', 0, 3, 'Vu.', now()
    FROM workshop_enrolments JOIN participants person ON person.id = participant_id
    CROSS JOIN generate_series(1, :notes_each)
    """,
)


@dataclass(frozen=True)
class Desk:
    """An adviser of one agency of the region at the application's door; ``owner`` may change its tables."""

    client: httpx.AsyncClient
    database_url: str
    owner: AsyncEngine
    headers: Mapping[str, str]
    people: Sequence[UUID]
    workshop: UUID

    async def work(self) -> None:
        """Look at lists and people, and write down what was seen: as many calls of each as there are."""
        for number in range(CALLS):
            person = self.people[number % len(self.people)]
            for path in (
                f"/api/v1/participants?size={50 + number % 2}",
                f"/api/v1/participants/{person}",
                f"/api/v1/observations?participant={person}",
                "/api/v1/workshops",
            ):
                answer = await self.client.get(path, headers=self.headers)
                assert answer.status_code == 200, answer.text
            seen = observation(str(self.workshop), str(person), note=str(new_id()), level=number % 5)
            answer = await self.client.post("/api/v1/observations", json=seen, headers=self.headers)
            assert answer.status_code in (200, 201), answer.text
            answer = await self.client.post("/api/v1/participants", json=somebody(), headers=self.headers)
            assert answer.status_code == 201, answer.text

    async def change_tables(self, *statements: str) -> None:
        """Change tables as their owner."""
        async with self.owner.begin() as connection:
            for statement in statements:
                await connection.execute(text(statement))


@asynccontextmanager
async def desk(parts: RealParts, people_each: int = 120, notes_each: int = 10) -> AsyncIterator[Desk]:
    """A desk in a region of 84 agencies with so many people each, of each of whom so much was noted."""
    sizes = {"people_each": people_each, "notes_each": notes_each}
    databases = Databases(parts.database_server())
    name = databases.create_database(databases.template_of("registration", upgrade))
    owner = create_engine(databases.owner_url(name))
    app = create_app(
        Settings(database_url=databases.url(name), seal_secret=SecretStr(SECRET), public_url=ADDRESS),
        keys=KEYS,
        staff_mail=CaughtMail(),
        clock=lambda: NOW,
    )
    try:
        async with owner.begin() as connection:
            await connection.execute(told(THE_SERVICE))
            await _switch_triggers(connection, "DISABLE")  # nobody asks who filled the region, and when
            for statement in REGION:
                await connection.execute(sized(statement, sizes))
            await _switch_triggers(connection, "ENABLE")
            agency = (await connection.execute(text("SELECT id FROM agencies LIMIT 1"))).scalar_one()
            in_agency = text("SELECT id FROM workshops WHERE agency_id = :agency LIMIT 1")
            workshop = (await connection.execute(in_agency, {"agency": agency})).scalar_one()
            enrolled = text("SELECT participant_id FROM workshop_enrolments WHERE workshop_id = :workshop")
            people = list((await connection.execute(enrolled, {"workshop": workshop})).scalars())
            adviser = Person(new_id(), Role.ADVISER, agency)
        async with owner.connect() as connection:
            await (await connection.execution_options(isolation_level="AUTOCOMMIT")).execute(text("VACUUM ANALYZE"))
        headers = {"authorization": f"Bearer {token_for(adviser, 'registration', NOW)}"}
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=ADDRESS) as client:
            yield Desk(client, databases.url(name), owner, headers, people, workshop)
    finally:
        await owner.dispose()
        databases.drop_database(name)
        databases.close()


def somebody() -> Mapping[str, Any]:
    """Somebody like nobody else: no name, number, address or date of birth is another's."""
    number = next(PEOPLE_MADE)
    born = date(1961, 1, 1) + timedelta(days=number)
    return participant(
        identifier=str(new_id()),
        first_name=f"Prénom {number}",
        last_name=f"Nom {new_id()}",
        email=f"{new_id()}@courriel.example",
        phone=f"06 50 {number // 10_000:02} {number // 100 % 100:02} {number % 100:02}",
        protected={"publics": ["DELD"], "born_on": born.isoformat(), "sex": "F"},
    )


async def _switch_triggers(connection: AsyncConnection, word: str) -> None:
    for table in list((await connection.execute(text(WITH_TRIGGERS))).scalars()):
        await connection.execute(text(f"ALTER TABLE {table} {word} TRIGGER USER"))


def sized(statement: str, sizes: Mapping[str, int]) -> TextClause:
    """The statement with those of the sizes that it names."""
    sized = text(statement)
    return sized.bindparams(**{name: size for name, size in sizes.items() if f":{name}" in statement})


async def _seconds(place: Desk) -> float:
    began = time.perf_counter()
    await place.work()
    return time.perf_counter() - began


Switch = Callable[[Desk, bool], Awaitable[None]]
"""Turns what is measured on or off."""


async def _compare(parts: RealParts, switch: Switch) -> tuple[list[float], list[float]]:
    seconds: dict[bool, list[float]] = {True: [], False: []}
    async with desk(parts) as place:
        await place.work()
        for _ in range(RUNS):
            for is_on in (False, True):
                await switch(place, is_on)
                seconds[is_on].append(await _seconds(place))
    return seconds[True], seconds[False]


def overhead(name: str, switch: Switch, *, peer: str, goal: float) -> dict[str, object]:
    """A result: the rate of an adviser's calls with something, over that without it, in pairs of runs."""
    parts = RealParts()
    try:
        with_it, without = asyncio.run(_compare(parts, switch))
    finally:
        parts.stop()
    runs = [round(less / more, 3) for more, less in zip(with_it, without, strict=True)]
    calls = 6 * CALLS
    return {
        "name": name,
        "value": median(runs),
        "unit": "times",
        "peer": f"{peer}: {calls / median(without):,.0f} calls/s; with: {calls / median(with_it):,.0f} calls/s",
        "goal": goal,
        "better": "higher",
        "runs": runs,
    }
