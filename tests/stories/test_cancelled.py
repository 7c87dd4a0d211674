"""A meetup is cancelled: everybody concerned hears of it, or an adviser is told whom to phone."""

from __future__ import annotations

import pytest

from tests.stories.conftest import Begin
from tests.stories.pack import Guest

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

MAILED = Guest(0)
PHONED = Guest(1, may_be_contacted=False)
LETTERED = Guest(2, has_email=False)
SILENT = Guest(3)


async def test_those_whom_no_mail_reaches_are_the_advisers_and_employers_are_mailed(evening: Begin) -> None:
    begun = await evening("ANNULE", guests=[MAILED, PHONED, LETTERED, SILENT])
    await begun.until_guests_are_invited()
    await begun.all_accept([MAILED, SILENT])
    for guest in (PHONED, LETTERED):
        invitation = (await begun.invitation(guest))["invitation_id"]
        await begun.adviser.notification.post(f"/api/v1/invitations/{invitation}/replies", {"choice": "accept"})
    browser = await begun.stage.browser()
    stop = await browser.http.post(
        begun.link_of(SILENT) + "/stop", data={"List-Unsubscribe": "One-Click"}, follow_redirects=False
    )
    assert stop.status_code == 200
    await begun.send_shortlists()
    before = {guest.number: len(begun.mails_to(guest)) for guest in begun.group.guests}
    employer_before = len(begun.mails_to_employer(0))

    await begun.ask_registration("POST", f"/api/v1/meetups/{begun.meetup}/cancel")
    await begun.until_said()

    assert len(begun.mails_to(MAILED)) == before[0] + 1
    assert begun.mails_to(MAILED)[-1].entry is not None
    assert begun.mails_to(MAILED)[-1].entry.method == "CANCEL"  # type: ignore[union-attr]  # asserted above
    assert not (await begun.invitation(MAILED))["needs_adviser"]
    for guest in (PHONED, LETTERED, SILENT):
        assert len(begun.mails_to(guest)) == before[guest.number]
        assert (await begun.invitation(guest))["needs_adviser"]
    assert len(begun.mails_to_employer(0)) == employer_before + 1
