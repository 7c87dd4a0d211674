"""What one cell says: dates, numbers, words of a known list, yes and no, written in the ways that people write them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, time
from functools import lru_cache
from typing import Generic, TypeVar

from services.registration.adapters.files.dates import WrittenDay, read_date, read_time
from services.registration.adapters.files.records import Row
from services.registration.domain import kinds
from services.registration.domain.contact_rules import reaches_somebody
from services.registration.domain.findings import Kind, Notes
from services.registration.domain.meetups import OutcomeKind
from services.registration.domain.participants import AccessNeed, Hours, Sex, Transport
from services.registration.domain.said import UNSAID, Said
from shared.language import Language
from shared.reference.normalise import fold

Meaning = TypeVar("Meaning")
Value = TypeVar("Value")

LONGEST_IDENTIFIER, LONGEST_LINE = 100, 200

_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?")
_SPACES = re.compile(r"[\s\u00a0\u202f]")


class Vocabulary(Generic[Meaning]):
    """The words that a column may hold and what each means; the first word for a meaning is the one to write."""

    def __init__(self, words: Mapping[str, Meaning]) -> None:
        self._meanings = {fold(word): meaning for word, meaning in words.items()}
        first: dict[Meaning, str] = {}
        for word, meaning in words.items():
            first.setdefault(meaning, word)
        self.choices = ", ".join(first.values())
        self._first = first

    def word(self, meaning: Meaning) -> str:
        """The word to write for a meaning."""
        return self._first[meaning]

    def meaning(self, text: str) -> Meaning | None:
        """What a word means, however it is written, or `None`."""
        return self._meanings.get(_folded(text))


TRANSPORTS = Vocabulary[Transport](
    {
        "à pied": "walk",
        "pied": "walk",
        "marche": "walk",
        "marche à pied": "walk",
        "vélo": "bicycle",
        "vélo électrique": "bicycle",
        "bicyclette": "bicycle",
        "transports en commun": "transit",
        "transport en commun": "transit",
        "transports": "transit",
        "bus": "transit",
        "train": "transit",
        "métro": "transit",
        "voiture": "car",
        "auto": "car",
        "automobile": "car",
        "véhicule": "car",
    }
)
HOURS = Vocabulary[Hours](
    {
        "jour": "day",
        "journée": "day",
        "soir": "evening",
        "soirée": "evening",
        "nuit": "night",
        "week-end": "weekend",
        "weekend": "weekend",
        "week-ends": "weekend",
        "weekends": "weekend",
    }
)
LANGUAGES = Vocabulary[Language](
    {"fr": "fr", "français": "fr", "française": "fr", "en": "en", "anglais": "en", "english": "en"}
)
SEXES = Vocabulary[Sex]({"H": "M", "M": "M", "homme": "M", "masculin": "M", "F": "F", "femme": "F", "féminin": "F"})
PUBLICS = Vocabulary[str](
    {
        "DELD": "DELD",
        "RSA": "RSA",
        "BRSA": "RSA",
        "JEUNE": "JEUNE",
        "jeunes": "JEUNE",
        "QPV": "QPV",
        "TH": "TH",
        "RQTH": "TH",
    }
)
ACCESS_NEEDS = Vocabulary[AccessNeed](
    {
        "sans marche": "step-free",
        "plain-pied": "step-free",
        "plus de temps": "more-time",
        "interprète": "interpreter",
        "LSF": "sign-language",
        "langue des signes": "sign-language",
    }
)
OUTCOMES = Vocabulary[OutcomeKind](
    {
        "embauche": "hired",
        "embauché": "hired",
        "embauchée": "hired",
        "recrutement": "hired",
        "essai": "trial",
        "période d'essai": "trial",
        "immersion": "trial",
        "deuxième entretien": "second-meeting",
        "second entretien": "second-meeting",
        "formation": "training",
        "rien": "none",
        "aucune": "none",
        "sans suite": "none",
    }
)
CLOSED = Vocabulary[bool](
    {
        "ouvert": False,
        "ouverte": False,
        "fermé": True,
        "fermée": True,
        "clos": True,
        "pourvu": True,
    }
)
"""Whether a need is closed."""

CANCELLED = Vocabulary[bool](
    {
        "maintenu": False,
        "maintenue": False,
        "annulé": True,
        "annulée": True,
    }
)
"""Whether a meetup is cancelled."""

ANSWERS = Vocabulary[bool](
    {
        "oui": True,
        "o": True,
        "yes": True,
        "y": True,
        "vrai": True,
        "true": True,
        "1": True,
        "x": True,
        "non": False,
        "n": False,
        "no": False,
        "faux": False,
        "false": False,
        "0": False,
    }
)


class Cells:
    """The cells of one row, read with notes of what is wrong in them."""

    __slots__ = ("notes", "row")

    def __init__(self, row: Row) -> None:
        self.row = row
        self.notes = Notes()

    def said(self, column: str, read: Callable[[str], Said[Value]]) -> Said[Value]:
        """What a column says, read by its name; a column that the file does not have says nothing."""
        return read(column) if column in self.row.cells else UNSAID

    def text(self, column: str, longest: int = LONGEST_LINE) -> str:
        """The text of a cell on one line, empty where there is none; too long a one is refused."""
        text = self.lines(column, longest)
        return " ".join(text.split()) if "\n" in text else text

    def lines(self, column: str, longest: int) -> str:
        """The text of a cell of any number of lines, empty where there is none; too long a one is refused."""
        text = self.row.cells.get(column, "")
        if len(text) > longest:
            self.notes.add(kinds.TOO_LONG, column, text, length=len(text), limit=longest)
        return text

    def required(self, column: str, longest: int = LONGEST_LINE) -> str:
        """The text of a cell that must not be empty."""
        text = self.text(column, longest)
        if not text:
            self.notes.add(kinds.MISSING_VALUE, column)
        return text

    def public_name(self, column: str, longest: int) -> str:
        """The name in a cell that must not be empty, of something that everybody may read of."""
        name = self.required(column, longest)
        if reaches_somebody(name):
            self.notes.add(kinds.CONTACT_IN_PUBLIC_NAME, column, name)
        return name

    def listed(self, column: str) -> list[str]:
        """The parts of a cell that holds a list."""
        text = self.text(column, longest=LONGEST_LINE * 20)
        return [part.strip() for part in text.split("|") if part.strip()] if text else []

    def day(self, column: str, latest: date | None = None) -> date | None:
        """The date in a cell that may be empty; ``latest`` is the last day that it can be, where there is one.

        A date that does not exist is refused: something went wrong where it came from. What is not written like a date
        is left aside with a warning.
        """
        text = self.text(column)
        written = read_date(text, latest) if text else None
        if text and written is None:
            self.notes.add(kinds.UNREAD_DATE, column, text)
        return self._existing(written, column, text)

    def required_day(self, column: str) -> date:
        """The date in a cell that must hold one."""
        text = self.required(column)
        written = read_date(text) if text else None
        if text and written is None:
            self.notes.add(kinds.BAD_DATE, column, text)
        return self._existing(written, column, text) or date.min

    def _existing(self, written: WrittenDay | None, column: str, text: str) -> date | None:
        if written is None:
            return None
        if written.day is None:
            self.notes.add(kinds.BAD_DATE, column, text)
        elif written.is_numbered:
            self.notes.add(kinds.NUMBERED_DATE, column, text, day=f"{written.day:%d/%m/%Y}")
        return written.day

    def required_time(self, column: str) -> time:
        """The time of day in a cell that must not be empty."""
        text = self.required(column)
        clock = read_time(text) if text else None
        if text and clock is None:
            self.notes.add(kinds.BAD_TIME, column, text)
        return clock or time.min

    def number(self, column: str, lowest: float, highest: float, unit: str = "") -> float | None:
        """The number in a cell, with or without its unit; `None` where it is empty or wrong, which is refused."""
        text = self.text(column)
        if not text:
            return None
        number = read_number(text.removesuffix(unit) if unit else text)
        if number is None:
            self.notes.add(kinds.BAD_NUMBER, column, text)
        elif not lowest <= number <= highest:
            self.notes.add(kinds.OUT_OF_RANGE, column, text, lowest=f"{lowest:g}", highest=f"{highest:g}")
        else:
            return number
        return None

    def whole(self, column: str, lowest: int, highest: int) -> int:
        """The whole number in a cell, which must not be empty."""
        return self.whole_or(column, lowest, highest, lowest) if self.required(column) else lowest

    def whole_or(self, column: str, lowest: int, highest: int, emptied: int) -> int:
        """The whole number in a cell; ``emptied`` where it is empty."""
        number = self.number(column, lowest, highest)
        if number is not None and number != int(number):
            self.notes.add(kinds.BAD_NUMBER, column, self.row.cells[column])
        return int(number) if number is not None else emptied

    def whole_or_none(self, column: str, lowest: int, highest: int) -> int | None:
        """The whole number in a cell; `None` where it is empty."""
        return self.whole_or(column, lowest, highest, lowest) if self.text(column) else None

    def cleaned(self, column: str, clean: Callable[[str], str | None], wrong: Kind) -> Said[str | None]:
        """The text of a cell as it is kept; an empty one empties, a malformed one is noted and says nothing."""
        text = self.text(column)
        cleaned = clean(text) if text else None
        if text and cleaned is None:
            self.notes.add(wrong, column, text)
            return UNSAID
        return cleaned

    def identifier(self, column: str = "identifiant") -> str:
        """The external identifier in a cell, which must not be empty."""
        return self.required(column, LONGEST_IDENTIFIER)

    def words(self, column: str, known: Vocabulary[Meaning], unknown: Kind = kinds.UNKNOWN_WORD) -> list[Meaning]:
        """The known words of a cell that holds a list, each once; the others are noted."""
        found: dict[Meaning, None] = {}
        for text in self.listed(column):
            word = known.meaning(text)
            if word is None:
                self.notes.add(unknown, column, text, choices=known.choices)
            else:
                found[word] = None
        return list(found)

    def word(self, column: str, known: Vocabulary[Meaning], emptied: Value) -> Said[Meaning | Value]:
        """The first known word of a cell; ``emptied`` where it is empty, and nothing where no word is known."""
        words = self.words(column, known)
        if words:
            return words[0]
        return UNSAID if self.row.cells[column] else emptied

    def strict_word(self, column: str, known: Vocabulary[Meaning]) -> Said[Meaning]:
        """The known word of a cell, which is refused where it is another; an empty cell says nothing."""
        words = self.words(column, known, kinds.WRONG_WORD)
        return words[0] if words else UNSAID

    def answer(self, column: str) -> bool | None:
        """Yes or no; an empty cell says neither, nor does another word, with a warning."""
        text = self.text(column)
        answer = ANSWERS.meaning(text)
        if text and answer is None:
            self.notes.add(kinds.UNCLEAR_CONSENT, column, text)
        return answer


def read_number(text: str) -> float | None:
    """The number that a text says, with a comma or a point."""
    compact = _SPACES.sub("", text)
    return float(compact.replace(",", ".")) if _NUMBER.fullmatch(compact) else None


@lru_cache(maxsize=8192)
def _folded(text: str) -> str:
    return fold(text)
