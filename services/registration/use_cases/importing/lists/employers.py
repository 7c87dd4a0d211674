"""employeurs.csv and besoins.csv."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import ClassVar

from services.registration.adapters import known_words
from services.registration.adapters.files.cells import HOURS, Cells, read_number
from services.registration.adapters.files.records import Row
from services.registration.adapters.known_words import department_of_commune, in_french
from services.registration.domain import kinds
from services.registration.domain.contact_rules import clean_email, clean_phone, clean_siret
from services.registration.domain.needs import (
    DEFAULT_POSTS,
    DEFAULT_SEATS,
    MOST_POSTS,
    MOST_SEATS,
    WHOLE_PERCENT,
    Employer,
    EmployerDraft,
    NeedDraft,
    RequiredSkill,
    adds_up,
    normalised,
)
from services.registration.domain.participants import ALL_HOURS, DEFAULT_HOURS, Hours
from services.registration.repository.employers import employers_by_identifier, needs_by_identifier
from services.registration.use_cases.employers import save_employers
from services.registration.use_cases.importing.lists.layout import (
    Column,
    FileLayout,
    Outcome,
    good_ones,
    outcomes_of,
    read_all,
)
from services.registration.use_cases.needs import save_needs

STATED_DEFAULTS: Mapping[str, object] = {"postes": DEFAULT_POSTS, "places_entretien": DEFAULT_SEATS, "horaires": "jour"}
HIGHEST_REQUIRED_LEVEL = 4


class EmployersFile(FileLayout):
    """Employers and whom to talk to there."""

    stem = "employeurs"
    key = ("identifiant",)
    columns = (
        Column("identifiant", is_required=True),
        Column("raison_sociale", is_required=True),
        Column("siret"),
        Column("contact"),
        Column("courriel"),
        Column("telephone"),
        Column("commune", is_required=True),
    )

    async def keep(self, rows: Sequence[Row]) -> list[Outcome]:
        """Register the employers, or change those whose identifier is known."""
        read = read_all(rows, self._read)
        good = good_ones(read)
        answers = await save_employers(self.context.session, good, self.context.moment)
        return outcomes_of(read, answers)

    def _read(self, cells: Cells) -> EmployerDraft:
        place = self.context.place(cells.required("commune"), self.context.departments(), cells.notes)
        return EmployerDraft(
            identifier=cells.identifier(),
            name=cells.required("raison_sociale"),
            place=place,
            siret=cells.said("siret", lambda column: cells.cleaned(column, clean_siret, kinds.BAD_SIRET)),
            contact_name=cells.said("contact", lambda column: cells.text(column) or None),
            email=cells.said("courriel", lambda column: cells.cleaned(column, clean_email, kinds.BAD_EMAIL)),
            phone=cells.said("telephone", lambda column: cells.cleaned(column, clean_phone, kinds.BAD_PHONE)),
        )


class NeedsFile(FileLayout):
    """What employers need."""

    stem = "besoins"
    key = ("identifiant",)
    columns = (
        Column("identifiant", is_required=True),
        Column("employeur", is_required=True),
        Column("intitule", is_required=True),
        Column("rome", is_required=True),
        Column("commune", is_required=True),
        Column("postes"),
        Column("places_entretien"),
        Column("horaires"),
        Column("permis"),
        Column("competences", is_required=True),
    )

    field_columns: ClassVar[Mapping[str, str]] = {"identifier": "identifiant", "employer_id": "employeur"}

    async def keep(self, rows: Sequence[Row]) -> list[Outcome]:
        """Publish the needs, or change those whose identifier is known."""
        session = self.context.session
        employers = await employers_by_identifier(session, {row.cells["employeur"] for row in rows})
        known = await needs_by_identifier(session, {row.cells["identifiant"] for row in rows})
        read = read_all(rows, lambda cells: self._read(cells, employers, known))
        good = good_ones(read)
        answers = await save_needs(self.context.session, good, self.context.moment)
        return outcomes_of(read, answers, self.field_columns)

    def _read(self, cells: Cells, employers: Mapping[str, Employer], known: Collection[str]) -> NeedDraft | None:
        notes = cells.notes
        identifier, employer_name = cells.identifier(), cells.required("employeur")
        employer = employers.get(employer_name)
        if employer_name and employer is None:
            notes.add(kinds.UNKNOWN_EMPLOYER, "employeur", employer_name)
        title, rome = cells.required("intitule"), cells.required("rome")
        occupation = known_words.read_occupation(rome, notes, "rome") if rome else None
        skills = _required_skills(cells)
        place = self.context.place(cells.required("commune"), self._departments(employer), notes)
        _tell_defaults(cells, is_new=identifier not in known)
        draft = NeedDraft(
            identifier=identifier,
            title=title,
            place=place,
            framework=known_words.DEFAULT_FRAMEWORK,
            posts=cells.said("postes", lambda column: cells.whole_or(column, 1, MOST_POSTS, DEFAULT_POSTS)),
            seats=cells.said("places_entretien", lambda column: cells.whole_or(column, 1, MOST_SEATS, DEFAULT_SEATS)),
            hours=cells.said("horaires", lambda column: _hours(cells, column)),
            licences=cells.said("permis", lambda column: _licences(cells, column)),
        )
        if employer is None or occupation is None or notes.refusals:
            return None
        return replace(draft, employer_id=employer.id, occupation=occupation, skills=normalised(skills))

    def _departments(self, employer: Employer | None) -> set[str]:
        """The employer's own département settles namesakes, and else those where the programme has agencies."""
        own = department_of_commune(employer.details.place.commune) if employer else None
        return {own} if own else self.context.departments()


