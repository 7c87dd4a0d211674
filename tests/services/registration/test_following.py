"""What registration shows of what the other services told."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.subscribers import create_router
from shared.contracts.envelope import Envelope, Event
from shared.contracts.invitations import (
    InvitationSent,
)
from shared.contracts.pairings import (
    Difference,
    Meeting,
    PairingApproved,
    PairingWithdrawn,
)
from shared.contracts.vocabulary import Bilingual
from shared.ids import new_id
from shared.travel.hearing import Hearing
from shared.travel.topics import INVITATIONS, PAIRINGS
from tests.services.registration import bodies
from tests.services.registration.office import Office

MEETUP, NEED, EMPLOYER = UUID(int=10), UUID(int=20), UUID(int=30)
ANNE, BRUNO = UUID(int=1), UUID(int=2)
START = datetime(2026, 12, 1, 8, 30, tzinfo=UTC)


def _meeting(person: UUID, number: int) -> Meeting:
    text = Bilingual(fr="…", en="…")
    return Meeting(
        meeting_id=UUID(int=100 + number),
        participant_id=person,
        need_id=NEED,
        employer_id=EMPLOYER,
        slot=number,
        table=1,
        position=1,
        score=0.5,
        for_participant=text,
        for_employer=text,
    )


def _approved(*people: UUID) -> PairingApproved:
    return PairingApproved(
        meetup_id=MEETUP,
        pairing_id=UUID(int=1001),
        run_id=None,
        revision=1,
        meetings=tuple(_meeting(person, number) for number, person in enumerate(people)),
        reserve=(),
        difference=Difference(),
        approved_by=UUID(int=9),
    )


def _sent(person: UUID) -> InvitationSent:
    return InvitationSent(
        meetup_id=MEETUP, participant_id=person, invitation_id=UUID(int=500), revision=1, channel="email"
    )


async def _tell(session: AsyncSession, events: Sequence[Event]) -> None:
    hearing = Hearing("registration", create_router())
    for topic, classes in ((PAIRINGS, PAIRINGS.events), (INVITATIONS, INVITATIONS.events)):
        mine = [Envelope(new_id(), "/x", START, event) for event in events if isinstance(event, classes)]
        await hearing.subscription(topic).handler(session, mine)


async def _picture(office: Office) -> list[object]:
    queries = (
        "SELECT meetup_id, pairing_id, state, meetings FROM pairing_states",
        "SELECT participant_id, meetings FROM paired_participants ORDER BY 1",
        "SELECT participant_id, state, reason FROM invitation_states ORDER BY 1",
        "SELECT participant_id, answer, reason FROM employer_answers ORDER BY 1",
    )
    return [await office.rows(query) for query in queries]


async def test_a_pairing_that_is_withdrawn_leaves_nobody_paired(office: Office) -> None:
    withdrawn = PairingWithdrawn(meetup_id=MEETUP, pairing_id=UUID(int=1001), revision=1)
    async with office.sessions() as session, session.begin():
        await _tell(session, [_approved(ANNE, BRUNO), withdrawn, _approved(ANNE, BRUNO)])
    pairing, paired, *_ = await _picture(office)
    assert isinstance(pairing, list)
    assert pairing[0]["state"] == "withdrawn"
    assert paired == []


async def test_what_comes_late_about_somebody_erased_is_not_kept(office: Office) -> None:
    person = UUID((await office.post("/api/v1/participants", bodies.participant()))["id"])
    await office.ask("DELETE", f"/api/v1/participants/{person}")
    late = [_approved(person), _sent(person)]
    async with office.sessions() as session, session.begin():
        await _tell(session, late)
    _, paired, invitations, _ = await _picture(office)
    assert (paired, invitations) == ([], [])


async def test_an_adviser_sees_who_was_invited_and_what_they_said(office: Office) -> None:
    meetup = (await office.post("/api/v1/meetups", bodies.meetup()))["id"]
    sent = InvitationSent(
        meetup_id=UUID(meetup), participant_id=ANNE, invitation_id=UUID(int=5), revision=1, channel="email"
    )
    async with office.sessions() as session, session.begin():
        await _tell(session, [sent])
    shown = (await office.ask("GET", f"/api/v1/meetups/{meetup}/invitations")).json()
    assert shown["pairing"] is None
    assert shown["invitations"] == [{"participant_id": str(ANNE), "state": "sent", "reason": None}]
