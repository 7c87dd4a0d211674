"""Employers' shortlists: who is on them, when they leave, what is answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.notification.domain.inviting import MessageKind, Reply
from services.notification.domain.meetups import Meeting, Meetup
from services.notification.domain.replying import Answer, answer_for, answers_until
from services.notification.domain.rules import Rules
from services.notification.repository import invitations, messages, shortlists, told
from services.notification.repository.shortlists import Shortlist
from services.notification.repository.statements import take_turns
from services.notification.use_cases.telling import tell
from shared.contracts.invitations import EmployerReplied, NotNowReason
from shared.ids import NewId

SHORTLISTS_BEFORE_MEETUP = timedelta(hours=12)
"""Shortlists leave at the latest so long before the meetup."""


class UnknownMeetup(Exception):
    """No meetup has this id, or it has no pairing in force."""


class UnknownShortlist(Exception):
    """No shortlist has this link."""


class NotOnShortlist(Exception):
    """The candidate is not, or no longer, on the shortlist."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody on a shortlist: the meeting, what they replied, and what the employer answered."""

    meeting: Meeting
    reply: Reply
    answer: Answer | None


@dataclass(frozen=True, slots=True)
class OpenShortlist:
    """What the page behind an employer's link shows."""

    shortlist: Shortlist
    meetup: Meetup
    candidates: tuple[Candidate, ...]
    answers_until: datetime
    is_silent: bool


async def request_shortlists(
    session: AsyncSession, meetup_id: UUID, *, now: datetime, new_id: NewId
) -> tuple[int, int]:
    """Write the shortlist mails of a meetup; asked for again, only employers who have none get one.

    Returns how many are new, and how many there were. Raises `UnknownMeetup`.
    """
    await take_turns(session, [meetup_id])
    meetup = await told.meetup(session, meetup_id)
    if meetup is None or meetup.is_cancelled or not await told.has_pairing_in_force(session, meetup_id):
        raise UnknownMeetup
    employers = sorted({meeting.employer_id for meeting in await told.meetings_of(session, meetup_id)})
    rows = [
        {"id": new_id(), "meetup_id": meetup_id, "employer_id": employer_id, "asked_at": now}
        for employer_id in employers
    ]
    new = await shortlists.add(session, rows)
    await _queue(session, new, MessageKind.SHORTLIST, now=now, new_id=new_id)
    return len(new), len(employers) - len(new)


async def request_due_shortlists(session: AsyncSession, *, now: datetime, new_id: NewId, rules: Rules) -> int:
    """Write the shortlist mails of all meetups that are due; say how many."""
    due = await shortlists.meetups_due(session, now, after=rules.shortlists_after, before=SHORTLISTS_BEFORE_MEETUP)
    written = 0
    for meetup_id in due:
        new, _ = await request_shortlists(session, meetup_id, now=now, new_id=new_id)
        written += new
    return written


async def remind_employers(session: AsyncSession, *, now: datetime, new_id: NewId, rules: Rules) -> int:
    """Remind, once, employers who owe answers some days after the meetup; say how many."""
    candidates = await shortlists.to_be_reminded(
        session, now, after=rules.remind_employers_after, answer_days=timedelta(days=rules.answer_days)
    )
    owing = [shortlist for shortlist in candidates if await _owes_answers(session, shortlist)]
    return await _queue(session, owing, MessageKind.EMPLOYER_REMINDER, now=now, new_id=new_id)


async def open_shortlist(session: AsyncSession, token_hash: bytes, *, rules: Rules) -> OpenShortlist:
    """The shortlist behind a link, to look at; raises `UnknownShortlist`."""
    shortlist = await shortlists.by_token(session, token_hash)
    meetup = await told.meetup(session, shortlist.meetup_id) if shortlist else None
    if shortlist is None or meetup is None:
        raise UnknownShortlist
    return OpenShortlist(
        shortlist,
        meetup,
        await _candidates(session, shortlist),
        answers_until(meetup, rules.answer_days),
        await told.is_silent(session, shortlist.employer_id),
    )


async def answer_by_link(
    session: AsyncSession, token_hash: bytes, answer: Answer, *, now: datetime, new_id: NewId, rules: Rules
) -> None:
    """Take an employer's answer for one candidate.

    Raises `UnknownShortlist`, `NotOnShortlist` or `TooLate`.
    """
    opened = await open_shortlist(session, token_hash, rules=rules)
    await shortlists.by_id(session, opened.shortlist.id)  # one answer at a time for one shortlist
    key = (answer.need_id, answer.participant_id)
    on_it = {(candidate.meeting.need_id, candidate.meeting.participant_id) for candidate in opened.candidates}
    if key not in on_it:
        raise NotOnShortlist
    known = (await shortlists.answers_of(session, opened.shortlist.id)).get(key)
    counts = answer_for(known, answer, now=now, until=opened.answers_until)
    if counts is known:
        return
    await shortlists.write_answer(session, opened.shortlist.id, counts, now)
    event = EmployerReplied(
        meetup_id=opened.meetup.id,
        employer_id=opened.shortlist.employer_id,
        need_id=counts.need_id,
        participant_id=counts.participant_id,
        revision=counts.revision,
        answer=counts.choice.value,
        reason=cast("NotNowReason", counts.reason),
    )
    await tell(session, event, now=now, new_id=new_id)


async def _candidates(session: AsyncSession, shortlist: Shortlist) -> tuple[Candidate, ...]:
    """Those with a meeting in force who have neither declined nor let their deadline pass."""
    replies = {
        invitation.participant_id: invitation.reply
        for invitation in await invitations.seen_of_meetup(session, shortlist.meetup_id)
        if invitation.is_in_force
    }
    answers = await shortlists.answers_of(session, shortlist.id)
    meetings = await told.meetings_of(session, shortlist.meetup_id, employer_id=shortlist.employer_id)
    return tuple(
        Candidate(meeting, replies[meeting.participant_id], answers.get((meeting.need_id, meeting.participant_id)))
        for meeting in meetings
        if replies.get(meeting.participant_id) in (Reply.NONE, Reply.ACCEPTED)
    )


async def _owes_answers(session: AsyncSession, shortlist: Shortlist) -> bool:
    candidates = await _candidates(session, shortlist)
    return any(candidate.answer is None for candidate in candidates if candidate.reply is Reply.ACCEPTED)


async def _queue(
    session: AsyncSession, of: Sequence[Shortlist], kind: MessageKind, *, now: datetime, new_id: NewId
) -> int:
    return await messages.queue(
        session,
        [
            {
                "id": new_id(),
                "kind": kind,
                "meetup_id": shortlist.meetup_id,
                "recipient_id": shortlist.employer_id,
                "invitation_id": None,
                "shortlist_id": shortlist.id,
                "edition": 1,
                "written_at": now,
            }
            for shortlist in of
        ],
    )
