"""What must never count is apart: PostgreSQL refuses it to the service, no other table or event has a place for it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import MetaData, text
from sqlalchemy.exc import ProgrammingError

import services.matching.tables
import services.notification.tables
import services.registration
from services.registration.domain.names import Agreement
from services.registration.repository import protected
from services.registration.tables import Apart, Base
from shared.asking import THE_SERVICE
from shared.contracts.envelope import Event, body_of
from shared.contracts.vocabulary import Part
from shared.database import Sessions, create_engine, create_sessions, unit_of_work
from shared.migrations import upgrade
from shared.protected_role import ProtectedRoleMissing, as_protected_role
from shared.sql import run
from shared.travel import tables as travel_tables
from shared.travel.topics import TOPIC_OF_EVENT
from tests.services.registration import bodies
from tests.services.registration.office import Office
from tests.shared.contracts.test_vocabulary import annotation_of, parts_in
from tests.support.databases import Databases
from tests.support.traces import traces_of

PROTECTED_WORDS = frozenset(
    {
        *("publics", "rsa", "deld", "qpv", "jeune", "th", "rqth", "born", "birth", "age", "sex", "gender", "language"),
        *("disability", "disabled", "handicap", "health", "interpreter", "wheelchair", "stairs", "floor", "ground"),
        "access_needs",
    }
)

FIELDS: Mapping[str, tuple[Any, Any]] = {
    "publics": (["TH"], ["RSA", "QPV"]),
    "born_on": ("1991-08-08", "1964-02-03"),
    "sex": ("F", "M"),
    "access_needs": (["step-free"], ["interpreter", "more-time"]),
}
"""Each protected field with two values."""

EVENTS = sorted(TOPIC_OF_EVENT, key=lambda event: event.type)

STATEMENTS = (
    "SELECT * FROM protected.criteria",
    "SELECT count(*) FROM protected.criteria",
    "INSERT INTO protected.criteria (participant_id) VALUES (gen_random_uuid())",
    "UPDATE protected.criteria SET sex = 'F'",
    "DELETE FROM protected.criteria",
    "TRUNCATE protected.criteria",
)


@pytest.mark.parametrize("statement", STATEMENTS)
async def test_postgresql_refuses_the_service_what_is_protected(sessions: Sessions, statement: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied for schema protected"):
        await _run(sessions, statement)


async def test_whoever_reaches_what_is_protected_reaches_nothing_else_and_not_a_statement_longer(
    database_url: str, office: Office
) -> None:
    await office.post("/api/v1/participants", bodies.participant())
    engine = create_engine(database_url, pool_size=1)
    sessions = create_sessions(engine, THE_SERVICE)
    async with unit_of_work(sessions) as session:
        async with as_protected_role(session):
            assert len((await run(session, text(STATEMENTS[0]))).all()) == 1
        with pytest.raises(ProgrammingError, match="permission denied"):
            async with session.begin_nested():
                await run(session, text(STATEMENTS[0]))
        async with as_protected_role(session), session.begin_nested():
            pass
        assert (await run(session, text("SELECT count(*) FROM participants"))).scalar_one() == 1
    with pytest.raises(ProgrammingError, match="permission denied for table participant_contacts"):
        async with unit_of_work(sessions) as session, as_protected_role(session):
            await run(session, text("SELECT * FROM participant_contacts"))
    # The same connection, after a transaction that ended within the door.
    with pytest.raises(ProgrammingError, match="permission denied"):
        await _run(sessions, STATEMENTS[0])
    await engine.dispose()


def test_only_the_door_speaks_of_the_protected_tables_and_takes_their_role() -> None:
    (home,) = services.registration.__path__
    speakers = {
        str(path.relative_to(home))
        for path in Path(home).rglob("*.py")
        if re.search(r"CriteriaRow|as_protected_role|protected\.criteria", path.read_text(encoding="utf-8"))
    }
    migrations = {each for each in speakers if each.startswith("migrations/")}
    assert speakers - migrations == {
        "repository/protected.py",
        "tables/protected.py",
        "tables/__init__.py",
    }


def _words_of(name: str) -> set[str]:
    return {name, *name.split("_")}


def _columns(metadata: MetaData) -> Iterator[str]:
    return (column.name for table in metadata.tables.values() for column in table.columns)


@pytest.mark.parametrize(
    ("metadata", "allowed"),
    [
        # How staff, employers and participants are spoken to: of participants it stands with how they are reached.
        (Base.metadata, {"language"}),
        (services.matching.tables.Base.metadata, set()),
        (services.notification.tables.Base.metadata, set()),
        (travel_tables.metadata, set()),
    ],
    ids=["registration", "matching", "notification", "travel"],
)
def test_no_other_table_has_a_column_for_it(metadata: MetaData, allowed: set[str]) -> None:
    assert {name for name in _columns(metadata) if _words_of(name) & PROTECTED_WORDS} == allowed


def test_the_walk_would_find_one() -> None:
    assert {name for name in _columns(Apart.metadata) if _words_of(name) & PROTECTED_WORDS} == set(FIELDS)


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.__name__)
def test_no_event_has_a_field_for_it(event: type[Event]) -> None:
    assert {name for name in _fields(event) if _words_of(name) & PROTECTED_WORDS} == set()


def _fields(model: type[Event] | type[Part]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        yield name
        for part in parts_in(annotation_of(field)):
            yield from _fields(part)


async def _told(office: Office) -> list[str]:
    """All events, without what counts changes."""
    return [re.sub(r'"revision":\d+', "", body_of(event).decode()) for event in await office.events()]


@pytest.mark.parametrize("field", FIELDS)
async def test_nothing_that_travels_depends_on_it(office: Office, field: str) -> None:
    one, other = FIELDS[field]
    unsaid = bodies.participant(protected={})
    person = (await office.post("/api/v1/participants", {**unsaid, "protected": {field: one}}))["id"]
    stranger = (
        await office.post("/api/v1/participants", {**unsaid, "protected": {field: other}, "last_name": "Other"})
    )["id"]
    told = await _told(office)
    of_person = [body.replace(person, "") for body in told if person in body]
    assert of_person == [body.replace(stranger, "") for body in told if stranger in body]
    assert len(of_person) >= 1
    answer = await office.ask("PATCH", f"/api/v1/participants/{person}", json={"protected": {field: other}})
    assert answer.json()["change"] == "changed"
    assert await _told(office) == told


async def test_namesakes_born_alike_are_found_and_the_day_stays_where_it_is(office: Office) -> None:
    said = {"email": None, "phone": None}
    ids, codes = [], []
    for day in ("1991-08-06", "1991-06-08", "1975-01-01", None):
        answer = await office.post("/api/v1/participants", bodies.participant(**said, protected={"born_on": day}))
        ids.append(UUID(answer["id"]))
        codes.append({warning["code"] for warning in answer["warnings"]})
    assert ["probable-duplicate" in each for each in codes] == [False, True, False, False]
    first, swapped, other, unsaid = ids
    async with unit_of_work(office.sessions) as session:
        assert await protected.born_alike(session, ids) == {
            first: [first, swapped],
            swapped: [swapped, first],
            other: [other],
        }
        pairs = [(swapped, first), (other, first), (unsaid, first), (first, first)]
        assert list((await protected.birth_dates_compared(session, pairs)).values()) == [
            Agreement.NEAR,
            Agreement.DIFFERENT,
            None,
            Agreement.SAME,
        ]


async def test_an_erasure_takes_it_too_and_says_so(office: Office) -> None:
    person = (await office.post("/api/v1/participants", bodies.participant()))["id"]
    assert await traces_of(office.sessions, person) >= {"protected.criteria.participant_id"}
    receipt = (await office.ask("DELETE", f"/api/v1/participants/{person}")).json()
    assert receipt["gone"]["protected"] == 1
    assert await office.protected_rows() == []


async def test_of_whom_nothing_protected_was_said_nothing_is_kept(office: Office) -> None:
    person = (await office.post("/api/v1/participants", bodies.participant(protected={})))["id"]
    await office.ask("PATCH", f"/api/v1/participants/{person}", json={"commune": "Arras"})
    assert await office.protected_rows() == []
    await office.ask("PATCH", f"/api/v1/participants/{person}", json={"protected": {"sex": "F"}})
    assert [row["sex"] for row in await office.protected_rows()] == ["F"]
    kept = (await office.rows("SELECT field_revisions FROM participants"))[0]["field_revisions"]
    assert set(kept) >= {"home", "protected"}
    assert not set(kept) & set(FIELDS)


def test_a_migration_says_who_must_make_the_role_where_it_is_missing_and_changes_nothing(postgres: Databases) -> None:
    name = postgres.create_database()
    with pytest.raises(ProtectedRoleMissing, match='CREATE ROLE "postgres_protected" NOLOGIN; GRANT "postgres_protect'):
        upgrade("registration", postgres.url(name), works_as="postgres")
    assert upgrade("registration", postgres.url(name)).found is None
    postgres.drop_database(name)


async def _run(sessions: Sessions, statement: str) -> None:
    async with unit_of_work(sessions) as session:
        await run(session, text(statement))
