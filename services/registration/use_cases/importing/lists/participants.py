"""participants.csv."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import ClassVar, TypeVar

from services.registration.adapters import known_words
from services.registration.adapters.files.cells import (
    ACCESS_NEEDS,
    HOURS,
    LANGUAGES,
    PUBLICS,
    SEXES,
    TRANSPORTS,
    Cells,
)
from services.registration.adapters.files.records import Row
from services.registration.domain import kinds
from services.registration.domain.contact_rules import clean_email, clean_phone
from services.registration.domain.participants import (
    ALL_HOURS,
    DEFAULT_HOURS,
    DEFAULT_LANGUAGE,
    DEFAULT_TRANSPORT,
    DEFAULT_TRAVEL_LIMIT_KM,
    LONGEST_TRAVEL_KM,
    AccessNeed,
    Hours,
    Participant,
    ParticipantDraft,
    Purpose,
    is_likely_birth_date,
)
from services.registration.domain.places import civil_date
from services.registration.domain.said import UNSAID, Said, Unsaid
from services.registration.repository.erasures import erased_identifiers
from services.registration.repository.participants import participants_by_identifier
from services.registration.use_cases.importing.lists.layout import (
    LONGEST_ADDRESS,
    Column,
    Demand,
    FileLayout,
    RowOutcome,
    good_ones,
    outcomes_of,
    read_all,
)
from services.registration.use_cases.participants import CONSENT_FIELDS, save_participants
from shared.rights import EVERYTHING

Value = TypeVar("Value")

CONSENT_COLUMNS: Mapping[Purpose, str] = {
    "pairing": "consentement_appariement",
    "contact": "consentement_contact",
}
LICENCE_COLUMNS = ("permis", "certificats")
KEPT_TOGETHER = (LICENCE_COLUMNS, ("adresse", "code_postal"))
STATED_DEFAULTS = {
    "mobilite_km": f"{DEFAULT_TRAVEL_LIMIT_KM:g} km",
    "transport": "transports en commun",
    "disponible_des": "dès maintenant",
    "horaires": "jour",
}
NEVER_EMPTIED = ("disponible_des",)
"""Somebody who is known stays available from the day that was said."""

SHORTEST_TRAVEL_KM = 0.1


class ParticipantsFile(FileLayout):
    """People, how they are reached, what they can do and wish, and what must never count."""

    stem = "participants"
    key = ("identifiant",)
    columns = (
        Column("identifiant", Demand.EVERY_FILE),
        Column("nom", Demand.NEW_RECORDS),
        Column("prenom", Demand.NEW_RECORDS),
        Column("courriel"),
        Column("telephone"),
        Column("langue"),
        Column("agence", Demand.NEW_RECORDS),
        Column("commune", Demand.NEW_RECORDS),
        Column("adresse"),
        Column("code_postal"),
        Column("ville"),
        Column("mobilite_km"),
        Column("transport"),
        Column("disponible_des"),
        Column("horaires"),
        Column("permis"),
        Column("certificats"),
        Column("publics"),
        Column("date_naissance"),
        Column("sexe"),
        Column("besoins_acces"),
        Column("consentement_appariement"),
        Column("consentement_contact"),
        Column("metiers_souhaites"),
        Column("metiers_exclus"),
    )

    field_columns: ClassVar[Mapping[str, str]] = {
        "identifier": "identifiant",
        "last_name": "nom",
        "email": "courriel",
        **{CONSENT_FIELDS[purpose]: column for purpose, column in CONSENT_COLUMNS.items()},
    }

    async def keep(self, rows: Sequence[Row]) -> list[RowOutcome]:
        """Register the participants, or change those whose identifier is known."""
        identifiers = [row.cells["identifiant"] for row in rows]
        await self.context.learn_participants(identifiers)
        kept = await self._kept_where_needed(rows, identifiers)
        known = await self._known_or_erased(identifiers)
        read = read_all(rows, self.unless_incomplete(known, lambda cells: self._read(cells, kept, known)))
        good = good_ones(read)
        await self.context.keep_agencies(agency for draft in good if not isinstance(agency := draft.agency_id, Unsaid))
        answers = await save_participants(self.context.session, good, self.context.moment, source="import")
        self.context.forget_participants(identifiers)
        return outcomes_of(read, answers, self.field_columns)

    async def _known_or_erased(self, identifiers: Sequence[str]) -> set[str]:
        """Whoever was erased is not told to be unknown: the use case says why they are refused."""
        known = {each for each in identifiers if self.context.agency_of_participant(each) is not None}
        return known | await erased_identifiers(
            self.context.session, [each for each in identifiers if each not in known]
        )

    def _read(self, cells: Cells, kept: Mapping[str, Participant], known: Collection[str]) -> ParticipantDraft:
        identifier = cells.identifier()
        agency = self.context.agency_of(cells, self.context.agency_of_participant(identifier))
        _tell_defaults(cells, is_new=identifier not in known)
        before = kept.get(identifier)
        answers = {purpose: cells.answer(column) for purpose, column in CONSENT_COLUMNS.items()}
        return ParticipantDraft(
            identifier=identifier,
            agency_id=agency.id if agency else UNSAID,
            home=self.context.place_in(cells, agency),
            postal_address=cells.said("adresse", lambda column: _postal_address(cells, column, before)),
            available_from=cells.day("disponible_des") or UNSAID,
            language=cells.said("langue", lambda column: cells.word(column, LANGUAGES, DEFAULT_LANGUAGE)),
            travel_limit_km=cells.said("mobilite_km", lambda column: _travel_limit(cells, column)),
            transport=cells.said("transport", lambda column: cells.word(column, TRANSPORTS, DEFAULT_TRANSPORT)),
            hours=cells.said("horaires", lambda column: _hours(cells, column)),
            licences=_licences(cells, before.situation.licences if before else ()),
            wishes=cells.said("metiers_souhaites", lambda column: _occupations(cells, column)),
            refused_occupations=cells.said("metiers_exclus", lambda column: _occupations(cells, column)),
            first_name=cells.said("prenom", cells.required),
            last_name=cells.said("nom", cells.required),
            email=cells.said("courriel", lambda column: cells.cleaned(column, clean_email, kinds.BAD_EMAIL)),
            phone=cells.said("telephone", lambda column: cells.cleaned(column, clean_phone, kinds.BAD_PHONE)),
            publics=cells.said("publics", lambda column: _publics(cells, column)),
            born_on=cells.said("date_naissance", lambda column: self._born_on(cells, column)),
            access_needs=cells.said("besoins_acces", lambda column: _access_needs(cells, column)),
            sex=cells.said("sexe", lambda column: cells.word(column, SEXES, None)),
            consents={purpose: answer for purpose, answer in answers.items() if answer is not None},
            consent_way="import",
        )

    async def _kept_where_needed(self, rows: Sequence[Row], identifiers: Sequence[str]) -> Mapping[str, Participant]:
        """The participants as kept, where a file has some of the columns that are kept together and not the others."""
        columns = rows[0].cells.keys() if rows else ()
        is_needed = any(0 < sum(column in columns for column in together) < len(together) for together in KEPT_TOGETHER)
        return await participants_by_identifier(self.context.session, EVERYTHING, identifiers) if is_needed else {}

    def _born_on(self, cells: Cells, column: str) -> Said[date | None]:
        today = civil_date(self.context.moment.now)
        born_on = cells.day(column, latest=today)
        if born_on is None:
            return UNSAID if cells.text(column) else None
        if not is_likely_birth_date(born_on, today):
            cells.notes.add(kinds.UNLIKELY_BIRTH_DATE, column, cells.text(column))
            return UNSAID
        return born_on


def _postal_address(cells: Cells, column: str, before: Participant | None) -> str | None:
    """The address of letters: the street, and the town under it where the file names it apart.

    A correction of the street alone leaves the town that stood under it; what has several lines is whole.
    """
    street = cells.lines(column, LONGEST_ADDRESS)
    if "\n" in street:
        return street
    if before is not None and before.contact.postal_address and not {"code_postal", "ville"} & cells.row.cells.keys():
        return "\n".join([street, *before.contact.postal_address.splitlines()[1:]]) if street else None
    town = f"{cells.text('code_postal')} {cells.text('ville') or cells.text('commune')}".strip()
    return f"{street}\n{town}" if street and "code_postal" in cells.row.cells else street or None


def _tell_defaults(cells: Cells, *, is_new: bool) -> None:
    """Warn where pairing needs what nobody said or somebody emptied: it is taken as stated."""
    for column, default in STATED_DEFAULTS.items():
        is_emptied = cells.row.cells.get(column) == "" and column not in NEVER_EMPTIED
        if is_emptied or (is_new and not cells.row.cells.get(column)):
            cells.notes.add(kinds.DEFAULT_USED, column, default=default)


def _travel_limit(cells: Cells, column: str) -> float:
    return cells.number(column, SHORTEST_TRAVEL_KM, LONGEST_TRAVEL_KM, unit="km") or DEFAULT_TRAVEL_LIMIT_KM


def _hours(cells: Cells, column: str) -> Said[tuple[Hours, ...]]:
    named = cells.words(column, HOURS)
    return _understood(cells, column, tuple(each for each in ALL_HOURS if each in named), DEFAULT_HOURS)


def _publics(cells: Cells, column: str) -> Said[tuple[str, ...]]:
    return _understood(cells, column, tuple(sorted(cells.words(column, PUBLICS))), ())


def _access_needs(cells: Cells, column: str) -> Said[tuple[AccessNeed, ...]]:
    return _understood(cells, column, tuple(sorted(set(cells.words(column, ACCESS_NEEDS)))), ())


def _occupations(cells: Cells, column: str) -> Said[tuple[str, ...]]:
    codes = known_words.read_occupations(cells.listed(column), cells.notes, column)
    return _understood(cells, column, codes, ())


def _understood(cells: Cells, column: str, found: Value, emptied: Value) -> Said[Value]:
    """What was found in a cell; an empty one empties, and one in which nothing was understood says nothing."""
    return found or (UNSAID if cells.row.cells[column] else emptied)


def _licences(cells: Cells, kept: Sequence[str]) -> Said[tuple[str, ...]]:
    """Licences and certificates are kept together; of a column that the file does not have, what is kept stays."""
    columns = [column for column in LICENCE_COLUMNS if column in cells.row.cells]
    if not columns:
        return UNSAID
    held = [text for column in columns for text in cells.listed(column)]
    said = known_words.read_licences(held, cells.notes, columns[0])
    if len(columns) == len(LICENCE_COLUMNS):
        return said
    stays = [code for code in kept if known_words.is_certificate(code) is ("certificats" not in columns)]
    return tuple(dict.fromkeys([*said, *stays]))
