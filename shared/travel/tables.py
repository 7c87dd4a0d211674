"""The tables of the rules of travel, the same in each service's database."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Uuid,
    and_,
    false,
    not_,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from shared.database import named_metadata

metadata = named_metadata()

outbox = Table(
    "outbox",
    metadata,
    Column("position", BigInteger, Identity(always=True), primary_key=True),
    Column("event_id", Uuid, nullable=False, unique=True),
    Column("topic", String, nullable=False),
    Column("key", Uuid, nullable=False, index=True, info={"person": "row"}),
    Column("type", String, nullable=False),
    Column("headers", JSONB, nullable=False, info={"person": "nobody"}),
    Column("body", LargeBinary, nullable=False),
    Column("written_at", DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()")),
    Column("published_at", DateTime(timezone=True)),
)
Index("ix_outbox_written_at", outbox.c.written_at, postgresql_using="brin")
Index("ix_outbox_unpublished", outbox.c.position, postgresql_where=outbox.c.published_at.is_(None))

inbox = Table(
    "inbox",
    metadata,
    Column("event_id", Uuid, primary_key=True),
    Column("topic", String, nullable=False),
    Column("applied_at", DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()")),
)

Index("ix_inbox_applied_at", inbox.c.applied_at, postgresql_using="brin")

dead_letters = Table(
    "dead_letters",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("topic", String, nullable=False),
    Column("partition", BigInteger, nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("event_id", Uuid),
    Column("type", String),
    Column("error", String, nullable=False),
    Column("parked", Boolean, nullable=False, server_default=false()),
    Column("key", LargeBinary),
    Column("headers", JSONB, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("died_at", DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()")),
    Column("published_at", DateTime(timezone=True)),
    Column("settled_at", DateTime(timezone=True)),
    Column("settled_how", String),
)
Index(
    "ix_dead_letters_unpublished",
    dead_letters.c.died_at,
    postgresql_where=and_(dead_letters.c.published_at.is_(None), not_(dead_letters.c.parked)),
)
Index("ix_dead_letters_open", dead_letters.c.topic, postgresql_where=dead_letters.c.settled_at.is_(None))

consumer_stops = Table(
    "consumer_stops",
    metadata,
    Column("topic", String, primary_key=True),
    Column("partition", BigInteger, nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("error", String, nullable=False),
    Column("stopped_at", DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()")),
    Column("bury_asked_at", DateTime(timezone=True)),
)

consumer_skips = Table(
    "consumer_skips",
    metadata,
    Column("topic", String, primary_key=True),
    Column("partition", BigInteger, primary_key=True),
    Column("offset", BigInteger, primary_key=True),
    Column("asked_at", DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()")),
)

leaders = Table(
    "leaders",
    metadata,
    Column("lock", BigInteger, primary_key=True, autoincrement=False),
    Column("name", String, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("beat_at", DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()")),
)

consumer_places = Table(
    "consumer_places",
    metadata,
    Column("topic", String, primary_key=True),
    Column("partition", BigInteger, primary_key=True),
    Column("next_offset", BigInteger, nullable=False),
)

consumer_gaps = Table(
    "consumer_gaps",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("topic", String, nullable=False),
    Column("partition", BigInteger, nullable=False),
    Column("expected", BigInteger, nullable=False),
    Column("found", BigInteger, nullable=False),
    Column("noticed_at", DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()")),
)
