"""Until when somebody answers: an evening, or at least a full hour, since nobody keeps « lundi, 11 h 33 » in mind.

Never later than the rule, so that whoever comes after them has the time that is theirs.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta

from services.notification.domain.meetups import Meetup
from shared.moment import PARIS

EVENING = time(20)


def evening_within(now: datetime, given: timedelta) -> datetime:
    """The last evening of the time that somebody is given; where that would take half of it, its last full hour."""
    end = (now + given).astimezone(PARIS)
    evening = datetime.combine(end.date(), EVENING, PARIS)
    if evening > end:
        evening = datetime.combine(end.date() - timedelta(days=1), EVENING, PARIS)
    return evening if evening - now >= given / 2 else _full_hour(end)


def full_hour_before(meetup: Meetup, before: timedelta) -> datetime:
    """The last full hour that is at least so long before a meetup."""
    return _full_hour((meetup.starts_at - before).astimezone(PARIS))


def _full_hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)
