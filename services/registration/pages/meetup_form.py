"""The form about a meetup; its day and hour are those of the clock at its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from starlette.datastructures import FormData

from services.registration.domain.places import NOWHERE, Place
from services.registration.intake.bodies import MeetupBody
from services.registration.pages.common_fields import AGENCY, COMMUNE
from services.registration.pages.filling import EnteredAs, Field, FieldTexts, PageForm, Section
from services.registration.pages.record_codes import both
from shared.reference import communes

_OCCASION = Section(
    None,
    (
        Field("title", both("Nom de la rencontre", "Name of the meetup"), required=True),
        Field("venue", both("Lieu", "Venue"), hint=both("Par exemple « Louvre-Lens ».", "The museum."), required=True),
        COMMUNE,
        Field(
            "address",
            both("Adresse", "Address"),
            hint=both("La rue et le numéro : chaque invitation les dit.", "Street and number: invitations say them."),
        ),
        Field(
            "access",
            both("Comment venir", "How to get there"),
            EnteredAs.AREA,
            hint=both("Bus, entrée, étage, ascenseur.", "Bus, entrance, floor, lift."),
        ),
        Field("held_on", both("Jour", "Day"), EnteredAs.DAY, required=True),
        Field("begins", both("Premier entretien à", "First meeting at"), EnteredAs.CLOCK, required=True),
    ),
)
_TIMETABLE = Section(
    both("Les entretiens", "The meetings"),
    (
        Field("slot_minutes", both("Minutes par entretien", "Minutes a meeting"), EnteredAs.NUMBER, required=True),
        Field(
            "slots",
            both("Nombre d’entretiens l’un après l’autre", "How many one after another"),
            EnteredAs.NUMBER,
            hint=both("Pauses comprises.", "Breaks included."),
            required=True,
        ),
        Field(
            "pauses",
            both("Pauses", "Breaks"),
            hint=both(
                "Le rang de chaque pause, par exemple « 5, 10 » : le 5e et le 10e créneau restent libres.",
                "The position of each break, such as “5, 10”: the fifth and tenth slots stay free.",
            ),
        ),
        Field(
            "front_tables",
            both("Tables accessibles sans marche", "Tables reached without steps"),
            EnteredAs.NUMBER,
            hint=both("Toutes, si rien n’est dit.", "All, where nothing is said."),
        ),
    ),
)

MEETUP = PageForm(
    MeetupBody,
    (AGENCY, _OCCASION, _TIMETABLE),
    beside=frozenset({"held_on", "begins", "pauses"}),
    tells={"starts_at": "held_on", "breaks": "pauses"},
)
KNOWN_MEETUP = PageForm(MeetupBody, MEETUP.sections[1:], MEETUP.beside, MEETUP.tells)
AT_FIRST: FieldTexts = {"slot_minutes": "12", "slots": "10"}
"""What stands in a new meetup's form at first."""


def read_meetup_form(form: PageForm[MeetupBody], sent: FormData, **others: object) -> MeetupBody:
    """What was sent. Raises `ValidationError`."""
    day, clock = str(sent.get("held_on", "")).strip(), str(sent.get("begins", "")).strip()
    starts_at = {"starts_at": _instant(day, clock, _place(str(sent.get("commune", ""))))} if day or clock else {}
    return form.read(sent, breaks=_slots(str(sent.get("pauses", ""))), **starts_at, **others)


def typed_of(shown: Mapping[str, Any], starts_at: datetime, place: Place) -> FieldTexts:
    """A kept meetup as its form shows it; ``shown`` is how it is shown."""
    here = starts_at.astimezone(place.zone)
    pauses = ", ".join(str(slot + 1) for slot in shown["breaks"])
    return {
        **KNOWN_MEETUP.known(shown),
        "held_on": here.date().isoformat(),
        "begins": f"{here:%H:%M}",
        "pauses": pauses,
    }


def _place(typed: str) -> Place:
    """Where the clock stands: France’s, where the commune is not understood, which is told apart from it."""
    try:
        return Place(communes.resolve(typed).code)
    except ValueError:
        return NOWHERE


def _instant(day: str, clock: str, place: Place) -> str:
    """The instant as it is written, for the body to refuse where it is none."""
    try:
        return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=place.zone).isoformat()
    except ValueError:
        return f"{day} {clock}"


def _slots(typed: str) -> Sequence[int | str]:
    """The slots named by their positions, counted from 0; what is no number is left for the body to refuse."""
    parts = [part.strip() for part in typed.replace(";", ",").split(",") if part.strip()]
    return [int(part) - 1 if part.isdecimal() and len(part) < 4 else part for part in parts]
