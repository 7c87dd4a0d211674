"""Staff are invited, move, and leave; what they may do changes at once, wherever they are signed in."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.domain import kinds
from services.registration.domain.accounts import Duty, StaffAccount, is_whole
from services.registration.domain.agencies import Staff
from services.registration.domain.findings import find_refused
from services.registration.repository import accounts as repository
from services.registration.repository import agencies, signed_in
from services.registration.use_cases.agencies import agency_named
from services.registration.use_cases.owed_mails import owe_invitation
from shared.asking import as_the_service
from shared.moment import Moment


async def invite(
    session: AsyncSession, email: str, duty: Duty, moment: Moment, *, name: str | None, language: str
) -> StaffAccount:
    """Give somebody an account: from now on they may sign in, and a mail tells them so. Raises `Refused`.

    Whoever left may be invited again; their provider then has to name them by their address anew.
    """
    await _check_duty(session, duty)
    async with as_the_service(session):  # an address is one person's in the whole region
        return await _invite(session, email, duty, moment, name=name, language=language)


async def _invite(
    session: AsyncSession, email: str, duty: Duty, moment: Moment, *, name: str | None, language: str
) -> StaffAccount:
    kept = await repository.account_by_email(session, email, lock=True)
    if kept is not None and kept.left_at is None:
        raise find_refused(kinds.ALREADY_INVITED, "email")
    if kept is not None:
        again = replace(
            kept, duty=duty, name=name or kept.name, language=language, revision=kept.revision + 1,
            left_at=None, issuer=None, subject=None,
        )  # fmt: skip
        await repository.change_account(session, again)
        await owe_invitation(session, again.id, moment)
        return again
    account = StaffAccount(await _staff_id(session, email, moment), email, duty, name, language, 1, None, None, None)
    await repository.add_account(session, account, now=moment.now, by=moment.by)
    await owe_invitation(session, account.id, moment)
    return account


async def invite_again(session: AsyncSession, account: StaffAccount, moment: Moment) -> None:
    """Send somebody word of their account once more, who perhaps never got it."""
    async with as_the_service(session):  # what waits to be sent is the service's
        await owe_invitation(session, account.id, moment)


async def account_named(session: AsyncSession, account_id: UUID, *, lock: bool = False) -> StaffAccount:
    """The account of somebody who has not left. Raises `Refused` where there is none."""
    account = await repository.account_by_id(session, account_id, lock=lock)
    if account is None or account.left_at is not None:
        raise find_refused(kinds.UNKNOWN_ACCOUNT, "account_id")
    return account


async def move(session: AsyncSession, account: StaffAccount, duty: Duty, moment: Moment) -> StaffAccount:
    """Give somebody another role or agency; they sign in anew. Raises `Refused`."""
    _check_other(account, moment)
    await _check_duty(session, duty)
    if duty == account.duty:
        return account
    moved = replace(account, duty=duty, revision=account.revision + 1)
    await repository.change_account(session, moved)
    await _sign_out(session, account)
    return moved


async def let_go(session: AsyncSession, account: StaffAccount, moment: Moment) -> None:
    """Take somebody's account away: they are signed out everywhere, and cannot sign in. Raises `Refused`."""
    _check_other(account, moment)
    gone = replace(account, left_at=moment.now, revision=account.revision + 1)
    await repository.change_account(session, gone)
    await _sign_out(session, account)


async def _sign_out(session: AsyncSession, account: StaffAccount) -> None:
    async with as_the_service(session):  # where somebody is signed in is theirs alone to see
        await signed_in.end_all_of(session, account.id)


def _check_other(account: StaffAccount, moment: Moment) -> None:
    """Nobody changes their own account: so somebody who may is always left."""
    if account.id == moment.by:
        raise find_refused(kinds.OWN_ACCOUNT, "account_id")


async def _check_duty(session: AsyncSession, duty: Duty) -> None:
    if not is_whole(duty):
        raise find_refused(kinds.AGENCY_BY_ROLE, "agency_id")
    if duty.agency_id is not None:
        await agency_named(session, duty.agency_id)


async def _staff_id(session: AsyncSession, email: str, moment: Moment) -> UUID:
    """The id under which workshops name somebody, or a new one."""
    known = await agencies.staff_by_email(session, [email])
    if email not in known:
        known[email] = Staff(moment.new_id(), email, None, None)
        await agencies.put_staff(session, [known[email]], [])
    return known[email].id
