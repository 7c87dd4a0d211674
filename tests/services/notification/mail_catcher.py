"""A real mail server that tests can have misbehave."""

from __future__ import annotations

import asyncio
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from aiosmtpd.smtp import SMTP, Envelope, Session

from services.notification.adapters.transport import MailServer


class MailBox:
    """What a real SMTP server received, and how it behaves: override `on_data` to misbehave."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.raw: list[bytes] = []
        self.recipients: list[list[str]] = []
        self.reply_to_recipient = "250 OK"
        self.reply_to_data = "250 OK"
        self.drops_after_data = False
        self.hangs_up_at_data = False
        self.connections = 0

    async def handle_EHLO(  # noqa: N802 - named by aiosmtpd
        self, _server: SMTP, session: Session, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(  # noqa: N802 - named by aiosmtpd
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.reply_to_recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.reply_to_recipient

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - as above
        content = envelope.original_content or b""
        if self.drops_after_data:
            assert isinstance(server.transport, asyncio.WriteTransport)
            server.transport.abort()
            return "250 OK"
        if self.reply_to_data.startswith("250"):
            self.raw.append(content)
            self.recipients.append(list(envelope.rcpt_tos))
            received = message_from_bytes(content, policy=default)
            assert isinstance(received, EmailMessage)
            self.messages.append(received)
        return self.reply_to_data


class Conversation(SMTP):
    """A conversation that may be cut where the server would ask for the text."""

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 - named by aiosmtpd
        """Take the text, unless the line is cut before."""
        if self.event_handler.hangs_up_at_data and isinstance(self.transport, asyncio.WriteTransport):
            self.transport.abort()
            return
        await super().smtp_DATA(arg)


class MailCatcher:
    """A real SMTP server on a free loopback port."""

    def __init__(self) -> None:
        self.box = MailBox()
        self._server: asyncio.Server | None = None
        self._conversations: list[SMTP] = []

    async def __aenter__(self) -> MailCatcher:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._converse, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()

    def _converse(self) -> SMTP:
        self._conversations.append(Conversation(self.box, hostname="catcher.example"))
        return self._conversations[-1]

    async def hang_up(self) -> None:
        """Close all open connections, as a server does with idle ones."""
        for each in self._conversations:
            if isinstance(each.transport, asyncio.WriteTransport):
                each.transport.close()
        await asyncio.sleep(0)

    @property
    def server(self) -> MailServer:
        """Where it listens."""
        assert self._server is not None
        port: int = self._server.sockets[0].getsockname()[1]
        return MailServer("127.0.0.1", port, timeout=5)
