"""Participants: their state, contact and consents; what is protected of them only `protected.py` reaches."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Row,
    RowMapping,
    Select,
    delete,
    exists,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import distinct_on
from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.domain.names import name_key
from services.registration.domain.participants import (
    Consent,
    ConsentWay,
    Contact,
    Participant,
    Purpose,
    Situation,
)
from services.registration.domain.places import Place
from services.registration.repository.workshops import held_by
from services.registration.tables import (
    ConsentRow,
    ContactRow,
    ObjectionRow,
    ParticipantRow,
    WorkshopEnrolmentRow,
)
from shared.asking import as_the_service
from shared.reference.normalise import fold
from shared.rights import Scope
from shared.scoping import within
from shared.sql import among, insert_rows, run, table_of, update_rows

PARTICIPANTS = table_of(ParticipantRow)
CONTACTS = table_of(ContactRow)
CONSENTS = table_of(ConsentRow)
OBJECTIONS = table_of(ObjectionRow)
IN_WORKSHOPS = table_of(WorkshopEnrolmentRow)
NAMED = PARTICIPANTS.alias("named")
"""The record that somebody names, be it merged into another."""


@dataclass(frozen=True, slots=True)
class ConsentDecision:
    """One consent given, refused or taken back."""

    participant_id: UUID
    purpose: Purpose
    revision: int
    is_granted: bool
    source: str
    decided_at: datetime
    decided_by: UUID | None
    way: ConsentWay | None
    text_version: int | None


def folded_name(contact: Contact) -> str:
    """Both names as compared; their words in alphabetical order, since exports swap them."""
    return " ".join(sorted(fold(f"{contact.first_name} {contact.last_name}").split()))


async def participants_by_identifier(
    session: AsyncSession, scope: Scope, identifiers: Collection[str]
) -> dict[str, Participant]:
    """The participants within a scope with these external identifiers, locked until the transaction ends."""
    if not identifiers:
        return {}
    async with as_the_service(session):  # an identifier is one person's in the whole region
        found = await _load(session, scope, among(PARTICIPANTS.c.identifier, identifiers), lock=True)
    return {each.identifier: each for each in found if each.identifier is not None}


async def participants_by_id(
    session: AsyncSession, scope: Scope, ids: Collection[UUID], *, lock: bool = False
) -> dict[UUID, Participant]:
    """The participants within a scope with these ids."""
    if not ids:
        return {}
    return {each.id: each for each in await _load(session, scope, among(PARTICIPANTS.c.id, ids), lock=lock)}


async def is_participant(session: AsyncSession, scope: Scope, participant_id: UUID) -> bool:
    """Whether there is a participant with this id within a scope; nothing else of them is asked for."""
    named = select(PARTICIPANTS.c.id).where(PARTICIPANTS.c.id == participant_id, _within(scope))
    return (await run(session, named)).first() is not None


async def ids_by_identifier(
    session: AsyncSession, scope: Scope, identifiers: Collection[str]
) -> dict[str, tuple[UUID, UUID]]:
    """For each identifier that is known within a scope, the participant's id and agency.

    A record that was merged answers with the one that goes on.
    """
    if not identifiers:
        return {}
    named = (
        select(NAMED.c.identifier, PARTICIPANTS.c.id, PARTICIPANTS.c.agency_id)
        .join(PARTICIPANTS, goes_on_for(NAMED))
        .where(among(NAMED.c.identifier, identifiers), _within(scope))
    )
    async with as_the_service(session):  # an identifier is one person's in the whole region
        rows = await run(session, named)
    return {row.identifier: (row.id, row.agency_id) for row in rows}


async def add_participants(session: AsyncSession, participants: Sequence[Participant], now: datetime) -> None:
    """Keep new participants."""
    await insert_rows(
        session,
        ParticipantRow,
        [{**_state_row(each), "registered_at": now, "changed_at": now} for each in participants],
    )
    await insert_rows(session, ContactRow, [_contact_row(each) for each in participants])


async def change_participants(session: AsyncSession, participants: Sequence[Participant], now: datetime) -> None:
    """Replace the data of participants who are known."""
    states = [{**_state_row(each), "changed_at": now} for each in participants]
    await update_rows(session, ParticipantRow, states, key=("id",))
    await update_rows(session, ContactRow, [_contact_row(each) for each in participants], key=("participant_id",))


async def records_merged_into(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, UUID]:
    """The records that were merged into these, each with the one that goes on for it."""
    if not ids:
        return {}
    theirs = select(PARTICIPANTS.c.id, PARTICIPANTS.c.merged_into).where(among(PARTICIPANTS.c.merged_into, ids))
    return {row.id: row.merged_into for row in await run(session, theirs)}


async def going_on(session: AsyncSession, participant_id: UUID, *, lock: bool = False) -> UUID:
    """The record that goes on for this one: itself, unless it was merged into another.

    Locked, it is merged into none until the transaction ends; others may do the same.
    """
    into = select(PARTICIPANTS.c.merged_into).where(PARTICIPANTS.c.id == participant_id)
    asked = into.with_for_update(read=True) if lock else into
    merged_into: UUID | None = (await run(session, asked)).scalar_one_or_none()
    if merged_into is None or not lock:
        return merged_into or participant_id
    return await going_on(session, merged_into, lock=True)


async def merged_among(session: AsyncSession, ids: Collection[UUID]) -> set[UUID]:
    """Those of the participants whose records were merged into others."""
    merged = select(PARTICIPANTS.c.id).where(among(PARTICIPANTS.c.id, ids), PARTICIPANTS.c.merged_into.is_not(None))
    return set((await run(session, merged)).scalars()) if ids else set()


async def take_back_decisions(session: AsyncSession, participant_id: UUID, revisions: Collection[int]) -> None:
    """Forget decisions that nobody took: those that a merge made and that its undoing takes back."""
    made = (CONSENTS.c.participant_id == participant_id, among(CONSENTS.c.revision, revisions))
    await run(session, delete(CONSENTS).where(*made))


async def add_decisions(session: AsyncSession, decisions: Sequence[ConsentDecision]) -> None:
    """Keep decisions on consents."""
    rows = [{name: getattr(decision, name) for name in ConsentDecision.__slots__} for decision in decisions]
    await insert_rows(session, ConsentRow, rows)


async def decisions_of_all(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, list[ConsentDecision]]:
    """All decisions of some participants, the oldest first."""
    found: dict[UUID, list[ConsentDecision]] = {}
    theirs = select(CONSENTS).where(among(CONSENTS.c.participant_id, ids)).order_by(CONSENTS.c.revision)
    for row in await run(session, theirs):
        found.setdefault(row.participant_id, []).append(_decision(row))
    return found


async def decisions_of(session: AsyncSession, participant_id: UUID) -> list[ConsentDecision]:
    """All decisions of one participant, the oldest first."""
    statement = select(CONSENTS).where(CONSENTS.c.participant_id == participant_id).order_by(CONSENTS.c.revision)
    return [_decision(row) for row in await run(session, statement)]


async def contacts(session: AsyncSession, ids: Collection[UUID]) -> Sequence[RowMapping]:
    """How these participants are named and reached, their language, and whether they may be contacted.

    For a record that was merged, the one that goes on says so.
    """
    if not ids:
        return []
    newest = _newest_consents().where(CONSENTS.c.purpose == "contact").subquery()
    reached_by = [column for column in CONTACTS.c if column.name != "participant_id"]
    may_be_reached = func.coalesce(newest.c.is_granted, False).label("contact_consent")
    statement = (
        select(NAMED.c.id.label("participant_id"), *reached_by, may_be_reached)
        .join(PARTICIPANTS, goes_on_for(NAMED))
        .join(CONTACTS, CONTACTS.c.participant_id == PARTICIPANTS.c.id)
        .outerjoin(newest, newest.c.participant_id == PARTICIPANTS.c.id)
        .where(among(NAMED.c.id, ids))
    )
    return (await run(session, statement)).mappings().all()


def goes_on_for(named: FromClause) -> ColumnElement[bool]:
    """The condition that a participant is the one named, or the one into whom that one was merged."""
    return PARTICIPANTS.c.id == func.coalesce(named.c.merged_into, named.c.id)


def _within(scope: Scope) -> ColumnElement[bool]:
    return within(scope, PARTICIPANTS.c.agency_id, is_in_workshop_of)


def is_in_workshop_of(staff_id: UUID) -> ColumnElement[bool]:
    """The condition that a participant is in a workshop that somebody holds."""
    here = IN_WORKSHOPS.c.participant_id == PARTICIPANTS.c.id
    return exists().where(here, held_by(staff_id, IN_WORKSHOPS.c.workshop_id))


async def _load(session: AsyncSession, scope: Scope, which: ColumnElement[bool], *, lock: bool) -> list[Participant]:
    statement = select(PARTICIPANTS).where(which, _within(scope)).order_by(PARTICIPANTS.c.id)
    states = (await run(session, statement.with_for_update() if lock else statement)).all()
    ids = [row.id for row in states]
    if not ids:
        return []
    contact_rows = await run(session, select(CONTACTS).where(among(CONTACTS.c.participant_id, ids)))
    consents: dict[UUID, dict[Purpose, Consent]] = {}
    for row in await run(session, _newest_consents().where(among(CONSENTS.c.participant_id, ids))):
        consents.setdefault(row.participant_id, {})[row.purpose] = Consent(
            row.is_granted, row.source, row.way, row.text_version
        )
    objecting: dict[UUID, set[Purpose]] = {}
    in_force = (among(OBJECTIONS.c.participant_id, ids), OBJECTIONS.c.lifted_at.is_(None))
    for row in await run(session, select(OBJECTIONS.c.participant_id, OBJECTIONS.c.purpose).where(*in_force)):
        objecting.setdefault(row.participant_id, set()).add(row.purpose)
    contact_of = {row.participant_id: row for row in contact_rows}
    return [
        _participant(row, contact_of[row.id], consents.get(row.id, {}), frozenset(objecting.get(row.id, ())))
        for row in states
    ]


def _newest_consents() -> Select[Any]:
    told = ("participant_id", "purpose", "is_granted", "source", "way", "text_version")
    columns = [CONSENTS.c[name] for name in told]
    order = (CONSENTS.c.participant_id, CONSENTS.c.purpose, CONSENTS.c.revision.desc())
    newest = distinct_on(CONSENTS.c.participant_id, CONSENTS.c.purpose)
    return select(*columns).ext(newest).order_by(*order)


def _participant(
    state: Row[Any], contact: Row[Any], consents: Mapping[Purpose, Consent], objects_to: frozenset[Purpose]
) -> Participant:
    return Participant(
        id=state.id,
        identifier=state.identifier,
        revision=state.revision,
        situation=Situation(
            agency_id=state.agency_id,
            home=Place(state.commune, state.latitude, state.longitude),
            travel_limit_km=state.travel_limit_km,
            transport=state.transport,
            available_from=state.available_from,
            hours=tuple(state.hours),
            licences=tuple(state.licences),
            wishes=tuple(state.wishes),
            refused_occupations=tuple(state.refused_occupations),
        ),
        contact=Contact(
            contact.first_name,
            contact.last_name,
            contact.email,
            contact.phone,
            contact.postal_address,
            contact.language,
        ),
        protected=None,
        consents=consents,
        objects_to=objects_to,
        merged_into=state.merged_into,
        field_revisions=state.field_revisions,
    )


def _decision(row: Row[Any]) -> ConsentDecision:
    return ConsentDecision(**row._mapping)


def _state_row(participant: Participant) -> dict[str, Any]:
    situation = participant.situation
    return {
        "id": participant.id,
        "identifier": participant.identifier,
        "revision": participant.revision,
        "field_revisions": dict(participant.field_revisions),
        "agency_id": situation.agency_id,
        "commune": situation.home.commune,
        "latitude": situation.home.latitude,
        "longitude": situation.home.longitude,
        "travel_limit_km": situation.travel_limit_km,
        "transport": situation.transport,
        "available_from": situation.available_from,
        "hours": list(situation.hours),
        "licences": list(situation.licences),
        "wishes": list(situation.wishes),
        "refused_occupations": list(situation.refused_occupations),
        "merged_into": participant.merged_into,
    }


def _contact_row(participant: Participant) -> dict[str, Any]:
    contact = participant.contact
    return {
        "participant_id": participant.id,
        "agency_id": participant.situation.agency_id,
        "first_name": contact.first_name,
        "last_name": contact.last_name,
        "folded_name": folded_name(contact),
        "name_key": name_key(contact.first_name, contact.last_name),
        "email": contact.email,
        "phone": contact.phone,
        "postal_address": contact.postal_address,
        "language": contact.language,
    }
