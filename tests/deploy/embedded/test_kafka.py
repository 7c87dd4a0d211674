"""The embedded Apache Kafka keeps topics through kills, listens on loopback only, and says what is wrong."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from confluent_kafka import KafkaError, Producer

from deploy.embedded.errors import FolderUnusable, JavaMissing, PortTaken
from deploy.embedded.jars import KAFKA_VERSION
from deploy.embedded.kafka import EmbeddedKafka
from deploy.embedded.ports import LOOPBACK
from deploy.embedded.processes import Supervisor
from deploy.embedded.program import wait_until

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def supervisor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Supervisor]:
    with Supervisor(tmp_path_factory.mktemp("logs")) as supervisor:
        yield supervisor


@pytest.fixture(scope="module")
def node(
    supervisor: Supervisor, downloaded_jars: list[Path], tmp_path_factory: pytest.TempPathFactory
) -> EmbeddedKafka:
    node = EmbeddedKafka(supervisor, tmp_path_factory.mktemp("kafka"))
    node.start()
    return node


@asynccontextmanager
async def administration_of(node: EmbeddedKafka) -> AsyncIterator[AIOKafkaAdminClient]:
    administration = AIOKafkaAdminClient(bootstrap_servers=node.bootstrap_servers)
    await administration.start()
    try:
        yield administration
    finally:
        await administration.close()


async def make_topic(node: EmbeddedKafka, topic: str) -> None:
    async with administration_of(node) as administration:
        await administration.create_topics([NewTopic(topic, num_partitions=1, replication_factor=1)])


async def send(node: EmbeddedKafka, topic: str, value: bytes) -> None:
    async with AIOKafkaProducer(bootstrap_servers=node.bootstrap_servers, enable_idempotence=True) as producer:
        await asyncio.wait_for(producer.send_and_wait(topic, value), 30)


async def read_first(node: EmbeddedKafka, topic: str) -> bytes:
    async with AIOKafkaConsumer(bootstrap_servers=node.bootstrap_servers, auto_offset_reset="earliest") as consumer:
        consumer.assign([TopicPartition(topic, 0)])
        message = await asyncio.wait_for(consumer.getone(), 30)
        value: bytes = message.value
        return value


async def test_what_was_sent_survives_a_kill(node: EmbeddedKafka, supervisor: Supervisor, topic_prefix: str) -> None:
    topic = f"{topic_prefix}kept"
    await make_topic(node, topic)
    await send(node, topic, b"kept")
    killed = supervisor.pid(node.name)
    psutil.Process(killed).kill()
    assert wait_until(lambda: supervisor.pid(node.name) != killed and node.is_ready(), 60)
    assert await read_first(node, topic) == b"kept"


async def test_what_was_sent_survives_a_stop_and_another_port(node: EmbeddedKafka, topic_prefix: str) -> None:
    topic, before = f"{topic_prefix}kept", node.port
    await make_topic(node, topic)
    await send(node, topic, b"kept")
    node.stop()
    node.start()
    assert node.port != before
    assert await read_first(node, topic) == b"kept"


def test_no_topic_appears_by_being_spoken_of(node: EmbeddedKafka, topic_prefix: str) -> None:
    topic = f"{topic_prefix}unknown"
    refused: list[KafkaError | None] = []
    patience = {"topic.metadata.propagation.max.ms": 500, "message.timeout.ms": 5000, "log_level": 0}
    producer = Producer({"bootstrap.servers": node.bootstrap_servers, **patience})
    producer.produce(topic, b"a value", on_delivery=lambda error, _message: refused.append(error))
    assert producer.flush(20) == 0
    assert [error.code() for error in refused if error] == [KafkaError.UNKNOWN_TOPIC_OR_PART]
    assert topic not in producer.list_topics(timeout=10).topics


def test_it_listens_on_loopback_only(node: EmbeddedKafka, supervisor: Supervisor) -> None:
    connections = psutil.Process(supervisor.pid(node.name)).net_connections()
    listening = {connection.laddr for connection in connections if connection.status == psutil.CONN_LISTEN}
    assert {address.ip.removeprefix("::ffff:") for address in listening} == {LOOPBACK}
    assert node.port in {address.port for address in listening}
    assert node.version == KAFKA_VERSION == "4.3.1"


def test_a_taken_port_is_named(supervisor: Supervisor, tmp_path: Path) -> None:
    with socket.create_server((LOOPBACK, 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(PortTaken, match=f"Kafka cannot listen on port {port}"):
            EmbeddedKafka(supervisor, tmp_path, port=port, name="other").start()


def test_a_folder_that_cannot_be_written_is_named(supervisor: Supervisor) -> None:
    with pytest.raises(FolderUnusable, match="/proc/here"):
        EmbeddedKafka(supervisor, Path("/proc/here"), name="other").start()


def test_a_java_that_does_not_run_is_named(supervisor: Supervisor, tmp_path: Path) -> None:
    with pytest.raises(JavaMissing, match="VERNISSAGE_JAVA"):
        EmbeddedKafka(supervisor, tmp_path, java=tmp_path / "java", name="other").start()
