"""Forms that people fill in: their fields as data, what was sent as a body, and what is wrong beside each field.

A form is filled in for a body of the API, so that both refuse the same things in the same words.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any, Generic, NamedTuple, TypeVar
from uuid import UUID

from fastapi import Request, Response
from pydantic import ValidationError
from starlette.datastructures import FormData

from services.registration import showing
from services.registration.domain.findings import Finding, Refused
from services.registration.domain.records import Revisioned
from services.registration.intake.bodies import Body
from shared.language import Bilingual, Language
from shared.web import pages_of
from shared.web.application import AnswersInstead
from shared.web.preconditions import changed_since
from shared.web.problems import Problem, from_validation
from shared.web.templating import language_of

Filled = TypeVar("Filled", bound=Body)
FieldTexts = Mapping[str, str | Sequence[str]]
"""What stands in each field: a text, or several where several can be chosen."""

REVISION = "revision"
"""The field that says which revision of a record whoever fills the form in has seen."""

_FRENCH_DAY = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})")


class EnteredAs(StrEnum):
    """How something is entered."""

    TEXT = "text"
    EMAIL = "email"
    PHONE = "tel"
    DAY = "date"
    CLOCK = "time"
    NUMBER = "number"
    AREA = "area"
    LINES = "lines"
    """Several texts, one on each line."""
    ONE = "one"
    """One of a few, all in sight."""
    SELECT = "select"
    """One of many."""
    SEVERAL = "several"
    YES_NO = "yes-no"


@dataclass(frozen=True, slots=True)
class Field:
    """One field: the member of the body that it fills (``protected.born_on``), its label, and how it is entered.

    ``options`` are what can be chosen, each with its words; a page may give others where only it knows them.
    """

    name: str
    label: Bilingual
    entry: EnteredAs = EnteredAs.TEXT
    hint: Bilingual | None = None
    options: tuple[tuple[str, Bilingual], ...] = ()
    required: bool = False
    autocomplete: str | None = None
    in_words: Callable[[str], str] = str
    """How a code that is kept stands in the field, where people enter its name."""

    def said_options(self, language: Language) -> list[tuple[str, str]]:
        """What can be chosen, in a language."""
        return [(value, words.in_language(language)) for value, words in self.options]


@dataclass(frozen=True, slots=True)
class Section:
    """Fields that belong together, under a heading; folded ones are opened by whoever needs them."""

    heading: Bilingual | None
    fields: tuple[Field, ...]
    is_folded: bool = False
    columns: tuple[Bilingual, ...] = ()
    """Where given, fields stand in rows of so many, each row under the label of its first field."""
    hint: Bilingual | None = None


class Wrong(NamedTuple):
    """What is wrong at one field; at none where ``name`` is empty."""

    name: str
    label: str
    message: str


@dataclass(frozen=True, slots=True)
class PageForm(Generic[Filled]):
    """A form for a body.

    ``beside`` are fields whose texts the page itself makes into members of the body; ``tells`` says at which field
    what is wrong with such a member, or below it, is told.
    """

    body: type[Filled]
    sections: tuple[Section, ...]
    beside: frozenset[str] = frozenset()
    tells: Mapping[str, str] = dataclass_field(default_factory=dict)

    @property
    def fields(self) -> Iterator[Field]:
        """All fields, in the order in which they are seen."""
        return (field for section in self.sections for field in section.fields)

    def read(self, sent: FormData, **others: object) -> Filled:
        """What was sent, as a body; ``others`` are members that no field fills. Raises `ValidationError`."""
        members: dict[str, Any] = dict(others)
        for field in self.fields:
            value = None if field.name in self.beside else _read(field, sent)
            if value is not None:
                _put(members, field.name.split("."), value)
        return self.body.model_validate(members)

    def changes(self, sent: FormData, known: FieldTexts) -> dict[str, Any]:
        """The members of fields in which something else stands than is known; `None` where they were emptied."""
        typed, members = self.typed(sent), dict[str, Any]()
        for field in self.fields:
            is_asked = field.name in sent or field.entry is EnteredAs.SEVERAL
            if field.name not in self.beside and is_asked and _plain(typed[field.name]) != _plain(known[field.name]):
                _put(members, field.name.split("."), _read(field, sent))
        return members

    def typed(self, sent: FormData) -> FieldTexts:
        """What was typed, to be shown again."""
        return {
            field.name: [str(each) for each in sent.getlist(field.name)]
            if field.entry is EnteredAs.SEVERAL
            else str(sent.get(field.name, ""))
            for field in self.fields
        }

    def known(self, shown: Mapping[str, Any]) -> FieldTexts:
        """What is kept, as whoever changes it finds it in the fields; ``shown`` is the record as it is shown."""
        return {field.name: _written(field, _got(shown, field.name.split("."))) for field in self.fields}

    def wrongs(self, error: ValidationError | Refused, language: Language) -> list[Wrong]:
        """What is wrong with what was sent, field by field, in the order of the form."""
        told = _told(error) if isinstance(error, Refused) else _told_of_shape(error)
        found = [self._at_field(path, message.in_language(language), language) for path, message in told]
        order = {field.name: position for position, field in enumerate(self.fields)}
        return sorted(found, key=lambda wrong: order.get(wrong.name, -1))

    def _at_field(self, path: str, message: str, language: Language) -> Wrong:
        """A path below a field (``wishes.0``) is the field's."""
        path = self._told_at(path)
        for field in self.fields:
            if path == field.name or path.startswith(f"{field.name}."):
                return Wrong(field.name, field.label.in_language(language), message)
        return Wrong("", "", message)

    def _told_at(self, path: str) -> str:
        parts = path.split(".")
        above = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
        return next((self.tells[each] for each in above if each in self.tells), path)


