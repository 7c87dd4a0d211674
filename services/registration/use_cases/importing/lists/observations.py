"""observations.csv: by far the longest file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

from services.registration.adapters import known_words
from services.registration.adapters.files.cells import Cells, read_number
from services.registration.adapters.files.records import Row
from services.registration.domain import kinds
from services.registration.domain.contact_rules import clean_email
from services.registration.domain.import_report import Verdict
from services.registration.domain.workshops import (
    HIGHEST_LEVEL,
    LONGEST_NOTE,
    LOWEST_LEVEL,
    ObservationKey,
    SeenDraft,
    Workshop,
)
from services.registration.repository.workshops import workshops_by_identifier
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
from services.registration.use_cases.observations import HandedIn, Note, record_observations
from shared.reference.skills import DEFAULT_FRAMEWORK


@dataclass(frozen=True, slots=True)
class _ObservationRow:
    """An observation with its observer by e-mail address."""

    workshop_id: UUID
    participant_id: UUID
    observer: str
    seen_on: date
    exercise: str
    skill: str
    seen: SeenDraft

    def note(self, rater_id: UUID) -> Note:
        """The observation with its rater by id."""
        key = ObservationKey(self.workshop_id, self.participant_id, rater_id, self.seen_on, self.exercise, self.skill)
        return Note(key, DEFAULT_FRAMEWORK, self.seen)


class ObservationsFile(FileLayout):
    """What was seen in the workshops."""

    stem = "observations"
    key = ()
    columns = (
        Column("atelier", Demand.EVERY_FILE),
        Column("date", Demand.EVERY_FILE),
        Column("participant", Demand.EVERY_FILE),
        Column("observateur", Demand.EVERY_FILE),
        Column("exercice", Demand.EVERY_FILE),
        Column("competence", Demand.EVERY_FILE),
        Column("niveau", Demand.NEW_RECORDS),
        Column("commentaire"),
    )

    field_columns: ClassVar[Mapping[str, str]] = {
        "observer": "observateur",
        "participant_id": "participant",
        "seen_on": "date",
        "level": "niveau",
    }

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._workshops: dict[str, Workshop | None] = {}
        self._staff: dict[str, UUID] = {}
        self._emails: dict[str, str | None] = {}

    async def keep(self, rows: Sequence[Row]) -> list[RowOutcome]:
        """Record what was seen, or correct it."""
        read = await self._read_all(rows)
        notes = await self._notes(good_ones(read))
        handed_in = HandedIn.of(self.context.notes.take(note.key for note in notes))
        answers = await record_observations(
            self.context.session,
            notes,
            {workshop.id: workshop for workshop in self._workshops.values() if workshop is not None},
            handed_in,
            self.context.moment,
        )
        self.context.notes.put(handed_in.remembered())
        return outcomes_of(read, answers, self.field_columns)

    async def recall(self, rows: Sequence[Row], became: Mapping[int, Verdict]) -> None:
        """Remember under what each note came: the same far behind is told."""
        read = [(cells.row.line, draft) for cells, draft in await self._read_all(rows) if draft is not None]
        notes = await self._notes([draft for _, draft in read])
        handed_in = HandedIn.of(self.context.notes.take(note.key for note in notes))
        for (line, _), note in zip(read, notes, strict=True):
            handed_in.recall(note, is_known=became[line] is Verdict.UNCHANGED)
        self.context.notes.put(handed_in.remembered())

    async def _read_all(self, rows: Sequence[Row]) -> list[tuple[Cells, _ObservationRow | None]]:
        await self.context.learn_participants({row.cells["participant"] for row in rows})
        await self._learn_workshops({row.cells["atelier"] for row in rows})
        return read_all(rows, self._read)

    async def _notes(self, rows: Sequence[_ObservationRow]) -> list[Note]:
        await self._learn_staff({each.observer for each in rows})
        return [each.note(self._staff[each.observer]) for each in rows]

    async def _learn_workshops(self, identifiers: set[str]) -> None:
        unknown = {each for each in identifiers if each not in self._workshops}
        found = await workshops_by_identifier(self.context.session, self.context.scope, unknown)
        self._workshops.update({each: found.get(each) for each in unknown})

    async def _learn_staff(self, emails: set[str]) -> None:
        unknown = {each for each in emails if each not in self._staff}
        if unknown:
            self._staff.update(await self.context.staff(dict.fromkeys(unknown, (None, None))))

    def _read(self, cells: Cells) -> _ObservationRow | None:
        notes = cells.notes
        workshop_id = self._workshop(cells)
        participant_id = self.context.participant(cells.required("participant"), notes, "participant")
        observer = self._observer(cells)
        level = cells.said("niveau", lambda _column: _level(cells))
        skill_name = cells.required("competence")
        skill = known_words.read_skill(skill_name, notes, "competence") if skill_name else None
        exercise = known_words.read_exercise(cells.required("exercice"), notes, "exercice")
        seen_on = cells.required_day("date")
        note = cells.said("commentaire", lambda column: cells.lines(column, LONGEST_NOTE))
        if workshop_id is None or participant_id is None or observer is None or level is None or skill is None:
            return None
        return _ObservationRow(workshop_id, participant_id, observer, seen_on, exercise, skill, SeenDraft(level, note))

    def _workshop(self, cells: Cells) -> UUID | None:
        identifier = cells.required("atelier")
        workshop = self._workshops.get(identifier)
        if workshop is None:
            if identifier:
                cells.notes.add(kinds.UNKNOWN_WORKSHOP, "atelier", identifier)
            return None
        return workshop.id

    def _observer(self, cells: Cells) -> str | None:
        text = cells.required("observateur")
        if text not in self._emails:
            self._emails[text] = clean_email(text)
        if text and self._emails[text] is None:
            cells.notes.add(kinds.BAD_OBSERVER, "observateur", text)
        return self._emails[text]


def _level(cells: Cells) -> int | None:
    text = cells.required("niveau")
    if not text:
        return None
    number = read_number(text)
    if number is None or number != int(number) or not LOWEST_LEVEL <= number <= HIGHEST_LEVEL:
        cells.notes.add(kinds.LEVEL_OUT_OF_RANGE, "niveau", text)
        return None
    return int(number)
