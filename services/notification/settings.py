"""Notification's settings, read from variables that begin with ``VERNISSAGE_NOTIFICATION_``."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from services.notification.domain.rules import Rules
from shared.settings import Port, ServiceSettings

Days = Annotated[int, Field(ge=0, le=365)]


class Settings(ServiceSettings):
    """What notification needs beside the settings of every service."""

    model_config = SettingsConfigDict(env_prefix="VERNISSAGE_NOTIFICATION_")

    web_port: Port = 8003
    worker_port: Port = 8103
    public_url: str = "http://127.0.0.1:8003"
    registration_url: str = "http://127.0.0.1:8001"
    """Where registration answers; names and addresses are asked of it when a message leaves or a page is shown."""

    smtp_host: str = "127.0.0.1"
    smtp_port: Port = 1025
    smtp_security: Literal["none", "starttls", "tls"] = "none"
    smtp_user: str = ""
    smtp_password: SecretStr = SecretStr("")
    smtp_connections: Annotated[int, Field(ge=1, le=50)] = 4
    smtp_timeout_seconds: Annotated[float, Field(gt=0, le=300)] = 25
    mail_from: str = "Vernissage <ne-pas-repondre@vernissage.localhost>"
    mail_lease_seconds: Annotated[float, Field(gt=0, le=3600)] = 90
    """How long a sender may hold a message; longer than the SMTP timeout, or a slow send is taken for a dead one."""
    mail_give_up_hours: Annotated[float, Field(gt=0, le=240)] = 24

    reply_days: Annotated[int, Field(ge=1, le=60)] = 5
    """How long participants have to answer: until the last evening of these days, never later than 24 hours before the
    meetup."""
    call_hours: Annotated[int, Field(ge=1, le=720)] = 48
    """How long an adviser has to phone somebody whom no message reached, at the latest 12 hours before the meetup."""
    remind_days: Days = 2
    """How long before their deadline those who have not answered are reminded, once for each question."""
    shortlist_days: Days = 1
    """How long after the last deadline the shortlists leave by themselves."""
    employer_reminder_days: Days = 3
    """How long after the meetup employers with open answers are reminded, once."""
    answer_days: Days = 21
    """How long after the meetup employers may answer or answer otherwise."""
    link_days: Annotated[int, Field(ge=1, le=365)] = 30
    """How long after the meetup the links in messages open their pages."""

    keep_links_days: Annotated[int, Field(ge=1)] = 90
    """How many days after a meetup its links are kept, of which only a digest is: whoever follows one later hears that
    nobody knows it."""
    keep_messages_days: Annotated[int, Field(ge=60)] = 365
    """How many days after a meetup it is known which messages and letters left, and what became of them."""
    keep_replies_days: Annotated[int, Field(ge=60)] = 730
    """How many days after a meetup invitations are kept with their replies, and shortlists with their answers."""

    @property
    def rules(self) -> Rules:
        """The delays, as the rules of the domain take them."""
        return Rules(
            reply_days=self.reply_days,
            call_within=timedelta(hours=self.call_hours),
            remind_before=timedelta(days=self.remind_days),
            shortlists_after=timedelta(days=self.shortlist_days),
            remind_employers_after=timedelta(days=self.employer_reminder_days),
            answer_days=self.answer_days,
            link_days=self.link_days,
            give_up_after=timedelta(hours=self.mail_give_up_hours),
        )

    @property
    def mail_domain(self) -> str:
        """The domain of the sender's address, also used for Message-IDs and calendar identifiers."""
        return self.mail_from.rpartition("@")[2].rstrip("> ") or str(urlsplit(self.public_url).hostname)
