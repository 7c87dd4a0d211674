"""What the other services tell reaches the same picture in whatever order it comes, and as often as it likes."""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.subscribers import subscriptions
from shared.contracts.envelope import Envelope, Event
from shared.contracts.invitations import (
    CallRequested,
    EmployerReplied,
    InvitationAccepted,
    InvitationDeclined,
    InvitationSent,
    ShortlistSent,
)
from shared.contracts.pairings import (
    Difference,
    Meeting,
    PairingApproved,
    PairingProposed,
    PairingRevised,
    PairingWithdrawn,
)
from shared.contracts.vocabulary import Bilingual
from shared.ids import new_id
from shared.travel.topics import INVITATIONS, PAIRINGS
from tests.services.registration import bodies
from tests.services.registration.office import Office, forget_everything

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


def _pairing(kind: type[PairingProposed], revision: int, *people: UUID) -> Event:
    details = {} if kind is PairingProposed else {"approved_by": UUID(int=9)}
    return kind(
        meetup_id=MEETUP,
        pairing_id=UUID(int=1000 + revision),
        run_id=None,
        revision=revision,
        meetings=tuple(_meeting(person, number) for number, person in enumerate(people)),
        reserve=(),
        difference=Difference(),
        **details,
    )


def _invitation(kind: type[InvitationSent], person: UUID, revision: int, **details: str) -> Event:
    return kind(
        meetup_id=MEETUP,
        participant_id=person,
        invitation_id=UUID(int=500 + person.int),
        revision=revision,
        **details,
    )


PAIRINGS_TOLD: tuple[Event, ...] = (
    _pairing(PairingProposed, 1, ANNE),
    _pairing(PairingApproved, 1, ANNE, ANNE, BRUNO),  # type: ignore[arg-type] # same fields and one more
    _pairing(PairingRevised, 2, BRUNO),  # type: ignore[arg-type] # same fields and one more
    _pairing(PairingProposed, 3, ANNE, BRUNO),
)
INVITATIONS_TOLD: tuple[Event, ...] = (
    _invitation(InvitationSent, ANNE, 1, channel="email"),
    _invitation(InvitationAccepted, ANNE, 2),  # type: ignore[arg-type] # fewer fields
    _invitation(InvitationDeclined, ANNE, 3, reason="too-far"),  # type: ignore[arg-type] # another field
    _invitation(InvitationSent, BRUNO, 1, channel="letter"),
    _invitation(CallRequested, BRUNO, 2),  # type: ignore[arg-type] # fewer fields
    ShortlistSent(meetup_id=MEETUP, employer_id=EMPLOYER, shortlist_id=UUID(int=7), revision=1),
    EmployerReplied(
        meetup_id=MEETUP,
        employer_id=EMPLOYER,
        need_id=NEED,
        participant_id=BRUNO,
        revision=1,
        answer="not-now",
        reason="hours",
    ),
    EmployerReplied(
        meetup_id=MEETUP, employer_id=EMPLOYER, need_id=NEED, participant_id=BRUNO, revision=2, answer="hire"
    ),
)


async def _tell(session: AsyncSession, events: Sequence[Event]) -> None:
    handlers = {subscription.topic: subscription.handler for subscription in subscriptions()}
    for topic, classes in ((PAIRINGS, PAIRINGS.events), (INVITATIONS, INVITATIONS.events)):
        mine = [Envelope(new_id(), "/x", START, event) for event in events if isinstance(event, classes)]
        await handlers[topic](session, mine)


async def _picture(office: Office) -> list[object]:
    queries = (
        "SELECT meetup_id, pairing_id, state, meetings FROM pairing_states",
        "SELECT participant_id, meetings FROM paired_participants ORDER BY 1",
        "SELECT participant_id, state, reason FROM invitation_states ORDER BY 1",
        "SELECT participant_id, answer, reason FROM employer_answers ORDER BY 1",
    )
    return [await office.rows(query) for query in queries]


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    order=st.permutations(PAIRINGS_TOLD + INVITATIONS_TOLD),
    repeated=st.lists(st.sampled_from(PAIRINGS_TOLD + INVITATIONS_TOLD), max_size=4),
    cuts=st.lists(st.integers(1, 12), max_size=3),
)
async def test_any_order_with_repetitions_and_in_any_parts_gives_the_same_picture(
    office: Office, order: list[Event], repeated: list[Event], cuts: list[int]
) -> None:
    await forget_everything(office.sessions)
    told = [*order, *repeated]
    bounds = [0, *sorted(set(cuts)), len(told)]
    async with office.sessions() as session, session.begin():
        for start, end in pairwise(bounds):
            await _tell(session, told[start:end])
    pairing, paired, invitations, answers = await _picture(office)
    assert pairing == [{"meetup_id": MEETUP, "pairing_id": UUID(int=1003), "state": "proposed", "meetings": 2}]
    assert paired == [{"participant_id": BRUNO, "meetings": 1}], "a proposal changes nothing of what is in force"
    assert invitations == [
        {"participant_id": ANNE, "state": "declined", "reason": "too-far"},
        {"participant_id": BRUNO, "state": "call-requested", "reason": None},
    ]
    assert answers == [{"participant_id": BRUNO, "answer": "hire", "reason": "unsaid"}]


async def test_a_pairing_that_is_withdrawn_leaves_nobody_paired(office: Office) -> None:
    withdrawn = PairingWithdrawn(meetup_id=MEETUP, pairing_id=UUID(int=1001), revision=1)
    async with office.sessions() as session, session.begin():
        await _tell(session, [PAIRINGS_TOLD[1], withdrawn, PAIRINGS_TOLD[1]])
    pairing, paired, *_ = await _picture(office)
    assert isinstance(pairing, list)
    assert pairing[0]["state"] == "withdrawn"
    assert paired == []


async def test_what_comes_late_about_somebody_erased_is_not_kept(office: Office) -> None:
    person = UUID((await office.post("/api/participants", bodies.participant()))["id"])
    await office.ask("DELETE", f"/api/participants/{person}")
    late = [
        _pairing(PairingApproved, 1, person),  # type: ignore[arg-type] # same fields and one more
        _invitation(InvitationSent, person, 1, channel="email"),
    ]
    async with office.sessions() as session, session.begin():
        await _tell(session, late)
    _, paired, invitations, _ = await _picture(office)
    assert (paired, invitations) == ([], [])


async def test_an_adviser_sees_who_was_invited_and_what_they_said(office: Office) -> None:
    meetup = (await office.post("/api/meetups", bodies.meetup()))["id"]
    sent = InvitationSent(
        meetup_id=UUID(meetup), participant_id=ANNE, invitation_id=UUID(int=5), revision=1, channel="email"
    )
    async with office.sessions() as session, session.begin():
        await _tell(session, [sent])
    shown = (await office.ask("GET", f"/api/meetups/{meetup}/invitations")).json()
    assert shown["pairing"] is None
    assert shown["invitations"] == [{"participant_id": str(ANNE), "state": "sent", "reason": None}]
