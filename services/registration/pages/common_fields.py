"""Fields that several forms have, and what forms about something new need beside them."""

from __future__ import annotations

from typing import Any

from services.registration.pages.filling import EnteredAs, Field, Section
from services.registration.pages.record_codes import CODES, both
from services.registration.repository.agencies import all_agencies
from shared.identity import Person
from shared.ids import new_id
from shared.language import Bilingual
from shared.reference.communes import commune
from shared.reference.licences import find_licence
from shared.web.edge import Transaction


def options_of(column: str) -> tuple[tuple[str, Bilingual], ...]:
    """What can be chosen where a column of records has codes."""
    return tuple(CODES[column].items())


def licence_name(code: str) -> str:
    """What a licence is called where people enter it."""
    known = find_licence(code)
    return known.label("fr") if known else code


AGENCY = Section(None, (Field("agency_id", both("Agence", "Agency"), EnteredAs.SELECT, required=True),))
"""For those who work for no agency of their own; the page knows which there are (`around_new`)."""

COMMUNE = Field(
    "commune",
    both("Commune", "Commune"),
    hint=both("Par exemple « Lens » ou « 62300 Lens ».", "For example “Lens” or “62300 Lens”."),
    required=True,
    in_words=lambda code: commune(code).full_name,
)
PHONE = Field("phone", both("Téléphone", "Telephone"), EnteredAs.PHONE)
EMAIL = Field("email", both("Courriel", "E-mail"), EnteredAs.EMAIL)
LANGUAGE = Field(
    "language", both("Langue des messages", "Language of messages"), EnteredAs.ONE, options=options_of("language")
)
ADDRESS = Field("address", both("Adresse", "Address"), EnteredAs.AREA)
ACCESS = Field(
    "access",
    both("Comment venir", "How to get there"),
    EnteredAs.AREA,
    hint=both("Bus, entrée, étage, ascenseur.", "Bus, entrance, floor, lift."),
)
IDENTIFIER = Field(
    "identifier",
    both("Identifiant dans un autre système", "Identifier in another system"),
    hint=both("S’il y en a un : les imports retrouvent ainsi la fiche.", "If any: imports find the record by it."),
)


async def around_new(person: Person, session: Transaction) -> dict[str, Any]:
    """What a form about something new needs beside its fields: agencies to choose from for those who have none."""
    agencies = [] if person.agency_id else await all_agencies(session)
    return {"sending": new_id(), "options": {"agency_id": [(str(each.id), each.name) for each in agencies]}}
