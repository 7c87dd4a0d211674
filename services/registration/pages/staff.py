"""Who may sign in: invited, invited again, given another role or agency, and let go."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from services.registration import showing
from services.registration.domain.accounts import MAY_ASSIGN, Duty, StaffAccount, may_assign
from services.registration.edge import assignable
from services.registration.intake.bodies import AccountBody, DutyBody
from services.registration.intake.reading import read_address
from services.registration.pages.common_fields import EMAIL, LANGUAGE, around_new
from services.registration.pages.filling import EnteredAs, Field, PageForm, Section, asking_again, seen_in, show_form
from services.registration.pages.form_page import FORM_PAGE, FormHeading, headed
from services.registration.pages.record_codes import CODES, both
from services.registration.pages.sending import SentByPage
from services.registration.repository.accounts import all_accounts
from services.registration.repository.agencies import all_agencies
from services.registration.use_cases import accounts as use_cases
from shared.identity import Person
from shared.language import Language
from shared.rights import Scope
from shared.web import language_of, pages_of
from shared.web.edge import May, RequestMoment, RequestPerson, Transaction
from shared.web.preconditions import changed_since

router = APIRouter(prefix="/staff", include_in_schema=False)

_Writing = Annotated[Scope, May("write accounts")]

_DUTY = (
    Field("role", both("Rôle", "Role"), EnteredAs.ONE, required=True),
    Field(
        "agency_id",
        both("Agence", "Agency"),
        EnteredAs.SELECT,
        hint=both("Pour la médiation et le conseil.", "For mediators and advisers."),
    ),
)
_INVITATION = PageForm(
    AccountBody, (Section(None, (replace(EMAIL, required=True), Field("name", both("Nom", "Name")), *_DUTY, LANGUAGE)),)
)
_MOVE = PageForm(DutyBody, (Section(None, _DUTY),))
_INVITE = FormHeading(
    both("Inviter quelqu’un", "Invite somebody"),
    both("Inviter", "Invite"),
    both("Un message lui dit comment se connecter.", "A message says how to sign in."),
)
_CHANGE = FormHeading(
    both("Changer le rôle ou l’agence", "Change the role or agency"),
    both("Enregistrer", "Save"),
    both("La personne se connecte à nouveau pour continuer.", "The person signs in again to go on."),
)
_ALL = both("Équipe", "Staff")


@router.get("")
async def list_staff(
    request: Request,
    person: RequestPerson,
    scope: Annotated[Scope, May("read accounts")],
    session: Transaction,
    done: Literal["invited", "again", "moved", "gone"] | None = None,
) -> Response:
    """Who may sign in, and what they do where."""
    accounts = await all_accounts(session, scope)
    return pages_of(request).page(
        request,
        "staff.html",
        accounts=accounts,
        mine={each.id for each in accounts if _may_change(person, each)},
        agencies={each.id: each.name for each in await all_agencies(session)},
        done=done,
    )


@router.get("/new")
async def show_new(request: Request, person: RequestPerson, _scope: _Writing, session: Transaction) -> Response:
    """An empty form."""
    typed = {"language": "fr", "role": "mediator" if person.agency_id else "adviser"}
    return show_form(request, FORM_PAGE, _INVITATION, typed, **await _around_new(request, person, session))


@router.post("/new")
async def invite(
    request: Request,
    sent: SentByPage,
    person: RequestPerson,
    _scope: _Writing,
    session: Transaction,
    moment: RequestMoment,
) -> Response:
    """Invite somebody: from now on they may sign in."""

    async def act() -> str:
        body = _INVITATION.read(sent.form)
        duty, email = assignable(person, _duty_of(person, body)), read_address(body.email)
        await use_cases.invite(session, email, duty, moment, name=body.name, language=body.language)
        return "/staff?done=invited"

    around = await _around_new(request, person, session)
    async with asking_again(request, FORM_PAGE, _INVITATION, sent.form, **around):
        return await sent.once(act)


@router.post("/{account_id}/invite")
async def invite_again(
    account_id: UUID,
    _sent: SentByPage,
    person: RequestPerson,
    _scope: _Writing,
    session: Transaction,
    moment: RequestMoment,
) -> Response:
    """Send the invitation once more."""
    await use_cases.invite_again(session, await _account(account_id, person, session), moment)
    return RedirectResponse("/staff?done=again", 303)


@router.get("/{account_id}/edit")
async def show_edit(
    request: Request, account_id: UUID, person: RequestPerson, _scope: _Writing, session: Transaction
) -> Response:
    """The form with what somebody does now."""
    kept = await _account(account_id, person, session)
    typed = _MOVE.known(showing.account(kept))
    around = await _around(request, person, session, kept)
    return show_form(request, FORM_PAGE, _MOVE, typed, revision=kept.revision, **around)


@router.post("/{account_id}/edit")
async def move(
    request: Request,
    account_id: UUID,
    sent: SentByPage,
    person: RequestPerson,
    _scope: _Writing,
    session: Transaction,
    moment: RequestMoment,
) -> Response:
    """Give somebody another role or agency, unless others did since the form was shown."""
    kept = await _account(account_id, person, session)
    async with asking_again(request, FORM_PAGE, _MOVE, sent.form, **await _around(request, person, session, kept)):
        duty = assignable(person, _duty_of(person, _MOVE.read(sent.form)))
        if seen_in(sent.form) != kept.revision:
            raise changed_since(kept.revision, showing.account(kept))
        await use_cases.move(session, kept, duty, moment)
        return RedirectResponse("/staff?done=moved", 303)


@router.get("/{account_id}/remove")
async def ask_to_let_go(
    request: Request, account_id: UUID, person: RequestPerson, _scope: _Writing, session: Transaction
) -> Response:
    """What letting somebody go does, before it is done."""
    kept = await _account(account_id, person, session)
    return pages_of(request).page(request, "staff_remove.html", account=kept)


@router.post("/{account_id}/remove")
async def let_go(
    account_id: UUID,
    _sent: SentByPage,
    person: RequestPerson,
    _scope: _Writing,
    session: Transaction,
    moment: RequestMoment,
) -> Response:
    """Let somebody go: they are signed out everywhere at once."""
    await use_cases.let_go(session, await _account(account_id, person, session), moment)
    return RedirectResponse("/staff?done=gone", 303)


async def _account(account_id: UUID, person: Person, session: Transaction) -> StaffAccount:
    account = await use_cases.account_named(session, account_id, lock=True)
    assignable(person, account.duty)
    return account


def _may_change(person: Person, account: StaffAccount) -> bool:
    return account.id != person.id and may_assign(person.role.value, person.agency_id, account.duty)


def _duty_of(person: Person, body: DutyBody) -> Duty:
    """What a form says; whoever works at an agency invites to that one."""
    return Duty(body.role, body.agency_id or person.agency_id)


async def _around_new(request: Request, person: Person, session: Transaction) -> dict[str, Any]:
    around = await around_new(person, session)
    options = {**around["options"], "role": _roles(person, language_of(request))}
    return headed(_INVITE, "/staff", _ALL, **{**around, "options": options})


async def _around(request: Request, person: Person, session: Transaction, kept: StaffAccount) -> dict[str, Any]:
    around = await around_new(person, session)
    options = {**around["options"], "role": _roles(person, language_of(request))}
    return headed(_CHANGE, "/staff", kept.shown_name, options=options)


def _roles(person: Person, language: Language) -> list[tuple[str, str]]:
    """The roles that somebody may give, from the nearest to the museum on."""
    given = MAY_ASSIGN.get(person.role.value, frozenset())
    return [(role, words.in_language(language)) for role, words in CODES["role"].items() if role in given]
