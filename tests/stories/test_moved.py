"""A meetup moves after people said yes: everybody hears, and a yes for another day is asked again."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from tests.stories.conftest import Begin
from tests.stories.evening import Evening

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


async def accepted(evening: Begin, name: str) -> Evening:
    """A group whose guests all said yes, and whose employer has the list."""
    begun = await evening(name)
    await begun.until_guests_are_invited()
    await begun.all_accept(begun.group.guests)
    await begun.send_shortlists()
    return begun


def moved(begun: Evening, **by: int) -> str:
    """The meetup's beginning, moved by days or hours."""
    hour, minute = begun.group.starts.split(":")
    return (
        f"{begun.group.day + timedelta(days=by.get('days', 0))}T{int(hour) + by.get('hours', 0):02d}:{minute}:00+01:00"
    )


async def test_another_day_asks_everybody_again_and_corrects_calendars(evening: Begin) -> None:
    begun = await accepted(evening, "JOUR")
    before = {guest.number: len(begun.mails_to(guest)) for guest in begun.group.guests}
    employer_before = len(begun.mails_to_employer(0))

    await begun.change_meetup(starts_at=moved(begun, days=7))

    for guest in begun.group.guests:
        new = begun.mails_to(guest)[before[guest.number] :]
        assert len(new) == 1
        first = begun.mails_to(guest)[0]
        assert new[0].entry is not None
        assert first.entry is not None
        assert new[0].entry.identifier == first.entry.identifier
        assert new[0].entry.sequence > first.entry.sequence
        assert (await begun.invitation(guest))["reply"] == "none"
        day = begun.group.day + timedelta(days=7)
        assert re.search(rf">[^<]*\b{day.day}\s", await begun.page_of(guest))
    assert len(begun.mails_to_employer(0)) == employer_before + 1
    assert len(await begun.meetings()) == len(begun.group.guests)


async def test_another_hour_informs_and_keeps_the_yes(evening: Begin) -> None:
    begun = await accepted(evening, "HEURE")
    before = {guest.number: len(begun.mails_to(guest)) for guest in begun.group.guests}

    await begun.change_meetup(starts_at=moved(begun, hours=2))

    for guest in begun.group.guests:
        new = begun.mails_to(guest)[before[guest.number] :]
        assert len(new) == 1
        assert new[0].entry is not None
        assert (await begun.invitation(guest))["reply"] == "accepted"
