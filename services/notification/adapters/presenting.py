"""What mails and pages show of a meetup: facts from the events, names from the directory, gaps where it is silent."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode
from uuid import UUID

from services.notification.domain.meetups import Meeting, Meetup
from services.notification.domain.telling import Concern
from shared.directory import Entries, MeetupEntry
from shared.reference import occupations
from shared.reference.normalise import fold
from shared.web.typography import french_date, french_moment, french_time, phone_in_words

ARRIVE_BEFORE = timedelta(minutes=15)
"""How long before their first meeting people are asked to arrive."""

_BEFORE_TOWN = re.compile(r",|\b\d{5}\b")
"""What stands before the town in a line of address: a comma or the postal code."""


@dataclass(frozen=True, slots=True)
class Appointment:
    """One meeting as its participant reads it."""

    starts_at: datetime
    ends_at: datetime
    table: int
    title: str
    employer: str
    access: str
    """How to get to the work."""
    account: str


@dataclass(frozen=True, slots=True)
class Occasion:
    """Where and when to be, and whom to call."""

    title: str
    venue: str
    address: str
    access: str
    map_url: str
    starts_at: datetime
    ends_at: datetime
    arrive_at: datetime
    agency: str
    agency_lines: Sequence[str]
    """Street and town of the agency."""
    email: str
    phone: str
    """The number as people read it."""
    dial: str
    """The number as a telephone takes it."""


def occasion_of(meetup: Meetup, meetings: Sequence[Meeting], entries: Entries) -> Occasion:
    """The meetup as those who come read it; it begins with their own first meeting."""
    entry = entries.meetups.get(meetup.id)
    agency = entries.agencies.get(meetup.agency_id)
    phone = (agency.phone if agency else None) or ""
    address = _address(entry) if entry else ""
    hours = [meetup.hours_of(meeting) for meeting in meetings]
    starts_at = min((each.starts_at for each in hours), default=meetup.starts_at)
    return Occasion(
        title=entry.title if entry else "",
        venue=meetup.venue,
        address=address,
        access=(entry.access if entry else None) or "",
        map_url=map_url(meetup.venue, address),
        starts_at=starts_at,
        ends_at=max((each.ends_at for each in hours), default=meetup.ends_at),
        arrive_at=_spoken(starts_at - ARRIVE_BEFORE),
        agency=agency.name if agency else "",
        agency_lines=((agency.address if agency else None) or "").splitlines(),
        email=(agency.email if agency else None) or "",
        phone=phone_in_words(phone),
        dial="".join(sign for sign in phone if sign in "+0123456789"),
    )


def _address(entry: MeetupEntry) -> str:
    """The street and the town; the town once, where the street's line already ends with it."""
    street = entry.address or ""
    if fold(_BEFORE_TOWN.split(street)[-1]) == fold(entry.commune):
        return street
    return ", ".join(part for part in (street, entry.commune) if part)


def _spoken(moment: datetime) -> datetime:
    """The time as a person would say it: the full five minutes before."""
    return moment - timedelta(minutes=moment.minute % 5, seconds=moment.second, microseconds=moment.microsecond)


def words_of_concern(concern: Concern, meetup: Meetup, deadline: datetime) -> str:
    """What an adviser does for somebody whom no message tells, in one French sentence."""
    day, hour, until = french_date(meetup.starts_at), french_time(meetup.starts_at), french_moment(deadline)
    return {
        Concern.ASK: f"Aucun message n’est arrivé\u00a0: appelez avant {until}, sinon la place se libère.",
        Concern.POST: "Une lettre attend\u00a0: imprimez-la, postez-la, puis dites-le ici.",
        Concern.CALL: f"Cette personne demande qu’on l’appelle\u00a0; réponse attendue avant {until}.",
        Concern.OTHER_DAY: f"À dire\u00a0: la rencontre est déplacée au {day}, {hour} ({meetup.venue}).",
        Concern.CHANGED: f"À dire\u00a0: l’heure, le lieu ou les entretiens changent ({day}, {hour}, {meetup.venue}).",
        Concern.CANCELLED: f"À dire\u00a0: la rencontre du {day} ({meetup.venue}) est annulée.",
        Concern.NO_LONGER_PLANNED: f"À dire\u00a0: plus d’entretien prévu le {day} ({meetup.venue}).",
        Concern.LEFT_WITHOUT_MEETING: f"A dit oui et n’a plus d’entretien le {day}\u00a0: proposez autre chose.",
        Concern.SHORTLIST: f"La liste pour la rencontre du {day} n’est pas arrivée\u00a0: appelez l’entreprise.",
    }[concern]


def appointments_of(
    meetup: Meetup, meetings: Iterable[Meeting], occupation_codes: Mapping[UUID, str], entries: Entries, language: str
) -> list[Appointment]:
    """The meetings as their participant reads them, in the order of the day."""
    return [
        Appointment(
            meetup.hours_of(meeting).starts_at,
            meetup.hours_of(meeting).ends_at,
            meeting.table,
            title_of(meeting.need_id, occupation_codes, entries),
            entries.employers[meeting.employer_id].name if meeting.employer_id in entries.employers else "",
            (entries.needs[meeting.need_id].access if meeting.need_id in entries.needs else None) or "",
            meeting.for_participant.in_language(language),
        )
        for meeting in sorted(meetings, key=lambda meeting: (meeting.slot, meeting.table))
    ]


def title_of(need_id: UUID, occupation_codes: Mapping[UUID, str], entries: Entries) -> str:
    """What a need is called: its own title, else its occupation's, else nothing."""
    if need_id in entries.needs:
        return entries.needs[need_id].title
    code = occupation_codes.get(need_id)
    if code is None:
        return ""
    try:
        return occupations.occupation(code).label
    except KeyError:
        return ""


def map_url(venue: str, address: str) -> str:
    """A link that shows the place on a map."""
    return "https://www.openstreetmap.org/search?" + urlencode({"query": ", ".join(p for p in (venue, address) if p)})
