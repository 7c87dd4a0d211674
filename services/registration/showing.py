"""How records are shown, and what of them changed since somebody looked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields
from datetime import time
from typing import Any

from services.registration.domain.accounts import StaffAccount
from services.registration.domain.agencies import Agency
from services.registration.domain.employer_contacts import OF_EMPLOYER, EmployerContact
from services.registration.domain.meetups import Meetup
from services.registration.domain.needs import Employer, Need
from services.registration.domain.operations import Operation
from services.registration.domain.participants import Participant
from services.registration.domain.places import Place
from services.registration.domain.records import Record, Revisioned
from services.registration.domain.sites import Site
from services.registration.domain.venues import Venue
from services.registration.domain.workshop_sessions import SessionDetails, WorkshopSession
from services.registration.domain.workshops import Observation, Workshop
from services.registration.repository.meetups import Enrolment
from services.registration.repository.operations import Joined, PeopleCounted
from shared.rights import Scope

Shown = dict[str, Any]

SHOWN_UNDER: Mapping[str, str] = {
    "home": "commune",
    "place": "commune",
    "is_closed": "is_open",
}
"""The members under which the fields of records are shown, where the names differ."""


def changed_since(kept: Revisioned, revision: int, shown: Shown) -> Shown:
    """What of a record changed after a revision, as far as it is shown."""
    names = dict.fromkeys(SHOWN_UNDER.get(name, name) for name in kept.changed_since(revision))
    return {name: shown[name] for name in names if name in shown}


def agency(kept: Agency) -> Shown:
    """An agency and how it is reached."""
    return {
        "id": kept.id,
        "name": kept.name,
        "department": kept.department,
        "revision": kept.revision,
        "phone": kept.phone,
        "email": kept.email,
        "address": kept.address,
    }


def account(kept: StaffAccount) -> Shown:
    """An account, and what its holder may do where."""
    return {
        "id": kept.id,
        "email": kept.email,
        "name": kept.name,
        "role": kept.duty.role,
        "agency_id": kept.duty.agency_id,
        "language": kept.language,
        "revision": kept.revision,
    }


def operation(kept: Operation, joined: Joined, people: PeopleCounted) -> Shown:
    """An operation with what is part of it, and how many people it was about."""
    return {
        "id": kept.id,
        "revision": kept.revision,
        **asdict(kept.details),
        "workshops": joined.workshops,
        "meetup_id": joined.meetup,
        "people": asdict(people),
    }


def venue(kept: Venue) -> Shown:
    """A venue and how it is found."""
    return _record(kept)


def participant(kept: Participant) -> Shown:
    """A participant; protected data only where they were asked for."""
    situation, contact = kept.situation, kept.contact
    shown: Shown = {
        "id": kept.id,
        "identifier": kept.identifier,
        "revision": kept.revision,
        "agency_id": situation.agency_id,
        "first_name": contact.first_name,
        "last_name": contact.last_name,
        "email": contact.email,
        "phone": contact.phone,
        "postal_address": contact.postal_address,
        "language": contact.language,
        "commune": situation.home.commune,
        "travel_limit_km": situation.travel_limit_km,
        "transport": situation.transport,
        "available_from": situation.available_from,
        "hours": situation.hours,
        "licences": situation.licences,
        "wishes": situation.wishes,
        "refused_occupations": situation.refused_occupations,
        "consents": {purpose: consent.granted for purpose, consent in kept.consents.items()},
    }
    if kept.protected is not None:
        shown["protected"] = asdict(kept.protected)
    return shown


def workshop(kept: Workshop) -> Shown:
    """A workshop with its team."""
    return _record(kept)


def workshop_session(kept: WorkshopSession) -> Shown:
    """A session of a workshop; its times as the clock shows them."""
    times = {name: clock and f"{clock:%H:%M}" for name, clock in _times(kept.details)}
    return {"id": kept.id, "revision": kept.revision, **asdict(kept.details), **times}


def _times(details: SessionDetails) -> Iterable[tuple[str, time | None]]:
    return (("begins", details.begins), ("ends", details.ends))


def observation(kept: Observation) -> Shown:
    """What was seen, with the words beside it: who saw it, and who wrote it down."""
    shown = {"id": kept.id, "revision": kept.revision, "framework": kept.framework, "written_by": kept.written_by}
    return {**shown, **asdict(kept.key), **asdict(kept.seen)}


def employer(kept: Employer, contacts: Scope) -> Shown:
    """An employer; whom to talk to there only where that is within the scope."""
    return employer_without(_record(kept), contacts)


def employer_without(shown: Mapping[str, Any], contacts: Scope) -> Shown:
    """An employer as shown, without whom to talk to there unless that is within the scope."""
    hidden = () if contacts.covers(shown["agency_id"]) else OF_EMPLOYER
    return {name: value for name, value in shown.items() if name not in hidden}


def site(kept: Site) -> Shown:
    """A site and how it is reached."""
    return _record(kept)


def contact(kept: EmployerContact) -> Shown:
    """Somebody at an employer."""
    return {"id": kept.id, "revision": kept.revision, **asdict(kept.details)}


def need(kept: Need) -> Shown:
    """A need with the skills that it asks; weights are shares of one."""
    return {
        **_record(kept),
        "skills": [asdict(each) for each in kept.details.skills],
        "is_open": not kept.is_closed,
    }


def meetup(kept: Meetup, enrolments: Iterable[Enrolment]) -> Shown:
    """A meetup with the needs invited and the people enrolled."""
    return {
        **_record(kept),
        "ends_at": kept.details.ends_at,
        "is_cancelled": kept.is_cancelled,
        "needs": [{"need_id": need_id, "interviewers": count} for need_id, count in kept.needs],
        "participants": [enrolment(each) for each in sorted(enrolments, key=lambda each: each.participant_id)],
    }


def enrolment(kept: Enrolment) -> Shown:
    """One participant at a meetup."""
    shown = {"participant_id": kept.participant_id, "revision": kept.revision, "is_present": kept.is_present}
    return {**shown, **asdict(kept.constraints)}


def _record(kept: Record[Any]) -> Shown:
    """A record with all its details, its place by the commune."""
    details = {each.name: getattr(kept.details, each.name) for each in fields(kept.details)}
    where: Place = details.pop("place")
    return {"id": kept.id, "revision": kept.revision, **details, "commune": where.commune}
