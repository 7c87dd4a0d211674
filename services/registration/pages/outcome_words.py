"""What can come of a meeting, in words for advisers."""

from __future__ import annotations

from collections.abc import Mapping

from services.registration.domain.meetups import OutcomeKind
from services.registration.pages.record_codes import both
from shared.language import Bilingual

OUTCOMES: Mapping[OutcomeKind, Bilingual] = {
    "hired": both("embauche", "hired"),
    "trial": both("essai ou immersion", "trial or work placement"),
    "second-meeting": both("deuxième entretien", "second meeting"),
    "training": both("formation", "training"),
    "none": both("pas de suite", "nothing came of it"),
}
"""The outcomes, the best first."""
