"""What the API and forms take of employers' sites and contacts."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field

from services.registration.domain.participants import DEFAULT_LANGUAGE
from services.registration.intake.bodies import Body, FreeText, Identifier, Line, Patch
from shared.language import Language
from shared.web.values import YesNo


class SiteBody(Body):
    """A site of an employer, with the SIRET of the establishment."""

    stays_unless_named = frozenset({"identifier"})

    identifier: Identifier | None = None
    employer_id: UUID
    name: Line
    siret: Line | None = None
    address: Annotated[FreeText | None, Field(max_length=400)] = None
    commune: Line
    access: Annotated[FreeText | None, Field(max_length=500)] = None


class SitePatch(Patch, SiteBody):
    """What changes of a site."""


class ContactBody(Body):
    """Somebody at an employer; the first one is the main one, until another is."""

    stays_unless_named = frozenset({"identifier", "is_main"})

    identifier: Identifier | None = None
    employer_id: UUID
    name: Line
    function: Line | None = None
    email: Line | None = None
    phone: Line | None = None
    language: Language = DEFAULT_LANGUAGE
    is_main: YesNo = False


class ContactPatch(Patch, ContactBody):
    """What changes of a contact."""
