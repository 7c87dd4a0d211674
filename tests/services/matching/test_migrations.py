"""What migrations do with data that are there: forwards and back."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from uuid import uuid4

import pytest

from tests.support.databases import Databases
from tests.support.migrating import Migrating

FORMER = b'{"meetup":{"ground_floor_tables":2},"enrolments":[{"longer_slot":true,"ground_floor":false}]}'
PRESENT = b'{"meetup":{"front_tables":2},"enrolments":[{"double_slot":true,"front_table":false}]}'


@pytest.fixture
def owned_url(postgres: Databases) -> Iterator[str]:
    """The address of an empty database, with the role that owns it."""
    name = postgres.create_database()
    yield postgres.url(name)
    postgres.drop_database(name)


def test_what_the_timetable_must_respect_is_named_neutrally_and_a_record_stays_the_same_otherwise(
    owned_url: str,
) -> None:
    database = Migrating("matching", owned_url, "neutral")
    database.begin()
    database.rows(
        "INSERT INTO enrolments (meetup_id, participant_id, revision, is_enrolled, state) VALUES"
        """ (:one, :one, 1, true, '{"first_slot": 2, "longer_slot": true, "ground_floor": false}'),"""
        " (:one, :other, 1, false, NULL)",
        one=uuid4(),
        other=uuid4(),
    )
    database.rows(
        """INSERT INTO meetups (id, revision, state) VALUES (:id, 1, '{"slots": 10, "ground_floor_tables": null}')""",
        id=uuid4(),
    )
    for redacted in (None, "2026-12-01T00:00:00Z"):
        database.rows(
            "INSERT INTO pairing_runs (id, meetup_id, status, reason, step, attempts, queued_at, inputs, digest,"
            " redacted_at) VALUES (:id, :id, 'done', 'other', 'done', 1, now(), :inputs, :digest,"
            " CAST(CAST(:redacted AS text) AS timestamptz))",
            id=uuid4(),
            inputs=FORMER,
            digest=_digest(FORMER),
            redacted=redacted,
        )
    database.forwards()
    states = database.rows("SELECT state FROM enrolments ORDER BY state IS NULL")
    assert [row["state"] for row in states] == [{"first_slot": 2, "double_slot": True, "front_table": False}, None]
    assert database.rows("SELECT state FROM meetups") == [{"state": {"slots": 10, "front_tables": None}}]
    assert _recorded(database) == [(PRESENT, _digest(PRESENT)), (PRESENT, _digest(FORMER))]
    database.back()
    assert _recorded(database) == [(FORMER, _digest(FORMER)), (FORMER, _digest(FORMER))]
    assert "ground_floor_tables" in database.rows("SELECT state FROM meetups")[0]["state"]


def _digest(record: bytes) -> str:
    return hashlib.sha256(record).hexdigest()


def _recorded(database: Migrating) -> list[tuple[bytes, str]]:
    rows = database.rows("SELECT inputs, digest FROM pairing_runs ORDER BY redacted_at NULLS FIRST")
    return [(row["inputs"], row["digest"]) for row in rows]
