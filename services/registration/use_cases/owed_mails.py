"""Sending what registration owes by mail: once it is committed, again where nobody took it, and at last no more."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.adapters.staff_mail import OwedMailSender
from services.registration.domain.owed_mails import OwedMail, tried_again
from services.registration.repository import owed_mails as repository
from services.registration.repository.retention import note_told
from shared.moment import Moment

log = logging.getLogger(__name__)


async def owe_invitation(session: AsyncSession, account_id: UUID, moment: Moment) -> None:
    """Owe the holder of an account word of it."""
    await repository.add_owed_mails(session, [_owed(moment, account_id=account_id)])


async def owe_word_of_change(session: AsyncSession, former_contacts: Sequence[UUID], moment: Moment) -> None:
    """Owe former addresses of employers word that they are former ones."""
    mails = [_owed(moment, former_contact_id=contact) for contact in former_contacts]
    await repository.add_owed_mails(session, mails)


async def owe_erasure_notices(session: AsyncSession, participants: Sequence[UUID], moment: Moment) -> None:
    """Owe participants word that they will be erased."""
    await repository.add_owed_mails(session, [_owed(moment, participant_id=each) for each in participants])


async def send_next_owed(session: AsyncSession, sender: OwedMailSender, moment: Moment) -> bool:
    """Send the mail that waits the longest; whether there was one. What could not be sent waits for another try."""
    mail = await repository.take_due_mail(session, moment.now)
    if mail is None:
        return False
    content = await repository.content_of(session, mail)
    trouble = await sender.send_owed(content) if content else None
    again = tried_again(mail, moment.now) if trouble else None
    if trouble:
        log.warning("a mail %s: %s", "stays owed" if again else "was given up", trouble)
    if again:
        await repository.put_off(session, again)
    else:
        await repository.owe_no_more(session, mail)
    if content and mail.participant_id and not trouble:
        await note_told(session, mail.participant_id, None, moment.now)
    return True


def _owed(
    moment: Moment,
    *,
    account_id: UUID | None = None,
    former_contact_id: UUID | None = None,
    participant_id: UUID | None = None,
) -> OwedMail:
    return OwedMail(moment.new_id(), moment.now, moment.now, account_id, former_contact_id, participant_id)
