"""What a service tells Prometheus about its travelling events: counts and times by topic, nothing about anybody."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram


class TravelMetrics:
    """The counters of one worker, on a registry of their own."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.published = Counter(
            "vernissage_events_published", "Events that Kafka acknowledged.", ["topic"], registry=registry
        )
        self.publishing_failed = Counter(
            "vernissage_publishing_failed", "Batches that Kafka did not acknowledge.", ["topic"], registry=registry
        )
        self.consumed = Counter(
            "vernissage_events_consumed",
            "Events taken from Kafka: applied, seen before, or dead.",
            ["topic", "outcome"],
            registry=registry,
        )
        self.batch_events = Histogram(
            "vernissage_batch_events",
            "Events in a batch.",
            ["topic"],
            buckets=(1, 2, 5, 10, 50, 100, 500, 1000),
            registry=registry,
        )
        self.batch_seconds = Histogram(
            "vernissage_batch_seconds", "Seconds from a batch's arrival to its commit.", ["topic"], registry=registry
        )
        self.batches_failed = Counter(
            "vernissage_batches_failed", "Batches put back to be tried again.", ["topic"], registry=registry
        )
        self.lag = Gauge("vernissage_consumer_lag", "Events that wait to be consumed.", ["topic"], registry=registry)
        self.outbox_depth = Gauge("vernissage_outbox_depth", "Events that wait to be published.", registry=registry)
        self.outbox_age = Gauge(
            "vernissage_outbox_age_seconds", "Age of the oldest event that waits to be published.", registry=registry
        )
        self.dead_letters = Gauge(
            "vernissage_dead_letters_open", "Dead letters that nobody has settled.", ["topic"], registry=registry
        )
        self.gaps = Counter(
            "vernissage_consumer_gaps", "Times that messages of a topic were missing.", ["topic"], registry=registry
        )
        self.stands_still = Gauge(
            "vernissage_consumer_stands_still",
            "1 where a consumer waits for an operator's word.",
            ["topic"],
            registry=registry,
        )
        self.leading = Gauge("vernissage_relay_leading", "1 where this worker's relay leads.", registry=registry)


class TaskMetrics:
    """How the tasks and timers of one process fare, on a registry of their own."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.timer_failed = Counter(
            "vernissage_timer_failed", "Runs of a timer that ended with an error.", ["timer"], registry=registry
        )
        self.task_failing = Gauge(
            "vernissage_task_failing",
            "1 while a part of the process fails, or has a trouble that lasts.",
            ["task"],
            registry=registry,
        )
        self.task_failed = Counter(
            "vernissage_task_failed", "Errors with which a part of the process ended.", ["task"], registry=registry
        )
