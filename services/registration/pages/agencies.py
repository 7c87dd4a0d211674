"""Agencies of the programme and how they are reached: their numbers stand in letters and messages."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from services.registration import showing
from services.registration.domain.agencies import Agency
from services.registration.edge import check_covers
from services.registration.intake.bodies import AgencyBody, AgencyContactBody
from services.registration.intake.reading import read_agency_contact
from services.registration.pages.common_fields import ADDRESS, EMAIL, PHONE
from services.registration.pages.filling import Field, PageForm, Section, asking_again, seen_in, show_form
from services.registration.pages.form_page import FORM_PAGE, FormHeading, headed
from services.registration.pages.record_codes import both
from services.registration.pages.sending import SentByPage
from services.registration.repository.agencies import all_agencies
from services.registration.use_cases import agencies as use_cases
from shared.ids import new_id
from shared.rights import Scope, may, scope_of
from shared.web import pages_of
from shared.web.edge import May, RequestMoment, RequestPerson, Transaction
from shared.web.preconditions import changed_since

router = APIRouter(prefix="/agencies", include_in_schema=False)

_Adding = Annotated[Scope, May("write agencies")]
_Writing = Annotated[Scope, May("write agency contacts")]

_NAME = Section(
    None,
    (
        Field(
            "name",
            both("Nom de l’agence", "Name of the agency"),
            hint=both("Par exemple « Agence de Lens ».", "For example “Agence de Lens”."),
            required=True,
        ),
    ),
)
_REACH = Section(None, (PHONE, EMAIL, ADDRESS))
_NEW = PageForm(AgencyBody, (_NAME, _REACH))
_KNOWN = PageForm(AgencyContactBody, (_REACH,))
_ADD = FormHeading(both("Nouvelle agence", "New agency"), both("Enregistrer l’agence", "Save the agency"))
_CHANGE = FormHeading(
    both("Joindre l’agence", "Reaching the agency"),
    both("Enregistrer", "Save"),
    both("Les lettres et les messages de l’agence donnent ces coordonnées.", "Letters and messages say so."),
)
_ALL = both("Agences", "Agencies")


@router.get("")
async def list_agencies(
    request: Request,
    person: RequestPerson,
    _scope: Annotated[Scope, May("read agencies")],
    session: Transaction,
    done: Literal["added", "saved"] | None = None,
) -> Response:
    """Every agency by name, and how it is reached."""
    writing = scope_of(person, "write agency contacts")
    agencies = await all_agencies(session)
    return pages_of(request).page(
        request,
        "agencies.html",
        agencies=agencies,
        mine={each.id for each in agencies if writing.covers(each.id)},
        may_add=may(person, "write agencies"),
        may_invite=may(person, "write accounts"),
        done=done,
    )


@router.get("/new")
async def show_new(request: Request, _scope: _Adding) -> Response:
    """An empty form."""
    return show_form(request, FORM_PAGE, _NEW, {}, **headed(_ADD, "/agencies", _ALL, sending=new_id()))


@router.post("/new")
async def add(
    request: Request, sent: SentByPage, _scope: _Adding, session: Transaction, moment: RequestMoment
) -> Response:
    """Add an agency, and lead to the list, which says what comes next."""

    async def act() -> str:
        body = _NEW.read(sent.form)
        await use_cases.register_agency(session, body.name, read_agency_contact(body), moment)
        return "/agencies?done=added"

    async with asking_again(request, FORM_PAGE, _NEW, sent.form, **headed(_ADD, "/agencies", _ALL, sending=new_id())):
        return await sent.once(act)


@router.get("/{agency_id}/edit")
async def show_edit(request: Request, agency_id: UUID, scope: _Writing, session: Transaction) -> Response:
    """The form with what is kept."""
    check_covers(scope, agency_id)
    kept = await use_cases.agency_named(session, agency_id)
    typed = _KNOWN.known(showing.agency(kept))
    return show_form(request, FORM_PAGE, _KNOWN, typed, revision=kept.revision, **_around(kept))


@router.post("/{agency_id}/edit")
async def change(
    request: Request, agency_id: UUID, sent: SentByPage, scope: _Writing, session: Transaction
) -> Response:
    """Say how an agency is reached, unless others did since the form was shown: then both are shown."""
    check_covers(scope, agency_id)
    kept = await use_cases.agency_named(session, agency_id, lock=True)
    async with asking_again(request, FORM_PAGE, _KNOWN, sent.form, **_around(kept)):
        body = _KNOWN.read(sent.form)
        if seen_in(sent.form) != kept.revision:
            raise changed_since(kept.revision, showing.agency(kept))
        await use_cases.change_agency_contact(session, agency_id, read_agency_contact(body))
        return RedirectResponse("/agencies?done=saved", 303)


def _around(kept: Agency) -> dict[str, Any]:
    return headed(_CHANGE, "/agencies", kept.name)