def _tell_defaults(cells: Cells, *, is_new: bool) -> None:
    """Warn where a need lacks what nobody said or somebody emptied: it is taken as stated."""
    for column, default in STATED_DEFAULTS.items():
        if cells.row.cells.get(column) == "" or (is_new and column not in cells.row.cells):
            cells.notes.add(kinds.DEFAULT_USED, column, default=default)


def _hours(cells: Cells, column: str) -> tuple[Hours, ...]:
    named = cells.words(column, HOURS, kinds.WRONG_WORD)
    return tuple(each for each in ALL_HOURS if each in named) or DEFAULT_HOURS


def _licences(cells: Cells, column: str) -> tuple[str, ...]:
    return known_words.read_required_licences(cells.listed(column), cells.notes, column)


def _required_skills(cells: Cells) -> list[RequiredSkill]:
    """The skills of a need; wrong ones are noted and left out."""
    texts = cells.listed("competences")
    skills = [skill for text in texts if (skill := _required_skill(text, cells)) is not None]
    if not texts:
        cells.notes.add(kinds.NO_SKILL, "competences")
    if len({skill.skill for skill in skills}) < len(skills):
        cells.notes.add(kinds.SKILL_TWICE, "competences", cells.text("competences"))
    weights = [skill.weight for skill in skills]
    if len(skills) == len(texts) and texts and not adds_up(weights):
        cells.notes.add(
            kinds.WEIGHTS_DO_NOT_ADD_UP, "competences", cells.text("competences"), total=in_french(sum(weights))
        )
    return skills


def _required_skill(text: str, cells: Cells) -> RequiredSkill | None:
    """One skill of a need, written ``skill:level:weight``."""
    notes = cells.notes
    name, _, numbers = text.partition(":") if text.count(":") < 2 else _split_last_two(text)
    level_text, _, weight_text = numbers.partition(":")
    level, weight = read_number(level_text), read_number(weight_text.removesuffix("%"))
    if not name or level is None or weight is None:
        notes.add(kinds.BAD_REQUIREMENT, "competences", text)
        return None
    code = known_words.read_skill(name.strip(), notes, "competences")
    is_level = level == int(level) and 1 <= level <= HIGHEST_REQUIRED_LEVEL
    if not is_level:
        notes.add(kinds.LEVEL_OUT_OF_RANGE, "competences", text)
    is_weight = 0 < weight <= WHOLE_PERCENT
    if not is_weight:
        notes.add(kinds.OUT_OF_RANGE, "competences", text, lowest="1", highest="100")
    return RequiredSkill(code, int(level), weight) if code and is_level and is_weight else None


def _split_last_two(text: str) -> tuple[str, str, str]:
    """A name may hold a colon itself: the last two stand before level and weight."""
    name, level, weight = text.rsplit(":", 2)
    return name, ":", f"{level}:{weight}"
