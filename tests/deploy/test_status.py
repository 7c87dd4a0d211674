"""What `status` and `dead-letters` say and do when Kafka is away, a consumer stands still, or events went missing."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import insert, update
from sqlmodel.ext.asyncio.session import AsyncSession

from deploy.commands.ending import ExitCode
from deploy.databases import transaction_of
from deploy.running import find_surroundings
from deploy.services import prefix_of
from deploy.travel_status import EventCounts, ServiceTravel, Travel
from shared.sql import run
from shared.travel.stops import list_stops, note_stop, word_on
from shared.travel.tables import consumer_gaps, consumer_stops, dead_letters, outbox
from shared.travel.topics import OBSERVATIONS, PAIRINGS, PARTICIPANTS, SERVICES, Service
from tests.deploy.command_line import Ended

Command = Callable[..., Ended]


@pytest.fixture
def services(service_database: Callable[[str], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Services that the environment names, with their databases and no Kafka; a folder without a stack."""
    for service in SERVICES:
        prefix = prefix_of(service)
        monkeypatch.setenv(f"{prefix}DATABASE_URL", service_database(service))
        monkeypatch.setenv(f"{prefix}SEAL_SECRET", "s" * 40)
        monkeypatch.setenv(f"{prefix}KAFKA_BOOTSTRAP", "127.0.0.1:1")
    return tmp_path


def within(folder: Path, service: Service, act: Callable[[AsyncSession], Awaitable[Any]]) -> Any:
    """Do something in one transaction on a service's database."""

    async def do() -> Any:
        async with transaction_of(find_surroundings(folder).settings[service]) as session:
            return await act(session)

    return asyncio.run(do())


def stand_still(folder: Path, service: Service) -> None:
    """Let the service's consumer of participants stand still."""
    within(folder, service, lambda session: note_stop(session, PARTICIPANTS, (2, 41), "UndecodableEvent"))


def letter(*, parked: bool) -> dict[str, Any]:
    """A row of the dead letters."""
    place = {"topic": "participants", "partition": 0, "offset": int(parked)}
    return {"id": uuid4(), "error": "UnknownEventType", "parked": parked, "headers": [], "body": b"", **place}


def test_without_kafka_what_the_databases_know_is_shown(vernissage: Command, services: Path) -> None:
    row = {"topic": "participants", "key": uuid4(), "type": "t", "headers": {}, "body": b"", "event_id": uuid4()}
    within(services, "registration", lambda session: run(session, insert(outbox).values(row)))
    ended = vernissage("status", "--data", services, "--json")
    assert ended.code == ExitCode.NOBODY_ANSWERS
    assert ended.json["silent"] == ["Kafka at 127.0.0.1:1 does not answer (KafkaConnectionError): check that it runs."]
    assert {each["service"]: each["waiting"] for each in ended.json["outboxes"]} == {
        "registration": 1,
        "matching": 0,
        "notification": 0,
    }
    assert {each["lag"] for each in ended.json["consumers"]} == {None}
    shown = vernissage("status", "--data", services)
    assert "Kafka at 127.0.0.1:1 does not answer" in shown.out
    assert "Outboxes" in shown.out


