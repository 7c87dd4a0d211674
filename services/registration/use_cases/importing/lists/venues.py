"""agences.csv and lieux.csv: how people reach agencies, and find the places where they meet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar
from uuid import UUID

from services.registration.adapters.files.cells import Cells
from services.registration.adapters.files.records import Row
from services.registration.domain import kinds
from services.registration.domain.agencies import AgencyContactDraft
from services.registration.domain.contact_rules import clean_email, clean_phone
from services.registration.domain.venues import VenueDraft
from services.registration.domain.workshops import LONGEST_VENUE_NAME
from services.registration.use_cases.agencies import change_agency_contacts
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
from services.registration.use_cases.saving import SavedAs
from services.registration.use_cases.venues import save_venues


class AgenciesFile(FileLayout):
    """How agencies are reached."""

    stem = "agences"
    is_told_by_columns = False
    agency_column = "nom"
    key = ("nom",)
    columns = (
        Column("nom", Demand.EVERY_FILE),
        Column("telephone"),
        Column("courriel"),
        Column("adresse"),
    )

    async def keep(self, rows: Sequence[Row]) -> list[RowOutcome]:
        """Keep the agencies, or change those whose name is known."""
        read = read_all(rows, self._read)
        good = good_ones(read)
        new = await self.context.keep_agencies(agency_id for agency_id, _ in good)
        changes = await change_agency_contacts(self.context.session, good)
        answers = [SavedAs.NEW if id_ in new else change for (id_, _), change in zip(good, changes, strict=True)]
        return outcomes_of(read, answers)

    def _read(self, cells: Cells) -> tuple[UUID, AgencyContactDraft] | None:
        name = cells.required("nom")
        if not name:
            return None
        agency = self.context.agency(name)
        self.context.check_agency(agency.id, cells.notes, "nom", name)
        return agency.id, AgencyContactDraft(
            phone=cells.said("telephone", lambda column: cells.cleaned(column, clean_phone, kinds.BAD_PHONE)),
            email=cells.said("courriel", lambda column: cells.cleaned(column, clean_email, kinds.BAD_EMAIL)),
            address=cells.said("adresse", lambda column: cells.lines(column, LONGEST_ADDRESS) or None),
        )


class VenuesFile(FileLayout):
    """Where workshops and meetups are held."""

    stem = "lieux"
    is_told_by_columns = False
    key = ("nom", "commune")
    columns = (
        Column("nom", Demand.EVERY_FILE),
        Column("adresse"),
        Column("commune", Demand.EVERY_FILE),
        Column("acces"),
        Column("contact"),
    )

    field_columns: ClassVar[Mapping[str, str]] = {"name": "nom"}

    async def keep(self, rows: Sequence[Row]) -> list[RowOutcome]:
        """Keep the venues, or change those whose name is known in their commune."""
        read = read_all(rows, self._read)
        answers = await save_venues(self.context.session, good_ones(read), self.context.moment)
        return outcomes_of(read, answers, self.field_columns)

    def _read(self, cells: Cells) -> VenueDraft:
        place = self.context.place(cells.required("commune"), self.context.departments(), cells.notes)
        return VenueDraft(
            name=cells.public_name("nom", LONGEST_VENUE_NAME),
            place=place,
            address=cells.said("adresse", lambda column: cells.lines(column, LONGEST_ADDRESS) or None),
            access=cells.said("acces", lambda column: cells.lines(column, LONGEST_ACCESS) or None),
            contact=cells.said("contact", lambda column: cells.text(column) or None),
        )
