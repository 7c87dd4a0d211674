"""Dead letters: messages that no handler can apply, kept whole until an operator settles them.

The table holds the message as it came; the error only by the name of its kind, since an error's text may quote a
person. The relay copies each to its topic's dead-letter topic.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import quote, unquote, unquote_to_bytes
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.sql import among, run, wake
from shared.travel.outbox import WAKE_CHANNEL
from shared.travel.tables import dead_letters
from shared.travel.topics import Topic

TYPE_PATTERN = re.compile(r"[a-z0-9.-]{1,100}")
READABLE = "/:+"

PASSED_OVER = "PassedOver"
"""The kind of error of a message that an operator had passed over."""


class KafkaRecord(Protocol):
    """A message as Kafka delivers it."""

    @property
    def topic(self) -> str:
        """The full name of the topic that it came on."""

    @property
    def partition(self) -> int:
        """Of that topic."""

    @property
    def offset(self) -> int:
        """Of that partition: its place."""

    @property
    def key(self) -> bytes | None:
        """The aggregate's id, from whoever keeps to the contract."""

    @property
    def value(self) -> bytes | None:
        """The body, undecoded."""

    @property
    def headers(self) -> Sequence[tuple[str, bytes]]:
        """CloudEvents' attributes, undecoded."""


@dataclass(frozen=True)
class DeadLetter:
    """What an operator sees of a dead letter: where it was, and the kind of error. Never what it says."""

    id: UUID
    topic: str
    partition: int
    offset: int
    event_id: UUID | None
    type: str | None
    error: str
    died_at: datetime
    settled_at: datetime | None
    settled_how: str | None


