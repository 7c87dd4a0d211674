"""Names and contacts for the other services, at the moment when they need them."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.adapters.known_words import name_of_commune
from services.registration.domain.employer_contacts import EmployerContact
from services.registration.repository import agencies, employer_contacts, employers, meetups, participants
from shared.directory import (
    AgencyEntry,
    ContactEntry,
    EmployerEntry,
    Entries,
    MeetupEntry,
    NeedEntry,
    ParticipantEntry,
)
from shared.rights import EVERYTHING


async def look_up(
    session: AsyncSession,
    *,
    participant_ids: Collection[UUID] = (),
    employer_ids: Collection[UUID] = (),
    need_ids: Collection[UUID] = (),
    meetup_ids: Collection[UUID] = (),
    agency_ids: Collection[UUID] = (),
) -> Entries:
    """The names and contacts behind these ids; unknown and erased ones are absent."""
    found_agencies = await agencies.agencies_by_id(session, agency_ids)
    return Entries(
        participants=await _participants(session, participant_ids),
        employers={
            each.id: EmployerEntry(
                name=each.details.name,
                contact_name=each.details.contact_name,
                email=each.details.email,
                language=each.details.language,
            )
            for each in (await employers.employers_by_id(session, employer_ids)).values()
        },
        needs=await _needs(session, need_ids),
        meetups={
            each.id: MeetupEntry(
                title=each.details.title,
                venue=each.details.venue,
                commune=name_of_commune(each.details.place.commune),
                address=each.details.address,
                agency_id=each.details.agency_id,
                access=each.details.access,
            )
            for each in (await meetups.meetups_by_id(session, EVERYTHING, meetup_ids)).values()
        },
        agencies={
            each.id: AgencyEntry(name=each.name, phone=each.phone, email=each.email, address=each.address)
            for each in found_agencies.values()
        },
    )


async def _needs(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, NeedEntry]:
    found = (await employers.needs_by_id(session, ids)).values()
    named = [each.details.contact_id for each in found if each.details.contact_id is not None]
    contacts = await employer_contacts.contacts_by_id(session, EVERYTHING, named)
    return {
        each.id: NeedEntry(
            title=each.details.title,
            employer_id=each.details.employer_id,
            access=each.details.access,
            contact=_contact(contacts.get(each.details.contact_id) if each.details.contact_id else None),
        )
        for each in found
    }


def _contact(contact: EmployerContact | None) -> ContactEntry | None:
    """Whoever cannot be reached by e-mail leaves their shortlists to the main contact."""
    details = contact.details if contact else None
    if details is None or details.email is None:
        return None
    return ContactEntry(name=details.name, email=details.email, language=details.language)


async def _participants(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, ParticipantEntry]:
    rows = await participants.contacts(session, ids)
    return {row["participant_id"]: ParticipantEntry.model_validate(dict(row)) for row in rows}
