"""sites.csv and contacts.csv: where employers' people work, and whom to talk to there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar
from uuid import UUID

from services.registration.adapters.files.cells import ANSWERS, LANGUAGES, Cells
from services.registration.adapters.files.records import Row
from services.registration.adapters.known_words import department_of_commune
from services.registration.domain import kinds
from services.registration.domain.contact_rules import clean_email, clean_phone, clean_siret
from services.registration.domain.employer_contacts import EmployerContact, EmployerContactDraft
from services.registration.domain.needs import Employer
from services.registration.domain.participants import DEFAULT_LANGUAGE
from services.registration.domain.places import Place
from services.registration.domain.said import UNSAID, Said
from services.registration.domain.sites import Site, SiteDraft
from services.registration.repository.employer_contacts import contacts_by_identifier
from services.registration.repository.employers import employers_by_id, employers_by_identifier
from services.registration.repository.sites import sites_by_identifier
from services.registration.use_cases.employer_contacts import save_contacts
from services.registration.use_cases.importing.context import Context
from services.registration.use_cases.importing.lists.layout import (
    LONGEST_ACCESS,
    LONGEST_ADDRESS,
    Column,
    Demand,
    FileLayout,
    RowOutcome,
    good_ones,
    outcomes_of,
    read_all,
)
from services.registration.use_cases.sites import save_sites

EMPLOYER = "employeur"


class SitesFile(FileLayout):
    """Where employers' people work."""

    stem = "sites"
    is_told_by_columns = False
    key = ("identifiant",)
    columns = (
        Column("identifiant", Demand.EVERY_FILE),
        Column(EMPLOYER, Demand.NEW_RECORDS),
        Column("nom", Demand.NEW_RECORDS),
        Column("siret"),
        Column("adresse"),
        Column("commune", Demand.NEW_RECORDS),
        Column("acces"),
    )

    field_columns: ClassVar[Mapping[str, str]] = {"employer_id": EMPLOYER}

    async def keep(self, rows: Sequence[Row]) -> list[RowOutcome]:
        """Register the sites, or change those whose identifier is known."""
        session = self.context.session
        known = await sites_by_identifier(session, {row.cells["identifiant"] for row in rows})
        employers = await employers_of(rows, known, self.context)
        read = read_all(rows, self.unless_incomplete(known, lambda cells: self._read(cells, known, employers)))
        answers = await save_sites(session, self.context.scope, good_ones(read), self.context.moment)
        return outcomes_of(read, answers, self.field_columns)

    def _read(self, cells: Cells, known: Mapping[str, Site], employers: EmployersOfRows) -> SiteDraft:
        employer = employers.of(cells, known.get(cells.identifier()))
        return SiteDraft(
            identifier=cells.identifier(),
            employer_id=employer.id if employer else UNSAID,
            name=cells.said("nom", cells.required),
            place=cells.said("commune", lambda column: self._place(cells, column, employer)),
            siret=cells.said("siret", lambda column: cells.cleaned(column, clean_siret, kinds.BAD_SIRET)),
            address=cells.said("adresse", lambda column: cells.lines(column, LONGEST_ADDRESS) or None),
            access=cells.said("acces", lambda column: cells.lines(column, LONGEST_ACCESS) or None),
        )

    def _place(self, cells: Cells, column: str, employer: Employer | None) -> Place:
        """The employer's own département settles namesakes, and else those where the programme has agencies."""
        own = department_of_commune(employer.details.place.commune) if employer else None
        return self.context.place(cells.required(column), {own} if own else self.context.departments(), cells.notes)


class ContactsFile(FileLayout):
    """Whom to talk to at employers."""

    stem = "contacts"
    is_told_by_columns = False
    key = ("identifiant",)
    columns = (
        Column("identifiant", Demand.EVERY_FILE),
        Column(EMPLOYER, Demand.NEW_RECORDS),
        Column("nom", Demand.NEW_RECORDS),
        Column("fonction"),
        Column("courriel"),
        Column("telephone"),
        Column("langue"),
        Column("principal"),
    )

    field_columns: ClassVar[Mapping[str, str]] = {
        "employer_id": EMPLOYER,
        "name": "nom",
        "email": "courriel",
        "phone": "telephone",
        "is_main": "principal",
    }

    async def keep(self, rows: Sequence[Row]) -> list[RowOutcome]:
        """Register the contacts, or change those whose identifier is known."""
        session = self.context.session
        known = await contacts_by_identifier(session, {row.cells["identifiant"] for row in rows})
        employers = await employers_of(rows, known, self.context)
        read = read_all(rows, self.unless_incomplete(known, lambda cells: self._read(cells, known, employers)))
        answers = await save_contacts(session, self.context.scope, good_ones(read), self.context.moment)
        return outcomes_of(read, answers, self.field_columns)

    def _read(
        self, cells: Cells, known: Mapping[str, EmployerContact], employers: EmployersOfRows
    ) -> EmployerContactDraft:
        employer = employers.of(cells, known.get(cells.identifier()))
        return EmployerContactDraft(
            identifier=cells.identifier(),
            employer_id=employer.id if employer else UNSAID,
            name=cells.said("nom", lambda column: cells.text(column) or None),
            function=cells.said("fonction", lambda column: cells.text(column) or None),
            email=cells.said("courriel", lambda column: cells.cleaned(column, clean_email, kinds.BAD_EMAIL)),
            phone=cells.said("telephone", lambda column: cells.cleaned(column, clean_phone, kinds.BAD_PHONE)),
            language=cells.said("langue", lambda column: cells.word(column, LANGUAGES, DEFAULT_LANGUAGE)),
            is_main=cells.said("principal", lambda column: _is_main(cells, column)),
        )


class EmployersOfRows:
    """The employers of some rows: those that they name, and those of the records that they correct."""

    def __init__(self, named: Mapping[str, Employer], by_id: Mapping[UUID, Employer], context: Context) -> None:
        self._named = named
        self._by_id = by_id
        self._context = context

    def of(self, cells: Cells, kept: Site | EmployerContact | None) -> Employer | None:
        """The employer of a row; an unknown one, and one for which another agency vouches, are refused."""
        if EMPLOYER not in cells.row.cells:
            own = self._by_id.get(kept.details.employer_id) if kept else None
            return self._checked(own, cells, "identifiant")
        name = cells.required(EMPLOYER)
        employer = self._named.get(name)
        if name and employer is None:
            cells.notes.add(kinds.UNKNOWN_EMPLOYER, EMPLOYER, name)
        return self._checked(employer, cells, EMPLOYER)

    def _checked(self, employer: Employer | None, cells: Cells, column: str) -> Employer | None:
        if employer is not None and not self._context.scope.covers(employer.details.agency_id):
            cells.notes.add(kinds.OTHER_AGENCY, column, cells.text(column))
        return employer


async def employers_of(
    rows: Sequence[Row], known: Mapping[str, Site] | Mapping[str, EmployerContact], context: Context
) -> EmployersOfRows:
    """The employers of rows."""
    named = await employers_by_identifier(context.session, {row.cells.get(EMPLOYER, "") for row in rows})
    theirs = await employers_by_id(context.session, {each.details.employer_id for each in known.values()})
    return EmployersOfRows(named, theirs, context)


def _is_main(cells: Cells, column: str) -> Said[bool]:
    """« oui » makes somebody the main contact; they stay it until that is said of another."""
    return True if True in cells.words(column, ANSWERS) else UNSAID
