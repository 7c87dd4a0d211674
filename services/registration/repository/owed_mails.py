"""Mails that are owed, and what they are to say: read when they leave, so that they say what is true then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import ColumnElement, case, delete, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.domain.owed_mails import (
    ContactChanged,
    ErasureNotice,
    MailContent,
    OwedMail,
    StaffInvitation,
)
from services.registration.tables import (
    AccountRow,
    AgencyRow,
    ContactRow,
    EmployerContactRow,
    EmployerRow,
    FormerContactRow,
    NeedRow,
    OwedMailRow,
    ParticipantRow,
    PlannedErasureRow,
    StaffRow,
)
from shared.sql import insert_rows, run, table_of, update_rows

OWED, ACCOUNTS, STAFF = table_of(OwedMailRow), table_of(AccountRow), table_of(StaffRow)
AGENCIES, EMPLOYERS, FORMER = table_of(AgencyRow), table_of(EmployerRow), table_of(FormerContactRow)
EMPLOYER_CONTACTS, NEEDS = table_of(EmployerContactRow), table_of(NeedRow)
PLANNED, PARTICIPANTS, CONTACTS = table_of(PlannedErasureRow), table_of(ParticipantRow), table_of(ContactRow)


async def add_owed_mails(session: AsyncSession, mails: Sequence[OwedMail]) -> None:
    """Keep what is owed."""
    await insert_rows(session, OwedMailRow, [asdict(mail) for mail in mails])


async def take_due_mail(session: AsyncSession, now: datetime) -> OwedMail | None:
    """The mail that waits the longest, locked until the transaction ends; what another process holds is passed over."""
    due = select(OWED).where(OWED.c.try_after <= now).order_by(OWED.c.try_after, OWED.c.id).limit(1)
    row = (await run(session, due.with_for_update(skip_locked=True))).mappings().one_or_none()
    return OwedMail(**row) if row else None


async def put_off(session: AsyncSession, mail: OwedMail) -> None:
    """Keep when to try again."""
    await update_rows(session, OwedMailRow, [asdict(mail)], key=("id",))


async def owe_no_more(session: AsyncSession, mail: OwedMail) -> None:
    """Forget a mail that was sent, or that nobody needs any more."""
    await run(session, delete(OWED).where(OWED.c.id == mail.id))


async def content_of(session: AsyncSession, mail: OwedMail) -> MailContent | None:
    """What a mail is to say; `None` where there is nothing to say any more."""
    if mail.account_id:
        return await _invitation_of(session, mail)
    return await (_notice_of(session, mail) if mail.participant_id else _change_told_by(session, mail))


async def _invitation_of(session: AsyncSession, mail: OwedMail) -> StaffInvitation | None:
    """What to tell the holder of an account; `None` where they have left since."""
    statement = (
        select(STAFF.c.email, ACCOUNTS.c.language, ACCOUNTS.c.role, AGENCIES.c.name.label("agency"))
        .join(STAFF, STAFF.c.id == ACCOUNTS.c.staff_id)
        .outerjoin(AGENCIES, AGENCIES.c.id == ACCOUNTS.c.agency_id)
        .where(ACCOUNTS.c.staff_id == mail.account_id, ACCOUNTS.c.left_at.is_(None))
    )
    row = (await run(session, statement)).mappings().one_or_none()
    return StaffInvitation(**row) if row else None


async def _change_told_by(session: AsyncSession, mail: OwedMail) -> ContactChanged | None:
    """What to tell a former address; `None` where it is what it was again, or was none."""
    statement = (
        select(
            FORMER.c.email,
            FORMER.c.language,
            EMPLOYERS.c.name.label("employer"),
            AGENCIES.c.name.label("agency"),
            AGENCIES.c.phone,
        )
        .join(EMPLOYERS, EMPLOYERS.c.id == FORMER.c.employer_id)
        .outerjoin(AGENCIES, AGENCIES.c.id == EMPLOYERS.c.agency_id)
        .where(
            FORMER.c.id == mail.former_contact_id,
            FORMER.c.email.is_not(None),
            FORMER.c.email.is_distinct_from(_address_now()),
        )
    )
    row = (await run(session, statement)).mappings().one_or_none()
    return ContactChanged(**row) if row else None


def _address_now() -> ColumnElement[str | None]:
    """The address that stands today where a former one stood: a need's, a contact's, or the employer's main one."""
    main, named, own = (EMPLOYER_CONTACTS.alias(name) for name in ("main", "named", "own"))
    mains = select(main.c.email).where(main.c.employer_id == FORMER.c.employer_id, main.c.is_main).scalar_subquery()
    of_need = (
        select(named.c.email)
        .join(NEEDS, NEEDS.c.contact_id == named.c.id)
        .where(NEEDS.c.id == FORMER.c.need_id)
        .scalar_subquery()
    )
    of_contact = select(own.c.email).where(own.c.id == FORMER.c.contact_id).scalar_subquery()
    return case(
        (FORMER.c.need_id.is_not(None), func.coalesce(of_need, mains)),
        (FORMER.c.contact_id.is_not(None), of_contact),
        else_=mains,
    )


async def _notice_of(session: AsyncSession, mail: OwedMail) -> ErasureNotice | None:
    """What to tell somebody who is to be erased; `None` where no mail reaches them, or they changed something since."""
    statement = (
        select(
            CONTACTS.c.email,
            CONTACTS.c.language,
            PLANNED.c.erases_on,
            AGENCIES.c.name.label("agency"),
            AGENCIES.c.phone,
        )
        .join(PARTICIPANTS, PARTICIPANTS.c.id == PLANNED.c.participant_id)
        .join(CONTACTS, CONTACTS.c.participant_id == PLANNED.c.participant_id)
        .join(AGENCIES, AGENCIES.c.id == PARTICIPANTS.c.agency_id)
        .where(
            PLANNED.c.participant_id == mail.participant_id,
            CONTACTS.c.email.is_not(None),
            PARTICIPANTS.c.changed_at < PLANNED.c.noticed_at,
        )
    )
    row = (await run(session, statement)).mappings().one_or_none()
    return ErasureNotice(**row) if row else None
