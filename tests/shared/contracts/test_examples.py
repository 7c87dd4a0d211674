"""Every event has a golden example, which reads as the event and is written again byte for byte in meaning."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.contracts.employers import NeedPublished
from shared.contracts.envelope import (
    Envelope,
    Event,
    ForeignSource,
    InvalidEnvelope,
    NotACloudEvent,
    UndecodableEvent,
    UnknownEventType,
    UnsupportedEventVersion,
    WrongKey,
    body_of,
    headers_of,
    read,
)
from shared.contracts.meetups import MeetupScheduled, ParticipantEnrolled
from shared.contracts.participants import ParticipantChanged, ParticipantErased, ParticipantRegistered
from shared.contracts.rematches import RematchRequested
from shared.travel.asyncapi import EXAMPLES, example
from shared.travel.topics import PARTICIPANTS, TOPIC_OF_EVENT, TOPICS

EVENTS = sorted(TOPIC_OF_EVENT, key=lambda event: event.type)


def headers_in(golden: dict[str, dict[str, str]]) -> list[tuple[str, bytes]]:
    return [(name, value.encode()) for name, value in golden["headers"].items()]


def read_as(golden: dict[str, Any], body: bytes, event: type[Event]) -> Envelope:
    topic = TOPIC_OF_EVENT[event]
    return read(headers_in(golden), body, topic.by_type, key=golden["key"].encode(), source=topic.only_source)


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.__name__)
def test_an_example_reads_as_its_event_and_is_written_the_same(event: type[Event]) -> None:
    golden = example(event)
    envelope = read_as(golden, json.dumps(golden["body"]).encode(), event)
    assert type(envelope.event) is event
    assert TOPIC_OF_EVENT[event].full_name() == golden["topic"]
    assert str(envelope.event.aggregate_id) == golden["key"]
    assert headers_of(envelope) == headers_in(golden)
    assert json.loads(body_of(envelope.event)) == golden["body"]


def test_there_is_no_example_without_an_event() -> None:
    named = {entry.name for entry in EXAMPLES.iterdir()}
    assert named == {f"{event.type.removeprefix('vernissage.')}.json" for event in EVENTS}


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.__name__)
def test_a_field_that_a_newer_producer_added_is_ignored(event: type[Event]) -> None:
    golden = example(event)
    body = json.dumps({**golden["body"], "added_later": {"x": 1}}).encode()
    assert type(read_as(golden, body, event).event) is event


@pytest.mark.parametrize("event", [ParticipantRegistered, ParticipantChanged], ids=lambda event: event.__name__)
def test_an_older_event_that_says_the_language_is_read_and_the_language_is_passed_over(event: type[Event]) -> None:
    golden = example(event)
    envelope = read_as(golden, json.dumps({**golden["body"], "language": "en"}).encode(), event)
    assert json.loads(body_of(envelope.event)) == golden["body"]


@pytest.mark.parametrize(
    ("event", "former"),
    [
        (ParticipantEnrolled, {"double_slot": "longer_slot", "front_table": "ground_floor"}),
        (MeetupScheduled, {"front_tables": "ground_floor_tables"}),
    ],
)
def test_an_older_event_that_names_a_need_is_read_under_the_neutral_name(
    event: type[Event], former: dict[str, str]
) -> None:
    golden = example(event)
    body = json.dumps({former.get(name, name): value for name, value in golden["body"].items()}).encode()
    assert all(golden["body"][name] for name in former)
    assert json.loads(body_of(read_as(golden, body, event).event)) == golden["body"]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.__name__)
def test_no_required_field_may_be_missing(event: type[Event]) -> None:
    golden = example(event)
    for name, field in event.model_fields.items():
        if not field.is_required():
            continue
        body = json.dumps({key: value for key, value in golden["body"].items() if key != name}).encode()
        with pytest.raises(UndecodableEvent) as caught:
            read_as(golden, body, event)
        assert caught.value.__cause__ is None


def test_event_types_are_named_after_the_product_and_their_version() -> None:
    types = [event.type for topic in TOPICS for event in topic.events]
    assert len(set(types)) == len(types)
    for name in types:
        product, *_, version = name.split(".")
        assert (product, version) == ("vernissage", "v1")


ERASED = Envelope(
    id=UUID(int=1),
    source="/registration",
    time=datetime(2026, 11, 22, tzinfo=UTC),
    event=ParticipantErased(participant_id=UUID(int=2), revision=1, erased_at=datetime(2026, 11, 22, tzinfo=UTC)),
)


KEY = str(ERASED.event.aggregate_id).encode()


def read_erased(
    headers: list[tuple[str, bytes]], body: bytes = body_of(ERASED.event), key: bytes | None = KEY
) -> Envelope:
    return read(headers, body, PARTICIPANTS.by_type, key=key, source=PARTICIPANTS.only_source)


@pytest.mark.parametrize(
    ("header", "value", "error"),
    [
        ("ce_id", b"not-an-id", NotACloudEvent),
        ("ce_id", b"\xff\xff", NotACloudEvent),
        ("ce_time", b"yesterday", NotACloudEvent),
        ("ce_time", b"2026-11-22T09:00:00", NotACloudEvent),
        ("ce_specversion", b"0.3", NotACloudEvent),
        ("ce_type", b"vernissage.participant.erased.v2", UnsupportedEventVersion),
        ("ce_type", b"vernissage.skill.observed.v1", UnknownEventType),
        ("ce_source", b"", NotACloudEvent),
        ("ce_source", b"/matching", ForeignSource),
        ("ce_source", b"https://elsewhere.example", ForeignSource),
    ],
)
def test_a_wrong_header_is_named_by_its_error(header: str, value: bytes, error: type[InvalidEnvelope]) -> None:
    headers = [(name, value if name == header else known) for name, known in headers_of(ERASED)]
    with pytest.raises(error):
        read_erased(headers)


@pytest.mark.parametrize("key", [None, b"", b"\xff", str(UUID(int=9)).encode(), KEY.upper() + b" "])
def test_a_key_that_is_not_the_aggregates_id_is_refused(key: bytes | None) -> None:
    with pytest.raises(WrongKey):
        read_erased(headers_of(ERASED), key=key)


def test_on_an_open_topic_anybody_may_speak() -> None:
    golden = example(RematchRequested)
    golden["headers"]["ce_source"] = "https://elsewhere.example"
    assert read_as(golden, json.dumps(golden["body"]).encode(), RematchRequested).source == "https://elsewhere.example"


@given(st.binary(max_size=200), st.lists(st.tuples(st.text(max_size=20), st.binary(max_size=40)), max_size=8))
def test_no_message_makes_the_reader_stumble_or_quote_it(body: bytes, headers: list[tuple[str, bytes]]) -> None:
    known = dict(headers_of(ERASED))
    for candidate in (headers, [*known.items()], [*{**known, **dict(headers)}.items()]):
        said = ""
        try:
            read_erased(candidate, body)
        except InvalidEnvelope as error:
            said = str(error)
        assert len(body) < 8 or body.decode(errors="replace") not in said


def test_a_header_of_somebody_else_does_no_harm() -> None:
    headers = [*headers_of(ERASED), ("x-trace", b"\xff\x00"), ("x-odd", b"")]
    assert read_erased(headers) == ERASED


def test_the_trace_travels_in_a_header() -> None:
    traced = replace(ERASED, traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
    assert read_erased(headers_of(traced)) == traced


def test_a_need_whose_weights_do_not_add_up_is_no_event() -> None:
    body = example(NeedPublished)["body"]
    body["skills"][0]["weight"] = 0.9
    with pytest.raises(ValidationError, match="do not add up"):
        NeedPublished.model_validate(body)


def test_the_examples_hold_no_tab_and_end_with_a_line() -> None:
    for event in EVENTS:
        path = Path(str(EXAMPLES)) / f"{event.type.removeprefix('vernissage.')}.json"
        text = path.read_text(encoding="utf-8")
        assert text.endswith("}\n")
        assert "\t" not in text
