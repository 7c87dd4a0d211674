"""rencontres.csv, rencontre_besoins.csv and rencontre_participants.csv."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import ClassVar

from services.registration.adapters.files.cells import ANSWERS, CANCELLED, Cells, read_number
from services.registration.adapters.files.records import Row
from services.registration.domain import kinds
from services.registration.domain.meetups import (
    LONGEST_SLOT_MINUTES,
    MOST_SLOTS,
    MOST_TABLES,
    Meetup,
    MeetupDraft,
    is_past,
)
from services.registration.domain.needs import Need
from services.registration.domain.operations import Operation
from services.registration.domain.places import Place
from services.registration.domain.said import UNSAID, Said, Unsaid, said_or
from services.registration.domain.workshops import LONGEST_VENUE_NAME
from services.registration.repository.employers import needs_by_identifier
from services.registration.repository.meetups import meetups_by_identifier
from services.registration.repository.operations import operations_by_identifier
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
from services.registration.use_cases.importing.lists.operations import operation_of
from services.registration.use_cases.meetups import SaidEnrolment, enrol_all, invite_needs, save_meetups
from shared.rights import EVERYTHING


class MeetupsFile(FileLayout):
    """When and where people meet employers."""

    stem = "rencontres"
    key = ("identifiant",)
    columns = (
        Column("identifiant", Demand.EVERY_FILE),
        Column("titre", Demand.NEW_RECORDS),
        Column("lieu", Demand.NEW_RECORDS),
        Column("commune", Demand.NEW_RECORDS),
        Column("date", Demand.NEW_RECORDS),
        Column("heure_debut", Demand.NEW_RECORDS),
        Column("duree_creneau_min", Demand.NEW_RECORDS),
        Column("creneaux", Demand.NEW_RECORDS),
        Column("agence", Demand.NEW_RECORDS),
        Column("adresse"),
        Column("acces"),
        Column("pauses"),
        Column("tables"),
        Column("operation"),
        Column("etat"),
    )

    field_columns: ClassVar[Mapping[str, str]] = {
        "identifier": "identifiant",
        "starts_at": "date",
        "slots": "creneaux",
        "breaks": "pauses",
        "operation_id": "operation",
        "is_cancelled": "etat",
    }

    async def keep(self, rows: Sequence[Row]) -> list[RowOutcome]:
        """Schedule the meetups, or change those whose identifier is known."""
        kept = await meetups_by_identifier(self.context.session, EVERYTHING, [row.cells["identifiant"] for row in rows])
        named = {row.cells.get("operation", "") for row in rows}
        operations = await operations_by_identifier(self.context.session, EVERYTHING, named)
        read = read_all(rows, self.unless_incomplete(kept, lambda cells: self._read(cells, kept, operations)))
        good = good_ones(read)
        await self.context.keep_agencies(agency for draft in good if not isinstance(agency := draft.agency_id, Unsaid))
        answers = await save_meetups(self.context.session, good, self.context.moment)
        return outcomes_of(read, answers, self.field_columns)

    def _read(self, cells: Cells, kept: Mapping[str, Meetup], operations: Mapping[str, Operation]) -> MeetupDraft:
        identifier = cells.identifier()
        known = kept.get(identifier)
        agency = self.context.agency_of(cells, known.details.agency_id if known else None)
        place = self.context.place_in(cells, agency)
        day, clock = cells.said("date", cells.required_day), cells.said("heure_debut", cells.required_time)
        return MeetupDraft(
            identifier=identifier,
            title=cells.said("titre", cells.required),
            venue=cells.said("lieu", lambda column: cells.public_name(column, LONGEST_VENUE_NAME)),
            place=place,
            agency_id=agency.id if agency else UNSAID,
            starts_at=UNSAID if cells.notes.refusals else _start(day, clock, place, known),
            slot_minutes=cells.said("duree_creneau_min", lambda column: cells.whole(column, 1, LONGEST_SLOT_MINUTES)),
            slots=cells.said("creneaux", lambda column: cells.whole(column, 1, MOST_SLOTS)),
            breaks=cells.said("pauses", lambda column: _breaks(cells, column)),
            front_tables=cells.said("tables", lambda column: cells.whole_or_none(column, 0, MOST_TABLES)),
            address=cells.said("adresse", lambda column: cells.text(column) or None),
            access=cells.said("acces", lambda column: cells.lines(column, LONGEST_ACCESS) or None),
            operation_id=cells.said("operation", lambda column: operation_of(cells, column, operations, self.context)),
            is_cancelled=cells.said("etat", lambda column: cells.strict_word(column, CANCELLED)),
        )


def _start(day: Said[date], clock: Said[time], place: Said[Place], known: Meetup | None) -> Said[datetime]:
    """When a meetup starts by the clock of its place: what is not said of day, hour and place stays as it is there."""
    if known is not None:
        before = known.details.starts_at.astimezone(known.details.place.zone)
        day, clock = said_or(day, before.date()), said_or(clock, before.time())
        place = said_or(place, known.details.place)
    if isinstance(day, Unsaid) or isinstance(clock, Unsaid) or isinstance(place, Unsaid):
        return UNSAID
    return datetime.combine(day, clock, place.zone).astimezone(UTC)


def _breaks(cells: Cells, column: str) -> tuple[int, ...]:
    """The slots in which nobody meets; people count them from 1."""
    breaks = set()
    for text in cells.listed(column):
        number = read_number(text)
        if number is None or number != int(number) or not 1 <= number <= MOST_SLOTS:
            cells.notes.add(kinds.BAD_SLOT, column, text)
        else:
            breaks.add(int(number) - 1)
    return tuple(sorted(breaks))


class MeetupNeedsFile(FileLayout):
    """Which needs come to which meetup."""

    stem = "rencontre_besoins"
    key = ("rencontre", "besoin")
    columns = (Column("rencontre", Demand.EVERY_FILE), Column("besoin", Demand.EVERY_FILE))
    field_columns: ClassVar[Mapping[str, str]] = {"meetup_id": "rencontre"}

    async def keep(self, rows: Sequence[Row]) -> list[RowOutcome]:
        """Invite the needs."""
        session = self.context.session
        meetups = await meetups_by_identifier(session, self.context.scope, {row.cells["rencontre"] for row in rows})
        needs = await needs_by_identifier(session, {row.cells["besoin"] for row in rows})
        read = read_all(rows, lambda cells: self._read(cells, meetups, needs))
        good = good_ones(read)
        answers = await invite_needs(session, good, self.context.moment)
        return outcomes_of(read, answers, self.field_columns)

    def _read(
        self, cells: Cells, meetups: Mapping[str, Meetup], needs: Mapping[str, Need]
    ) -> tuple[Meetup, Need] | None:
        meetup = known_meetup(cells, meetups)
        need = known_need(cells, needs)
        if meetup is None or need is None:
            return None
        is_ahead = not is_past(meetup.details.starts_at, self.context.moment.now)
        if need.is_closed and is_ahead and need.id not in dict(meetup.needs):
            cells.notes.add(kinds.NEED_CLOSED, "besoin", cells.text("besoin"))
        return meetup, need


class MeetupParticipantsFile(FileLayout):
    """Who may be paired at which meetup, and who came."""

    stem = "rencontre_participants"
    key = ("rencontre", "participant")
    columns = (Column("rencontre", Demand.EVERY_FILE), Column("participant", Demand.EVERY_FILE), Column("present"))
    field_columns: ClassVar[Mapping[str, str]] = {"meetup_id": "rencontre"}

    async def keep(self, rows: Sequence[Row]) -> list[RowOutcome]:
        """Enrol the participants, and note who came."""
        await self.context.learn_participants([row.cells["participant"] for row in rows])
        meetups = await meetups_by_identifier(
            self.context.session, self.context.scope, {row.cells["rencontre"] for row in rows}
        )
        read = read_all(rows, lambda cells: self._read(cells, meetups))
        good = good_ones(read)
        answers = await enrol_all(self.context.session, good, self.context.moment)
        return outcomes_of(read, answers, self.field_columns)

    def _read(self, cells: Cells, meetups: Mapping[str, Meetup]) -> SaidEnrolment | None:
        meetup = known_meetup(cells, meetups)
        participant_id = self.context.participant(cells.required("participant"), cells.notes, "participant")
        is_present = cells.said("present", lambda column: cells.strict_word(column, ANSWERS))
        if meetup is None or participant_id is None:
            return None
        return SaidEnrolment(meetup, participant_id, is_present)


def known_meetup(cells: Cells, meetups: Mapping[str, Meetup]) -> Meetup | None:
    """The meetup that a row names; an unknown one is refused."""
    identifier = cells.required("rencontre")
    meetup = meetups.get(identifier)
    if identifier and meetup is None:
        cells.notes.add(kinds.UNKNOWN_MEETUP, "rencontre", identifier)
    return meetup


def known_need(cells: Cells, needs: Mapping[str, Need]) -> Need | None:
    """The need that a row names; an unknown one is refused."""
    identifier = cells.required("besoin")
    need = needs.get(identifier)
    if identifier and need is None:
        cells.notes.add(kinds.UNKNOWN_NEED, "besoin", identifier)
    return need
