"""participants.csv."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import ClassVar

from services.registration.adapters import known_words
from services.registration.domain import kinds
from services.registration.domain.contact_rules import clean_email, clean_phone
from services.registration.domain.participants import (
    ALL_HOURS,
    DEFAULT_HOURS,
    DEFAULT_TRANSPORT,
    DEFAULT_TRAVEL_LIMIT_KM,
    LONGEST_TRAVEL_KM,
    Contact,
    ParticipantDraft,
    Protected,
    Situation,
    is_likely_birth_date,
)
from services.registration.importing.cells import HOURS, LANGUAGES, PUBLICS, SEXES, TRANSPORTS, Cells
from services.registration.importing.context import place_near
from services.registration.importing.files.layout import Column, FileLayout, Outcome, good_ones, outcomes_of, read_all
from services.registration.importing.records import Row
from services.registration.repository.agencies import Agency
from services.registration.use_cases.participants import CONSENT_FIELDS, save_participants

SHORTEST_TRAVEL_KM = 0.1


class ParticipantsFile(FileLayout):
    """People, how they are reached, what they can do and wish, and what must never count."""

    stem = "participants"
    key = ("identifiant",)
    columns = (
        Column("identifiant", is_required=True),
        Column("nom", is_required=True),
        Column("prenom", is_required=True),
        Column("courriel"),
        Column("telephone"),
        Column("langue"),
        Column("agence", is_required=True),
        Column("commune", is_required=True),
        Column("mobilite_km"),
        Column("transport"),
        Column("disponible_des"),
        Column("horaires"),
        Column("permis"),
        Column("certificats"),
        Column("publics"),
        Column("date_naissance"),
        Column("sexe"),
        Column("consentement_appariement"),
        Column("consentement_contact"),
        Column("metiers_souhaites"),
        Column("metiers_exclus"),
    )

    field_columns: ClassVar[Mapping[str, str]] = {
        "identifier": "identifiant",
        "last_name": "nom",
        "email": "courriel",
        CONSENT_FIELDS["pairing"]: "consentement_appariement",
        CONSENT_FIELDS["contact"]: "consentement_contact",
    }

    async def keep(self, rows: Sequence[Row]) -> list[Outcome]:
        """Register the participants, or change those whose identifier is known."""
        identifiers = [row.cells["identifiant"] for row in rows]
        await self.context.learn_participants(identifiers)
        read = read_all(rows, self._read)
        good = good_ones(read)
        await self.context.keep_agencies(draft.situation.agency_id for draft in good)
        answers = await save_participants(self.context.session, good, self.context.moment)
        self.context.forget_participants(identifiers)
        return outcomes_of(read, answers, self.field_columns)

    def _read(self, cells: Cells) -> ParticipantDraft:
        identifier = cells.identifier()
        agency = self.context.agency(cells.required("agence"))
        self._check_agency(identifier, agency, cells)
        return ParticipantDraft(
            identifier=identifier,
            situation=_situation(agency, cells),
            contact=Contact(
                first_name=cells.required("prenom"),
                last_name=cells.required("nom"),
                email=_email(cells),
                phone=_phone(cells),
            ),
            protected=self._protected(cells),
            consents={
                "pairing": cells.answer("consentement_appariement"),
                "contact": cells.answer("consentement_contact"),
            },
        )

    def _check_agency(self, identifier: str, agency: Agency, cells: Cells) -> None:
        """An adviser registers people of their agency, and takes nobody over from another one."""
        self.context.check_agency(agency.id, cells.notes, "agence", agency.name)
        before = self.context.agency_of_participant(identifier)
        if before is not None and before != agency.id:
            self.context.check_agency(before, cells.notes, "identifiant", identifier)

    def _protected(self, cells: Cells) -> Protected:
        born_on = cells.day("date_naissance")
        if born_on is not None and not is_likely_birth_date(born_on, self.context.moment.now.date()):
            cells.notes.add(kinds.UNLIKELY_BIRTH_DATE, "date_naissance", cells.text("date_naissance"))
            born_on = None
        sex = next(iter(cells.words("sexe", SEXES)), None)
        return Protected(tuple(sorted(cells.words("publics", PUBLICS))), born_on, sex)


def _situation(agency: Agency, cells: Cells) -> Situation:
    departments = [agency.department] if agency.department else []
    held = [*cells.listed("permis"), *cells.listed("certificats")]
    hours = cells.words("horaires", HOURS)
    situation = Situation(
        agency_id=agency.id,
        language=next(iter(cells.words("langue", LANGUAGES)), "fr"),
        home=place_near(cells.required("commune"), departments, cells.notes),
        travel_limit_km=cells.number("mobilite_km", SHORTEST_TRAVEL_KM, LONGEST_TRAVEL_KM, unit="km")
        or DEFAULT_TRAVEL_LIMIT_KM,
        transport=next(iter(cells.words("transport", TRANSPORTS)), DEFAULT_TRANSPORT),
        available_from=cells.day("disponible_des"),
        hours=tuple(each for each in ALL_HOURS if each in hours),
        licences=known_words.read_licences(held, cells.notes, "permis"),
        wishes=known_words.read_occupations(cells.listed("metiers_souhaites"), cells.notes, "metiers_souhaites"),
        refused_occupations=known_words.read_occupations(cells.listed("metiers_exclus"), cells.notes, "metiers_exclus"),
    )
    return _with_defaults(situation, cells)


def _with_defaults(situation: Situation, cells: Cells) -> Situation:
    """What an export leaves empty and pairing needs: taken as stated, with a warning."""
    empty = {
        "mobilite_km": f"{DEFAULT_TRAVEL_LIMIT_KM:g} km",
        "transport": "transports en commun",
        "disponible_des": "dès maintenant",
        "horaires": "jour",
    }
    for column, default in empty.items():
        if not cells.row.cells.get(column):
            cells.notes.add(kinds.DEFAULT_USED, column, default=default)
    return situation if situation.hours else replace(situation, hours=DEFAULT_HOURS)


def _email(cells: Cells) -> str | None:
    text = cells.text("courriel")
    email = clean_email(text) if text else None
    if text and email is None:
        cells.notes.add(kinds.BAD_EMAIL, "courriel", text)
    return email


def _phone(cells: Cells) -> str | None:
    text = cells.text("telephone")
    phone = clean_phone(text) if text else None
    if text and phone is None:
        cells.notes.add(kinds.BAD_PHONE, "telephone", text)
    return phone
