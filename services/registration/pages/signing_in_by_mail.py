"""Signing in by a link that leaves by mail: the same answer to everybody, and nothing happens by opening the link."""

from __future__ import annotations

import logging

from fastapi import APIRouter, BackgroundTasks, Depends, Request, Response

from services.registration.adapters.staff_mail import StaffMail
from services.registration.domain.contact_rules import clean_email
from services.registration.limits import MAILED_LINKS, SIGN_INS
from services.registration.pages.entering import enter, local, settings_of
from services.registration.settings import SIGN_IN
from services.registration.use_cases.mailed_links import follow_link, make_link, whose_link
from shared.database import is_transient, unit_of_work
from shared.identity import now_of
from shared.ids import new_id
from shared.moment import Moment
from shared.web import Problem, VerifiedForm, pages_of
from shared.web.edge import TransactionAtTheDoor, at_the_door
from shared.web.limiting import limited_by_address, spend

log = logging.getLogger(__name__)

BY_MAIL = f"{SIGN_IN}/mail"

router = APIRouter(include_in_schema=False, dependencies=[Depends(limited_by_address(SIGN_INS))])


def link_over() -> Problem:
    """The problem of a link that was used, or is past its time, or never was."""
    return Problem(
        410,
        "link-over",
        "Ce lien ne sert plus",
        "Un lien de connexion sert une seule fois, pendant quinze minutes. Demandez-en un autre.",
        english=("This link is over", "A link to sign in works once, for fifteen minutes. Ask for another one."),
    )


@router.post(BY_MAIL)
async def ask_for_link(request: Request, form: VerifiedForm, afterwards: BackgroundTasks) -> Response:
    """Take an address, and answer the same whoever it is: whether it is known is looked up afterwards."""
    typed = str(form.get("email", ""))
    email, goes_on_to = clean_email(typed), local(str(form.get("next", "/")))
    if email is None:
        return pages_of(request).page(
            request, "sign_in.html", status=422, provider=None, by_mail=True, guises=(), next=goes_on_to, typed=typed
        )
    await spend(request, MAILED_LINKS, f"mail {email}")
    afterwards.add_task(_mail_link, request, email, goes_on_to)
    return pages_of(request).page(request, "link_sent.html")


@router.get(f"{BY_MAIL}/{{token}}")
async def show_link(request: Request, token: str, session: TransactionAtTheDoor) -> Response:
    """Ask for a click; opening a link changes nothing, since machines that look through mails open them too."""
    account = await whose_link(session, token, Moment(now_of(request), new_id))
    if account is None:
        raise link_over()
    return pages_of(request).page(request, "follow_link.html", name=account.shown_name)


@router.post(f"{BY_MAIL}/{{token}}")
async def use_link(request: Request, token: str, _form: VerifiedForm, session: TransactionAtTheDoor) -> Response:
    """Sign in; the link is used up."""
    lifetimes, moment = settings_of(request).lifetimes, Moment(now_of(request), new_id)
    followed = await follow_link(session, token, lifetimes, moment)
    if followed is None:
        raise link_over()
    return await enter(request, session, *followed)


async def _mail_link(request: Request, email: str, goes_on_to: str) -> None:
    """Mail a link to whoever has an account under an address."""
    mail: StaffMail = request.app.state.staff_mail
    try:
        async with unit_of_work(request.app.state.sessions, at_the_door(request)) as session:
            mailing = await make_link(session, email, goes_on_to, Moment(now_of(request), new_id))
    except Exception as error:
        if not is_transient(error):
            raise
        log.warning("a link to sign in was not made: %s", type(error).__name__)
        return
    if mailing is not None:
        page = f"{settings_of(request).public_url.rstrip('/')}{BY_MAIL}/{mailing.token}"
        await mail.send_link(mailing.account.email, page, mailing.account.language)
