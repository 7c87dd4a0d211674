"""What several pages show of a meetup: who is enrolled, what was invited, and how things stand with everybody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import RowMapping
from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.domain.meetups import Meetup
from services.registration.domain.needs import Need
from services.registration.repository.employers import employers_by_id, needs_by_id
from services.registration.repository.following import invitations_to
from services.registration.repository.meetups import Enrolment, enrolments_of
from services.registration.repository.participants import contacts
from shared.auditing import note_looks


@dataclass(frozen=True, slots=True)
class InvitedNeed:
    """A need at a meetup, whose it is, and how many interview for it side by side."""

    need: Need
    employer: str
    interviewers: int


@dataclass(frozen=True, slots=True)
class People:
    """Everybody at a meetup: their names by id, those enrolled in the order of their names, and their replies."""

    names: Mapping[UUID, str]
    enrolled: Sequence[Enrolment]
    replies: Mapping[UUID, RowMapping]


async def needs_at(session: AsyncSession, meetup: Meetup) -> list[InvitedNeed]:
    """The needs invited to a meetup, by their employers' names."""
    needs = await needs_by_id(session, [need_id for need_id, _ in meetup.needs])
    employers = await employers_by_id(session, {need.details.employer_id for need in needs.values()})
    invited = [
        InvitedNeed(needs[need_id], employers[needs[need_id].details.employer_id].details.name, interviewers)
        for need_id, interviewers in meetup.needs
    ]
    return sorted(invited, key=lambda each: (each.employer, each.need.details.title))


async def people_at(session: AsyncSession, meetup: Meetup) -> People:
    """Who is enrolled, how they are called and what they answered; the looks are noted."""
    enrolled = [each for (_, _), each in (await enrolments_of(session, [meetup.id])).items()]
    names = await names_of(session, [each.participant_id for each in enrolled])
    replies = {each["participant_id"]: each for each in await invitations_to(session, meetup.id)}
    await note_looks(session, "meetup_enrolments", list(names), meetup.id)
    return People(names, sorted(enrolled, key=lambda each: names.get(each.participant_id, "")), replies)


async def names_of(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, str]:
    """How people are called, as far as whoever asks may know it."""
    known = await contacts(session, ids)
    return {each["participant_id"]: f"{each['first_name']} {each['last_name']}" for each in known}


def slot_begins(meetup: Meetup, slot: int) -> datetime:
    """When a slot begins, by the clock of the meetup's place."""
    details = meetup.details
    return (details.starts_at + timedelta(minutes=details.slot_minutes * slot)).astimezone(details.place.zone)
