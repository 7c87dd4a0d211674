"""The Kafka of a test run: one broker for all tests, found in the order of the architecture page."""

import os
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from deploy.embedded.errors import EmbeddedError
from deploy.embedded.kafka import SETTINGS, EmbeddedKafka, broker_answers
from deploy.embedded.memory_kafka import MemoryKafka
from deploy.embedded.ports import LOOPBACK, free_port
from deploy.embedded.processes import Supervisor
from deploy.embedded.program import wait_until
from tests.support.finding import PartUnavailable, Way, named_in, require_docker

KAFKA_IMAGE = "apache/kafka:4.3.1"
CONTAINER_PORT = 9092
NAMED_SECONDS = 10.0
ANSWER_SECONDS = 60.0

Kind = Literal["named", "docker", "embedded", "memory"]


@dataclass(frozen=True)
class Broker:
    """A Kafka to test against: how it was found, its address for clients, and its version in words."""

    kind: Kind
    bootstrap_servers: str
    version: str

    def __str__(self) -> str:
        return f"{self.version} ({self.kind}, {self.bootstrap_servers})"


def broker_ways(
    supervisor: Callable[[], Supervisor], folder: Path, closing: ExitStack, environment: Mapping[str, str] = os.environ
) -> list[Way[Broker]]:
    """The ways to a broker, best first. What a way starts, `closing` stops; what it keeps goes under `folder`."""
    return [
        Way("address", lambda: named_broker(named_in(environment, "VERNISSAGE_TEST_KAFKA"))),
        Way("docker", lambda: container_broker(closing, environment)),
        Way("embedded", lambda: embedded_broker(supervisor(), folder, closing)),
        Way("memory", lambda: memory_broker(closing), is_stand_in=True),
    ]


def named_broker(bootstrap_servers: str) -> Broker:
    """The broker somebody else runs at this address."""
    if not wait_until(lambda: broker_answers(bootstrap_servers, seconds=2.0), NAMED_SECONDS):
        raise PartUnavailable(f"no Kafka answers at {bootstrap_servers}")
    return Broker("named", bootstrap_servers, "Kafka")


def embedded_broker(supervisor: Supervisor, folder: Path, closing: ExitStack) -> Broker:
    """Apache Kafka as a local process of its own for this run."""
    kafka = EmbeddedKafka(supervisor, folder / "kafka")
    try:
        kafka.start()
    except EmbeddedError as error:
        raise PartUnavailable(str(error)) from error
    closing.callback(kafka.stop)
    return Broker("embedded", kafka.bootstrap_servers, f"Apache Kafka {kafka.version}")


def memory_broker(closing: ExitStack) -> Broker:
    """The broker in memory, which stands in for a real one."""
    kafka = MemoryKafka()
    try:
        kafka.start()
    except EmbeddedError as error:
        raise PartUnavailable(str(error)) from error
    closing.callback(kafka.stop)
    return Broker("memory", kafka.bootstrap_servers, kafka.version)


def container_broker(closing: ExitStack, environment: Mapping[str, str]) -> Broker:
    """Apache Kafka in a container, on a loopback port of this machine."""
    require_docker(environment)
    from testcontainers.core.container import DockerContainer

    port = free_port()
    container = DockerContainer(KAFKA_IMAGE)
    # Docker takes an interface with the port, which testcontainers hands on without naming it in its types.
    container.with_bind_ports(CONTAINER_PORT, (LOOPBACK, port))  # type: ignore[arg-type]
    for name, value in container_settings(port).items():
        container = container.with_env(name, value)
    closing.enter_context(container)
    bootstrap_servers = f"{LOOPBACK}:{port}"
    if not wait_until(lambda: broker_answers(bootstrap_servers, seconds=2.0), ANSWER_SECONDS):
        raise PartUnavailable(f"{KAFKA_IMAGE} did not answer within {ANSWER_SECONDS:g} s")
    return Broker("docker", bootstrap_servers, f"Apache Kafka {KAFKA_IMAGE.partition(':')[2]}")


def container_settings(port: int) -> dict[str, str]:
    """The environment of the container: the embedded broker's settings, told as that image takes them."""
    # The advertised port exists only outside: the broker speaks to itself over a listener of its own.
    own = {
        "listeners": f"PLAINTEXT://:{CONTAINER_PORT},CONTROLLER://:9093,INNER://:9094",
        "advertised.listeners": f"PLAINTEXT://{LOOPBACK}:{port},INNER://localhost:9094",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,INNER:PLAINTEXT",
        "inter.broker.listener.name": "INNER",
        "controller.quorum.voters": "1@localhost:9093",
    }
    settings = dict(line.split("=", 1) for line in SETTINGS.splitlines()) | own
    return {"KAFKA_" + name.upper().replace(".", "_"): value for name, value in settings.items()}
