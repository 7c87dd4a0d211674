"""The pulse: asks PostgreSQL, Kafka and each consumer's own connection every few seconds whether they answer.

Work alone does not tell: where nothing happens, a Kafka that is gone looks like a quiet evening.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping, Sequence

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from sqlalchemy import text

from shared.database import Sessions, is_transient
from shared.travel.broker import KafkaAddress, see_started
from shared.travel.consumer import Consumer

DEADLINE = 5.0
"""Seconds in which an answer must come."""


class Pulse:
    """What answers, and what does not."""

    def __init__(self, sessions: Sessions, kafka: KafkaAddress, consumers: Sequence[Consumer]) -> None:
        self._sessions = sessions
        self._kafka = kafka
        self._consumers = consumers
        self._admin: AIOKafkaAdminClient | None = None
        self.troubles: Mapping[str, str | None] = {"postgresql": "was not asked yet", "kafka": "was not asked yet"}
        """By part, what is wrong with it; None where it answers."""

    async def feel(self) -> None:
        """Ask everybody once."""
        postgresql, kafka, *_ = await asyncio.gather(
            _trouble_in(self._ask_postgresql()),
            _trouble_in(self._ask_kafka()),
            *(consumer.feel_pulse(DEADLINE) for consumer in self._consumers),
        )
        self.troubles = {"postgresql": postgresql, "kafka": kafka}
        if kafka is not None:
            await self.close()

    async def close(self) -> None:
        """Give the connection to Kafka back."""
        admin, self._admin = self._admin, None
        if admin is not None:
            await admin.close()

    async def _ask_postgresql(self) -> None:
        async with self._sessions() as session:
            await (await session.connection()).execute(text("SELECT 1"))

    async def _ask_kafka(self) -> None:
        if self._admin is None:
            self._admin = AIOKafkaAdminClient(**self._kafka.client_options())
            await see_started(self._admin.start())
        await self._admin.describe_cluster()


async def _trouble_in(question: Awaitable[None]) -> str | None:
    try:
        async with asyncio.timeout(DEADLINE):
            await question
    except Exception as error:
        if isinstance(error, KafkaError) or is_transient(error):
            return f"does not answer ({type(error).__name__})"
        raise
    return None
