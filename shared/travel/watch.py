"""The watch: measures how far a worker's events have travelled, and notices a consumer that fell silent.

Clients of Kafka have been seen to hang after a broker's restart without any sign of it; so a consumer that does nothing
while its own partitions hold something for it begins anew.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aiokafka.errors import KafkaError

from shared.database import Sessions, unit_of_work
from shared.travel.broker import KafkaAddress
from shared.travel.consumer import Consumer
from shared.travel.gaps import Gap, list_gaps
from shared.travel.metrics import TravelMetrics
from shared.travel.status import Lag, database_status, group_lags

log = logging.getLogger(__name__)

SILENCE = 60.0
"""Seconds that a consumer may do nothing while there is something to do."""

DEADLINE = 30.0
"""Seconds for one look at Kafka."""


@dataclass
class _Heard:
    attempts: int
    at: float


class Watch:
    """Looks at the database and at Kafka, tells the metrics, and restarts consumers that are silent."""

    def __init__(
        self, consumers: Sequence[Consumer], sessions: Sessions, kafka: KafkaAddress, metrics: TravelMetrics
    ) -> None:
        self._consumers = consumers
        self._sessions = sessions
        self._kafka = kafka
        self._metrics = metrics
        self._heard: dict[str, _Heard] = {}
        self.gaps: list[Gap] = []
        """What topics had lost before it was read, and nobody has settled."""

    async def look(self) -> None:
        """Measure once. Kafka being away is left to others to tell."""
        await self._look_into_database()
        groups = {consumer.group: consumer.topic for consumer in self._consumers}
        try:
            async with asyncio.timeout(DEADLINE):
                lags = await group_lags(self._kafka, groups)
        except (KafkaError, TimeoutError) as error:
            log.info("the lag cannot be measured: %s", type(error).__name__)
            return
        now = asyncio.get_running_loop().time()
        for consumer in self._consumers:
            lag = lags[consumer.topic.name]
            self._metrics.lag.labels(consumer.topic.name).set(sum(lag.values()))
            self._listen_to(consumer, lag, now)

    async def _look_into_database(self) -> None:
        async with unit_of_work(self._sessions) as session:
            status = await database_status(session)
            self.gaps = await list_gaps(session)
        self._metrics.outbox_depth.set(status.outbox_depth)
        self._metrics.outbox_age.set(status.outbox_age)
        self._tell_dead_letters(status.dead_letters_open)

    def _tell_dead_letters(self, counts: Mapping[str, int]) -> None:
        for consumer in self._consumers:
            self._metrics.dead_letters.labels(consumer.topic.name).set(counts.get(consumer.topic.name, 0))

    def _listen_to(self, consumer: Consumer, lag: Lag, now: float) -> None:
        waiting = sum(lag.get(place, 0) for place in consumer.assignment())
        heard = self._heard.get(consumer.group)
        if heard is None or not waiting or heard.attempts != consumer.attempts:
            self._heard[consumer.group] = _Heard(consumer.attempts, now)
        elif now - heard.at > SILENCE:
            del self._heard[consumer.group]
            consumer.begin_anew()
