"""The order in which a test run looks for a real part, and what it says where there is none."""

import os
import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Generic, TypeVar
from urllib.parse import SplitResult, urlsplit

Part = TypeVar("Part")


class PartUnavailable(Exception):
    """A real part cannot be had in one way, or in any: the text says why."""


@dataclass(frozen=True)
class Way(Generic[Part]):
    """One way to a real part; `take` raises `PartUnavailable` where it leads nowhere.

    With `is_stand_in` it leads to something else in its place, which a strict run does not take.
    """

    name: str
    take: Callable[[], Part]
    is_stand_in: bool = False


def take_first(ways: Sequence[Way[Part]], *, strict: bool) -> tuple[Part, list[str]]:
    """Try `ways` in order; give the first part to be had, and why each earlier way led nowhere.

    With `strict` no stand-in is taken. Raises `PartUnavailable` with all reasons when nothing is to be had.
    """
    reasons: list[str] = []
    for way in ways:
        if strict and way.is_stand_in:
            reasons.append(f"{way.name}: not taken with CI=true")
            continue
        try:
            return way.take(), reasons
        except PartUnavailable as error:
            reasons.append(f"{way.name}: {error}")
    raise PartUnavailable("; ".join(reasons))


def is_strict(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether nothing may be skipped or stood in for: `CI=true`."""
    return environment.get("CI", "").lower() == "true"


def named_in(environment: Mapping[str, str], variable: str) -> str:
    """The address in an environment variable. Raises `PartUnavailable` where it is not set."""
    address = environment.get(variable, "")
    if not address:
        raise PartUnavailable(f"{variable} is not set")
    return address


def require_docker(environment: Mapping[str, str], default_socket: Path = Path("/var/run/docker.sock")) -> None:
    """Return where a Docker engine answers on this machine, else raise `PartUnavailable`."""
    address = urlsplit(environment.get("DOCKER_HOST") or f"unix://{default_socket}")
    if address.scheme == "unix" and not Path(address.path).exists():
        raise PartUnavailable("no Docker engine on this machine")
    if not _somebody_listens(address):
        raise PartUnavailable("the Docker engine does not answer")
    docker = import_module("docker")
    try:
        client = docker.from_env(timeout=5)
        try:
            client.ping()
        finally:
            client.close()
    except (docker.errors.DockerException, OSError) as error:
        raise PartUnavailable("the Docker engine does not answer") from error


def _somebody_listens(address: SplitResult) -> bool:
    """Asked before Docker's own client, which leaves open sockets behind where nobody does."""
    is_local = address.scheme == "unix"
    with socket.socket(socket.AF_UNIX if is_local else socket.AF_INET) as probe:
        probe.settimeout(5)
        try:
            probe.connect(address.path if is_local else (address.hostname, address.port or 2375))
        except OSError:
            return False
        return True
