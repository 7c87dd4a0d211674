"""The sender: claims written messages and hands them to the mail server over a few kept connections.

Each message goes through claim → announce → begin (committed) → hand over → finish (committed). Before `begin` nothing
can have left, so a failure there is tried again; after it nothing is ever repeated by itself.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic
from uuid import UUID

from services.notification.adapters.directory import Directory, DirectoryUnavailable
from services.notification.adapters.heads import BadHead
from services.notification.adapters.letters import letter_token
from services.notification.adapters.transport import Connection, MailServer
from services.notification.adapters.writing import (
    BadAddress,
    Recipient,
    links_of,
    message_id,
    recipient_of,
    write_mail,
)
from services.notification.domain.contents import Contents
from services.notification.domain.delivery import MailRefused, Message, MessageState, NotNow, SendOutcome
from services.notification.domain.links import hash_of, new_token
from services.notification.domain.rules import Rules
from services.notification.domain.telling import REMINDERS
from services.notification.repository import messages
from services.notification.use_cases import sending
from shared.database import Sessions, is_transient, unit_of_work
from shared.directory import Entries
from shared.identity import Clock, Seal
from shared.ids import NewId
from shared.moment import Moment

log = logging.getLogger(__name__)

BATCH = 100
DIRECTORY_PAUSE = timedelta(seconds=5)
"""How long messages wait when registration does not answer."""

LONGEST_PAUSE = 5.0
"""Seconds at most between two tries to write down how a message ended."""


@dataclass(frozen=True)
class SenderParts:
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

    def moment(self) -> Moment:
        """Now, by nobody in particular."""
        return Moment(self.clock(), self.new_id)


@dataclass
class Sender:
    """Sends what is due. One process may run several; several processes may each run one."""

    around: SenderParts
    _connections: list[Connection] = field(default_factory=list)

    async def send_due(self) -> Counter[str]:
        """Send until nothing is due any more; count the messages by how they ended.

        Raises `DirectoryUnavailable` when registration cannot be asked for addresses; what was claimed is given back.
        """
        ended: Counter[str] = Counter()
        async with unit_of_work(self.around.sessions) as session:
            abandoned = await sending.settle_abandoned(session, moment=self.around.moment(), rules=self.around.rules)
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
        ids = [message.id for message in claimed]
        try:
            contents = await self._contents_of(claimed, lease, ended)
            entries = await self._look_up(contents)
            await self._send_all(contents, entries, lease, ended)
        except DirectoryUnavailable:
            await self._give_back(ids, lease, wait=DIRECTORY_PAUSE, error="no-directory")
            raise
        except BaseException:
            # Whoever looks next need not wait until the lease ends; where the database is away, they must.
            with suppress(Exception):
                await self._give_back(ids, lease)
            raise
        return ended

    async def _contents_of(self, claimed: Sequence[Message], lease: UUID, ended: Counter[str]) -> list[Contents]:
        contents = []
        async with unit_of_work(self.around.sessions) as session:
            for message in claimed:
                known = await sending.contents_of(session, message)
                if known is None:
                    await sending.withdraw(session, message, lease=lease, now=self.around.clock())
                    ended[MessageState.WITHDRAWN] += 1
                else:
                    contents.append(known)
        return contents

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

    async def _send_all(self, contents: Sequence[Contents], entries: Entries, lease: UUID, ended: Counter[str]) -> None:
        waiting = asyncio.Queue[Contents]()
        for each in contents:
            waiting.put_nowait(each)
        while len(self._connections) < self.around.connections:
            self._connections.append(Connection(self.around.mail_server))
        async with asyncio.TaskGroup() as group:
            for connection in self._connections[: len(contents)]:
                group.create_task(self._work_off(connection, waiting, entries, lease, ended))

    async def _give_back(
        self, ids: Collection[UUID], lease: UUID, *, wait: timedelta = timedelta(0), error: str = "interrupted"
    ) -> None:
        async with unit_of_work(self.around.sessions) as session:
            await messages.release(session, ids, lease=lease, due_at=self.around.clock() + wait, error=error)

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
        is_worth_a_letter = contents.message.kind not in REMINDERS
        if recipient is None or not contents.is_welcome or not (recipient.email or is_worth_a_letter):
            async with unit_of_work(self.around.sessions) as session:
                await sending.refuse(
                    session, contents.message, lease=lease, moment=self.around.moment(), rules=self.around.rules
                )
            return MessageState.NOT_CONTACTABLE
        if not recipient.email:
            return await self._leave_as_letter(contents, lease)
        return await self._leave_as_mail(connection, contents, entries, recipient, lease)

    async def _leave_as_letter(self, contents: Contents, lease: UUID) -> str:
        """A letter is printed from its page and posted by an adviser; nothing of it is kept here."""
        token = letter_token(self.around.seal, contents.message.id)
        async with unit_of_work(self.around.sessions) as session:
            composed = await sending.compose_letter(
                session, contents, lease=lease, token_hash=hash_of(token), now=self.around.clock()
            )
        return "letter" if composed else await self._look_again(contents.message, lease)

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
            return await self._end(contents, MailRefused("bad-address"), lease)
        except BadHead:
            # Somebody is told as of every message that failed; what was typed is not repeated.
            return await self._end(contents, MailRefused("bad-head"), lease)
        trouble = await connection.announce(mail)
        if trouble is not None:
            return await self._end(contents, trouble, lease)
        held_until = monotonic() + self.around.lease.total_seconds()
        if not await self._begin(contents, lease, token, recipient):
            await connection.give_up()
            return await self._look_again(contents.message, lease)
        if monotonic() >= held_until:
            # This process slept past its lease: somebody may have decided already that the message is sent again.
            await connection.give_up()
            return await self._end(contents, NotNow("lease-over"), lease)
        return await self._end(contents, await connection.hand_over(mail), lease)

    async def _begin(self, contents: Contents, lease: UUID, token: str, recipient: Recipient) -> bool:
        addresses = ",".join(email.casefold() for _, email in recipient.mailboxes)
        async with unit_of_work(self.around.sessions) as session:
            return await sending.begin(
                session,
                contents,
                lease=lease,
                lasting=self.around.lease,
                smtp_id=message_id(contents, self.around.domain),
                address_mark=self.around.seal.mark("address", addresses),
                token_hash=hash_of(token),
                now=self.around.clock(),
            )

    async def _end(self, contents: Contents, outcome: SendOutcome, lease: UUID) -> str:
        """Write how a message ended: kept until the database takes it, since nobody else knows it."""
        pause = 0.1
        while True:
            try:
                state = await self._finish(contents, outcome, lease)
                break
            except Exception as error:
                if not is_transient(error):
                    raise
                log.warning("how a message ended cannot be written yet: %s", type(error).__name__)
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
        if state is MessageState.QUEUED:
            return "postponed"
        return state or "settled elsewhere"

    async def _finish(self, contents: Contents, outcome: SendOutcome, lease: UUID) -> MessageState | None:
        async with unit_of_work(self.around.sessions) as session:
            return await sending.finish(
                session, contents, outcome, lease=lease, moment=self.around.moment(), rules=self.around.rules
            )

    async def _look_again(self, message: Message, lease: UUID) -> str:
        """The message changed while it was composed: give it back, to be composed anew at once."""
        await self._give_back([message.id], lease, error="changed")
        return "changed"
