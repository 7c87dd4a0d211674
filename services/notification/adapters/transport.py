"""One SMTP connection, reused, whose every step says whether the message may have left."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

import aiosmtplib

from services.notification.domain.delivery import MailRefused, MailTaken, MailUncertain, NotNow, SendOutcome
from services.notification.settings import Settings

_DOTS = re.compile(rb"^\.", re.MULTILINE)
"""A line that begins with a dot gets another one (RFC 5321, 4.5.2)."""

FOR_GOOD = 500
"""SMTP replies from 500 on are permanent."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mails are handed over; times in seconds."""

    host: str
    port: int
    security: Literal["none", "starttls", "tls"] = "none"
    user: str = ""
    password: str = ""
    timeout: float = 25


def mail_server(settings: Settings) -> MailServer:
    """Where mails are handed over."""
    return MailServer(
        settings.smtp_host,
        settings.smtp_port,
        settings.smtp_security,
        settings.smtp_user,
        settings.smtp_password.get_secret_value(),
        settings.smtp_timeout_seconds,
    )


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail as it leaves: from whom and to whom on its envelope, and all of its bytes."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes


class Connection:
    """A connection to the mail server. It opens by itself, and again after it was lost between two messages."""

    def __init__(self, server: MailServer) -> None:
        self._server = server
        self._client: aiosmtplib.SMTP | None = None

    async def announce(self, mail: Mail) -> NotNow | MailRefused | None:
        """Name sender and recipients; `None` when the server takes them all. Nothing of the message has left yet."""
        trouble = await self._announce_once(mail)
        if isinstance(trouble, NotNow) and trouble.error == "disconnected":
            # A kept connection that the server closed meanwhile: a new one tells.
            trouble = await self._announce_once(mail)
        return trouble

    async def hand_over(self, mail: Mail) -> SendOutcome:
        """Send the text, after `announce` agreed. What breaks off once the server waits for it leaves all unknown."""
        if self._client is None:
            return NotNow("disconnected")
        try:
            ready = await self._client.execute_command(b"DATA")
        except (aiosmtplib.SMTPException, OSError):
            self.drop()
            return NotNow("disconnected")
        except BaseException:
            self.drop()
            raise
        if ready.code != aiosmtplib.SMTPStatus.start_input:
            return await self._meaning_of(ready.code)
        return await self._send_text(mail)

    async def _send_text(self, mail: Mail) -> SendOutcome:
        protocol = self._client.protocol if self._client else None
        try:
            if protocol is None:
                return NotNow("disconnected")
            protocol.write(_DOTS.sub(b"..", mail.content) + b".\r\n")
            answer = await protocol.read_response(timeout=self._server.timeout)
        except (aiosmtplib.SMTPException, OSError, ValueError):
            self.drop()
            return MailUncertain()
        except BaseException:
            self.drop()
            raise
        if answer.code == aiosmtplib.SMTPStatus.completed:
            return MailTaken()
        if answer.code == aiosmtplib.SMTPStatus.invalid_response:
            self.drop()
            return MailUncertain()
        return await self._meaning_of(answer.code)

    async def give_up(self) -> None:
        """Forget an announced message that shall not leave after all."""
        if self._client is None:
            return
        try:
            await self._client.rset()
        except (aiosmtplib.SMTPException, OSError):
            self.drop()

    async def close(self) -> None:
        """Say goodbye."""
        if self._client is None:
            return
        try:
            await self._client.quit()
        except (aiosmtplib.SMTPException, OSError):
            pass
        finally:
            self.drop()

    def drop(self) -> None:
        """Close without a word."""
        if self._client is not None:
            self._client.close()
            self._client = None

    async def _announce_once(self, mail: Mail) -> NotNow | MailRefused | None:
        try:
            client = await self._open()
            await client.mail(mail.sender)
            for recipient in mail.recipients:
                await client.rcpt(recipient)
        except aiosmtplib.SMTPRecipientRefused as error:
            return await self._meaning_of(error.code)
        except aiosmtplib.SMTPResponseException as error:
            # About this service rather than about the message: greeting, sign-in, sender.
            self.drop()
            return NotNow(str(error.code))
        except aiosmtplib.SMTPServerDisconnected:
            self.drop()
            return NotNow("disconnected")
        except (aiosmtplib.SMTPException, OSError):
            self.drop()
            return NotNow("unreachable")
        except BaseException:
            self.drop()
            raise
        return None

    async def _open(self) -> aiosmtplib.SMTP:
        if self._client is not None and self._client.is_connected:
            return self._client
        self.drop()
        server = self._server
        client = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            use_tls=server.security == "tls",
            start_tls=server.security == "starttls",
            username=server.user or None,
            password=server.password or None,
            timeout=server.timeout,
        )
        await client.connect()
        self._client = client
        return client

    async def _meaning_of(self, code: int) -> NotNow | MailRefused:
        """What a reply of the server means; its text is dropped, since it often quotes the address."""
        await self.give_up()
        return MailRefused(str(code)) if code >= FOR_GOOD else NotNow(str(code))
