"""Of 100,000 people, some registered twice: how many are found, how rightly, and what it costs to register one more.

The peer is the rule that would be written first: the same words in the names, and the same e-mail address, telephone or
birth date.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from itertools import combinations
from statistics import median
from uuid import UUID

from sqlalchemy import text

from services.registration.domain.likeness import Likeness
from services.registration.use_cases.duplicates import suspect
from services.registration.use_cases.participants import participant_named, register_participant
from shared.asking import THE_SERVICE
from shared.database import Patience, Sessions, allow, create_engine, create_sessions, unit_of_work
from shared.identity import Seal
from shared.ids import new_id
from shared.migrations import upgrade
from shared.moment import Moment
from shared.reference.normalise import fold
from shared.rights import EVERYTHING
from tests.services.registration.office import NOW, SECRET, open_agencies
from tests.services.registration.use_cases.test_duplicates import draft_of, pairs_kept, registered
from tests.support.databases import Databases
from tests.support.real_parts import RealParts
from tests.support.slips import Crowd, crowd

PEOPLE = 100_000
NEWCOMERS = 200
PATIENT = Patience(lock=5, statement=600)


def run() -> list[dict[str, object]]:
    """Register them all, then some more one by one."""
    parts = RealParts()
    try:
        databases = Databases(parts.database_server())
        name = databases.create_database(databases.template_of("registration", upgrade))
        return asyncio.run(_measured(databases.url(name), databases.owner_url(name)))
    finally:
        parts.stop()


async def _measured(url: str, owner_url: str) -> list[dict[str, object]]:
    engine = create_engine(url, pool_size=2)
    sessions = create_sessions(engine, THE_SERVICE, seal=Seal(SECRET))
    lens, _ = await open_agencies(sessions)
    people = crowd(PEOPLE, seed=2026)
    started = time.process_time()
    async with unit_of_work(sessions) as session:
        await allow(session, PATIENT)
        ids = await registered(session, people, lens)
        found = await pairs_kept(session)
    registering = (time.process_time() - started) / len(ids) * 1_000
    true = {frozenset((ids[one], ids[other])) for one, other in people.same}
    of_peer = {frozenset((ids[one], ids[other])) for one, other in _by_the_first_rule(people)}
    await _analyze(owner_url)
    looks = await _looks(sessions, lens)
    await engine.dispose()
    measured = (
        ("duplicates-recall", _share(found & true, true), _share(of_peer & true, true), 0.9, "higher"),
        ("duplicates-precision", _share(found & true, found), _share(of_peer & true, of_peer), 0.9, "higher"),
    )
    results: list[dict[str, object]] = [
        {"name": name, "value": value, "unit": "", "peer": f"same words and one thing in common: {peer:.3f}",
         "goal": goal, "better": better, "runs": [value]}
        for name, value, peer, goal, better in measured
    ]  # fmt: skip
    for name, values, peer in (
        ("duplicates-look-ms", looks, f"one more among {len(ids):,} records, with all its queries"),
        ("duplicates-import-ms", [registering], "processor time of one record of an import, all in"),
    ):
        results.append(
            {"name": name, "value": median(values), "unit": "ms", "peer": peer, "goal": 5, "better": "lower",
             "runs": values}
        )  # fmt: skip
    return results


async def _analyze(owner_url: str) -> None:
    """What autovacuum does within a minute."""
    engine = create_engine(owner_url, pool_size=1)
    async with engine.begin() as connection:
        await connection.execute(text("ANALYZE"))
    await engine.dispose()


async def _looks(sessions: Sessions, agency_id: UUID) -> list[float]:
    """How long the look for others takes when somebody is registered; all of it is taken back."""
    seen: list[float] = []
    async with sessions() as session:
        for record in crowd(NEWCOMERS, seed=7, twice=0, at_home=0).records:
            saved = await register_participant(session, draft_of(record, agency_id), Moment(NOW, new_id))
            person = await participant_named(session, EVERYTHING, saved.id)
            started = time.perf_counter()
            await suspect(session, [person], Moment(NOW, new_id))
            seen.append((time.perf_counter() - started) * 1_000)
        await session.rollback()
    return seen


def _by_the_first_rule(people: Crowd) -> set[tuple[int, int]]:
    """The pairs (later, earlier) with the same words in their names and one thing in common."""
    namesakes: dict[str, list[int]] = defaultdict(list)
    for place, each in enumerate(people.records):
        namesakes[" ".join(sorted(fold(f"{each.first_name} {each.last_name}").split()))].append(place)
    return {
        (later, earlier)
        for places in namesakes.values()
        for earlier, later in combinations(places, 2)
        if _have_one_thing_in_common(people.records[earlier], people.records[later])
    }


def _have_one_thing_in_common(one: Likeness, other: Likeness) -> bool:
    shared = ((one.email, other.email), (one.phone, other.phone), (one.born_on, other.born_on))
    return any(mine is not None and mine == theirs for mine, theirs in shared)


def _share(some: set[frozenset[UUID]], of: set[frozenset[UUID]]) -> float:
    return len(some) / len(of)
