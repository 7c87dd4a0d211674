"""The sender: claims written messages and hands them to the mail server over a few kept connections.

Each message goes through claim → announce → begin (committed) → hand over → finish (committed). Before `begin` nothing
can have left, so a failure there is tried again; after it nothing is ever repeated by itself.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.notification.directory import Directory, DirectoryUnavailable, Entries
from services.notification.domain.delivery import Channel, MessageState, Outcome, Refused, Taken
from services.notification.domain.links import hash_of, new_token
from services.notification.domain.rules import Rules
from services.notification.mail.transport import Connection, MailServer
from services.notification.mail.writing import BadAddress, Links, Recipient, message_id, recipient_of, write_mail
from services.notification.repository import messages
from services.notification.repository.messages import Message
from services.notification.use_cases import sending
from services.notification.use_cases.sending import Contents
from shared.database import Sessions, unit_of_work
from shared.identity import Clock, Seal
from shared.ids import NewId

log = logging.getLogger(__name__)

BATCH = 100
DIRECTORY_PAUSE = timedelta(seconds=5)
"""How long messages wait when registration does not answer."""


@dataclass(frozen=True)
class Surroundings:
    """What a sender needs from outside."""

    sessions: Sessions
    directory: Directory
    mail_server: MailServer
    seal: Seal
    rules: Rules
    public_url: str
    mail_from: str
    domain: str
    lease: timedelta
    connections: int
    clock: Clock
    new_id: NewId


@dataclass
class Sender:
    """Sends what is due. One process may run several; several processes may each run one."""

    around: Surroundings
    _connections: list[Connection] = field(default_factory=list)

    async def send_due(self) -> Counter[str]:
        """Send until nothing is due any more; count the messages by how they ended."""
        ended: Counter[str] = Counter()
        async with unit_of_work(self.around.sessions) as session:
            abandoned = await sending.settle_abandoned(session, now=self.around.clock(), new_id=self.around.new_id)
        if abandoned:
            ended["abandoned"] += abandoned
        while True:
            lease = self.around.new_id()
            claimed = await self._claim(lease)
            if not claimed:
                break
            ended += await self._send_batch(claimed, lease)
        if ended:
            log.info("messages: %s", ", ".join(f"{count} {state}" for state, count in sorted(ended.items())))
        return ended

    async def close(self) -> None:
        """Close the connections."""
        for connection in self._connections:
            await connection.close()
        self._connections.clear()

    async def _claim(self, lease: UUID) -> list[Message]:
        async with unit_of_work(self.around.sessions) as session:
            return await messages.claim(
                session, lease=lease, lasting=self.around.lease, now=self.around.clock(), limit=BATCH
            )

    async def _send_batch(self, claimed: Sequence[Message], lease: UUID) -> Counter[str]:
        ended: Counter[str] = Counter()
        contents = []
        async with unit_of_work(self.around.sessions) as session:
            for message in claimed:
                known = await sending.contents_of(session, message)
                if known is None:
                    await sending.withdraw(session, message, lease=lease, now=self.around.clock())
                    ended[MessageState.WITHDRAWN] += 1
                else:
                    contents.append(known)
        try:
            entries = await self._look_up(contents)
        except DirectoryUnavailable as error:
            log.warning("registration cannot be asked for addresses: %s", error)
            await self._release(contents, lease)
            return ended + Counter({"postponed": len(contents)})
        waiting = asyncio.Queue[Contents]()
        for each in contents:
            waiting.put_nowait(each)
        while len(self._connections) < self.around.connections:
            self._connections.append(Connection(self.around.mail_server))
        async with asyncio.TaskGroup() as group:
            for connection in self._connections[: len(contents)]:
                group.create_task(self._work_off(connection, waiting, entries, lease, ended))
        return ended

    async def _look_up(self, contents: Sequence[Contents]) -> Entries:
        if not contents:
            return Entries()
        meetings = [meeting for each in contents for meeting in each.meetings]
        return await self.around.directory.look_up(
            participants={each.message.recipient_id for each in contents if each.invitation},
            employers={each.message.recipient_id for each in contents if each.shortlist}
            | {meeting.employer_id for meeting in meetings},
            needs={meeting.need_id for meeting in meetings},
            meetups={each.meetup.id for each in contents},
            agencies={each.meetup.agency_id for each in contents},
        )

    async def _release(self, contents: Sequence[Contents], lease: UUID) -> None:
        ids = [each.message.id for each in contents]
        later = self.around.clock() + DIRECTORY_PAUSE
        async with unit_of_work(self.around.sessions) as session:
            await messages.release(session, ids, lease=lease, due_at=later, error="no-directory")

    async def _work_off(
        self,
        connection: Connection,
        waiting: asyncio.Queue[Contents],
        entries: Entries,
        lease: UUID,
        ended: Counter[str],
    ) -> None:
        while not waiting.empty():
            ended[await self._send_one(connection, waiting.get_nowait(), entries, lease)] += 1

    async def _send_one(self, connection: Connection, contents: Contents, entries: Entries, lease: UUID) -> str:
        recipient = recipient_of(contents, entries)
        if recipient is None or not contents.is_welcome:
            async with unit_of_work(self.around.sessions) as session:
                await sending.refuse(session, contents.message, lease=lease, now=self.around.clock())
            return MessageState.NOT_CONTACTABLE
        if not recipient.email:
            return await self._leave_as_letter(contents, lease)
        return await self._leave_as_mail(connection, contents, entries, recipient, lease)

    async def _leave_as_letter(self, contents: Contents, lease: UUID) -> str:
        """A letter is printed from its page by an adviser; nothing of it is kept here."""
        now = self.around.clock()
        async with unit_of_work(self.around.sessions) as session:
            begun = await self._begin(session, contents, lease, Channel.LETTER, now=now)
            if not begun:
                return "changed"
            await self._finish(session, contents.message, Taken(), lease, Channel.LETTER, now)
        return "letter"

    async def _leave_as_mail(
        self, connection: Connection, contents: Contents, entries: Entries, recipient: Recipient, lease: UUID
    ) -> str:
        token = new_token()
        try:
            mail = write_mail(
                contents,
                entries,
                recipient,
                links_of(self.around.public_url, contents, token),
                mail_from=self.around.mail_from,
                domain=self.around.domain,
                now=self.around.clock(),
            )
        except BadAddress:
            return await self._end(contents.message, Refused("bad-address"), lease)
        trouble = await connection.announce(mail)
        if trouble is not None:
            return await self._end(contents.message, trouble, lease)
        async with unit_of_work(self.around.sessions) as session:
            begun = await self._begin(
                session,
                contents,
                lease,
                Channel.EMAIL,
                now=self.around.clock(),
                token=token,
                address_mark=self.around.seal.mark("address", recipient.email.casefold()),
            )
        if not begun:
            await connection.give_up()
            return await self._look_again(contents.message, lease)
        outcome = await connection.hand_over(mail)
        return await self._end(contents.message, outcome, lease)

    async def _begin(
        self,
        session: AsyncSession,
        contents: Contents,
        lease: UUID,
        channel: Channel,
        *,
        now: datetime,
        token: str | None = None,
        address_mark: str | None = None,
    ) -> bool:
        return await sending.begin(
            session,
            contents,
            lease=lease,
            lasting=self.around.lease,
            channel=channel,
            smtp_id=message_id(contents, self.around.domain) if channel is Channel.EMAIL else None,
            address_mark=address_mark,
            token_hash=hash_of(token) if token else None,
            now=now,
        )

    async def _end(self, message: Message, outcome: Outcome, lease: UUID) -> str:
        now = self.around.clock()
        async with unit_of_work(self.around.sessions) as session:
            state = await self._finish(session, message, outcome, lease, Channel.EMAIL, now)
        if state is MessageState.QUEUED:
            return "postponed"
        return state or "settled elsewhere"

    async def _finish(
        self,
        session: AsyncSession,
        message: Message,
        outcome: Outcome,
        lease: UUID,
        channel: Channel,
        now: datetime,
    ) -> MessageState | None:
        return await sending.finish(
            session,
            message,
            outcome,
            lease=lease,
            channel=channel,
            attempts=message.attempts + 1,
            now=now,
            new_id=self.around.new_id,
            rules=self.around.rules,
        )

    async def _look_again(self, message: Message, lease: UUID) -> str:
        """The message changed while it was composed: give it back, to be composed anew at once."""
        async with unit_of_work(self.around.sessions) as session:
            await messages.release(session, [message.id], lease=lease, due_at=self.around.clock(), error="changed")
        return "changed"


def links_of(public_url: str, contents: Contents, token: str) -> Links:
    """The addresses in a message; the token is in its link only."""
    page = f"{public_url.rstrip('/')}/{'e' if contents.shortlist else 'r'}/{token}"
    return Links(page=page, stop=f"{page}/stop")
