"""employeurs.csv and besoins.csv."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar
from uuid import UUID

from services.registration.adapters import known_words
from services.registration.adapters.files.cells import CLOSED, HOURS, Cells, read_number
from services.registration.adapters.files.records import Row
from services.registration.adapters.known_words import department_of_commune, in_french
from services.registration.domain import kinds
from services.registration.domain.contact_rules import clean_email, clean_phone, clean_siret
from services.registration.domain.employer_contacts import EmployerContact
from services.registration.domain.findings import Kind
from services.registration.domain.needs import (
    DEFAULT_POSTS,
    DEFAULT_SEATS,
    MOST_INTERVIEWERS,
    MOST_POSTS,
    MOST_SEATS,
    WHOLE_PERCENT,
    Employer,
    EmployerDraft,
    Need,
    NeedDraft,
    RequiredSkill,
    adds_up,
    normalised,
)
from services.registration.domain.participants import ALL_HOURS, DEFAULT_HOURS, Hours
from services.registration.domain.places import Place
from services.registration.domain.said import UNSAID, Said, Unsaid
from services.registration.domain.sites import Site
from services.registration.repository.employer_contacts import contacts_by_identifier
from services.registration.repository.employers import employers_by_id, employers_by_identifier, needs_by_identifier
from services.registration.repository.sites import sites_by_identifier
from services.registration.use_cases.employers import save_employers
from services.registration.use_cases.importing.lists.layout import (
    LONGEST_ACCESS,
    Column,
    Demand,
    FileLayout,
    RowOutcome,
    good_ones,
    outcomes_of,
    read_all,
)
from services.registration.use_cases.needs import save_needs
from shared.reference.skills import DEFAULT_FRAMEWORK

STATED_DEFAULTS: Mapping[str, object] = {"postes": DEFAULT_POSTS, "places_entretien": DEFAULT_SEATS, "horaires": "jour"}
HIGHEST_REQUIRED_LEVEL = 4


class EmployersFile(FileLayout):
    """Employers and whom to talk to there."""

    stem = "employeurs"
    key = ("identifiant",)
    columns = (
        Column("identifiant", Demand.EVERY_FILE),
        Column("raison_sociale", Demand.NEW_RECORDS),
        Column("siret"),
        Column("contact"),
        Column("courriel"),
        Column("telephone"),
        Column("commune", Demand.NEW_RECORDS),
        Column("agence"),
    )

    field_columns: ClassVar[Mapping[str, str]] = {"contact_name": "contact", "email": "courriel", "phone": "telephone"}

    async def keep(self, rows: Sequence[Row]) -> list[RowOutcome]:
        """Register the employers, or change those whose identifier is known."""
        known = await employers_by_identifier(self.context.session, {row.cells["identifiant"] for row in rows})
        read = read_all(rows, self.unless_incomplete(known, lambda cells: self._read(cells, known)))
        good = good_ones(read)
        await self.context.keep_agencies(agency for draft in good if not isinstance(agency := draft.agency_id, Unsaid))
        answers = await save_employers(self.context.session, self.context.scope, good, self.context.moment)
        return outcomes_of(read, answers, self.field_columns)

    def _read(self, cells: Cells, known: Mapping[str, Employer]) -> EmployerDraft:
        return EmployerDraft(
            identifier=cells.identifier(),
            agency_id=self.context.vouching(cells, known.get(cells.identifier())),
            name=cells.said("raison_sociale", cells.required),
            place=cells.said("commune", lambda column: self._place(cells, column)),
            siret=cells.said("siret", lambda column: cells.cleaned(column, clean_siret, kinds.BAD_SIRET)),
            contact_name=cells.said("contact", lambda column: cells.text(column) or None),
            email=cells.said("courriel", lambda column: cells.cleaned(column, clean_email, kinds.BAD_EMAIL)),
            phone=cells.said("telephone", lambda column: cells.cleaned(column, clean_phone, kinds.BAD_PHONE)),
        )

    def _place(self, cells: Cells, column: str) -> Place:
        return self.context.place(cells.required(column), self.context.departments(), cells.notes)


class NeedsFile(FileLayout):
    """What employers need."""

    stem = "besoins"
    key = ("identifiant",)
    columns = (
        Column("identifiant", Demand.EVERY_FILE),
        Column("employeur", Demand.NEW_RECORDS),
        Column("intitule", Demand.NEW_RECORDS),
        Column("rome", Demand.NEW_RECORDS),
        Column("commune"),
        Column("postes"),
        Column("places_entretien"),
        Column("horaires"),
        Column("permis"),
        Column("competences", Demand.NEW_RECORDS),
        Column("interlocuteurs"),
        Column("acces"),
        Column("agence"),
        Column("site"),
        Column("contact"),
        Column("etat"),
    )

    field_columns: ClassVar[Mapping[str, str]] = {
        "identifier": "identifiant",
        "employer_id": "employeur",
        "site_id": "site",
        "contact_id": "contact",
        "is_closed": "etat",
    }

    async def keep(self, rows: Sequence[Row]) -> list[RowOutcome]:
        """Publish the needs, or change those whose identifier is known."""
        session = self.context.session
        known = await needs_by_identifier(session, {row.cells["identifiant"] for row in rows})
        named = await employers_by_identifier(session, {row.cells.get("employeur", "") for row in rows})
        theirs = await employers_by_id(session, {need.details.employer_id for need in known.values()})
        sites = await sites_by_identifier(session, {row.cells.get("site", "") for row in rows})
        contacts = await contacts_by_identifier(session, {row.cells.get("contact", "") for row in rows})
        around = _Known(known, named, theirs, sites, contacts)
        read = read_all(rows, self.unless_incomplete(known, lambda cells: self._read(cells, around)))
        good = good_ones(read)
        await self.context.keep_agencies(agency for draft in good if not isinstance(agency := draft.agency_id, Unsaid))
        answers = await save_needs(session, self.context.scope, good, self.context.moment)
        return outcomes_of(read, answers, self.field_columns)

    def _read(self, cells: Cells, known: _Known) -> NeedDraft:
        identifier = cells.identifier()
        employer = known.employer_of(cells, identifier)
        skills = cells.said("competences", lambda _column: _required_skills(cells))
        _tell_defaults(cells, is_new=identifier not in known.needs)
        draft = NeedDraft(
            identifier=identifier,
            agency_id=self.context.vouching(cells, known.needs.get(identifier)),
            employer_id=employer.id if employer and "employeur" in cells.row.cells else UNSAID,
            title=cells.said("intitule", cells.required),
            occupation=cells.said("rome", lambda column: _occupation(cells, column)),
            place=cells.said("commune", lambda column: self._place(cells, column, employer)),
            posts=cells.said("postes", lambda column: cells.whole_or(column, 1, MOST_POSTS, DEFAULT_POSTS)),
            seats=cells.said("places_entretien", lambda column: cells.whole_or(column, 1, MOST_SEATS, DEFAULT_SEATS)),
            hours=cells.said("horaires", lambda column: _hours(cells, column)),
            licences=cells.said("permis", lambda column: _licences(cells, column)),
            interviewers=cells.said("interlocuteurs", lambda column: cells.whole_or(column, 1, MOST_INTERVIEWERS, 1)),
            access=cells.said("acces", lambda column: cells.lines(column, LONGEST_ACCESS) or None),
            site_id=cells.said("site", lambda column: known.site_of(cells, column, employer)),
            contact_id=cells.said("contact", lambda column: known.contact_of(cells, column, employer)),
            is_closed=cells.said("etat", lambda column: cells.strict_word(column, CLOSED)),
        )
        if isinstance(skills, Unsaid) or cells.notes.refusals:
            return draft
        return replace(draft, framework=DEFAULT_FRAMEWORK, skills=normalised(skills))

    def _place(self, cells: Cells, column: str, employer: Employer | None) -> Place:
        """The employer's own département settles namesakes, and else those where the programme has agencies.

        An empty cell is `NOWHERE`: the work is where its site is.
        """
        own = department_of_commune(employer.details.place.commune) if employer else None
        return self.context.place(cells.text(column), {own} if own else self.context.departments(), cells.notes)


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of the needs of some rows: they and what they name, by identifier, and their employers by id."""

    needs: Mapping[str, Need]
    employers: Mapping[str, Employer]
    employers_by_id: Mapping[UUID, Employer]
    sites: Mapping[str, Site]
    contacts: Mapping[str, EmployerContact]

    def employer_of(self, cells: Cells, identifier: str) -> Employer | None:
        """The employer that a row names, or the need's own where the file does not name it; an unknown one is noted."""
        if "employeur" not in cells.row.cells:
            need = self.needs.get(identifier)
            return self.employers_by_id.get(need.details.employer_id) if need else None
        name = cells.required("employeur")
        employer = self.employers.get(name)
        if name and employer is None:
            cells.notes.add(kinds.UNKNOWN_EMPLOYER, "employeur", name)
        return employer

    def site_of(self, cells: Cells, column: str, employer: Employer | None) -> Said[UUID | None]:
        """The site that a row names; an unknown one, or another employer's, is refused."""
        return _part_of(employer, self.sites, kinds.UNKNOWN_SITE, cells, column)

    def contact_of(self, cells: Cells, column: str, employer: Employer | None) -> Said[UUID | None]:
        """The contact that a row names; an unknown one, or another employer's, is refused."""
        return _part_of(employer, self.contacts, kinds.UNKNOWN_CONTACT, cells, column)


def _part_of(
    employer: Employer | None,
    known: Mapping[str, Site] | Mapping[str, EmployerContact],
    unknown: Kind,
    cells: Cells,
    column: str,
) -> Said[UUID | None]:
    name = cells.text(column)
    if not name:
        return None
    part = known.get(name)
    if part is None or (employer is not None and part.details.employer_id != employer.id):
        cells.notes.add(unknown, column, name)
        return UNSAID
    return part.id


def _occupation(cells: Cells, column: str) -> Said[str]:
    text = cells.required(column)
    return (known_words.read_occupation(text, cells.notes, column) if text else None) or UNSAID


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
