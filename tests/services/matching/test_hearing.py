"""What an event changes in what matching plans."""

from __future__ import annotations

import json
from importlib.resources import files

import pytest
from sqlmodel import select

from services.matching.repository import facts, pairings
from services.matching.tables import ReplyRow
from shared.contracts import employers, participants
from shared.contracts.envelope import Event
from shared.contracts.invitations import (
    AskedAgain,
    CallRequested,
    InvitationAccepted,
    InvitationDeclined,
    InvitationEvent,
    InvitationExpired,
    InvitationFailed,
    InvitationSent,
    InvitationUncertain,
)
from shared.database import unit_of_work
from tests.services.matching.conftest import NEEDS, PEOPLE, Stage
from tests.support.events import an_id, consent_granted

MEETUP = an_id("meetup")


def example(event_type: type[Event]) -> Event:
    """The golden example of an event."""
    name = event_type.type.removeprefix("vernissage.")
    written = files("shared.contracts").joinpath("examples", f"{name}.json").read_text(encoding="utf-8")
    return event_type.model_validate(json.loads(written)["body"])


@pytest.mark.parametrize(
    ("event_type", "status"),
    [
        (InvitationSent, "invited"),
        (AskedAgain, "invited"),
        (InvitationAccepted, "accepted"),
        (InvitationDeclined, "declined"),
        (InvitationExpired, "expired"),
        (InvitationFailed, "failed"),
        (InvitationUncertain, "uncertain"),
        (CallRequested, "call-requested"),
    ],
    ids=lambda one: one if isinstance(one, str) else one.__name__,
)
async def test_a_reply_changes_what_matching_knows_and_who_stays(
    gallery: Stage, event_type: type[InvitationEvent], status: str
) -> None:
    before = await gallery.approve(await gallery.propose())
    person = before.pairing.meetings[0].participant_id
    said = {"meetup_id": MEETUP, "participant_id": person, "revision": 5}
    await gallery.hear(example(event_type).model_copy(update=said))
    async with unit_of_work(gallery.sessions) as session:
        assert [row.status for row in await session.exec(select(ReplyRow))] == [status]
    stays = person in {one.participant_id for one in (await gallery.in_force()).pairing.meetings}
    assert stays == (status not in {"declined", "expired"})


async def test_consent_given_late_lets_somebody_be_paired(gallery: Stage) -> None:
    """Somebody withdraws, and agrees again before anything was approved."""
    person = an_id(PEOPLE[0])
    withdrawn = example(participants.ConsentWithdrawn).model_copy(
        update={"participant_id": person, "revision": 2, "purpose": "pairing"}
    )
    await gallery.hear(withdrawn)
    assert person not in (await gallery.propose()).pairing.outline.people
    await gallery.hear(consent_granted(PEOPLE[0], revision=3))
    assert person in (await gallery.propose()).pairing.outline.people


async def test_consent_to_be_contacted_is_no_consent_to_be_paired(gallery: Stage) -> None:
    person = an_id(PEOPLE[0])
    withdrawn = participants.ConsentWithdrawn(participant_id=person, revision=2, purpose="pairing")
    await gallery.hear(withdrawn, consent_granted(PEOPLE[0], purpose="contact", revision=3))
    assert person not in (await gallery.propose()).pairing.outline.people


async def test_a_need_that_opens_again_may_be_met_and_has_its_table_back(gallery: Stage) -> None:
    before = await gallery.approve(await gallery.propose())
    tables = {one.need_id: one.table for one in before.pairing.meetings}
    need_id = an_id(NEEDS[0])
    closed = example(employers.NeedClosed).model_copy(
        update={"employer_id": an_id(f"employer of {NEEDS[0]}"), "need_id": need_id, "revision": 2}
    )
    await gallery.hear(closed)
    async with unit_of_work(gallery.sessions) as session:
        need = await facts.find_need(session, need_id)
        assert need is not None
        assert not need.is_open
        assert need_id in (await pairings.tables_of(session, MEETUP)).values()
    state = example(employers.NeedChanged).model_dump() | {
        "employer_id": an_id(f"employer of {NEEDS[0]}"),
        "need_id": need_id,
        "revision": 3,
        "licences": (),
        "hours": ("day",),
        "starts_on": None,
    }
    await gallery.hear(employers.NeedChanged(**state))
    again = await gallery.propose()
    assert {one.table for one in again.pairing.meetings if one.need_id == need_id} <= {tables[need_id]}
