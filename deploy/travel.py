"""How far events have travelled, over all services: what operators look at, and what the demo counts."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from aiokafka.errors import KafkaError

from deploy.databases import transaction_of
from deploy.running import Surroundings
from shared.broker import kafka_address
from shared.status import TravelStatus, travel_status
from shared.topics import SERVICES, TOPICS, Service

Travel = Mapping[Service, TravelStatus]


class KafkaSilent(Exception):
    """Kafka does not answer; `str(error)` can be shown as it is."""


@dataclass(frozen=True)
class TopicCount:
    """The events of one topic: how many its producer sent, how many each consumer applied, how many are dead there."""

    topic: str
    published: int
    consumed: Mapping[Service, int]
    dead: Mapping[Service, int]

    @property
    def lost(self) -> int:
        """How many were sent and neither applied nor kept as a dead letter, summed over the consumers.

        While events are on their way they count, so this speaks of what is at rest.
        """
        return sum(max(0, self.published - count - self.dead[service]) for service, count in self.consumed.items())


async def travel_of(surroundings: Surroundings) -> Travel:
    """The status of every service. Raises `DatabaseSilent` or `KafkaSilent`."""
    found = await asyncio.gather(*(_travel_of(surroundings, service) for service in SERVICES))
    return dict(zip(SERVICES, found, strict=True))


def is_at_rest(travel: Travel) -> bool:
    """Whether every event that was written has been sent and applied."""
    return all(status.outbox_depth == 0 and not any(status.lag.values()) for status in travel.values()) and not any(
        count.lost for count in topic_counts(travel)
    )


def topic_counts(travel: Travel) -> list[TopicCount]:
    """The counts of each topic of the registry, in its order."""
    return [
        TopicCount(
            topic.full_name(),
            travel[topic.producer].published.get(topic.name, 0),
            {service: travel[service].applied.get(topic.name, 0) for service in topic.consumers},
            {service: travel[service].dead_letters_open.get(topic.name, 0) for service in topic.consumers},
        )
        for topic in TOPICS
    ]


async def _travel_of(surroundings: Surroundings, service: Service) -> TravelStatus:
    settings = surroundings.settings[service]
    try:
        async with transaction_of(settings) as session:
            return await travel_status(session, kafka_address(settings), service)
    except KafkaError as error:
        raise KafkaSilent(
            f"Kafka at {settings.kafka_bootstrap} does not answer ({type(error).__name__}): check that it runs."
        ) from error
