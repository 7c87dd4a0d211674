"""ateliers.csv and inscriptions.csv."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

from services.registration.adapters.files.cells import Cells
from services.registration.adapters.files.records import Row
from services.registration.domain import kinds
from services.registration.domain.operations import Operation
from services.registration.domain.places import Place
from services.registration.domain.said import UNSAID, Said, Unsaid, said_or
from services.registration.domain.workshops import LONGEST_VENUE_NAME, Workshop, WorkshopDraft
from services.registration.repository.operations import operations_by_identifier
from services.registration.repository.workshops import workshops_by_identifier
from services.registration.use_cases.importing.context import emails_in
from services.registration.use_cases.importing.lists.layout import (
    Column,
    Demand,
    FileLayout,
    RowOutcome,
    good_ones,
    outcomes_of,
    read_all,
)
from services.registration.use_cases.importing.lists.operations import operation_of
from services.registration.use_cases.workshops import enrol_all, save_workshops
from shared.rights import EVERYTHING


@dataclass(frozen=True, slots=True)
class _WorkshopRow:
    """A workshop with its team by e-mail address."""

    identifier: str
    title: Said[str]
    venue: Said[str]
    place: Said[Place]
    starts_on: Said[date]
    ends_on: Said[date]
    agency_id: Said[UUID]
    mediators: Said[tuple[str, ...]]
    adviser: Said[str | None]
    operation_id: Said[UUID | None]

    def roles(self) -> dict[str, tuple[str | None, UUID | None]]:
        """The role and agency of each in the team."""
        roles: dict[str, tuple[str | None, UUID | None]] = {}
        agency_id = said_or(self.agency_id, None)
        for email in said_or(self.mediators, ()):
            roles[email] = ("mediator", agency_id)
        adviser = said_or(self.adviser, None)
        return {**roles, adviser: ("adviser", agency_id)} if adviser else roles

    def draft(self, staff: Mapping[str, UUID]) -> WorkshopDraft:
        """The workshop with its team by id."""
        return WorkshopDraft(
            identifier=self.identifier,
            title=self.title,
            venue=self.venue,
            place=self.place,
            starts_on=self.starts_on,
            ends_on=self.ends_on,
            agency_id=self.agency_id,
            mediators=self.mediators
            if isinstance(self.mediators, Unsaid)
            else tuple(staff[email] for email in self.mediators),
            adviser=staff[self.adviser] if isinstance(self.adviser, str) else self.adviser,
            operation_id=self.operation_id,
        )


class WorkshopsFile(FileLayout):
    """Workshops and who holds them."""

    stem = "ateliers"
    key = ("identifiant",)
    columns = (
        Column("identifiant", Demand.EVERY_FILE),
        Column("titre", Demand.NEW_RECORDS),
        Column("lieu", Demand.NEW_RECORDS),
        Column("commune", Demand.NEW_RECORDS),
        Column("date_debut", Demand.NEW_RECORDS),
        Column("date_fin", Demand.NEW_RECORDS),
        Column("agence", Demand.NEW_RECORDS),
        Column("mediateurs"),
        Column("conseiller"),
        Column("operation"),
    )

    field_columns: ClassVar[Mapping[str, str]] = {"ends_on": "date_fin", "operation_id": "operation"}

    async def keep(self, rows: Sequence[Row]) -> list[RowOutcome]:
        """Register the workshops, or change those whose identifier is known."""
        kept = await workshops_by_identifier(
            self.context.session, EVERYTHING, [row.cells["identifiant"] for row in rows]
        )
        named = {row.cells.get("operation", "") for row in rows}
        operations = await operations_by_identifier(self.context.session, EVERYTHING, named)
        read = read_all(rows, self.unless_incomplete(kept, lambda cells: self._read(cells, kept, operations)))
        good = good_ones(read)
        await self.context.keep_agencies(id_ for each in good if (id_ := said_or(each.agency_id, None)))
        roles: dict[str, tuple[str | None, UUID | None]] = {}
        for each in good:
            roles |= each.roles()
        staff = await self.context.staff(roles)
        drafts = [each.draft(staff) for each in good]
        answers = await save_workshops(self.context.session, drafts, self.context.moment)
        return outcomes_of(read, answers, self.field_columns)

    def _read(self, cells: Cells, kept: Mapping[str, Workshop], operations: Mapping[str, Operation]) -> _WorkshopRow:
        identifier = cells.identifier()
        known = kept.get(identifier)
        agency = self.context.agency_of(cells, known.details.agency_id if known else None)
        return _WorkshopRow(
            identifier=identifier,
            title=cells.said("titre", cells.required),
            venue=cells.said("lieu", lambda column: cells.public_name(column, LONGEST_VENUE_NAME)),
            place=self.context.place_in(cells, agency),
            starts_on=cells.said("date_debut", cells.required_day),
            ends_on=cells.said("date_fin", cells.required_day),
            agency_id=agency.id if agency else UNSAID,
            mediators=cells.said("mediateurs", lambda column: _emails(cells, column)),
            adviser=cells.said("conseiller", lambda column: next(iter(_emails(cells, column)), None)),
            operation_id=cells.said("operation", lambda column: operation_of(cells, column, operations, self.context)),
        )


def _emails(cells: Cells, column: str) -> tuple[str, ...]:
    return tuple(emails_in(cells.listed(column), cells.notes, column))


class EnrolmentsFile(FileLayout):
    """Who takes part in which workshop."""

    stem = "inscriptions"
    key = ("atelier", "participant")
    columns = (Column("atelier", Demand.EVERY_FILE), Column("participant", Demand.EVERY_FILE))

    async def keep(self, rows: Sequence[Row]) -> list[RowOutcome]:
        """Enrol the participants."""
        await self.context.learn_participants([row.cells["participant"] for row in rows])
        workshops = await workshops_by_identifier(
            self.context.session, self.context.scope, {row.cells["atelier"] for row in rows}
        )
        read = read_all(rows, lambda cells: self._read(cells, workshops))
        good = good_ones(read)
        answers = await enrol_all(self.context.session, good)
        return outcomes_of(read, answers)

    def _read(self, cells: Cells, workshops: Mapping[str, Workshop]) -> tuple[UUID, UUID] | None:
        identifier = cells.required("atelier")
        workshop = workshops.get(identifier)
        if identifier and workshop is None:
            cells.notes.add(kinds.UNKNOWN_WORKSHOP, "atelier", identifier)
        participant_id = self.context.participant(cells.required("participant"), cells.notes, "participant")
        if workshop is None or participant_id is None:
            return None
        return workshop.id, participant_id
