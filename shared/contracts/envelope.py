"""The CloudEvents 1.0 envelope and its Kafka binary mode.

Attributes travel as ``ce_*`` headers, the event itself as a JSON body, the aggregate's id as the message key
(CloudEvents Kafka protocol binding, section 3.2).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from pydantic import ValidationError
from pydantic_core import to_json

from shared.contracts.vocabulary import Part

SPEC_VERSION = "1.0"
CONTENT_TYPE = "application/json"
ATTRIBUTES = frozenset({"ce_specversion", "ce_id", "ce_type", "ce_source", "ce_time", "traceparent"})
"""The headers that are read."""


class Event(Part):
    """What happened, in the past tense: the base of all events.

    ``type`` is the CloudEvents type, ``key`` names the field whose value is the message key.
    """

    type: ClassVar[str]
    key: ClassVar[str]

    @property
    def aggregate_id(self) -> UUID:
        """The id of the thing that changed; events of one aggregate keep their order."""
        value = getattr(self, self.key)
        if not isinstance(value, UUID):
            raise TypeError(f"{type(self).__name__}.{self.key} is no id")
        return value


@dataclass(frozen=True, slots=True)
class Envelope:
    """One event on its way: its own id (a duplicate has the same), where it comes from, and when it happened."""

    id: UUID
    source: str
    time: datetime
    event: Event
    traceparent: str | None = None


class InvalidEnvelope(Exception):
    """A message that no consumer can apply. Its text never quotes the message, which may hold personal data."""


class NotACloudEvent(InvalidEnvelope):
    """Headers are missing or malformed."""


class UnknownEventType(InvalidEnvelope):
    """The type belongs to no event of the topic."""


class UnsupportedEventVersion(InvalidEnvelope):
    """The event is known, this version of it is not: a newer producer spoke."""


class UndecodableEvent(InvalidEnvelope):
    """The body is no JSON, or a field is missing or out of its range."""


class UnknownWord(InvalidEnvelope):
    """The event names a skill, framework, occupation, licence or commune that this version does not know."""


class ForeignSource(InvalidEnvelope):
    """Somebody else than the topic's producer claims to speak."""


class WrongKey(InvalidEnvelope):
    """The message's key is not the aggregate's id: its events would come in any order."""


def attributes_of(envelope: Envelope) -> dict[str, str]:
    """What travels beside an event, by name."""
    attributes = {
        "ce_specversion": SPEC_VERSION,
        "ce_id": str(envelope.id),
        "ce_type": envelope.event.type,
        "ce_source": envelope.source,
        "ce_time": envelope.time.isoformat(),
        "content-type": CONTENT_TYPE,
    }
    if envelope.traceparent is not None:
        attributes["traceparent"] = envelope.traceparent
    return attributes


def headers_of(envelope: Envelope) -> list[tuple[str, bytes]]:
    """The Kafka headers of an event in binary mode."""
    return [(name, value.encode()) for name, value in attributes_of(envelope).items()]


def body_of(event: Event) -> bytes:
    """The JSON body of an event."""
    return to_json(event)


def read(
    headers: Iterable[tuple[str, bytes]],
    body: bytes,
    events: Mapping[str, type[Event]],
    *,
    key: bytes | None,
    source: str | None,
) -> Envelope:
    """The event in a Kafka message.

    ``events`` maps the types that the topic carries to their classes; ``source`` is the only one that is believed, None
    where anybody may speak. Raises a subclass of `InvalidEnvelope` that says what is wrong, without the text of the
    message.
    """
    attributes = _attributes(headers)
    if source is not None and attributes["ce_source"] != source:
        raise ForeignSource(f"only {source} speaks on this topic")
    event_class = _class_of(attributes["ce_type"], events)
    try:
        event = event_class.model_validate_json(body)
    except ValidationError:
        # The chained error would quote the offending input.
        raise UndecodableEvent(f"the body is no valid {event_class.__name__}") from None
    if key != str(event.aggregate_id).encode():
        raise WrongKey(f"the key is not the {event_class.key}")
    return Envelope(
        id=_uuid(attributes["ce_id"]),
        source=attributes["ce_source"],
        time=_time(attributes["ce_time"]),
        event=event,
        traceparent=attributes.get("traceparent"),
    )


def _attributes(headers: Iterable[tuple[str, bytes]]) -> dict[str, str]:
    try:
        # Others may add headers of their own, in whatever bytes: they are not ours to judge.
        attributes = {name: value.decode() for name, value in headers if name in ATTRIBUTES}
    except (UnicodeDecodeError, AttributeError):
        raise NotACloudEvent("a header is no UTF-8 text") from None
    missing = [name for name in ("ce_id", "ce_type", "ce_source", "ce_time") if not attributes.get(name)]
    if missing:
        raise NotACloudEvent(f"missing header: {', '.join(missing)}")
    if attributes.get("ce_specversion") != SPEC_VERSION:
        raise NotACloudEvent(f"ce_specversion is not {SPEC_VERSION}")
    return attributes


def _class_of(name: str, events: Mapping[str, type[Event]]) -> type[Event]:
    if name in events:
        return events[name]
    stem = re.sub(r"\.v\d+$", "", name)
    if any(re.sub(r"\.v\d+$", "", known) == stem for known in events):
        raise UnsupportedEventVersion("the event is known, its version is not")
    raise UnknownEventType("no event of this topic has this type")


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotACloudEvent("ce_id is no UUID") from None


def _time(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise NotACloudEvent("ce_time is no RFC 3339 time") from None
    if moment.tzinfo is None:
        raise NotACloudEvent("ce_time has no time zone")
    return moment
