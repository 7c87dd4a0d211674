"""From grounds to text: one template a voice and language, numbers formatted in one place."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from enum import StrEnum
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from services.matching.domain.explaining.grounds import Grounds
from shared.language import Bilingual, Language


class Voice(StrEnum):
    """To whom the pairing is explained."""

    PARTICIPANT = "participant"
    ADVISER = "adviser"
    EMPLOYER = "employer"


def explain(grounds: Grounds, voice: Voice, language: Language) -> str:
    """Explain a pairing in a few short lines.

    The participant is told in the second person and without numbers; the adviser gets every number, the interval and
    what would change it; the employer what was shown and where, nothing of the person's situation. Each number is the
    computation's, rounded to two decimals (kilometres to one); what suffices to reach a target is rounded up, so that
    what is told suffices too.
    """
    template = _environment(language).get_template(f"{language}/{voice.value}.txt")
    lines = (" ".join(line.split()) for line in template.render(grounds=grounds).splitlines())
    text = "\n".join(line for line in lines if line)
    return _french_typography(text) if language == "fr" else text


@cache
def _environment(language: Language) -> Environment:
    environment = Environment(  # noqa: S701 - plain text; pages escape it like any other text
        loader=PackageLoader("services.matching.domain.explaining"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,  # or each account asks the disk whether its template changed
    )

    def number(value: float, decimals: int = 2) -> str:
        text = f"{value:.{decimals}f}"
        return text.replace(".", ",") if language == "fr" else text

    def signed(value: float) -> str:
        rounded = round(value, 2) + 0.0  # never a zero below zero
        return ("−" if rounded < 0 else "+") + number(abs(rounded))

    def enough(value: float) -> str:
        return number(math.ceil(round(value * 100, 6)) / 100)

    def name(label: Bilingual) -> str:
        return label.fr if language == "fr" else label.en

    def listed(items: Sequence[str]) -> str:
        return _listed(items, " et " if language == "fr" else " and ")

    def quoted(text: str) -> str:
        return f"« {text} »" if language == "fr" else f"“{text}”"

    environment.filters.update(number=number, signed=signed, enough=enough, name=name, listed=listed, quoted=quoted)
    return environment


def _listed(items: Sequence[str], last: str) -> str:
    return last.join([", ".join(items[:-1]), items[-1]]) if len(items) > 1 else "".join(items)


def _french_typography(text: str) -> str:
    """Non-breaking spaces where French wants them, and typographic apostrophes."""
    text = text.replace("'", "’")
    text = re.sub(r" ([;!?])", "\u202f\\1", text)
    text = re.sub(r" ([:»%])", "\u00a0\\1", text)
    text = re.sub(r"(\d) (km\b)", "\\1\u00a0\\2", text)
    return text.replace("« ", "«\u00a0")