def test_a_silent_database_leaves_the_others_to_be_shown(
    vernissage: Command, services: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VERNISSAGE_MATCHING_DATABASE_URL", "postgresql+asyncpg://nobody:secret@127.0.0.1:1/nothing")
    ended = vernissage("status", "--data", services, "--json")
    assert ended.code == ExitCode.NOBODY_ANSWERS
    assert "matching: PostgreSQL does not answer at 127.0.0.1:1: check that it runs." in ended.json["silent"]
    assert [each["service"] for each in ended.json["outboxes"]] == ["registration", "notification"]
    assert "secret" not in ended.out


def test_a_consumer_that_stands_still_is_shown_with_the_ways_on(vernissage: Command, services: Path) -> None:
    stand_still(services, "notification")
    shown = vernissage("status", "--data", services).out
    assert "notification stands still on participants at partition 2, offset 41 (UndecodableEvent)" in shown
    assert "vernissage dead-letters bury participants" in shown
    assert "vernissage dead-letters skip participants --partition 2 --offset 41" in shown


def test_a_gap_in_a_topic_is_shown_with_the_way_on(vernissage: Command, services: Path) -> None:
    row = {"topic": "participants", "partition": 1, "expected": 7, "found": 12}
    within(services, "matching", lambda session: run(session, insert(consumer_gaps).values(row)))
    shown = vernissage("status", "--data", services).out
    assert "participants does not go on where matching had read to, in 1 partition" in shown
    assert "vernissage rebuild matching" in shown


def test_bury_lets_the_consumer_that_stands_still_go_on(vernissage: Command, services: Path) -> None:
    refused = vernissage("dead-letters", "bury", "participants", "--data", services)
    assert refused.code == ExitCode.REFUSED
    assert "No consumer stands still on participants" in refused.err
    stand_still(services, "notification")
    assert vernissage("dead-letters", "bury", "participants", "--data", services, "--json").json["services"] == [
        "notification"
    ]
    (stop,) = within(services, "notification", list_stops)
    assert stop.bury_asked_at is not None


def test_skip_is_said_to_the_consumer_that_stands_still_there(vernissage: Command, services: Path) -> None:
    words = ("dead-letters", "skip", "participants", "--partition", 2, "--offset", 41, "--data", services)
    unclear = vernissage(*words)
    assert unclear.code == ExitCode.REFUSED
    assert "name one with --service" in unclear.err
    stand_still(services, "notification")
    assert vernissage(*words, "--json").json["services"] == ["notification"]
    assert within(services, "notification", lambda session: word_on(session, PARTICIPANTS)).skips == {(2, 41)}
    assert not within(services, "matching", lambda session: word_on(session, PARTICIPANTS)).skips
    assert vernissage(*words, "--service", "matching").code == ExitCode.DONE
    assert within(services, "matching", lambda session: word_on(session, PARTICIPANTS)).skips == {(2, 41)}


def test_the_only_consumer_of_a_topic_need_not_be_named(vernissage: Command, services: Path) -> None:
    words = ("dead-letters", "skip", "observations", "--partition", 0, "--offset", 7, "--data", services)
    assert vernissage(*words, "--json").json["services"] == ["matching"]
    assert within(services, "matching", lambda session: word_on(session, OBSERVATIONS)).skips == {(0, 7)}


def test_a_service_that_does_not_listen_is_refused(vernissage: Command, services: Path) -> None:
    ended = vernissage("dead-letters", "bury", "pairings", "--service", "matching", "--data", services)
    assert ended.code == ExitCode.REFUSED
    assert "matching does not listen to pairings; it is heard by notification, registration." in ended.err


def test_parked_events_are_listed_apart(vernissage: Command, services: Path) -> None:
    rows = [letter(parked=False), letter(parked=True)]
    within(services, "matching", lambda session: run(session, insert(dead_letters), rows))
    listed = vernissage("dead-letters", "list", "--data", services, "--json").json
    assert [each["parked"] for each in listed] == [False, True]
    shown = vernissage("dead-letters", "list", "--data", services).out
    assert shown.index("Dead letters") < shown.index(str(rows[0]["id"])) < shown.index("Parked until")
    assert shown.index("Parked until") < shown.index(str(rows[1]["id"]))
    (consumer,) = [
        each
        for each in vernissage("status", "--data", services, "--json").json["consumers"]
        if (each["service"], each["topic"]) == ("matching", PARTICIPANTS.full_name())
    ]
    assert (consumer["dead"], consumer["parked"]) == (1, 1)


def known(*, applied: int, unapplied: int) -> ServiceTravel:
    """What a consumer's database knows of pairings."""
    return ServiceTravel(0, 0.0, EventCounts({}, {}, {"pairings": applied}, {}), {}, {"pairings": unapplied}, [], [])


@pytest.mark.parametrize(
    ("applied", "unapplied", "lag", "missing"),
    [(10, 0, 0, 0), (7, 2, 0, 1), (7, 2, 1, None), (12, 0, 0, 0)],
    ids=["all", "one is nowhere", "on its way", "more than is kept"],
)
def test_events_are_missing_that_wait_nowhere_and_were_never_applied(
    applied: int, unapplied: int, lag: int, missing: int | None
) -> None:
    travel = Travel(
        {"notification": known(applied=applied, unapplied=unapplied)},
        {"pairings": 10},
        {"notification": {"pairings": lag}},
        [],
    )
    assert travel.missing(PAIRINGS, "notification") == missing
    assert travel.missing(PAIRINGS, "registration") is None


def test_times_of_stops_are_told_whole(services: Path, vernissage: Command) -> None:
    stand_still(services, "matching")
    noon = datetime(2026, 11, 25, 12, tzinfo=UTC)
    within(services, "matching", lambda session: run(session, update(consumer_stops).values(stopped_at=noon)))
    (stop,) = vernissage("status", "--data", services, "--json").json["stops"]
    assert stop["since"].startswith("2026-11-25 ")
