"""Somebody or something leaves after the decision: nobody is sent to an empty table, no name to whoever withdrew."""

from __future__ import annotations

import pytest

from deploy.clients.service_client import ServiceRefused
from deploy.demo.stage import until
from tests.stories.conftest import Begin
from tests.stories.evening import people_of
from tests.stories.pack import Guest

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.mark.parametrize("how", ["close", "uninvite"])
async def test_a_need_that_withdraws_leaves_the_plan_and_its_employer_gets_no_list(evening: Begin, how: str) -> None:
    begun = await evening(f"RETRAIT{how[:2].upper()}")
    await begun.until_guests_are_invited()
    await begun.all_accept(begun.group.guests)

    if how == "close":
        await begun.ask_registration("POST", f"/api/v1/needs/{begun.needs[0]}/close")
    else:
        await begun.ask_registration("DELETE", f"/api/v1/meetups/{begun.meetup}/needs/{begun.needs[0]}")
    await begun.until_said()

    assert await begun.meetings() == []
    for guest in begun.group.guests:
        assert (await begun.invitation(guest))["needs_adviser"]
    with pytest.raises(ServiceRefused):
        await begun.send_shortlists()
    assert not [letter for letter in begun.mails_to_employer(0) if letter.shortlist_link]


async def test_consent_withdrawn_while_a_proposal_waits_is_told_to_whoever_approves(evening: Begin) -> None:
    begun = await evening("ACCORD")
    proposal = await begun.propose()
    leaving = str(begun.people[0])
    assert leaving in people_of(proposal["meetings"])

    await begun.ask_registration("DELETE", f"/api/v1/participants/{leaving}/consents/pairing")
    await begun.stage.until_at_rest()

    with pytest.raises(ServiceRefused) as refused:
        await begun.approve(proposal)
    assert refused.value.status == 409

    async def newer() -> dict[str, object] | None:
        waiting = await begun.pairings("proposed")
        return waiting[0] if waiting and waiting[0]["id"] != proposal["id"] else None

    fresh = await until(newer, "another proposal waits")
    assert leaving not in people_of(fresh["meetings"])  # type: ignore[arg-type]  # a list of meetings


async def test_a_refusal_is_filled_by_whoever_has_nothing(evening: Begin) -> None:
    guests = [Guest(0), Guest(1), Guest(2), Guest(3), Guest(4, level=2)]
    begun = await evening("REFUS", guests=guests, seats=[2, 2])
    await begun.until_guests_are_invited()
    without = {str(one) for one in begun.people.values()} - people_of(await begun.meetings())
    assert len(without) == 1
    declining = next(guest for guest in guests if str(begun.people[guest.number]) not in without)

    await begun.press(declining, "decline")
    await begun.until_said()

    assert people_of(await begun.meetings()) >= without
    assert len(await begun.meetings()) == 4
