"""Names and contacts for the other services, at the moment when they need them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.adapters.known_words import name_of_commune
from services.registration.repository import agencies, employers, meetups, participants

Entries = dict[UUID, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Directory:
    """What is known of the ids asked for; unknown and erased ones are absent."""

    participants: Entries = field(default_factory=dict)
    employers: Entries = field(default_factory=dict)
    needs: Entries = field(default_factory=dict)
    meetups: Entries = field(default_factory=dict)
    agencies: Entries = field(default_factory=dict)


async def look_up(
    session: AsyncSession,
    *,
    participant_ids: Collection[UUID] = (),
    employer_ids: Collection[UUID] = (),
    need_ids: Collection[UUID] = (),
    meetup_ids: Collection[UUID] = (),
    agency_ids: Collection[UUID] = (),
) -> Directory:
    """The names and contacts behind these ids."""
    found_agencies = await agencies.agencies_by_id(session, agency_ids)
    return Directory(
        participants=await _participants(session, participant_ids),
        employers={
            each.id: {
                "name": each.details.name,
                "contact_name": each.details.contact_name,
                "email": each.details.email,
                "language": each.details.language,
            }
            for each in (await employers.employers_by_id(session, employer_ids)).values()
        },
        needs={
            each.id: {
                "title": each.details.title,
                "occupation": each.details.occupation,
                "employer_id": each.details.employer_id,
                "commune": name_of_commune(each.details.place.commune),
            }
            for each in (await employers.needs_by_id(session, need_ids)).values()
        },
        meetups={
            each.id: {
                "title": each.details.title,
                "venue": each.details.venue,
                "commune": name_of_commune(each.details.place.commune),
                "address": each.details.address,
                "agency_id": each.details.agency_id,
                "access": each.details.access,
            }
            for each in (await meetups.meetups_by_id(session, meetup_ids)).values()
        },
        agencies={
            each.id: {"name": each.name, "phone": each.phone, "email": each.email} for each in found_agencies.values()
        },
    )


async def _participants(session: AsyncSession, ids: Collection[UUID]) -> Entries:
    names = ("first_name", "last_name", "email", "phone", "postal_address", "language", "contact_consent")
    rows = await participants.contacts(session, ids)
    return {row["participant_id"]: {name: row[name] for name in names} for row in rows}
