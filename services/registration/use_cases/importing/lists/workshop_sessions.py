"""seances.csv and presences.csv."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import time
from typing import ClassVar
from uuid import UUID

from services.registration.adapters import known_words
from services.registration.adapters.files.cells import ANSWERS, Cells
from services.registration.adapters.files.records import Row
from services.registration.domain import kinds
from services.registration.domain.said import UNSAID, Unsaid
from services.registration.domain.workshop_sessions import SessionDraft, WorkshopSession
from services.registration.domain.workshops import Workshop
from services.registration.repository.workshop_sessions import sessions_by_identifier
from services.registration.repository.workshops import workshops_by_id, workshops_by_identifier
from services.registration.use_cases.importing.lists.layout import (
    Column,
    Demand,
    FileLayout,
    RowOutcome,
    good_ones,
    outcomes_of,
    read_all,
)
from services.registration.use_cases.workshop_sessions import SaidPresence, note_presences, save_sessions


class SessionsFile(FileLayout):
    """When the workshops meet, and what is done."""

    stem = "seances"
    key = ("identifiant",)
    columns = (
        Column("identifiant", Demand.EVERY_FILE),
        Column("atelier", Demand.NEW_RECORDS),
        Column("date", Demand.NEW_RECORDS),
        Column("heure_debut"),
        Column("heure_fin"),
        Column("exercice"),
        Column("titre"),
    )

    field_columns: ClassVar[Mapping[str, str]] = {
        "workshop_id": "atelier",
        "held_on": "date",
        "ends": "heure_fin",
    }

    async def keep(self, rows: Sequence[Row]) -> list[RowOutcome]:
        """Plan the sessions, or change those whose identifier is known."""
        session, scope = self.context.session, self.context.scope
        workshops = await workshops_by_identifier(session, scope, {row.cells.get("atelier", "") for row in rows})
        known = await sessions_by_identifier(session, [row.cells["identifiant"] for row in rows])
        theirs = await workshops_by_id(session, scope, {each.details.workshop_id for each in known.values()})
        read = read_all(rows, self.unless_incomplete(known, lambda cells: self._read(cells, workshops, known, theirs)))
        answers = await save_sessions(session, good_ones(read), self.context.moment)
        return outcomes_of(read, answers, self.field_columns)

    def _read(
        self,
        cells: Cells,
        workshops: Mapping[str, Workshop],
        known: Mapping[str, WorkshopSession],
        theirs: Mapping[UUID, Workshop],
    ) -> SessionDraft:
        identifier = cells.identifier()
        kept = known.get(identifier)
        if kept is not None and kept.details.workshop_id not in theirs:
            cells.notes.add(kinds.UNKNOWN_SESSION, "identifiant", identifier)
        workshop = workshops.get(cells.required("atelier")) if "atelier" in cells.row.cells else None
        if cells.row.cells.get("atelier") and workshop is None:
            cells.notes.add(kinds.UNKNOWN_WORKSHOP, "atelier", cells.text("atelier"))
        return SessionDraft(
            identifier=identifier,
            workshop_id=workshop.id if workshop else UNSAID,
            held_on=cells.said("date", cells.required_day),
            begins=cells.said("heure_debut", lambda column: _clock(cells, column)),
            ends=cells.said("heure_fin", lambda column: _clock(cells, column)),
            exercise=cells.said("exercice", lambda column: _exercise(cells, column)),
            title=cells.said("titre", lambda column: cells.text(column) or None),
        )


class PresencesFile(FileLayout):
    """Who came to which session."""

    stem = "presences"
    key = ("seance", "participant")
    columns = (
        Column("seance", Demand.EVERY_FILE),
        Column("participant", Demand.EVERY_FILE),
        Column("present", Demand.EVERY_FILE),
    )

    field_columns: ClassVar[Mapping[str, str]] = {"participant_id": "participant"}

    async def keep(self, rows: Sequence[Row]) -> list[RowOutcome]:
        """Note who came, or correct it."""
        session, scope = self.context.session, self.context.scope
        await self.context.learn_participants([row.cells["participant"] for row in rows])
        sessions = await sessions_by_identifier(session, {row.cells["seance"] for row in rows})
        workshops = await workshops_by_id(session, scope, {each.details.workshop_id for each in sessions.values()})
        within = {name: each for name, each in sessions.items() if each.details.workshop_id in workshops}
        read = read_all(rows, lambda cells: self._read(cells, within))
        answers = await note_presences(session, good_ones(read), self.context.moment)
        return outcomes_of(read, answers, self.field_columns)

    def _read(self, cells: Cells, sessions: Mapping[str, WorkshopSession]) -> SaidPresence | None:
        identifier = cells.required("seance")
        found = sessions.get(identifier)
        if identifier and found is None:
            cells.notes.add(kinds.UNKNOWN_SESSION, "seance", identifier)
        participant_id = self.context.participant(cells.required("participant"), cells.notes, "participant")
        cells.required("present")
        is_present = cells.strict_word("present", ANSWERS)
        if found is None or participant_id is None or isinstance(is_present, Unsaid):
            return None
        return SaidPresence(found, participant_id, is_present)


def _clock(cells: Cells, column: str) -> time | None:
    return cells.required_time(column) if cells.text(column) else None


def _exercise(cells: Cells, column: str) -> str | None:
    text = cells.text(column)
    return known_words.read_exercise(text, cells.notes, column) if text else None
