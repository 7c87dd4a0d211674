"""operations.csv: what joins a venue, workshops and a meetup."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar
from uuid import UUID

from services.registration.adapters.files.cells import Cells
from services.registration.adapters.files.records import Row
from services.registration.domain import kinds
from services.registration.domain.operations import Operation, OperationDraft
from services.registration.domain.places import NOWHERE
from services.registration.domain.said import UNSAID, Said, Unsaid, said_or
from services.registration.domain.venues import Venue, VenueDraft
from services.registration.domain.workshops import LONGEST_VENUE_NAME
from services.registration.repository.operations import operations_by_identifier
from services.registration.repository.venues import venues_by_id
from services.registration.use_cases.importing.context import Context
from services.registration.use_cases.importing.lists.layout import (
    Column,
    Demand,
    FileLayout,
    RowOutcome,
    good_ones,
    outcomes_of,
    read_all,
)
from services.registration.use_cases.operations import save_operations
from services.registration.use_cases.venues import save_venues
from shared.rights import EVERYTHING


@dataclass(frozen=True, slots=True)
class _OperationRow:
    """A row with its venue as it is named."""

    draft: OperationDraft
    venue: VenueDraft | None


class OperationsFile(FileLayout):
    """What the programme labels and counts."""

    stem = "operations"
    is_told_by_columns = False
    key = ("identifiant",)
    columns = (
        Column("identifiant", Demand.EVERY_FILE),
        Column("nom", Demand.NEW_RECORDS),
        Column("lieu", Demand.NEW_RECORDS),
        Column("commune", Demand.NEW_RECORDS),
        Column("date_debut", Demand.NEW_RECORDS),
        Column("date_fin", Demand.NEW_RECORDS),
        Column("agence", Demand.NEW_RECORDS),
    )

    field_columns: ClassVar[Mapping[str, str]] = {"ends_on": "date_fin", "agency_id": "agence"}

    async def keep(self, rows: Sequence[Row]) -> list[RowOutcome]:
        """Register the operations, or change those whose identifier is known; a venue that is new is kept too."""
        session = self.context.session
        kept = await operations_by_identifier(session, EVERYTHING, {row.cells["identifiant"] for row in rows})
        venues = await venues_by_id(session, {each.details.venue_id for each in kept.values()})
        read = read_all(rows, self.unless_incomplete(kept, lambda cells: self._read(cells, kept, venues)))
        good = good_ones(read)
        await self.context.keep_agencies(id_ for each in good if (id_ := said_or(each.draft.agency_id, None)))
        answers = await save_operations(session, await self._with_venues(good), self.context.moment)
        return outcomes_of(read, answers, self.field_columns)

    async def _with_venues(self, rows: Sequence[_OperationRow]) -> list[OperationDraft]:
        named = [each.venue for each in rows if each.venue is not None]
        ids = iter([each.id for each in await save_venues(self.context.session, named, self.context.moment)])
        return [replace(each.draft, venue_id=next(ids)) if each.venue else each.draft for each in rows]

    def _read(self, cells: Cells, kept: Mapping[str, Operation], venues: Mapping[UUID, Venue]) -> _OperationRow:
        identifier = cells.identifier()
        known = kept.get(identifier)
        agency = self.context.agency_of(cells, known.details.agency_id if known else None)
        draft = OperationDraft(
            identifier=identifier,
            name=cells.said("nom", cells.required),
            starts_on=cells.said("date_debut", cells.required_day),
            ends_on=cells.said("date_fin", cells.required_day),
            agency_id=agency.id if agency else UNSAID,
        )
        name = cells.said("lieu", lambda column: cells.public_name(column, LONGEST_VENUE_NAME))
        place = self.context.place_in(cells, agency)
        if isinstance(name, Unsaid) and isinstance(place, Unsaid):
            return _OperationRow(draft, None)
        venue = venues[known.details.venue_id].details if known else None
        if venue is not None:
            return _OperationRow(draft, VenueDraft(said_or(name, venue.name), said_or(place, venue.place)))
        return _OperationRow(draft, VenueDraft(said_or(name, ""), said_or(place, NOWHERE)))


def operation_of(cells: Cells, column: str, operations: Mapping[str, Operation], context: Context) -> Said[UUID | None]:
    """The operation that a workshop or a meetup names; an unknown one, and another agency's, are refused."""
    name = cells.text(column)
    if not name:
        return None
    operation = operations.get(name)
    if operation is None or not context.scope.covers(operation.details.agency_id):
        cells.notes.add(kinds.UNKNOWN_OPERATION, column, name)
        return UNSAID
    return operation.id
