"""The mail catcher as a process: takes every mail on a loopback port, keeps it, and shows it on a page.

`python -m deploy.embedded.mail_catcher --folder FOLDER --smtp-port PORT --http-port PORT`
"""

import argparse
import asyncio
import logging
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session
from fastapi import FastAPI

from deploy.embedded.caught_mail import MailFolder, mail_folder
from deploy.embedded.errors import EmbeddedError, PortTaken
from deploy.embedded.mail_pages import create_app
from deploy.embedded.ports import LOOPBACK, is_taken
from shared.web.serving import serve

LARGEST_MAIL_BYTES = 32 * 1024 * 1024


class Catcher:
    """What aiosmtpd calls for each mail."""

    def __init__(self, mails: MailFolder) -> None:
        self._mails = mails

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 aiosmtpd's name
        """Keep the mail, and only then answer that it was taken."""
        content = envelope.content
        if not isinstance(content, bytes):
            return "554 The message has no bytes"
        try:
            await asyncio.to_thread(self._mails.add, envelope.mail_from or "", list(envelope.rcpt_tos), content)
        except OSError:
            return "452 The folder of mails cannot be written"
        return "250 Kept"


@asynccontextmanager
async def smtp_server(mails: MailFolder, port: int) -> AsyncIterator[None]:
    """Take mails on `port` of the loopback interface while the context lasts. Raises `PortTaken`."""
    loop = asyncio.get_running_loop()

    def connection() -> SMTP:
        return SMTP(Catcher(mails), hostname="localhost", data_size_limit=LARGEST_MAIL_BYTES, enable_SMTPUTF8=True)

    try:
        server = await loop.create_server(connection, LOOPBACK, port)
    except OSError as error:
        raise PortTaken("The mail catcher", port) from error
    async with server:
        yield


def catching(mails: MailFolder, port: int) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """A lifespan for the pages' application, in which mails are taken on `port`."""
    return lambda _app: smtp_server(mails, port)


def main(arguments: list[str] | None = None) -> int:
    """Run until told to stop; the exit code is 1, with one sentence, where it cannot start."""
    parser = argparse.ArgumentParser(prog="mail_catcher", description="Catches mails and shows them on a page.")
    parser.add_argument("--folder", type=Path, required=True, help="where each mail is kept as a file")
    parser.add_argument("--smtp-port", type=int, required=True, help="where mails are taken")
    parser.add_argument("--http-port", type=int, required=True, help="where they are shown")
    options = parser.parse_args(arguments)
    try:
        for port in (options.smtp_port, options.http_port):
            if is_taken(port):
                raise PortTaken("The mail catcher", port)
        mails = mail_folder(options.folder)
    except EmbeddedError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    # aiosmtpd logs the addresses of each mail at the level of information.
    logging.getLogger("mail.log").setLevel(logging.ERROR)
    serve(create_app(mails, catching(mails, options.smtp_port)), host=LOOPBACK, port=options.http_port)
    return 0


if __name__ == "__main__":
    sys.exit(main())