@asynccontextmanager
async def asking_again(
    request: Request, template: str, form: PageForm[Any], sent: FormData, **values: Any
) -> AsyncIterator[None]:
    """Where what was sent is refused, shows the form again with what is wrong and all that was typed.

    What was done until then is taken back. ``values`` are those that the template needs beside the form.
    """
    try:
        yield
    except (ValidationError, Refused) as error:
        wrongs = form.wrongs(error, language_of(request))
        raise AnswersInstead(
            show_form(request, template, form, form.typed(sent), wrongs=wrongs, status=422, sent=sent, **values)
        ) from None
    except Problem as trouble:
        if trouble.code != "changed-since":
            raise
        shown = {**values, "changed": form.known(trouble.extensions["changed"])}
        revision = trouble.extensions["revision"]
        again = show_form(request, template, form, form.typed(sent), status=412, sent=sent, revision=revision, **shown)
        raise AnswersInstead(again) from None


def show_form(
    request: Request,
    template: str,
    form: PageForm[Any],
    typed: FieldTexts,
    *,
    wrongs: Sequence[Wrong] = (),
    revision: int | None = None,
    sent: FormData | None = None,
    status: int = 200,
    **values: Any,
) -> Response:
    """A page with a form on it: ``typed`` stands in its fields, ``wrongs`` beside them.

    ``revision`` is that of the record as whoever fills it in sees it; what was ``sent`` keeps its own.
    """
    kept = sent.get(REVISION) if sent is not None and revision is None else revision
    return pages_of(request).page(
        request,
        template,
        status=status,
        form=form,
        typed=typed,
        wrongs=wrongs,
        wrong_at={wrong.name: wrong.message for wrong in wrongs},
        revision=kept,
        **{"changed": {}, **values},
    )


def check_seen(sent: FormData, kept: Revisioned, shown: showing.Shown) -> None:
    """Raise a `Problem` with what changed since, unless whoever sent the form saw the record as it is now."""
    if seen_in(sent) != kept.revision:
        raise changed_since(kept.revision, showing.changed_since(kept, seen_in(sent), shown))


def seen_in(sent: FormData) -> int:
    """The revision that whoever sent the form had seen; none of ours where it says none."""
    said = str(sent.get(REVISION, ""))
    return int(said) if said.isdecimal() and len(said) < 10 else 0


def _read(field: Field, sent: FormData) -> Any:
    """What a field says: `None` where it is left empty, and so says nothing."""
    texts = [text.strip() for each in sent.getlist(field.name) if isinstance(each, str) and (text := each).strip()]
    if field.entry is EnteredAs.SEVERAL:
        return texts
    if field.entry is EnteredAs.LINES:
        return [line.strip() for text in texts for line in text.splitlines() if line.strip()]
    if not texts:
        return None
    match field.entry:
        case EnteredAs.NUMBER:
            return as_number(texts[0])
        case EnteredAs.DAY:
            return _day(texts[0])
        case EnteredAs.YES_NO:
            return {"yes": True, "no": False}.get(texts[0], texts[0])
        case EnteredAs.AREA:
            return texts[0].replace("\r\n", "\n")
    return texts[0]


def as_number(text: str) -> int | float | str:
    """A number as people in France and elsewhere write it; anything else is left for the body to refuse."""
    plain = re.sub(r"[\s\u00a0\u202f]", "", text).replace(",", ".")
    try:
        return int(plain) if re.fullmatch(r"[+-]?\d{1,15}", plain) else float(plain)
    except ValueError:
        return text


def _day(text: str) -> str:
    """A day as a browser sends it, or as people in France write it where the browser has no calendar."""
    french = _FRENCH_DAY.fullmatch(text)
    return f"{french[3]}-{int(french[2]):02}-{int(french[1]):02}" if french else text


def _plain(text: str | Sequence[str]) -> str | Sequence[str]:
    """A text without what a browser changes of it."""
    return text.replace("\r\n", "\n").strip() if isinstance(text, str) else text


def _put(members: dict[str, Any], path: Sequence[str], value: Any) -> None:
    *outer, last = path
    for name in outer:
        members = members.setdefault(name, {})
    members[last] = value


def _got(shown: Any, path: Sequence[str]) -> Any:
    for name in path:
        shown = shown.get(name) if isinstance(shown, Mapping) else None
    return shown


def _written(field: Field, value: Any) -> str | list[str]:
    """A kept value as it stands in a field."""
    match value:
        case None:
            return [] if field.entry is EnteredAs.SEVERAL else ""
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:g}".replace(".", ",")
        case datetime() | date():
            return value.isoformat()
        case time():
            return f"{value:%H:%M}"
        case UUID():
            return str(value)
        case list() | tuple() | frozenset() | set():
            texts = [field.in_words(str(each)) for each in value]
            return texts if field.entry is EnteredAs.SEVERAL else "\n".join(texts)
    return field.in_words(str(value))


def _told(refused: Refused) -> Iterable[tuple[str, Bilingual]]:
    return [(finding.where, _words(finding)) for finding in refused.findings]


def _words(finding: Finding) -> Bilingual:
    return Bilingual(finding.message, finding.kind.meaning)


def _told_of_shape(error: ValidationError) -> Iterable[tuple[str, Bilingual]]:
    located = [{**each, "loc": ("body", *each["loc"])} for each in error.errors()]
    return [(each["path"], each["message"]) for each in from_validation(located).extensions["errors"]]
