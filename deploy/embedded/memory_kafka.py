"""A Kafka that lives in this process and forgets everything with it: librdkafka's own cluster for tests.

It speaks Kafka's protocol on loopback ports, so that any client can be pointed at it, and it can fail on request, which
a real broker cannot. What it lacks: topic administration over the wire (a topic appears on first use with 4 partitions,
or is made by `create_topic`), more than one member in a group, more than 5 MiB or 100,000 batches in a partition
(the oldest are dropped silently). For trying out and for tests of faults: never for keeping data.
"""

import ctypes
import enum
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Self

import confluent_kafka

from deploy.embedded.errors import BrokerUnavailable

BROKERS = 1
MESSAGE_BYTES = 512


class Request(enum.IntEnum):
    """Kinds of request, by their number in Kafka's protocol."""

    PRODUCE = 0
    FETCH = 1
    LIST_OFFSETS = 2
    METADATA = 3
    OFFSET_COMMIT = 8
    OFFSET_FETCH = 9
    FIND_COORDINATOR = 10
    JOIN_GROUP = 11
    HEARTBEAT = 12
    SYNC_GROUP = 14
    INIT_PRODUCER_ID = 22


class MemoryKafka:
    """A cluster of `brokers` nodes in this process, from `start` to `stop`.

    `rebalance_delay` is how many seconds a group waits for its first member; librdkafka's own default is 3.
    """

    def __init__(self, *, brokers: int = BROKERS, rebalance_delay: float = 0.05) -> None:
        self._brokers = brokers
        self._rebalance_delay = rebalance_delay
        self._client: int | None = None
        self._cluster: int | None = None

    @property
    def version(self) -> str:
        """Which librdkafka plays the broker."""
        return f"librdkafka {confluent_kafka.libversion()[0]}"

    @property
    def bootstrap_servers(self) -> str:
        """The addresses that clients are given, separated by commas."""
        addresses: bytes = _library().rd_kafka_mock_cluster_bootstraps(self._running())
        return addresses.decode("ascii")

    def start(self) -> None:
        """Start the cluster; it answers at once. Raises `BrokerUnavailable` where librdkafka refuses."""
        library = _library()
        words = ctypes.create_string_buffer(MESSAGE_BYTES)
        settings = library.rd_kafka_conf_new()
        library.rd_kafka_conf_set(settings, b"log_level", b"0", words, MESSAGE_BYTES)
        client = library.rd_kafka_new(PRODUCER, settings, words, MESSAGE_BYTES)
        cluster = library.rd_kafka_mock_cluster_new(client, self._brokers) if client else None
        if not cluster:
            raise BrokerUnavailable("librdkafka could not start its cluster in memory")
        self._client, self._cluster = client, cluster
        library.rd_kafka_mock_group_initial_rebalance_delay_ms(cluster, round(self._rebalance_delay * 1000))

    def stop(self) -> None:
        """Stop the cluster and forget all it holds; nothing happens when it does not run."""
        if self._cluster is not None:
            _library().rd_kafka_mock_cluster_destroy(self._cluster)
            _library().rd_kafka_destroy(self._client)
            self._client = self._cluster = None

    def create_topic(self, topic: str, partitions: int) -> None:
        """Make a topic with this number of partitions."""
        _accept(_library().rd_kafka_mock_topic_create(self._running(), topic.encode(), partitions, 1))

    def fail_next(self, request: Request, errors: Sequence[int]) -> None:
        """Answer the next requests of this kind with these error codes of Kafka's protocol, one after the other."""
        codes = (ctypes.c_int * len(errors))(*errors)
        _library().rd_kafka_mock_push_request_errors_array(self._running(), int(request), len(errors), codes)

    def stop_failing(self, request: Request) -> None:
        """Forget the errors that `fail_next` still holds for this kind of request."""
        _library().rd_kafka_mock_clear_request_errors(self._running(), int(request))

    def slow_down(self, broker: int, seconds: float) -> None:
        """Let `broker` (numbered from 1) take this time for each answer; 0 for none."""
        _accept(_library().rd_kafka_mock_broker_set_rtt(self._running(), broker, round(seconds * 1000)))

    def take_down(self, broker: int) -> None:
        """Cut the connections of `broker` (numbered from 1) and refuse new ones."""
        _accept(_library().rd_kafka_mock_broker_set_down(self._running(), broker))

    def bring_up(self, broker: int) -> None:
        """Let `broker` accept connections again, with all it held."""
        _accept(_library().rd_kafka_mock_broker_set_up(self._running(), broker))

    def _running(self) -> int:
        if self._cluster is None:
            raise BrokerUnavailable("the memory broker has not been started")
        return self._cluster

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


PRODUCER = 0


@cache
def _library() -> ctypes.CDLL:
    """The librdkafka inside the package confluent-kafka, with the types of the calls made here."""
    package = Path(confluent_kafka.__file__).parent
    found = [*package.parent.glob("confluent_kafka.libs/librdkafka*"), *package.glob(".dylibs/librdkafka*")]
    if not found:
        raise BrokerUnavailable("the package confluent-kafka holds no librdkafka that can play a broker")
    library = ctypes.CDLL(str(found[0]))
    pointer, number, text = ctypes.c_void_p, ctypes.c_int, ctypes.c_char_p
    signatures: dict[str, tuple[type | None, list[type]]] = {
        "rd_kafka_conf_new": (pointer, []),
        "rd_kafka_conf_set": (number, [pointer, text, text, text, ctypes.c_size_t]),
        "rd_kafka_new": (pointer, [number, pointer, text, ctypes.c_size_t]),
        "rd_kafka_destroy": (None, [pointer]),
        "rd_kafka_mock_cluster_new": (pointer, [pointer, number]),
        "rd_kafka_mock_cluster_destroy": (None, [pointer]),
        "rd_kafka_mock_cluster_bootstraps": (text, [pointer]),
        "rd_kafka_mock_group_initial_rebalance_delay_ms": (None, [pointer, ctypes.c_int32]),
        "rd_kafka_mock_topic_create": (number, [pointer, text, number, number]),
        "rd_kafka_mock_push_request_errors_array": (None, [pointer, ctypes.c_int16, ctypes.c_size_t, pointer]),
        "rd_kafka_mock_clear_request_errors": (None, [pointer, ctypes.c_int16]),
        "rd_kafka_mock_broker_set_rtt": (number, [pointer, ctypes.c_int32, number]),
        "rd_kafka_mock_broker_set_down": (number, [pointer, ctypes.c_int32]),
        "rd_kafka_mock_broker_set_up": (number, [pointer, ctypes.c_int32]),
    }
    for name, (result, arguments) in signatures.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library


def _accept(code: int) -> None:
    if code != 0:
        raise BrokerUnavailable(f"librdkafka refused the request with code {code}")
