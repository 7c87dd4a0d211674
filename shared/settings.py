"""What a service needs to know of its surroundings, read from the environment."""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.engine import make_url

from shared.database import Patience
from shared.identity import SHORTEST_SECRET
from shared.tokens import TokenSigner
from shared.travel.topics import Service

Port = Annotated[int, Field(ge=0, le=65535)]


def _asyncpg_address(url: str) -> str:
    if not url.startswith("postgresql+asyncpg://"):
        raise ValueError("the address of the database begins with postgresql+asyncpg://")
    if "ssl" in make_url(url).query:
        raise ValueError("TLS is asked for as libpq does: ?sslmode=verify-full&sslrootcert=FILE, not ?ssl=")
    return url


def _long_enough(secrets: SecretStr) -> SecretStr:
    if any(len(secret) < SHORTEST_SECRET for secret in _separated(secrets)):
        raise ValueError(f"each signing secret has at least {SHORTEST_SECRET} characters")
    return secrets


def _separated(secrets: SecretStr) -> list[str]:
    return [secret.strip() for secret in secrets.get_secret_value().split(",") if secret.strip()]


SigningSecrets = Annotated[SecretStr, AfterValidator(_long_enough)]
DatabaseUrl = Annotated[str, AfterValidator(_asyncpg_address)]


class ServiceSettings(BaseSettings):
    """The settings of every service; each service adds its own and names the prefix of their variables.

    An error never shows the values: they hold passwords.
    """

    model_config = SettingsConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    database_url: DatabaseUrl
    database_direct_url: DatabaseUrl | None = None
    """The same database without a pooler between, where DATABASE_URL has one: leaders and listeners need sessions of
    their own."""
    lock_timeout_seconds: Annotated[float, Field(ge=0)] = 5.0
    """How long a request or a batch of events waits for a lock; 0 leaves it to the server."""
    statement_timeout_seconds: Annotated[float, Field(ge=0)] = 10.0
    """How long one statement of a request or of a batch of events may take; 0 leaves it to the server."""
    seal_secret: Annotated[SecretStr, Field(min_length=SHORTEST_SECRET)]
    """Keys what the service marks for itself alone: its forms, and digests that nobody shall guess. Its own in each
    service.

    Registration keys with it what it keeps of the identifiers of people who were erased: with a new secret, an import
    no longer knows them.
    """
    signing_secrets: SigningSecrets = SecretStr("")
    """What the keys of its tokens come of: its own in each service, each of 32 characters or more, separated by commas;
    its seal's secret where nothing is named. The first one signs, all are believed: to change it without a stop, add a
    new one at the end, in all processes; then put it first; then leave the old one out."""

    keep_audit_years: Annotated[int, Field(ge=1, le=30)] = 3
    """How many years the audit tells who looked at whom and who changed what; its chain stays whole without the lines
    that are older."""
    keep_answers_days: Annotated[int, Field(ge=1)] = 2
    """How many days an answer is given again under the same `Idempotency-Key`."""

    host: str = "127.0.0.1"
    web_port: Port
    worker_port: Port
    public_url: str
    """The address under which people reach the service's web pages."""
    other_names: str = ""
    """Further host names under which it is asked, such as its name inside a cluster, separated by commas; what is asked
    under any name but these and that of the public address is refused."""
    trusted_proxies: str = ""
    """Addresses or networks of the proxies in front of it, separated by commas: only what they say of who asks
    (`X-Forwarded-For`, `X-Forwarded-Proto`) is believed."""
    demo_sign_in: bool = False
    """Lets anybody sign in as a demo user with one click; only on a loopback address."""

    kafka_bootstrap: str = "127.0.0.1:9092"
    kafka_keeps_topics: bool = True
    """False for a broker that forgets when it stops: the relay then replays its outbox at start."""
    kafka_security: Literal["plaintext", "ssl", "sasl-plaintext", "sasl-ssl"] = "plaintext"
    kafka_sasl: Literal["plain", "scram-sha-256", "scram-sha-512"] = "scram-sha-512"
    kafka_user: str = ""
    kafka_password: SecretStr = SecretStr("")
    kafka_ca_file: Path | None = None
    """Certificates to trust instead of the system's."""
    topic_prefix: str = ""
    """Stands before the names of topics and groups; keeps test runs apart on one broker."""

    dead_letters_in_a_row: Annotated[int, Field(ge=1)] = 20
    """A consumer that rejects more events than this without a good one between them stops."""

    def signer(self, service: Service) -> TokenSigner:
        """What signs the service's tokens."""
        return TokenSigner(service, _separated(self.signing_secrets) or [self.seal_secret.get_secret_value()])

    @property
    def direct_url(self) -> str:
        """The address for connections that hold a lock or listen."""
        return self.database_direct_url or self.database_url

    @property
    def patience(self) -> Patience:
        """How long what somebody waits for may take."""
        return Patience(self.lock_timeout_seconds, self.statement_timeout_seconds)

    @model_validator(mode="after")
    def _demo_sign_in_stays_on_this_machine(self) -> ServiceSettings:
        if self.demo_sign_in and not is_loopback(self.host):
            raise ValueError("demo sign-in is on, so the host must be a loopback address such as 127.0.0.1")
        return self


def is_loopback(host: str) -> bool:
    """Whether a name or address is this machine, seen from itself alone."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
