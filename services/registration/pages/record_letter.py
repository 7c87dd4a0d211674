"""Somebody's record in plain words: which of it a letter shows, under which headings, and what codes stand for.

What is left out of the letter repeats what stands elsewhere in it, or serves machines; the file holds it all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.registration.pages.record_codes import CODES, both
from services.registration.pages.record_words import SHOWN, InLetter
from shared.language import Language
from shared.reference.communes import commune
from shared.reference.exercises import exercise
from shared.reference.levels import level
from shared.reference.licences import find_licence
from shared.reference.occupations import occupation
from shared.reference.skills import skill_name
from shared.web.typography import date_in_words, moment_in_words, number_in_words, phone_in_words

LetterLine = tuple[str, str]
"""A label and what it says."""


@dataclass(frozen=True, slots=True)
class LetterSection:
    """A heading, and what stands under it: entries of labelled lines."""

    heading: str
    entries: Sequence[Sequence[LetterLine]]


SEEN_AS = both("{level} sur 4, entre {low} et {high}", "{level} out of 4, between {low} and {high}")
NOT_KNOWN = both("non précisé", "not said")
"""What an id says that nobody knows any more: of staff who signed in without a record of their own, for one."""

AS_WRITTEN = frozenset({"first_name", "last_name", "email", "postal_address", "identifier", "note"})
"""What somebody typed: shown as it is, though it were a code, a moment or an id."""

NOT_YET_SEEN = both("pas encore vu", "not yet seen")


def letter_of(content: Mapping[str, Any], language: Language) -> list[LetterSection]:
    """The chapters of a record that have something to say."""
    words = _Words(content["ids"], language)
    services = content["services"]
    chapters = [
        LetterSection(
            each.heading.in_language(language),
            list(_entries(services[each.service]["record"].get(each.table, ()), each, words)),
        )
        for each in SHOWN
    ]
    chapters += [_profile(services["matching"].get("profile"), words), _looks(services, words)]
    return [each for each in chapters if each.entries]


class _Words:
    """Says values in a language: ids by what they stand for, codes by their words, dates as people write them."""

    def __init__(self, ids: Mapping[str, Mapping[str, Any]], language: Language) -> None:
        self._ids, self.language = ids, language

    def say(self, column: str, value: Any) -> str:
        match value:
            case None:
                return NOT_KNOWN.in_language(self.language)
            case bool():
                return ("oui" if value else "non") if self.language == "fr" else ("yes" if value else "no")
            case datetime():
                return moment_in_words(value, self.language)
            case date():
                return date_in_words(value, self.language)
            case list() | tuple():
                return ", ".join(self.say(column, each) for each in value)
            case {"fr": _, "en": _}:
                return str(value[self.language])
            case int() if column == "level":
                return level(value).name(self.language)
            case float():
                return number_in_words(value, self.language)
            case str() if column not in AS_WRITTEN and (moment := _moment_in(value)) is not None:
                return moment_in_words(moment, self.language)
        return self._text(column, str(value))

    def _text(self, column: str, text: str) -> str:
        if column in AS_WRITTEN:
            return text
        if (words := CODES.get(column, {}).get(text)) is not None:
            return words.in_language(self.language)
        if _is_id(text):
            return self._named(self._ids[text]) if text in self._ids else NOT_KNOWN.in_language(self.language)
        if column == "skill":
            return skill_name(text, self.language)
        if column in ("wishes", "refused_occupations"):
            return occupation(text).label
        if column == "licences" and (licence := find_licence(text)) is not None:
            return licence.label(self.language)
        if column == "exercise":
            return exercise(text).title(self.language)
        if column == "commune":
            return commune(text).full_name
        return phone_in_words(text) if column == "phone" else text

    def _named(self, named: Mapping[str, Any]) -> str:
        match named["kind"]:
            case "staff":
                role = self.say("role", named["role"]) if named["role"] else ""
                return ", ".join(filter(None, (role, named["agency"])))
            case "workshop":
                days = (date_in_words(named[day], self.language) for day in ("starts_on", "ends_on"))
                return f"{named['title']} ({' – '.join(days)})"
            case "workshop-session":
                what = [named["title"], named["exercise"] and exercise(named["exercise"]).title(self.language)]
                return ", ".join(filter(None, [date_in_words(named["held_on"], self.language), *what]))
            case "meetup":
                return f"{named['title']} ({moment_in_words(named['starts_at'], self.language)})"
            case "need":
                return f"{named['title']}, {named['employer']}"
        return str(named["name"])


def _entries(rows: Sequence[Mapping[str, Any]], shown: InLetter, words: _Words) -> Iterator[list[LetterLine]]:
    for row in rows:
        lines = [
            (label.in_language(words.language), words.say(name, row.get(name)))
            for name, label in shown.columns.items()
            if row.get(name) not in (None, "", [], ()) or name in shown.told_if_unknown
        ]
        if lines:
            yield lines


def _profile(profile: Mapping[str, Any] | None, words: _Words) -> LetterSection:
    heading = both("Votre profil, d’après ce qui a été vu", "Your profile, from what was seen").in_language(
        words.language
    )
    return LetterSection(heading, [[_skill_line(each, words) for each in profile["skills"]]] if profile else [])


def _skill_line(skill: Mapping[str, Any], words: _Words) -> LetterLine:
    if not skill["seen"]:
        return words.say("skill", skill["skill"]), NOT_YET_SEEN.in_language(words.language)
    numbers = {name: number_in_words(skill[name], words.language, 1) for name in ("level", "low", "high")}
    return words.say("skill", skill["skill"]), SEEN_AS.in_language(words.language).format(**numbers)


def _looks(services: Mapping[str, Any], words: _Words) -> LetterSection:
    heading = both("Qui a consulté ou modifié vos données", "Who looked at your data or changed them")
    looks = sorted((look for service in services.values() for look in service["looks"]), key=_at, reverse=True)
    lines = [
        (
            words.say("at", _at(look)),
            ", ".join(words.say(name, look[name]) for name in ("role", "agency_id", "what") if look[name]),
        )
        for look in looks
    ]
    # Several in one request are one to whoever reads.
    return LetterSection(heading.in_language(words.language), [list(dict.fromkeys(lines))] if lines else [])


def _at(look: Mapping[str, Any]) -> datetime:
    at = look["at"]
    return at if isinstance(at, datetime) else datetime.fromisoformat(at)


def _moment_in(text: str) -> datetime | None:
    """The moment that a service told as text; dates and all else are none."""
    try:
        return datetime.fromisoformat(text) if "T" in text else None
    except ValueError:
        return None


def _is_id(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False
