"""The lists of an export: the records that somebody may see, in the columns of the format, so that an import reads them
as the same. A record that other systems know by no identifier goes under its id."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from services.registration.adapters import known_words
from services.registration.adapters.files import cells
from services.registration.domain.meetups import Meetup
from services.registration.domain.participants import Participant, Purpose
from services.registration.domain.workshop_sessions import WorkshopSession
from services.registration.repository import (
    agencies,
    exports,
    meetups,
    operations,
    participants,
    protected,
    venues,
    workshop_sessions,
    workshops,
)
from services.registration.tables import (
    MeetupRow,
    NeedRow,
    OperationRow,
    ParticipantRow,
    WorkshopRow,
)
from services.registration.use_cases.exporting.employers import EMPLOYERS
from services.registration.use_cases.exporting.layout import (
    PAGE,
    ExportedList,
    Exporting,
    ListedRow,
    SomeRows,
    in_commune,
    next_behind,
)
from shared.identity import Person
from shared.rights import may


def lists_for(person: Person) -> list[str]:
    """The stems of the lists that somebody may have."""
    return [each.stem for each in LISTS if may(person, each.right)]


async def _participants(exporting: Exporting, after: UUID | None) -> SomeRows:
    session, scope = exporting.session, exporting.scope("read participants")
    ids = await exports.ids_within(session, ParticipantRow, scope, after, PAGE)
    found = list((await participants.participants_by_id(session, scope, ids)).values())
    await exporting.look(ids)
    if not may(exporting.person, "read protected data"):
        return [_person(each, exporting) for each in found], next_behind(ids)
    opened = await protected.opened(session, found)
    return [{**_person(each, exporting), **_protected(each)} for each in opened], next_behind(ids)


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
        "commune": in_commune(situation.home),
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
            "commune": in_commune(held_at[each.details.venue_id].details.place),
            "date_debut": each.details.starts_on,
            "date_fin": each.details.ends_on,
            "agence": exporting.agencies[each.details.agency_id],
        }
        for each in found
    ]
    return records, next_behind(ids)


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
            "commune": in_commune(each.details.place),
            "date_debut": each.details.starts_on,
            "date_fin": each.details.ends_on,
            "agence": exporting.agencies[each.details.agency_id],
            "mediateurs": [staff[one].email for one in each.details.mediators],
            "conseiller": staff[each.details.adviser].email if each.details.adviser else None,
            "operation": named.get(each.details.operation_id),
        }
        for each in found
    ]
    return records, next_behind(ids)


async def _enrolments(exporting: Exporting, after: UUID | None) -> SomeRows:
    session = exporting.session
    ids = await exports.ids_within(session, WorkshopRow, exporting.scope("read workshops"), after, PAGE)
    names = await exports.names_of(session, WorkshopRow, ids)
    enrolled = await exports.enrolled_in(session, ids)
    people = await exports.people_within(session, exporting.scope("read participants"), [one for _, one in enrolled])
    await exporting.look(list(people))
    return [
        {"atelier": names[workshop], "participant": people[one]} for workshop, one in enrolled if one in people
    ], next_behind(ids)


async def _some_sessions(
    exporting: Exporting, after: UUID | None
) -> tuple[list[WorkshopSession], Mapping[UUID | None, str], UUID | None]:
    """The sessions of the next workshops, the names of these, and where to go on."""
    session = exporting.session
    ids = await exports.ids_within(session, WorkshopRow, exporting.scope("read workshops"), after, PAGE)
    names = await exports.names_of(session, WorkshopRow, ids)
    return await workshop_sessions.sessions_of(session, ids), names, next_behind(ids)


async def _sessions(exporting: Exporting, after: UUID | None) -> SomeRows:
    found, names, behind = await _some_sessions(exporting, after)
    return [
        {
            "identifiant": _session_name(each),
            "atelier": names[each.details.workshop_id],
            "date": each.details.held_on,
            "heure_debut": f"{each.details.begins:%H:%M}" if each.details.begins else None,
            "heure_fin": f"{each.details.ends:%H:%M}" if each.details.ends else None,
            "exercice": each.details.exercise,
            "titre": each.details.title,
        }
        for each in found
    ], behind


async def _presences(exporting: Exporting, after: UUID | None) -> SomeRows:
    found, _, behind = await _some_sessions(exporting, after)
    names = {each.id: _session_name(each) for each in found}
    known = await workshop_sessions.presences_at(exporting.session, names)
    people = await exports.people_within(
        exporting.session, exporting.scope("read participants"), [each.participant_id for each in known]
    )
    await exporting.look(list(people))
    return [
        {
            "seance": names[each.session_id],
            "participant": people[each.participant_id],
            "present": each.is_present,
        }
        for each in known
        if each.participant_id in people
    ], behind


def _session_name(kept: WorkshopSession) -> str:
    return kept.details.identifier or str(kept.id)


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
    return records, next_behind([each["id"] for each in found])


async def _some_meetups(exporting: Exporting, after: UUID | None) -> tuple[dict[UUID, Meetup], UUID | None]:
    scope = exporting.scope("read meetups")
    ids = await exports.ids_within(exporting.session, MeetupRow, scope, after, PAGE)
    return await meetups.meetups_by_id(exporting.session, scope, ids), next_behind(ids)


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
        "commune": in_commune(details.place),
        "date": begins.date(),
        "heure_debut": f"{begins:%H:%M}",
        "duree_creneau_min": details.slot_minutes,
        "creneaux": details.slots,
        "agence": exporting.agencies[details.agency_id],
        "adresse": details.address,
        "acces": details.access,
        "pauses": [str(slot + 1) for slot in details.breaks],
        "tables": details.front_tables,
        "etat": cells.CANCELLED.word(kept.is_cancelled),
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


LISTS = (
    ExportedList("participants", "read participants", _participants),
    ExportedList("operations", "read operations", _operations),
    ExportedList("ateliers", "read workshops", _workshops),
    ExportedList("inscriptions", "read participants", _enrolments),
    ExportedList("seances", "read workshops", _sessions),
    ExportedList("presences", "read presences", _presences),
    ExportedList("observations", "read observations", _observations),
    *EMPLOYERS,
    ExportedList("rencontres", "read meetups", _meetups),
    ExportedList("rencontre_besoins", "read meetups", _invited_needs),
    ExportedList("rencontre_participants", "read enrolments", _met),
    ExportedList("suites", "read enrolments", _outcomes),
)
"""In the order in which an import reads them."""
