"""What the other services tell: kept as far as letters need it, then every meetup concerned is brought up to it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel.ext.asyncio.session import AsyncSession

from services.notification.domain.meetups import Meeting
from services.notification.domain.rules import Rules
from services.notification.repository import shortlists, told
from services.notification.repository.turns import take_turns
from services.notification.tables import Base
from services.notification.use_cases.inviting import catch_up
from shared.contracts import pairings as contract
from shared.contracts.employers import NeedClosed, NeedState
from shared.contracts.envelope import Event
from shared.contracts.meetups import MeetupCancelled, MeetupState
from shared.contracts.participants import ConsentGranted, ConsentWithdrawn, ParticipantErased, ParticipantState
from shared.language import Bilingual
from shared.moment import Moment
from shared.travel.erasure import forget


async def hear_of_participants(session: AsyncSession, events: Sequence[Event], *, moment: Moment, rules: Rules) -> None:
    """Keep who takes part and whether they may be contacted; forget the erased."""
    states = [event for event in events if isinstance(event, ParticipantState)]
    consents = [
        event for event in events if isinstance(event, ConsentGranted | ConsentWithdrawn) and event.purpose == "contact"
    ]
    erased = {event.participant_id: event.erased_at for event in events if isinstance(event, ParticipantErased)}
    await take_turns(session, erased.keys() | {event.participant_id for event in (*states, *consents)})
    await told.write_participants(
        session,
        [
            {"id": state.participant_id, "revision": state.revision}
            for state in states
            if state.participant_id not in erased
        ],
    )
    await told.write_contact_consents(
        session,
        [
            {
                "id": consent.participant_id,
                "contact_revision": consent.revision,
                "may_be_contacted": isinstance(consent, ConsentGranted),
            }
            for consent in consents
            if consent.participant_id not in erased
        ],
    )
    await told.erase_participants(session, erased)
    await forget(session, Base.metadata, erased, now=moment.now)
    touched = {event.participant_id for event in (*states, *consents)} - erased.keys()
    meetup_ids = await told.meetups_of_participants(session, touched)
    await take_turns(session, meetup_ids)
    await catch_up(session, meetup_ids, moment=moment, rules=rules)


async def hear_of_employers(session: AsyncSession, events: Sequence[Event], *, moment: Moment, rules: Rules) -> None:
    """Keep whose need it is, for which occupation, and which needs were closed."""
    states = [event for event in events if isinstance(event, NeedState)]
    closings = [event for event in events if isinstance(event, NeedClosed)]
    employers = {event.employer_id for event in states} | {event.employer_id for event in closings}
    meetup_ids = await shortlists.meetups_of_employers(session, employers)
    await take_turns(session, meetup_ids)
    await told.write_needs(
        session,
        [
            {
                "id": event.need_id,
                "revision": event.revision,
                "employer_id": event.employer_id,
                "occupation": event.occupation,
            }
            for event in states
        ],
    )
    await told.write_closings(session, [{"id": each.need_id, "closed_revision": each.revision} for each in closings])
    await catch_up(session, meetup_ids, moment=moment, rules=rules)


async def hear_of_meetups(session: AsyncSession, events: Sequence[Event], *, moment: Moment, rules: Rules) -> None:
    """Keep where and when people meet, and what was cancelled."""
    states = [event for event in events if isinstance(event, MeetupState)]
    cancellations = [event for event in events if isinstance(event, MeetupCancelled)]
    touched = {event.meetup_id for event in states} | {event.meetup_id for event in cancellations}
    await take_turns(session, touched)
    await told.write_meetups(session, [_row_of(state) for state in states])
    await told.write_cancellations(
        session, [{"id": event.meetup_id, "cancelled_revision": event.revision} for event in cancellations]
    )
    await catch_up(session, touched, moment=moment, rules=rules)


async def hear_of_pairings(session: AsyncSession, events: Sequence[Event], *, moment: Moment, rules: Rules) -> None:
    """Keep the pairing in force of each meetup; proposals are nobody's business here."""
    in_force = [event for event in events if isinstance(event, contract.PairingApproved | contract.PairingRevised)]
    withdrawn = [event for event in events if isinstance(event, contract.PairingWithdrawn)]
    touched = {event.meetup_id for event in (*in_force, *withdrawn)}
    await take_turns(session, {meeting.participant_id for event in in_force for meeting in event.meetings})
    await take_turns(session, touched)
    for event in in_force:
        await told.write_pairing(
            session,
            meetup_id=event.meetup_id,
            revision=event.revision,
            pairing_id=event.pairing_id,
            meetings=[_meeting_of(meeting) for meeting in event.meetings],
        )
    for gone in withdrawn:
        is_out = await told.withdraw_pairing(
            session, meetup_id=gone.meetup_id, revision=gone.revision, pairing_id=gone.pairing_id
        )
        if is_out:
            await told.forget_meetings(session, gone.meetup_id)
    await catch_up(session, touched, moment=moment, rules=rules)


def _row_of(state: MeetupState) -> dict[str, object]:
    return {
        "id": state.meetup_id,
        "revision": state.revision,
        "agency_id": state.agency_id,
        "venue": state.venue,
        "commune": state.place.commune,
        "directions": state.directions,
        "starts_at": state.starts_at,
        "slot_minutes": state.slot_minutes,
        "slots": state.slots,
        "needs": [str(need.need_id) for need in state.needs],
    }


def _meeting_of(meeting: contract.Meeting) -> Meeting:
    return Meeting(
        meeting.meeting_id,
        meeting.participant_id,
        meeting.need_id,
        meeting.employer_id,
        meeting.slot,
        meeting.length,
        meeting.table,
        meeting.position,
        Bilingual(meeting.for_participant.fr, meeting.for_participant.en),
        Bilingual(meeting.for_employer.fr, meeting.for_employer.en),
    )
