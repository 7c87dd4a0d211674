"""The lists of an export: the records that somebody may see, in the columns of the format, so that an import reads them
as the same. A record that other systems know by no identifier goes under its id."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.adapters import known_words
from services.registration.adapters.files import cells
from services.registration.domain.meetups import Meetup
from services.registration.domain.needs import RequiredSkill
from services.registration.domain.participants import Participant, Purpose
from services.registration.domain.places import Place
from services.registration.repository import (
    agencies,
    employers,
    exports,
    meetups,
    operations,
    participants,
    protected,
    venues,
    workshops,
)
from services.registration.repository.employer_contacts import contacts_of
from services.registration.repository.sites import sites_of
from services.registration.tables import (
    EmployerContactRow,
    EmployerRow,
    MeetupRow,
    NeedRow,
    OperationRow,
    ParticipantRow,
    SiteRow,
    WorkshopRow,
)
from shared.auditing import note_looks
from shared.identity import Person
from shared.reference.communes import commune
from shared.rights import Reach, Scope, may, scope_of

PAGE = 500

ListedCell = str | int | float | bool | date | Sequence[str] | None
"""What stands in a cell, before it is written."""

ListedRow = Mapping[str, ListedCell]
SomeRows = tuple[Sequence[ListedRow], UUID | None]
"""Records, and behind which id the next ones are; `None` after the last ones."""


@dataclass(frozen=True, slots=True)
class Exporting:
    """An export that is being made for somebody."""

    session: AsyncSession
    person: Person
    agencies: Mapping[UUID | None, str]

    def scope(self, right: str) -> Scope:
        """How far they may go with a right."""
        return scope_of(self.person, right)

    async def look(self, people: Sequence[UUID]) -> None:
        """Note that they are shown these people."""
        await note_looks(self.session, "exports", people)


@dataclass(frozen=True, slots=True)
class ExportedList:
    """A list of the format, the right that it takes, and its next records behind an id."""

    stem: str
    right: str
    page: Callable[[Exporting, UUID | None], Awaitable[SomeRows]]

    async def records(self, exporting: Exporting) -> AsyncIterator[ListedRow]:
        """All records that whoever asks may see."""
        after: UUID | None = None
        while True:
            records, after = await self.page(exporting, after)
            for record in records:
                yield record
            if after is None:
                return


async def begin(session: AsyncSession, person: Person) -> Exporting:
    """An export for somebody."""
    return Exporting(session, person, {each.id: each.name for each in await agencies.all_agencies(session)})


def lists_for(person: Person) -> list[str]:
    """The stems of the lists that somebody may have."""
    return [each.stem for each in LISTS if may(person, each.right)]


async def _participants(exporting: Exporting, after: UUID | None) -> SomeRows:
    session, scope = exporting.session, exporting.scope("read participants")
    ids = await exports.ids_within(session, ParticipantRow, scope, after, PAGE)
    found = list((await participants.participants_by_id(session, scope, ids)).values())
    await exporting.look(ids)
    if not may(exporting.person, "read protected data"):
        return [_person(each, exporting) for each in found], _next(ids)
    opened = await protected.opened(session, found)
    return [{**_person(each, exporting), **_protected(each)} for each in opened], _next(ids)


def _person(kept: Participant, exporting: Exporting) -> ListedRow:
    situation, contact = kept.situation, kept.contact
    return {
        "identifiant": kept.identifier or str(kept.id),
        "nom": contact.last_name,
        "prenom": contact.first_name,
        "courriel": contact.email,
        "telephone": contact.phone,
        "langue": contact.language,
        "agence": exporting.agencies[situation.agency_id],
        "commune": _commune(situation.home),
        "adresse": contact.postal_address,
        "mobilite_km": situation.travel_limit_km,
        "transport": cells.TRANSPORTS.word(situation.transport),
        "disponible_des": situation.available_from,
        "horaires": [cells.HOURS.word(each) for each in situation.hours],
        "permis": [each for each in situation.licences if not known_words.is_certificate(each)],
        "certificats": [each for each in situation.licences if known_words.is_certificate(each)],
        "consentement_appariement": _granted(kept, "pairing"),
        "consentement_contact": _granted(kept, "contact"),
        "metiers_souhaites": situation.wishes,
        "metiers_exclus": situation.refused_occupations,
    }


def _granted(kept: Participant, purpose: Purpose) -> bool | None:
    consent = kept.consents.get(purpose)
    return consent.granted if consent is not None else None


def _protected(kept: Participant) -> ListedRow:
    known = kept.protected
    return {
        "publics": known.publics if known else (),
        "date_naissance": known.born_on if known else None,
        "sexe": cells.SEXES.word(known.sex) if known and known.sex else None,
        "besoins_acces": [cells.ACCESS_NEEDS.word(each) for each in known.access_needs] if known else (),
    }


async def _operations(exporting: Exporting, after: UUID | None) -> SomeRows:
    session, scope = exporting.session, exporting.scope("read operations")
    ids = await exports.ids_within(session, OperationRow, scope, after, PAGE)
    found = (await operations.operations_by_id(session, scope, ids)).values()
    held_at = await venues.venues_by_id(session, {each.details.venue_id for each in found})
    records: list[ListedRow] = [
        {
            "identifiant": each.details.identifier or str(each.id),
            "nom": each.details.name,
            "lieu": held_at[each.details.venue_id].details.name,
            "commune": _commune(held_at[each.details.venue_id].details.place),
            "date_debut": each.details.starts_on,
            "date_fin": each.details.ends_on,
            "agence": exporting.agencies[each.details.agency_id],
        }
        for each in found
    ]
    return records, _next(ids)


async def _workshops(exporting: Exporting, after: UUID | None) -> SomeRows:
    session, scope = exporting.session, exporting.scope("read workshops")
    ids = await exports.ids_within(session, WorkshopRow, scope, after, PAGE)
    found = (await workshops.workshops_by_id(session, scope, ids)).values()
    staff = await agencies.staff_by_id(session, {one for each in found for one in each.team})
    named = await exports.names_of(session, OperationRow, [each.details.operation_id for each in found])
    records: list[ListedRow] = [
        {
            "identifiant": each.details.identifier or str(each.id),
            "titre": each.details.title,
            "lieu": each.details.venue,
            "commune": _commune(each.details.place),
            "date_debut": each.details.starts_on,
            "date_fin": each.details.ends_on,
            "agence": exporting.agencies[each.details.agency_id],
            "mediateurs": [staff[one].email for one in each.details.mediators],
            "conseiller": staff[each.details.adviser].email if each.details.adviser else None,
            "operation": named.get(each.details.operation_id),
        }
        for each in found
    ]
    return records, _next(ids)


async def _enrolments(exporting: Exporting, after: UUID | None) -> SomeRows:
    session = exporting.session
    ids = await exports.ids_within(session, WorkshopRow, exporting.scope("read workshops"), after, PAGE)
    names = await exports.names_of(session, WorkshopRow, ids)
    enrolled = await exports.enrolled_in(session, ids)
    people = await exports.people_within(session, exporting.scope("read participants"), [one for _, one in enrolled])
    await exporting.look(list(people))
    return [
        {"atelier": names[workshop], "participant": people[one]} for workshop, one in enrolled if one in people
    ], _next(ids)


async def _observations(exporting: Exporting, after: UUID | None) -> SomeRows:
    session, scope = exporting.session, exporting.scope("read observations")
    found = await exports.observations_within(session, scope, after, PAGE)
    await exporting.look([each["participant_id"] for each in found])
    records: list[ListedRow] = [
        {
            "atelier": each["workshop"] or str(each["workshop_id"]),
            "date": each["seen_on"],
            "participant": each["participant"] or str(each["participant_id"]),
            "observateur": each["observer"],
            "exercice": each["exercise"],
            "competence": each["skill"],
            "niveau": each["level"],
            "commentaire": each["note"],
        }
        for each in found
    ]
    return records, _next([each["id"] for each in found])


async def _employers(exporting: Exporting, after: UUID | None) -> SomeRows:
    session = exporting.session
    ids = await exports.ids_within(session, EmployerRow, _vouched_for(exporting, "read employers"), after, PAGE)
    found = (await employers.employers_by_id(session, ids)).values()
    has_contacts = may(exporting.person, "read employer contacts")
    records: list[ListedRow] = []
    for each in found:
        details = each.details
        reached: ListedRow = {
            "contact": details.contact_name,
            "courriel": details.email,
            "telephone": details.phone,
        }
        records.append(
            {
                "identifiant": details.identifier or str(each.id),
                "raison_sociale": details.name,
                "siret": details.siret,
                **(reached if has_contacts else {}),
                "commune": _commune(details.place),
                "agence": exporting.agencies.get(details.agency_id),
            }
        )
    return records, _next(ids)


def _vouched_for(exporting: Exporting, right: str) -> Scope:
    """How far somebody's export goes with employers and needs: no further than with the contacts of employers.

    Whoever may read the contacts of some only would else export the others without, and an import of that would take
    the contacts away. Where nobody's contact is told, the lists have no column for it, and an import leaves it alone.
    """
    contacts = exporting.scope("read employer contacts")
    return contacts if contacts.reach is not Reach.NO else exporting.scope(right)


async def _sites(exporting: Exporting, after: UUID | None) -> SomeRows:
    session = exporting.session
    ids = await exports.ids_within(session, EmployerRow, _vouched_for(exporting, "read employers"), after, PAGE)
    theirs = await exports.names_of(session, EmployerRow, ids)
    records: list[ListedRow] = [
        {
            "identifiant": each.details.identifier or str(each.id),
            "employeur": theirs[each.details.employer_id],
            "nom": each.details.name,
            "siret": each.details.siret,
            "adresse": each.details.address,
            "commune": _commune(each.details.place),
            "acces": each.details.access,
        }
        for each in await sites_of(session, ids)
    ]
    return records, _next(ids)


async def _contacts(exporting: Exporting, after: UUID | None) -> SomeRows:
    session = exporting.session
    ids = await exports.ids_within(session, EmployerRow, exporting.scope("read employer contacts"), after, PAGE)
    theirs = await exports.names_of(session, EmployerRow, ids)
    records: list[ListedRow] = [
        {
            "identifiant": each.details.identifier or str(each.id),
            "employeur": theirs[each.details.employer_id],
            "nom": each.details.name,
            "fonction": each.details.function,
            "courriel": each.details.email,
            "telephone": each.details.phone,
            "langue": each.details.language,
            "principal": each.details.is_main,
        }
        for each in await contacts_of(session, ids)
        if not each.is_told_by_employer
    ]
    return records, _next(ids)


async def _needs(exporting: Exporting, after: UUID | None) -> SomeRows:
    session = exporting.session
    ids = await exports.ids_within(session, NeedRow, _vouched_for(exporting, "read needs"), after, PAGE)
    found = (await employers.needs_by_id(session, ids)).values()
    theirs = await exports.names_of(session, EmployerRow, [each.details.employer_id for each in found])
    sites = await exports.names_of(session, SiteRow, [each.details.site_id for each in found])
    contacts = await exports.names_of(session, EmployerContactRow, [each.details.contact_id for each in found])
    has_contacts = may(exporting.person, "read employer contacts")
    records: list[ListedRow] = [
        {
            "identifiant": each.details.identifier or str(each.id),
            "employeur": theirs[each.details.employer_id],
            "intitule": each.details.title,
            "rome": each.details.occupation,
            "commune": _commune(each.details.place),
            "postes": each.details.posts,
            "places_entretien": each.details.seats,
            "horaires": [cells.HOURS.word(one) for one in each.details.hours],
            "permis": each.details.licences,
            "competences": [_required(one) for one in each.details.skills],
            "interlocuteurs": each.details.interviewers,
            "acces": each.details.access,
            "agence": exporting.agencies.get(each.details.agency_id),
            "site": sites.get(each.details.site_id),
            **({"contact": contacts.get(each.details.contact_id)} if has_contacts else {}),
            "etat": "fermé" if each.is_closed else "ouvert",
        }
        for each in found
    ]
    return records, _next(ids)


def _required(skill: RequiredSkill) -> str:
    percent = f"{skill.weight * 100:.4f}".rstrip("0").rstrip(".")
    return f"{skill.skill}:{skill.level}:{percent}"


async def _some_meetups(exporting: Exporting, after: UUID | None) -> tuple[dict[UUID, Meetup], UUID | None]:
    scope = exporting.scope("read meetups")
    ids = await exports.ids_within(exporting.session, MeetupRow, scope, after, PAGE)
    return await meetups.meetups_by_id(exporting.session, scope, ids), _next(ids)


async def _meetups(exporting: Exporting, after: UUID | None) -> SomeRows:
    found, behind = await _some_meetups(exporting, after)
    parts_of = [each.details.operation_id for each in found.values()]
    named = await exports.names_of(exporting.session, OperationRow, parts_of)
    return [
        {**_meetup(each, exporting), "operation": named.get(each.details.operation_id)} for each in found.values()
    ], behind


def _meetup(kept: Meetup, exporting: Exporting) -> ListedRow:
    details = kept.details
    begins = details.starts_at.astimezone(details.place.zone)
    return {
        "identifiant": _name(kept),
        "titre": details.title,
        "lieu": details.venue,
        "commune": _commune(details.place),
        "date": begins.date(),
        "heure_debut": f"{begins:%H:%M}",
        "duree_creneau_min": details.slot_minutes,
        "creneaux": details.slots,
        "agence": exporting.agencies[details.agency_id],
        "adresse": details.address,
        "acces": details.access,
        "pauses": [str(slot + 1) for slot in details.breaks],
        "tables": details.front_tables,
        "etat": "annulé" if kept.is_cancelled else "maintenu",
    }


async def _invited_needs(exporting: Exporting, after: UUID | None) -> SomeRows:
    found, behind = await _some_meetups(exporting, after)
    needs = [need for each in found.values() for need, _ in each.needs]
    names = await exports.names_of(exporting.session, NeedRow, needs)
    return [
        {"rencontre": _name(each), "besoin": names[need]} for each in found.values() for need, _ in each.needs
    ], behind


async def _met(exporting: Exporting, after: UUID | None) -> SomeRows:
    found, behind = await _some_meetups(exporting, after)
    enrolled = list((await meetups.enrolments_of(exporting.session, list(found))).values())
    people = await exports.people_within(
        exporting.session, exporting.scope("read participants"), [each.participant_id for each in enrolled]
    )
    await exporting.look(list(people))
    return [
        {
            "rencontre": _name(found[each.meetup_id]),
            "participant": people[each.participant_id],
            "present": each.is_present,
        }
        for each in enrolled
        if each.participant_id in people
    ], behind


async def _outcomes(exporting: Exporting, after: UUID | None) -> SomeRows:
    found, behind = await _some_meetups(exporting, after)
    said = await meetups.outcomes_of(exporting.session, list(found))
    people = await exports.people_within(
        exporting.session, exporting.scope("read participants"), [each.participant_id for each in said]
    )
    needs = await exports.names_of(exporting.session, NeedRow, [each.need_id for each in said])
    await exporting.look(list(people))
    return [
        {
            "rencontre": _name(found[each.meetup_id]),
            "participant": people[each.participant_id],
            "besoin": needs[each.need_id],
            "suite": cells.OUTCOMES.word(each.outcome),
            "date": each.happened_on,
        }
        for each in said
        if each.participant_id in people
    ], behind


def _name(kept: Meetup) -> str:
    return kept.details.identifier or str(kept.id)


def _commune(place: Place) -> str:
    """By its INSEE code and name together, which no import takes for another one."""
    return f"{place.commune} {commune(place.commune).name}"


def _next(ids: Sequence[UUID]) -> UUID | None:
    return ids[-1] if len(ids) == PAGE else None


LISTS = (
    ExportedList("participants", "read participants", _participants),
    ExportedList("operations", "read operations", _operations),
    ExportedList("ateliers", "read workshops", _workshops),
    ExportedList("inscriptions", "read participants", _enrolments),
    ExportedList("observations", "read observations", _observations),
    ExportedList("employeurs", "read employers", _employers),
    ExportedList("sites", "read employers", _sites),
    ExportedList("contacts", "read employer contacts", _contacts),
    ExportedList("besoins", "read needs", _needs),
    ExportedList("rencontres", "read meetups", _meetups),
    ExportedList("rencontre_besoins", "read meetups", _invited_needs),
    ExportedList("rencontre_participants", "read enrolments", _met),
    ExportedList("suites", "read enrolments", _outcomes),
)
"""In the order in which an import reads them."""
