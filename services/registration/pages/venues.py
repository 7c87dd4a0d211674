"""Venues: where workshops and meetups are held, and how they are found. All advisers of the region keep them."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from services.registration import showing
from services.registration.domain.venues import Venue
from services.registration.intake.bodies import VenueBody
from services.registration.intake.reading import read_venue
from services.registration.pages.common_fields import ACCESS, ADDRESS, COMMUNE
from services.registration.pages.filling import Field, PageForm, Section, asking_again, check_seen, show_form
from services.registration.pages.form_page import FORM_PAGE, FormHeading, headed
from services.registration.pages.record_codes import both
from services.registration.pages.sending import SentByPage
from services.registration.repository.venues import all_venues
from services.registration.use_cases import venues as use_cases
from shared.ids import new_id
from shared.rights import Scope, may
from shared.web import pages_of
from shared.web.edge import May, RequestMoment, RequestPerson, Transaction

router = APIRouter(prefix="/venues", include_in_schema=False)

_Writing = Annotated[Scope, May("write venues")]

_VENUE = PageForm(
    VenueBody,
    (
        Section(
            None,
            (
                Field("name", both("Nom du lieu", "Name of the venue"), required=True),
                COMMUNE,
                ADDRESS,
                ACCESS,
                Field(
                    "contact",
                    both("Qui appeler sur place", "Whom to call there"),
                    hint=both("Pour les équipes seulement.", "For staff alone."),
                ),
            ),
        ),
    ),
)
_SAVE = both("Enregistrer le lieu", "Save the venue")
_REGISTER = FormHeading(both("Nouveau lieu", "New venue"), _SAVE)
_CHANGE = FormHeading(
    both("Modifier le lieu", "Change the venue"),
    _SAVE,
    both("Les rencontres à venir qui s’y tiennent suivent.", "The meetups ahead that are held there follow."),
)
_ALL = both("Lieux", "Venues")


@router.get("")
async def list_venues(
    request: Request,
    person: RequestPerson,
    _scope: Annotated[Scope, May("read venues")],
    session: Transaction,
    done: Literal["saved"] | None = None,
) -> Response:
    """Every venue by name, and how it is found."""
    may_write = may(person, "write venues")
    venues = await all_venues(session)
    return pages_of(request).page(request, "venues.html", venues=venues, may_write=may_write, done=done)


@router.get("/new")
async def show_new(request: Request, _scope: _Writing) -> Response:
    """An empty form."""
    return show_form(request, FORM_PAGE, _VENUE, {}, **headed(_REGISTER, "/venues", _ALL, sending=new_id()))


@router.post("/new")
async def register(
    request: Request, sent: SentByPage, _scope: _Writing, session: Transaction, moment: RequestMoment
) -> Response:
    """Register a venue."""

    async def act() -> str:
        await use_cases.register_venue(session, await read_venue(session, _VENUE.read(sent.form)), moment)
        return "/venues?done=saved"

    around = headed(_REGISTER, "/venues", _ALL, sending=new_id())
    async with asking_again(request, FORM_PAGE, _VENUE, sent.form, **around):
        return await sent.once(act)


@router.get("/{venue_id}/edit")
async def show_edit(request: Request, venue_id: UUID, _scope: _Writing, session: Transaction) -> Response:
    """The form with what is kept."""
    kept = await use_cases.venue_named(session, venue_id)
    typed = _VENUE.known(showing.venue(kept))
    return show_form(request, FORM_PAGE, _VENUE, typed, revision=kept.revision, **_around(kept))


@router.post("/{venue_id}/edit")
async def change(
    request: Request, venue_id: UUID, sent: SentByPage, _scope: _Writing, session: Transaction, moment: RequestMoment
) -> Response:
    """Change a venue, unless others changed it since the form was shown: then both are shown."""
    kept = await use_cases.venue_named(session, venue_id, lock=True)
    async with asking_again(request, FORM_PAGE, _VENUE, sent.form, **_around(kept)):
        body = _VENUE.read(sent.form)
        check_seen(sent.form, kept, showing.venue(kept))
        await use_cases.change_venue(session, venue_id, await read_venue(session, body, kept), moment)
        return RedirectResponse("/venues?done=saved", 303)


def _around(kept: Venue) -> dict[str, Any]:
    return headed(_CHANGE, "/venues", kept.details.name)
