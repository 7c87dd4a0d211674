"""Calendar files (RFC 5545, RFC 5546) that Outlook, Google and Apple read.

The method is PUBLISH, or CANCEL: with REQUEST, a calendar would show buttons whose answers go to a mailbox that nobody
reads, while the reply page is where answers count. The identifier of an invitation never changes and its sequence
grows, so that a newer file replaces the older appointment.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from icalendar import Alarm, Calendar, Event, Timezone, TimezoneDaylight, TimezoneStandard, vCalAddress, vRecur

from shared.moment import PARIS

REMINDER = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Entry:
    """One appointment: a participant's whole stay at a meetup. It names no other person."""

    invitation_id: UUID
    sequence: int
    starts_at: datetime
    ends_at: datetime
    summary: str
    location: str
    lines: Sequence[str]
    organizer_name: str
    organizer_address: str
    domain: str
    is_cancelled: bool = False


def calendar_file(entry: Entry, *, now: datetime) -> bytes:
    """The file, in UTF-8, with its time zone spelt out."""
    calendar = Calendar()
    calendar.add("prodid", "-//Vernissage//Vernissage//FR")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method_of(entry))
    calendar.add_component(_paris())
    calendar.add_component(_event(entry, now))
    return bytes(calendar.to_ical())


def method_of(entry: Entry) -> str:
    """What the file asks a calendar to do."""
    return "CANCEL" if entry.is_cancelled else "PUBLISH"


def _event(entry: Entry, now: datetime) -> Event:
    event = Event()
    event.add("uid", f"{entry.invitation_id}@{entry.domain}")
    event.add("sequence", entry.sequence)
    event.add("dtstamp", now.astimezone(UTC))
    event.add("last-modified", now.astimezone(UTC))
    event.add("dtstart", entry.starts_at.astimezone(PARIS))
    event.add("dtend", entry.ends_at.astimezone(PARIS))
    event.add("summary", entry.summary)
    event.add("location", entry.location)
    event.add("description", "\n".join(entry.lines))
    event.add("status", "CANCELLED" if entry.is_cancelled else "CONFIRMED")
    event.add("transp", "TRANSPARENT" if entry.is_cancelled else "OPAQUE")
    event.add("class", "PRIVATE")
    organizer = vCalAddress(f"mailto:{entry.organizer_address}")
    organizer.params["cn"] = entry.organizer_name
    event.add("organizer", organizer)
    if not entry.is_cancelled:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", entry.summary)
        alarm.add("trigger", -REMINDER)
        event.add_component(alarm)
    return event


def _paris() -> Timezone:
    """Europe/Paris by its rules since 1996, which every calendar program understands."""
    zone = Timezone()
    zone.add("tzid", "Europe/Paris")
    summer = TimezoneDaylight()
    summer.add("dtstart", datetime(1996, 3, 31, 2, 0))  # noqa: DTZ001 - local time, as the format wants it
    summer.add("rrule", vRecur({"freq": "yearly", "bymonth": 3, "byday": "-1su"}))
    summer.add("tzoffsetfrom", timedelta(hours=1))
    summer.add("tzoffsetto", timedelta(hours=2))
    summer.add("tzname", "CEST")
    winter = TimezoneStandard()
    winter.add("dtstart", datetime(1996, 10, 27, 3, 0))  # noqa: DTZ001 - local time, as the format wants it
    winter.add("rrule", vRecur({"freq": "yearly", "bymonth": 10, "byday": "-1su"}))
    winter.add("tzoffsetfrom", timedelta(hours=2))
    winter.add("tzoffsetto", timedelta(hours=1))
    winter.add("tzname", "CET")
    zone.add_component(summer)
    zone.add_component(winter)
    return zone
