"""The registry of topics: who says what to whom, under which key, and for how long it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Literal

from shared.contracts import (
    employers,
    invitations,
    meetups,
    observations,
    pairings,
    participants,
    rematches,
    shortlists,
)
from shared.contracts.envelope import Event

Service = Literal["registration", "matching", "notification"]
SERVICES: tuple[Service, ...] = ("registration", "matching", "notification")


@dataclass(frozen=True)
class Topic:
    """One topic of the registry; ``key`` names the aggregate whose events keep their order.

    On an open topic other systems speak too: what they send is never believed to be the producer's, and however much of
    it cannot be applied, nothing stops.
    """

    name: str
    key: str
    events: tuple[type[Event], ...]
    producer: Service
    consumers: tuple[Service, ...]
    partitions: int = 4
    retention: timedelta = timedelta(days=30)
    version: int = 1
    is_open: bool = False

    @property
    def source(self) -> str:
        """The CloudEvents source of the topic's producer."""
        return f"/{self.producer}"

    @property
    def only_source(self) -> str | None:
        """The one source that is believed, None on an open topic."""
        return None if self.is_open else self.source

    def full_name(self, prefix: str = "") -> str:
        """The topic's name on Kafka; a prefix keeps test runs apart."""
        return f"{prefix}vernissage.{self.name}.v{self.version}"

    def dead_letters(self, prefix: str = "") -> str:
        """Where a message goes that no consumer can apply."""
        return f"{self.full_name(prefix)}.dlq"

    @cached_property
    def by_type(self) -> Mapping[str, type[Event]]:
        """The topic's event classes by their CloudEvents type."""
        return {event.type: event for event in self.events}


PARTICIPANTS = Topic("participants", "participant", participants.EVENTS, "registration", ("matching", "notification"))
OBSERVATIONS = Topic("observations", "participant", observations.EVENTS, "registration", ("matching",))
EMPLOYERS = Topic("employers", "employer", employers.EVENTS, "registration", ("matching", "notification"))
MEETUPS = Topic("meetups", "meetup", meetups.EVENTS, "registration", ("matching", "notification"))
REMATCHES = Topic("rematches", "meetup", rematches.EVENTS, "matching", ("matching",), is_open=True)
PAIRINGS = Topic("pairings", "meetup", pairings.EVENTS, "matching", ("notification", "registration"))
INVITATIONS = Topic("invitations", "meetup", invitations.EVENTS, "notification", ("matching", "registration"))
SHORTLISTS = Topic("shortlists", "need", shortlists.EVENTS, "matching", ())

TOPICS: tuple[Topic, ...] = (
    PARTICIPANTS,
    OBSERVATIONS,
    EMPLOYERS,
    MEETUPS,
    REMATCHES,
    PAIRINGS,
    INVITATIONS,
    SHORTLISTS,
)

TOPIC_OF_EVENT: Mapping[type[Event], Topic] = {event: topic for topic in TOPICS for event in topic.events}


def topic_named(name: str) -> Topic:
    """The topic with this short or full name; raises `LookupError` with the names there are."""
    for topic in TOPICS:
        if name in (topic.name, topic.full_name()):
            return topic
    raise LookupError(f"no topic is named {name!r}; there are: {', '.join(topic.name for topic in TOPICS)}")
