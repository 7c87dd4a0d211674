"""Registration's settings, read from variables that begin with ``VERNISSAGE_REGISTRATION_``."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import SettingsConfigDict

from services.registration.domain.accounts import Lifetimes
from services.registration.domain.retention import Durations
from shared.settings import Port, ServiceSettings, is_loopback

SIGN_IN = "/sign-in"
"""The page where staff sign in."""


class Settings(ServiceSettings):
    """What registration needs beside the settings of every service."""

    model_config = SettingsConfigDict(env_prefix="VERNISSAGE_REGISTRATION_")

    web_port: Port = 8001
    worker_port: Port = 8101
    public_url: str = "http://127.0.0.1:8001"
    notification_url: str = "http://127.0.0.1:8003"
    """Where notification answers: it sends mails; its keys, and what it holds of somebody for their whole record, are
    asked of it."""
    matching_url: str = "http://127.0.0.1:8002"
    """Where matching answers: what it holds of somebody is asked of it for their whole record."""
    provider_issuer: str = ""
    """The address of the organisation's OpenID Connect provider, as it names itself; none where it is empty."""
    provider_client_id: str = ""
    """What the provider calls this service."""
    provider_client_secret: SecretStr = SecretStr("")
    """How this service proves itself to the provider."""
    provider_verifies_addresses: bool = False
    """Whether the provider vouches for each e-mail address of which it does not say that it is verified."""
    provider_name: str = "ProConnect"
    """What people call the provider."""
    mail_sign_in: bool = True
    """Lets staff ask for a link by mail to sign in: for those whose organisation has no provider."""
    idle_minutes: Annotated[int, Field(ge=5, le=1440)] = 120
    """After how many minutes without a request somebody signed in has to sign in anew."""
    signed_in_hours: Annotated[int, Field(ge=1, le=168)] = 10
    """How many hours somebody stays signed in at the longest."""
    import_limit_bytes: Annotated[int, Field(ge=1)] = 64_000_000
    """How many bytes one import may have."""

    keep_people_days: Annotated[int, Field(ge=1)] = 730
    """After how many days without contact somebody is told that they will be erased. Contact is that they are
    registered, that what is said of them changes, a decision on a consent, a workshop or a meetup in which they are
    enrolled, what is noted of them there, an outcome, and that they say that they stay."""
    keep_notice_days: Annotated[int, Field(ge=1)] = 30
    """How many days later they are erased, where there was no contact meanwhile, whether anybody could tell them or
    not."""
    keep_notes_days: Annotated[int, Field(ge=1)] = 365
    """How many days after a workshop the words of its notes are forgotten; the levels stay with the person."""
    keep_former_contacts_days: Annotated[int, Field(ge=1)] = 62
    """How many days it is known how an employer was reached before that was changed."""

    keep_reports_days: Annotated[int, Field(ge=1)] = 365
    """How many days the report of an import is kept."""
    keep_quoted_days: Annotated[int, Field(ge=1)] = 30
    """How many days it quotes the cells in which something was found; where and why stays."""

    keep_exports_hours: Annotated[int, Field(ge=1, le=168)] = 24
    """How many hours the file of an export is kept."""

    @property
    def keeping(self) -> Durations:
        """How long what is kept, as the domain takes it."""
        return Durations(
            people=timedelta(days=self.keep_people_days),
            notice=timedelta(days=self.keep_notice_days),
            notes=timedelta(days=self.keep_notes_days),
            former_contacts=timedelta(days=self.keep_former_contacts_days),
            reports=timedelta(days=self.keep_reports_days),
            quoted=timedelta(days=self.keep_quoted_days),
            exports=timedelta(hours=self.keep_exports_hours),
        )

    @property
    def sign_in_page(self) -> str:
        """The whole address of the page where staff sign in."""
        return self.public_url.rstrip("/") + SIGN_IN

    @property
    def lifetimes(self) -> Lifetimes:
        """How long somebody stays signed in, as the domain takes it."""
        return Lifetimes(timedelta(minutes=self.idle_minutes), timedelta(hours=self.signed_in_hours))

    @model_validator(mode="after")
    def _staff_sign_in_by_tls(self) -> Settings:
        address = urlsplit(self.public_url)
        if address.scheme != "https" and not is_loopback(address.hostname or ""):
            raise ValueError(
                "staff sign in here, so the public address begins with https:// unless it is a loopback one"
            )
        issuer = urlsplit(self.provider_issuer)
        if self.provider_issuer and issuer.scheme != "https" and not is_loopback(issuer.hostname or ""):
            raise ValueError("the provider's address begins with https:// unless it is a loopback one")
        return self
