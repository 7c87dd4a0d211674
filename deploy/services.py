"""The three services as processes: where each listens, what its environment tells it, and when it is ready."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from deploy.embedded.ports import LOOPBACK, free_port, given_or_free
from deploy.embedded.program import Program, when_page_answers
from deploy.embedded.stack import ROOT, EmbeddedStack
from shared.travel.topics import SERVICES, Service

ProcessKind = Literal["web", "worker", "pool"]

WORKING: Mapping[Service, Sequence[ProcessKind]] = {
    "registration": ("worker",),
    "matching": ("worker", "pool"),
    "notification": ("worker",),
}
"""The processes of each service that serve no people, each with a health page on a port of its own."""

Environment = Mapping[str, str]

PORTS = len(SERVICES) + 1
"""How many ports in a row a stack takes: one for each service, and one for the page of caught mails."""

READY_SECONDS = 90.0
"""A worker takes part in a consumer group before it is ready; on a busy machine that takes its time."""

MEMORY_HABITS = {"MALLOC_ARENA_MAX": "2", "MALLOC_TRIM_THRESHOLD_": "131072"}
"""Each thread's own arena would hold memory that nobody uses; it goes back to the system instead."""


@dataclass(frozen=True)
class Secrets:
    """What a service keeps to itself: what keys its marks, and what the key of its tokens comes of."""

    seal: str
    signing: str


@dataclass(frozen=True)
class Places:
    """The port of each service's web pages and of its other processes' health pages, on the loopback interface."""

    webs: Mapping[Service, int]
    working: Mapping[tuple[Service, ProcessKind], int]

    def url(self, service: Service) -> str:
        """The address of a service's web pages, without a slash at its end."""
        return f"http://{LOOPBACK}:{self.webs[service]}"

    def health_url(self, service: Service, kind: ProcessKind) -> str:
        """The address of the health page of one of the other processes, without a slash at its end."""
        return f"http://{LOOPBACK}:{self.working[service, kind]}"


def choose_places(first_web_port: int | None) -> Places:
    """The services' ports: the web's from `first_web_port` on, one after another, or free ones where it is None.

    Raises `PortTaken`.
    """
    webs = {
        service: given_or_free(None if first_web_port is None else first_web_port + number, f"The service {service}")
        for number, service in enumerate(SERVICES)
    }
    return Places(webs, {(service, kind): free_port() for service in SERVICES for kind in WORKING[service]})


def prefix_of(service: Service) -> str:
    """What the variables of a service begin with."""
    return f"VERNISSAGE_{service.upper()}_"


def web_environment(
    service: Service, places: Places, database_url: str, secrets: Secrets, *, smtp_port: int, demo_sign_in: bool
) -> dict[str, str]:
    """What the web process of a service is told."""
    told = {
        "database_url": database_url,
        "seal_secret": secrets.seal,
        "signing_secrets": secrets.signing,
        "host": LOOPBACK,
        "web_port": str(places.webs[service]),
        **{f"{kind}_port": str(places.working[service, kind]) for kind in WORKING[service]},
        "public_url": places.url(service),
        "demo_sign_in": str(demo_sign_in).lower(),
    }
    told |= {
        "registration": {"notification_url": places.url("notification"), "matching_url": places.url("matching")},
        "matching": {"registration_url": places.url("registration")},
        "notification": {
            "registration_url": places.url("registration"),
            "smtp_host": LOOPBACK,
            "smtp_port": str(smtp_port),
        },
    }[service]
    return _variables(service, told)


def working_environment(service: Service, web: Environment, stack: EmbeddedStack, topic_prefix: str) -> dict[str, str]:
    """What the other processes are told: what the web process is told, and where Kafka and the mails are."""
    told = {
        "kafka_bootstrap": stack.kafka_bootstrap,
        "kafka_keeps_topics": str(stack.kafka_keeps_topics).lower(),
        "topic_prefix": topic_prefix,
    }
    return {**web, **_variables(service, told)}


def program(service: Service, part: ProcessKind, environment: Environment, places: Places) -> Program:
    """A service's process, as a supervisor runs it; a worker that waits for something, such as Kafka, is let live."""
    if part == "web":
        ready = alive = f"{places.url(service)}/health"
    else:
        ready, alive = (f"{places.health_url(service, part)}/health/{state}" for state in ("ready", "live"))
    return Program(
        name=f"{service}-{part}",
        command=[sys.executable, "-m", f"services.{service}.{part}"],
        environment={**MEMORY_HABITS, **environment},
        folder=ROOT,
        is_ready=when_page_answers(ready),
        is_alive=when_page_answers(alive),
        ready_within=READY_SECONDS,
    )


def _variables(service: Service, told: Mapping[str, str]) -> dict[str, str]:
    return {prefix_of(service) + name.upper(): value for name, value in told.items()}
