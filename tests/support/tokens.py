"""Tokens for tests: signed as registration signs them, and read by keys that need not be asked for."""

from __future__ import annotations

from datetime import datetime

from shared.identity import Person
from shared.tokens import KnownKeys, TokenSigner
from shared.travel.topics import SERVICES, Service

SIGNERS = {service: TokenSigner(service, [f"a secret of {service} that only tests know"]) for service in SERVICES}
KEYS = KnownKeys(*SIGNERS.values())


def token_for(person: Person, service: Service, now: datetime) -> str:
    """A token that stands for somebody before a service; a service's own where their role says so."""
    if person.role == "service":
        return SIGNERS["notification"].sign_for_itself(service, now=now)
    return SIGNERS["registration"].sign(person, service, now=now)
