"""How long registration keeps what it keeps, and what counts as contact with somebody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from services.registration.domain.places import civil_date
from shared.moment import PARIS


@dataclass(frozen=True, slots=True)
class Durations:
    """How long what is kept."""

    people: timedelta = timedelta(days=730)
    notice: timedelta = timedelta(days=30)
    notes: timedelta = timedelta(days=365)
    former_contacts: timedelta = timedelta(days=62)
    reports: timedelta = timedelta(days=365)
    quoted: timedelta = timedelta(days=30)
    exports: timedelta = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Contacts:
    """When the programme last had to do with somebody, each way apart; `None` where it never had.

    ``changed_at`` is when they were registered or what is said of them last changed, ``heard_at`` when they said that
    they stay, ``decided_at`` when they last decided on a consent, ``workshop_day`` and ``meetup_at`` the last day of a
    workshop and the evening of a meetup in which they are or were enrolled (whoever was invited, answered or came was),
    ``observed_at`` when somebody last noted what they saw of them, ``outcome_at`` when an outcome was last recorded.
    """

    changed_at: datetime
    heard_at: datetime | None = None
    decided_at: datetime | None = None
    workshop_day: date | None = None
    meetup_at: datetime | None = None
    observed_at: datetime | None = None
    outcome_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ErasurePlanned:
    """That somebody is to be erased on a day, unless there is contact before; ``told_at`` is when they heard so."""

    participant_id: UUID
    noticed_at: datetime
    erases_on: date
    told_at: datetime | None = None
    told_by: UUID | None = None


def last_contact(contacts: Contacts) -> datetime:
    """When the programme last had to do with somebody; in time to come while they are enrolled in something ahead."""
    day = contacts.workshop_day
    ways = (
        contacts.changed_at,
        contacts.heard_at,
        contacts.decided_at,
        datetime.combine(day, time.max, PARIS) if day else None,
        contacts.meetup_at,
        contacts.observed_at,
        contacts.outcome_at,
    )
    return max(moment for moment in ways if moment is not None)


def is_without_contact(contacts: Contacts, keeping: Durations, now: datetime) -> bool:
    """Whether there was no contact for as long as people are kept."""
    return last_contact(contacts) < now - keeping.people


def plan_erasure(participant_id: UUID, keeping: Durations, now: datetime) -> ErasurePlanned:
    """Somebody is told today, and erased once they had time to answer."""
    return ErasurePlanned(participant_id, now, civil_date(now + keeping.notice))
