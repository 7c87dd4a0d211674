"""Ports of the loopback interface."""

import secrets
import socket
import threading
from contextlib import closing

from deploy.embedded.errors import PortTaken

LOOPBACK = "127.0.0.1"

# Below the range from which systems take ports for outgoing connections: none of those can take a port between its
# choice and its use, or while a server restarts.
FIRST_PORT, LAST_PORT = 20_000, 32_000

_handed_out: set[int] = set()
_choosing = threading.Lock()


def free_port() -> int:
    """A port of the loopback interface on which nobody listens at this moment; never the same one twice."""
    with _choosing:
        while True:
            port = FIRST_PORT + secrets.randbelow(LAST_PORT - FIRST_PORT)
            if port not in _handed_out and not is_taken(port):
                _handed_out.add(port)
                return port


def free_ports_in_a_row(count: int) -> int:
    """The first of `count` ports in a row, all of them as `free_port` gives them."""
    with _choosing:
        while True:
            first = FIRST_PORT + secrets.randbelow(LAST_PORT - FIRST_PORT - count)
            row = range(first, first + count)
            if not any(port in _handed_out or is_taken(port) for port in row):
                _handed_out.update(row)
                return first


def is_taken(port: int) -> bool:
    """Whether a server could not listen on `port` of the loopback interface."""
    with closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as listener:
        # Servers set this option too: connections in TIME_WAIT do not keep them from listening.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((LOOPBACK, port))
        except OSError:
            return True
        return False


def answers(port: int, host: str = LOOPBACK) -> bool:
    """Whether somebody accepts connections on `port` of `host` within a second."""
    try:
        with closing(socket.create_connection((host, port), timeout=1.0)):
            return True
    except OSError:
        return False


def given_or_free(port: int | None, what: str) -> int:
    """`port` itself, or a free one where it is None.

    Raises `PortTaken`, naming `what` wanted the port, when somebody else listens on it.
    """
    if port is None:
        return free_port()
    with _choosing:
        if is_taken(port):
            raise PortTaken(what, port)
        _handed_out.add(port)  # whoever it was given to may not listen on it yet
    return port
