"""A country in matching's own tables: people of whom profiles are kept, and the needs they could meet, by COPY.

The people and needs are those of `population`; nobody was seen but through what their profile says, which is kept.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from uuid import UUID, uuid5

import asyncpg
import numpy as np

from services.matching.domain.constraints import Hours
from services.matching.domain.shortlisting import Needs, Participants
from shared.database import connect
from shared.migrations import upgrade
from shared.reference.licences import travelling_codes
from shared.reference.occupations import occupations
from shared.reference.skills import DEFAULT_FRAMEWORK, framework
from tests.bench import population
from tests.support.databases import Databases
from tests.support.real_parts import RealParts

PART = 50_000
"""People written at a time."""

LICENCES = tuple(sorted(travelling_codes()))[: len(population.LICENCES_HELD)]
NAMES = UUID("0c0a1d4e-5f0e-4a77-8a3b-1f5f3a9a4c11")
AGENCY = uuid5(NAMES, "agency")


def person(number: int) -> UUID:
    """The id of the person of this number."""
    return uuid5(NAMES, f"person {number}")


@asynccontextmanager
async def country(parts: RealParts, people: int, needs: int) -> AsyncIterator[str]:
    """The address of a database that holds such a country; it is dropped at the end."""
    databases = Databases(parts.database_server())
    name = databases.create_database(databases.template_of("matching", upgrade))
    url = databases.url(name)
    connection = await connect(url)
    try:
        await _settle_people(connection, people)
        await _publish(connection, needs)
        await _analyse(databases.owner_url(name))
        yield url
    finally:
        await connection.close()
        databases.drop_database(name)
        databases.close()


async def _analyse(owner_url: str) -> None:
    """As PostgreSQL does by itself where it vacuums by itself; only who owns the tables may."""
    owner = await connect(owner_url)
    try:
        await owner.execute("ANALYZE")
    finally:
        await owner.close()


async def _settle_people(connection: asyncpg.Connection, count: int) -> None:
    for first in range(0, count, PART):
        size = min(PART, count - first)
        drawn = population.participants(size, seed=population_seed(first))
        ids = [person(number) for number in range(first, first + size)]
        states = zip(ids, _states(drawn, ids, np.random.default_rng(first)), strict=True)
        await _copy(
            connection,
            "participants",
            ("id", "revision", "agency_id", "state"),
            ((one, 1, AGENCY, state) for one, state in states),
        )
        await _copy(
            connection,
            "consents",
            ("participant_id", "purpose", "revision", "is_granted"),
            ((one, "pairing", 1, bool(agrees)) for one, agrees in zip(ids, drawn.consent, strict=True)),
        )
        await _copy(
            connection,
            "profiles",
            ("participant_id", "framework", "exceedance"),
            (
                (one, DEFAULT_FRAMEWORK, features.tobytes())
                for one, features, agrees in zip(ids, drawn.exceedance, drawn.consent, strict=True)
                if agrees
            ),
        )


def population_seed(first: int) -> int:
    """Each part is drawn from a seed of its own."""
    return 2026 + first


def _states(drawn: Participants, ids: list[UUID], random: np.random.Generator) -> Iterator[str]:
    codes = list(occupations())
    wishes = random.integers(0, len(codes), (len(ids), 3))
    for number, one in enumerate(ids):
        said = {
            "id": str(one),
            "agency_id": str(AGENCY),
            "latitude": float(drawn.latitude[number]),
            "longitude": float(drawn.longitude[number]),
            "travel_limit_km": float(drawn.travel_limit_km[number]),
            "transport": "car",
            "available_from": str(drawn.available_from[number]),
            "hours": _hours(int(drawn.hours[number])),
            "licences": _licences(int(drawn.licences[number, 0])),
            "wishes": [codes[wish] for wish in wishes[number, : number % 4]],
            "refused_occupations": [],
        }
        yield json.dumps(said)


async def _publish(connection: asyncpg.Connection, count: int) -> None:
    drawn = population.needs(count)
    ids = [uuid5(NAMES, f"need {number}") for number in range(count)]
    await _copy(
        connection,
        "needs",
        ("id", "employer_id", "revision", "state"),
        ((one, AGENCY, 1, state) for one, state in zip(ids, _asked(drawn, ids), strict=True)),
    )


def _asked(drawn: Needs, ids: list[UUID]) -> Iterator[str]:
    codes, skills = list(occupations()), [skill.code for skill in framework().skills]
    for number, one in enumerate(ids):
        places = range(int(drawn.starts[number]), int(drawn.starts[number + 1]))
        said = {
            "id": str(one),
            "employer_id": str(AGENCY),
            "occupation": codes[int(drawn.occupations[number])],
            "latitude": float(drawn.latitude[number]),
            "longitude": float(drawn.longitude[number]),
            "seats": 1,
            "hours": _hours(int(drawn.hours[number])),
            "licences": _licences(int(drawn.licences[number, 0])),
            "starts_on": str(drawn.starts_on[number]),
            "framework": DEFAULT_FRAMEWORK,
            "requirements": [_requirement(drawn, skills, place) for place in places],
        }
        yield json.dumps(said)


def _requirement(drawn: Needs, skills: list[str], place: int) -> dict[str, object]:
    skill, level = divmod(int(drawn.features[place]), 4)
    return {"skill": skills[skill], "level": level + 1, "weight": float(drawn.weights[place])}


def _hours(bits: int) -> list[str]:
    return [hour.value for place, hour in enumerate(Hours) if bits >> place & 1]


def _licences(bits: int) -> list[str]:
    return [code for place, code in enumerate(LICENCES) if bits >> place & 1]


async def _copy(
    connection: asyncpg.Connection, table: str, columns: tuple[str, ...], rows: Iterator[tuple[object, ...]]
) -> None:
    await connection.copy_records_to_table(table, columns=columns, records=list(rows))
