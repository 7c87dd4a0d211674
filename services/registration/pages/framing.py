"""What stands around every page of the staff: their agency's name, and the menu of what they may do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import Request

from shared.identity import person_or_none
from shared.language import Bilingual
from shared.rights import may
from shared.web.templating import language_of

MENU: tuple[tuple[str, Bilingual, str | None], ...] = (
    ("/", Bilingual("Accueil", "Home"), None),
    ("/participants", Bilingual("Personnes", "People"), "name participants"),
    ("/employers", Bilingual("Employeurs", "Employers"), "read employers"),
    ("/workshops", Bilingual("Ateliers", "Workshops"), "read workshops"),
    ("/meetups", Bilingual("Rencontres", "Meetups"), "read meetups"),
    ("/agencies", Bilingual("Agences", "Agencies"), "write agency contacts"),
    ("/staff", Bilingual("Équipe", "Staff"), "read accounts"),
    ("/imports", Bilingual("Importer", "Import"), "import files"),
    ("/exports", Bilingual("Exporter", "Export"), "export records"),
)
"""The pages that a job begins with: their addresses, their names, and the right that shows them."""


def frame(request: Request) -> Mapping[str, Any]:
    """The menu and the agency of whoever asks; neither for those who are not signed in."""
    person, language = person_or_none(request), language_of(request)
    if person is None:
        return {}
    links = [
        {"href": address, "label": name.in_language(language)}
        for address, name, right in MENU
        if right is None or may(person, right)
    ]
    signed_in = getattr(request.state, "signed_in", None)
    return {"links": links, "agency": signed_in.agency if signed_in else None}
