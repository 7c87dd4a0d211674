"""Ports are free when chosen, and a taken one is named."""

import socket

import pytest

from deploy.embedded.errors import PortTaken
from deploy.embedded.ports import LOOPBACK, answers, free_port, free_ports_in_a_row, given_or_free, is_taken


def test_a_free_port_can_be_listened_on_and_is_not_given_twice() -> None:
    ports = [free_port() for _ in range(50)]
    assert len(set(ports)) == len(ports)
    with socket.create_server((LOOPBACK, ports[0])) as server:
        assert server.getsockname()[1] == ports[0]


def test_ports_in_a_row_are_free_together_and_not_given_twice() -> None:
    rows = [range(first, first + 4) for first in (free_ports_in_a_row(4) for _ in range(20))]
    assert len({port for row in rows for port in row}) == 80
    assert not any(is_taken(port) for port in rows[0])


def test_a_port_with_a_listener_is_taken_and_answers() -> None:
    with socket.create_server((LOOPBACK, 0)) as server:
        port = server.getsockname()[1]
        assert is_taken(port)
        assert answers(port)
        with pytest.raises(PortTaken, match=rf"^PostgreSQL cannot listen on port {port}, .* choose another port\.$"):
            given_or_free(port, "PostgreSQL")


def test_a_port_without_a_listener_is_given_as_it_is() -> None:
    port = free_port()
    assert not answers(port)
    assert given_or_free(port, "Kafka") == port
