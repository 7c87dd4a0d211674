"""What an import knows while it runs: agencies and staff seen so far, ids of things by their external identifiers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Self
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.adapters.choosing_communes import Digits
from services.registration.adapters.files.cells import Cells
from services.registration.adapters.known_words import (
    communes_of_agency,
    department_of_agency,
    is_certain,
    read_place,
)
from services.registration.adapters.shelf import Shelf
from services.registration.domain import kinds
from services.registration.domain.agencies import Agency
from services.registration.domain.contact_rules import clean_email
from services.registration.domain.findings import Finding, Notes
from services.registration.domain.needs import Employer, Need
from services.registration.domain.places import NOWHERE, Place
from services.registration.domain.said import UNSAID, Said
from services.registration.domain.workshops import ObservationKey
from services.registration.repository import agencies as agency_rows
from services.registration.repository import participants as participant_rows
from services.registration.use_cases.agencies import staff_named
from services.registration.use_cases.observations import Remembered
from shared.moment import Moment
from shared.reference.normalise import fold
from shared.rights import EVERYTHING, Scope

MOST_SUGGESTIONS = 500
"""For how many unknown communes of one import near spellings are looked up: each takes milliseconds."""


@dataclass
class Context:
    """One import, used with ``with``. ``scope`` says whose things it may write: an adviser's agency's alone.

    It goes through several transactions, one a part.
    """

    moment: Moment
    scope: Scope = EVERYTHING
    notes: Shelf[ObservationKey, Remembered] = field(default_factory=lambda: Shelf(_name_of_key))
    """The notes that came so far, by what they are about: of a long list far more than memory should hold."""
    suggestions_left: int = MOST_SUGGESTIONS
    digits: Digits = Digits.UNTOLD
    """What five digits in the column of communes are in the file that is being read."""

    _session: AsyncSession | None = None
    _agencies: dict[str, Agency] = field(default_factory=dict)
    _unkept: dict[UUID, Agency] = field(default_factory=dict)
    _unplaced: dict[str, Agency] = field(default_factory=dict)
    _participants: dict[str, tuple[UUID, UUID] | None] = field(default_factory=dict)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.notes.close()

    @property
    def session(self) -> AsyncSession:
        """The transaction of the part that is being worked at."""
        if self._session is None:
            raise RuntimeError("no part of the import is being worked at")
        return self._session

    async def begin_part(self, session: AsyncSession) -> None:
        """Work in this transaction from here on; in the first one, learn which agencies there are."""
        self._session = session
        if self._agencies:
            return
        self._agencies = {each.folded_name: each for each in await agency_rows.all_agencies(self.session)}

    def agency(self, name: str) -> Agency:
        """The agency with this name; one seen for the first time is kept once a row of it is (`keep_agencies`)."""
        folded = fold(name)
        if folded not in self._agencies:
            agency = Agency(self.moment.new_id(), name, folded, department_of_agency(name))
            self._agencies[folded] = self._unkept[agency.id] = agency
            self._unplaced.update({folded: agency} if agency.department is None else {})
        return self._agencies[folded]

    def agency_of(self, cells: Cells, kept: UUID | None) -> Agency | None:
        """The agency that a row names, or the one as ``kept`` where its file has no such column; another's is refused.

        `None` where nothing is kept either.
        """
        identifier = cells.text("identifiant")
        if "agence" not in cells.row.cells:
            if kept is None:
                return None
            self.check_agency(kept, cells.notes, "identifiant", identifier)
            return next((each for each in self._agencies.values() if each.id == kept), None)
        agency = self.agency(cells.required("agence"))
        self.check_agency(agency.id, cells.notes, "agence", agency.name)
        if kept is not None and kept != agency.id:
            self.check_agency(kept, cells.notes, "identifiant", identifier)
        return agency

    def vouching(self, cells: Cells, kept: Employer | Need | None) -> Said[UUID]:
        """The agency that vouches for a row's employer or need from now on, where that is said.

        What is new is the adviser's own where its file says nothing; what another agency vouches for is refused.
        """
        if kept is not None and not self.scope.covers(kept.details.agency_id):
            cells.notes.add(kinds.OTHER_AGENCY, "identifiant", cells.text("identifiant"))
            return UNSAID
        agency = self.agency_of(cells, None) if cells.text("agence") else None
        if agency is not None:
            return agency.id
        return self.scope.agency_id if kept is None and self.scope.agency_id is not None else UNSAID

    def check_agency(self, agency_id: UUID, notes: Notes, column: str, value: str = "") -> None:
        """Refuse what is another agency's, where an adviser imports."""
        if not self.scope.covers(agency_id):
            notes.add(kinds.OTHER_AGENCY, column, value)

    def place_in(self, cells: Cells, agency: Agency | None) -> Said[Place]:
        """The place that a row says, where an agency's département is near by."""
        near = [agency.department] if agency and agency.department else []
        postal_code = cells.text("code_postal")

        def read(column: str) -> Place:
            return self.place(cells.required(column), near, cells.notes, column, postal_code)

        return cells.said("commune", read)

    def departments(self) -> set[str]:
        """The départements where the programme has agencies."""
        return {each.department for each in self._agencies.values() if each.department}

    def findings_of_agency(self, cells: Mapping[str, str], column: str) -> list[Finding]:
        """What is to be told, once an import, of an agency in a row whose name does not say where it is."""
        agency = self._unplaced.pop(fold(cells.get(column, "")), None) if self._unplaced else None
        choices = communes_of_agency(agency.name) if agency else ""
        return [Finding(kinds.UNPLACED_AGENCY, column, {"choices": choices}, cells[column])] if choices else []

    def place(
        self,
        text: str,
        departments: Collection[str],
        notes: Notes,
        column: str = "commune",
        postal_code: str = "",
    ) -> Place:
        """The place of a commune, where the départements are near by; a wrong or empty one is refused.

        A postal code in a column of its own tells namesakes apart where it fits the name.
        """
        if not text:
            return NOWHERE
        as_on_envelope = f"{postal_code} {text}"
        written = as_on_envelope if postal_code and is_certain(as_on_envelope) else text
        with_suggestions = self.suggestions_left > 0
        place = read_place(written, departments, notes, column, self.digits, with_suggestions=with_suggestions)
        if place is None:
            self.suggestions_left -= 1
        return place or NOWHERE

    async def keep_agencies(self, used: Iterable[UUID]) -> set[UUID]:
        """Keep the agencies that rows are kept for; those that are new."""
        new = [self._unkept.pop(each) for each in dict.fromkeys(used) if each in self._unkept]
        await agency_rows.add_agencies(self.session, new)
        return {each.id for each in new}

    async def staff(self, roles: dict[str, tuple[str | None, UUID | None]]) -> dict[str, UUID]:
        """The ids of staff by e-mail address, kept on first sight."""
        return {email: each.id for email, each in (await staff_named(self.session, roles, self.moment)).items()}

    async def learn_participants(self, identifiers: Collection[str]) -> None:
        """Look up participants by their identifiers, those not looked up before."""
        unknown = {each for each in identifiers if each not in self._participants}
        found = await participant_rows.ids_by_identifier(self.session, EVERYTHING, unknown)
        self._participants.update({each: found.get(each) for each in unknown})

    def forget_participants(self, identifiers: Iterable[str]) -> None:
        """Look these up again: they have just been kept."""
        for identifier in identifiers:
            self._participants.pop(identifier, None)

    def participant(self, identifier: str, notes: Notes, column: str) -> UUID | None:
        """The id of a participant looked up before; another agency's is as unknown as one whom nobody knows."""
        found = self._participants.get(identifier)
        if found is None or not self.scope.covers(found[1]):
            if identifier:
                notes.add(kinds.UNKNOWN_PARTICIPANT, column, identifier)
            return None
        return found[0]

    def agency_of_participant(self, identifier: str) -> UUID | None:
        """The agency of a participant looked up before, where there is one."""
        found = self._participants.get(identifier)
        return found[1] if found else None


def _name_of_key(key: ObservationKey) -> bytes:
    ids = key.workshop_id.bytes + key.participant_id.bytes + key.rater_id.bytes
    return ids + f"{key.seen_on}\0{key.exercise}\0{key.skill}".encode()


def emails_in(texts: Iterable[str], notes: Notes, column: str) -> list[str]:
    """E-mail addresses as they are kept; a malformed one is left aside with a warning."""
    emails: dict[str, None] = {}
    for text in texts:
        email = clean_email(text)
        if email is None:
            notes.add(kinds.BAD_EMAIL, column, text)
        else:
            emails[email] = None
    return list(emails)