@dataclass(frozen=True)
class StoredRecord:
    """A dead letter as the message that it once was."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes
    headers: Sequence[tuple[str, bytes]]


async def bury(session: AsyncSession, topic: Topic, dead: Iterable[tuple[KafkaRecord, str]]) -> None:
    """Keep messages with the kind of error that each met; a message that is known already stays as it is."""
    await _keep(session, [_row(topic, record, error) for record, error in dead])


async def park(session: AsyncSession, topic: Topic, unknown: Iterable[tuple[KafkaRecord, str]]) -> None:
    """Keep messages of a newer producer until this service is newer too: no fault, so they are not told as dead."""
    await _keep(session, [_row(topic, record, error) | {"parked": True} for record, error in unknown])


async def pass_over(session: AsyncSession, topic: Topic, records: Iterable[KafkaRecord]) -> None:
    """Keep messages that an operator had passed over, as settled already."""
    settled = {"settled_at": func.clock_timestamp(), "settled_how": "dropped"}
    for record in records:
        row = _row(topic, record, PASSED_OVER) | settled
        await run(session, insert(dead_letters).values(row).on_conflict_do_nothing(index_elements=["id"]))


async def list_open(session: AsyncSession, topic: Topic | None = None) -> list[DeadLetter]:
    """The dead letters that nobody has settled, the oldest first."""
    return await _list(session, topic, parked=False)


async def list_parked(session: AsyncSession, topic: Topic | None = None) -> list[DeadLetter]:
    """What waits for a newer version of this service, the oldest first."""
    return await _list(session, topic, parked=True)


async def drop(session: AsyncSession, ids: Sequence[UUID], *, now: datetime) -> int:
    """Settle dead letters without applying them; how many were still open."""
    return await settle(session, ids, "dropped", now=now)


async def settle(session: AsyncSession, ids: Sequence[UUID], how: str, *, now: datetime) -> int:
    """Note what was decided on dead letters; how many were still open."""
    connection = await session.connection()
    result = await connection.execute(
        update(dead_letters)
        .where(among(dead_letters.c.id, ids), dead_letters.c.settled_at.is_(None))
        .values(settled_at=now, settled_how=how)
    )
    return result.rowcount


async def open_record(session: AsyncSession, letter: UUID) -> StoredRecord | None:
    """The message of an open dead letter, locked for this transaction; None where there is none."""
    query = select(dead_letters).where(dead_letters.c.id == letter, dead_letters.c.settled_at.is_(None))
    connection = await session.connection()
    row = (await connection.execute(query.with_for_update())).mappings().one_or_none()
    return None if row is None else _stored(row)


async def take_parked(
    session: AsyncSession, topic: Topic, types: Collection[str], *, at_most: int
) -> dict[UUID, StoredRecord]:
    """Parked messages of these event types by the id of their letter, in the order in which they came.

    They are locked for this transaction; what another transaction holds is left to it.
    """
    letter = dead_letters.c
    query = (
        select(dead_letters)
        .where(letter.topic == topic.name, letter.parked, letter.settled_at.is_(None), among(letter.type, types))
        .order_by(letter.died_at, letter.partition, letter.offset)
        .limit(at_most)
        .with_for_update(skip_locked=True)
    )
    return {row["id"]: _stored(row) for row in (await run(session, query)).mappings()}


async def unpark(session: AsyncSession, letter: UUID, error: str) -> None:
    """Have a parked message that still cannot be applied count as dead, with the kind of error that it met."""
    await run(session, update(dead_letters).where(dead_letters.c.id == letter).values(parked=False, error=error))


def message_headers(row: Mapping[str, Any]) -> list[tuple[str, bytes]]:
    """The headers of a dead letter on its dead-letter topic: its own, where it was, and the kind of error."""
    return [
        *_unquoted(row["headers"]),
        ("dead-letter-error", row["error"].encode()),
        ("dead-letter-partition", str(row["partition"]).encode()),
        ("dead-letter-offset", str(row["offset"]).encode()),
    ]


async def _keep(session: AsyncSession, rows: list[dict[str, object]]) -> None:
    if rows:
        await run(session, insert(dead_letters).on_conflict_do_nothing(index_elements=["id"]), rows)
        await wake(session, WAKE_CHANNEL)


async def _list(session: AsyncSession, topic: Topic | None, *, parked: bool) -> list[DeadLetter]:
    query = select(*(dead_letters.c[name] for name in DeadLetter.__dataclass_fields__))
    query = query.where(dead_letters.c.settled_at.is_(None), dead_letters.c.parked.is_(parked))
    if topic is not None:
        query = query.where(dead_letters.c.topic == topic.name)
    rows = await run(session, query.order_by(dead_letters.c.died_at, dead_letters.c.offset))
    return [DeadLetter(**row) for row in rows.mappings()]


def _stored(row: Mapping[Any, Any]) -> StoredRecord:
    return StoredRecord(
        row["topic"], row["partition"], row["offset"], row["key"], row["body"], _unquoted(row["headers"])
    )


def _row(topic: Topic, record: KafkaRecord, error: str) -> dict[str, object]:
    attributes = {name.lower(): value for name, value in record.headers}
    return {
        "id": _id_of(record),
        "topic": topic.name,
        "partition": record.partition,
        "offset": record.offset,
        "event_id": _event_id(attributes.get("ce_id", b"")),
        "type": _type(attributes.get("ce_type", b"")),
        "error": error,
        "key": record.key,
        "headers": [[quote(name, safe=READABLE), quote(value or b"", safe=READABLE)] for name, value in record.headers],
        "body": record.value or b"",
    }


def _id_of(record: KafkaRecord) -> UUID:
    """The same id for the same message however often it is delivered, another one on a topic that began anew."""
    event = dict(record.headers).get("ce_id", b"").hex()
    return uuid5(NAMESPACE_URL, f"{record.topic}/{record.partition}/{record.offset}/{event}/{_digest(record)}")


def _digest(record: KafkaRecord) -> str:
    return uuid5(NAMESPACE_URL, (record.value or b"").hex()).hex


def _event_id(text: bytes) -> UUID | None:
    try:
        return UUID(text.decode())
    except ValueError:
        return None


def _type(text: bytes) -> str | None:
    name = text.decode(errors="replace")
    return name if TYPE_PATTERN.fullmatch(name) else None


def _unquoted(headers: Sequence[Sequence[str]]) -> list[tuple[str, bytes]]:
    return [(unquote(name), unquote_to_bytes(value)) for name, value in headers]
