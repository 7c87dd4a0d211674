"""What is told anew of pairings was told last: whoever lost everything knows what holds, waits or was withdrawn."""

from __future__ import annotations

from sqlalchemy import text

from services.matching.use_cases import retelling
from shared.contracts.envelope import Event
from shared.contracts.invitations import InvitationDeclined
from shared.contracts.meetups import MeetupCancelled
from shared.database import unit_of_work
from shared.sql import run
from shared.travel.retelling import tell_anew
from shared.travel.topics import PAIRINGS, Service
from tests.services.hearing.truth import TRUTH
from tests.services.matching.conftest import Stage
from tests.support.events import an_id

LISTENERS: tuple[Service, ...] = ("registration", "notification")


async def told(stage: Stage) -> list[Event]:
    """All that was told so far."""
    async with unit_of_work(stage.sessions) as session:
        rows = await run(session, text("SELECT type, body FROM outbox WHERE topic = 'pairings' ORDER BY position"))
        return [PAIRINGS.by_type[row.type].model_validate_json(row.body) for row in rows]


async def check(stage: Stage, *kinds: str) -> None:
    """Told anew are the last words of these kinds, as they were told; who hears only them knows the same."""
    before = await told(stage)
    await tell_anew(stage.sessions, retelling.CHAPTERS[PAIRINGS], "/matching", stage.moment())
    anew = (await told(stage))[len(before) :]
    assert {event.type for event in anew} == {f"vernissage.pairing.{kind}.v1" for kind in kinds}
    assert all(event in before for event in anew)
    for listener in LISTENERS:
        assert TRUTH[listener](anew) == TRUTH[listener](before)


async def test_what_is_told_anew_is_what_was_told_last(gallery: Stage) -> None:
    proposal = await gallery.propose()
    await check(gallery, "proposed")
    approved = await gallery.approve(proposal)
    await check(gallery, "approved")
    leaving = approved.pairing.meetings[0].participant_id
    invitation = an_id("invitation")
    await gallery.hear(
        InvitationDeclined(
            meetup_id=an_id("meetup"), participant_id=leaving, invitation_id=invitation, revision=2, reason="unsaid"
        )
    )
    await check(gallery, "revised")
    await gallery.propose()
    await check(gallery, "revised", "proposed")
    await gallery.hear(MeetupCancelled(meetup_id=an_id("meetup"), revision=2))
    await check(gallery, "withdrawn")
