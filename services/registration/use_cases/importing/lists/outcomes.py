"""suites.csv: what came of meetings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import ClassVar

from services.registration.adapters.files.cells import OUTCOMES, Cells
from services.registration.adapters.files.records import Row
from services.registration.domain import kinds
from services.registration.domain.meetups import Meetup
from services.registration.domain.needs import Need
from services.registration.domain.said import UNSAID, Said
from services.registration.repository.employers import needs_by_identifier
from services.registration.repository.meetups import meetups_by_identifier
from services.registration.use_cases.importing.lists.layout import (
    Column,
    Demand,
    FileLayout,
    RowOutcome,
    good_ones,
    outcomes_of,
    read_all,
)
from services.registration.use_cases.importing.lists.meetups import known_meetup, known_need
from services.registration.use_cases.outcomes import SaidOutcome, record_outcomes


class OutcomesFile(FileLayout):
    """What came of a person's meeting for a need."""

    stem = "suites"
    key = ("rencontre", "participant", "besoin")
    columns = (
        Column("rencontre", Demand.EVERY_FILE),
        Column("participant", Demand.EVERY_FILE),
        Column("besoin", Demand.EVERY_FILE),
        Column("suite", Demand.EVERY_FILE),
        Column("date"),
    )

    field_columns: ClassVar[Mapping[str, str]] = {
        "meetup_id": "rencontre",
        "participant_id": "participant",
        "need_id": "besoin",
        "happened_on": "date",
    }

    async def keep(self, rows: Sequence[Row]) -> list[RowOutcome]:
        """Record the outcomes, or correct them."""
        session, scope = self.context.session, self.context.scope
        await self.context.learn_participants([row.cells["participant"] for row in rows])
        meetups = await meetups_by_identifier(session, scope, {row.cells["rencontre"] for row in rows})
        needs = await needs_by_identifier(session, {row.cells["besoin"] for row in rows})
        read = read_all(rows, lambda cells: self._read(cells, meetups, needs))
        answers = await record_outcomes(session, good_ones(read), self.context.moment)
        return outcomes_of(read, answers, self.field_columns)

    def _read(
        self, cells: Cells, meetups: Mapping[str, Meetup], needs: Mapping[str, Need]
    ) -> tuple[Meetup, SaidOutcome] | None:
        meetup = known_meetup(cells, meetups)
        participant_id = self.context.participant(cells.required("participant"), cells.notes, "participant")
        need = known_need(cells, needs)
        said = cells.words("suite", OUTCOMES, kinds.WRONG_WORD) if cells.required("suite") else []
        day = cells.said("date", lambda column: _day(cells, column))
        if meetup is None or participant_id is None or need is None or not said:
            return None
        return meetup, SaidOutcome(participant_id, need.id, said[0], day)


def _day(cells: Cells, column: str) -> Said[date | None]:
    """The day in a cell; an empty one empties, and one in which no day was understood says nothing."""
    return cells.day(column) or (UNSAID if cells.text(column) else None)
