"""Bringing every participant of a meetup up to what its pairing in force says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.notification.domain.inviting import Circumstances, Decision, Invitation, decide
from services.notification.domain.meetups import Meeting, Meetup
from services.notification.domain.rules import Rules
from services.notification.repository import invitations, messages, told
from shared.ids import NewId


async def catch_up(
    session: AsyncSession, meetup_ids: Iterable[UUID], *, now: datetime, new_id: NewId, rules: Rules
) -> None:
    """Decide, for each participant of these meetups, whether something is to be told, and write it as messages.

    It compares what is known with what was decided, so it may be called after any event, as often as one likes, by
    whoever took the floor before learning it.
    """
    for meetup_id in sorted(set(meetup_ids)):
        await _catch_up_one(session, meetup_id, now=now, new_id=new_id, rules=rules)


@dataclass(frozen=True, slots=True)
class _Situation:
    """All that is known of one meetup, loaded at once."""

    meetup: Meetup
    is_called_off: bool
    meetings: dict[UUID, list[Meeting]]
    invitations: dict[UUID, Invitation]
    reached: set[UUID]
    queued: set[UUID]
    readers: dict[UUID, told.Reader]


async def _catch_up_one(session: AsyncSession, meetup_id: UUID, *, now: datetime, new_id: NewId, rules: Rules) -> None:
    situation = await _load(session, meetup_id)
    if situation is None:
        return
    decisions = []
    for participant_id in sorted(situation.meetings.keys() | situation.invitations.keys()):
        decision = _decide_for(situation, participant_id, now=now, new_id=new_id, rules=rules)
        if decision is not None:
            decisions.append(decision)
    await _carry_out(session, decisions, now=now, new_id=new_id)


async def _load(session: AsyncSession, meetup_id: UUID) -> _Situation | None:
    """What is known; `None` until both the meetup and a pairing of it were told."""
    meetup = await told.meetup(session, meetup_id)
    holds = await told.has_pairing_in_force(session, meetup_id)
    if meetup is None or holds is None:
        return None
    meetings: dict[UUID, list[Meeting]] = defaultdict(list)
    for meeting in await told.meetings_of(session, meetup_id):
        meetings[meeting.participant_id].append(meeting)
    known = {invitation.participant_id: invitation for invitation in await invitations.of_meetup(session, meetup_id)}
    was_told, queued = await messages.told_and_queued(session, meetup_id)
    return _Situation(
        meetup=meetup,
        is_called_off=meetup.is_cancelled or not holds,
        meetings=dict(meetings),
        invitations=known,
        reached=was_told,
        queued=queued,
        readers=await told.readers(session, meetings.keys() | known.keys()),
    )


def _decide_for(
    situation: _Situation, participant_id: UUID, *, now: datetime, new_id: NewId, rules: Rules
) -> Decision | None:
    reader = situation.readers.get(participant_id)
    invitation = situation.invitations.get(participant_id)
    if reader is None and invitation is None:
        return None  # the participant is told of later, and this meetup is looked at again then
    given = Circumstances(
        now=now,
        reply_days=rules.reply_days,
        meetup=situation.meetup,
        is_contactable=reader is not None and reader.is_contactable,
        was_told=invitation is not None and invitation.id in situation.reached,
        has_queued=invitation is not None and invitation.id in situation.queued,
        is_called_off=situation.is_called_off,
    )
    meetings = situation.meetings.get(participant_id, [])
    return decide(invitation, meetings, given, new_id=new_id(), participant_id=participant_id)


async def _carry_out(session: AsyncSession, decisions: list[Decision], *, now: datetime, new_id: NewId) -> None:
    await invitations.write(session, [decision.invitation for decision in decisions])
    taken_back = [decision.invitation.id for decision in decisions if decision.takes_back_queued]
    await messages.withdraw_queued(session, taken_back, now)
    await messages.queue(
        session,
        [
            {
                "id": new_id(),
                "kind": decision.message,
                "meetup_id": decision.invitation.meetup_id,
                "recipient_id": decision.invitation.participant_id,
                "invitation_id": decision.invitation.id,
                "shortlist_id": None,
                "edition": decision.invitation.edition,
                "written_at": now,
            }
            for decision in decisions
            if decision.message is not None
        ],
    )
