"""Pages that are a heading and a form: one template for all, and what it needs beside the form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from shared.language import Bilingual

FORM_PAGE = "form_page.html"
"""The template."""

ChoicesAt = Mapping[str, Sequence[tuple[str, str]]]
"""What can be chosen in the fields of which only the page knows it."""


@dataclass(frozen=True, slots=True)
class FormHeading:
    """What stands over a form and on its button; ``lead`` says what sending it does."""

    title: Bilingual
    button: Bilingual
    lead: Bilingual | None = None


def headed(
    heading: FormHeading, back: str, back_to: str | Bilingual, *, options: ChoicesAt | None = None, **others: Any
) -> dict[str, Any]:
    """What the template needs: the heading, and the page (its address and name) that it leads back to."""
    sending: UUID | None = None
    around = {"heading": heading, "back": back, "back_to": back_to, "options": options or {}, "sending": sending}
    return {**around, **others}
