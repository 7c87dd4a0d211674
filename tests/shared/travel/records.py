"""Messages as Kafka would deliver them, whole and damaged."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import count

from shared.contracts.envelope import Envelope, body_of, headers_of
from shared.travel.topics import OBSERVATIONS, Topic


@dataclass(frozen=True)
class Delivered:
    """One message at its place in a topic."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]


def deliver(
    envelopes: Sequence[Envelope], *, topic: Topic = OBSERVATIONS, partition: int = 0, first_offset: int = 0
) -> list[Delivered]:
    """Events as messages one behind the other in a partition."""
    return [
        Delivered(
            topic.full_name(),
            partition,
            offset,
            str(envelope.event.aggregate_id).encode(),
            body_of(envelope.event),
            headers_of(envelope),
        )
        for envelope, offset in zip(envelopes, count(first_offset), strict=False)
    ]


def with_header(record: Delivered, name: str, value: bytes) -> Delivered:
    """The message with one header changed."""
    return replace(record, headers=[*(each for each in record.headers if each[0] != name), (name, value)])


DAMAGE: dict[str, Callable[[Delivered], Delivered]] = {
    "NotACloudEvent": lambda record: replace(record, headers=[]),
    "ForeignSource": lambda record: with_header(record, "ce_source", b"/notification"),
    "WrongKey": lambda record: replace(record, key=b"another"),
    "UndecodableEvent": lambda record: replace(record, value=b'{"level": 9, "note": "Madame Durand'),
}
"""By the error that it leads to, how a message can be damaged before anybody reads it."""

NEWER: dict[str, Callable[[Delivered], Delivered]] = {
    "UnknownEventType": lambda record: with_header(record, "ce_type", b"vernissage.skill.invented.v1"),
    "UnsupportedEventVersion": lambda record: with_header(record, "ce_type", b"vernissage.skill.observed.v7"),
}
"""How a newer producer would speak."""

ODD_HEADER = ("x-odd\x00", b"\xff\x00\xfe")
"""A header that no text type can hold."""
