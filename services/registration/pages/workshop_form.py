"""The forms about a workshop and its sessions."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any
from uuid import UUID

from services.registration.intake.bodies import SessionBody, WorkshopBody
from services.registration.pages.common_fields import AGENCY
from services.registration.pages.filling import EnteredAs, Field, PageForm, Section
from services.registration.pages.record_codes import both
from shared.reference.communes import commune
from shared.reference.exercises import OTHER, exercises

_OCCASION = Section(
    None,
    (
        Field("title", both("Nom de l’atelier", "Name of the workshop"), required=True),
        Field("venue", both("Lieu", "Venue"), hint=both("Par exemple « Louvre-Lens ».", "The museum."), required=True),
        Field("commune", both("Commune", "Commune"), required=True, in_words=lambda code: commune(code).full_name),
        Field("starts_on", both("Premier jour", "First day"), EnteredAs.DAY, required=True),
        Field("ends_on", both("Dernier jour", "Last day"), EnteredAs.DAY, required=True),
    ),
)
_TEAM = Section(
    both("L’équipe", "The team"),
    (
        Field(
            "mediators",
            both("Courriels de l’équipe de médiation", "E-mail addresses of the mediators"),
            EnteredAs.LINES,
            hint=both(
                "Un par ligne. Elles et eux seuls voient l’atelier et y notent ce qui est vu.",
                "One on each line. They alone see the workshop and note what is seen.",
            ),
        ),
        Field("adviser", both("Courriel de qui suit l’atelier à l’agence", "E-mail of the adviser"), EnteredAs.EMAIL),
    ),
)

WORKSHOP = PageForm(WorkshopBody, (AGENCY, _OCCASION, _TEAM))
KNOWN_WORKSHOP = PageForm(WorkshopBody, (_OCCASION, _TEAM))


@cache
def session_form() -> PageForm[SessionBody]:
    """The form of a session, made when somebody first plans one: until then no exercise is looked up."""
    planned = tuple((each.code, both(each.title_fr, each.title_en)) for each in (*exercises(), OTHER))
    fields = (
        Field("held_on", both("Jour", "Day"), EnteredAs.DAY, required=True),
        Field("begins", both("De", "From"), EnteredAs.CLOCK),
        Field("ends", both("À", "To"), EnteredAs.CLOCK),
        Field("exercise", both("Exercice", "Exercise"), EnteredAs.SELECT, options=planned),
        Field("title", both("Ce qui est prévu", "What is planned")),
    )
    return PageForm(SessionBody, (Section(None, fields),))


def with_team(shown: Mapping[str, Any], team: Mapping[UUID, str]) -> dict[str, Any]:
    """A workshop as it is shown, its team by their e-mail addresses."""
    adviser = shown["adviser"]
    return {
        **shown,
        "mediators": [team[each] for each in shown["mediators"]],
        "adviser": team[adviser] if adviser else None,
    }
