"""Employers' shortlists: who is on them, when they leave, what is answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.notification.domain.hosting import Shortlist
from services.notification.domain.inviting import COUNTS_ON_IT, Reply
from services.notification.domain.links import expires_at
from services.notification.domain.meetups import Meeting, Meetup, Period
from services.notification.domain.replying import Answer, answer_for, time_to_answer
from services.notification.domain.rules import Rules
from services.notification.domain.telling import MessageKind
from services.notification.repository import invitations, messages, shortlists, told
from services.notification.repository.turns import take_turns
from services.notification.use_cases.inviting import catch_up
from services.notification.use_cases.refusals import NoPairingInForce, NotOnShortlist
from services.notification.use_cases.telling import employer_replied, tell
from shared.moment import Moment
from shared.refusals import Unknown

SHORTLISTS_BEFORE_MEETUP = timedelta(hours=12)
"""Shortlists leave at the latest so long before the meetup."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody on a shortlist: the meeting, what they replied, and what the employer answered."""

    meeting: Meeting
    reply: Reply
    answer: Answer | None

    @property
    def comes(self) -> bool:
        """Whether they said yes: before that an employer sees no name."""
        return self.reply is Reply.ACCEPTED


@dataclass(frozen=True, slots=True)
class OpenShortlist:
    """What the page behind an employer's link shows."""

    shortlist: Shortlist
    meetup: Meetup
    candidates: tuple[Candidate, ...]
    time_to_answer: Period
    is_silent: bool
    is_withdrawn: bool
    """The employer has no open need at the meetup any more."""


async def request_shortlists(
    session: AsyncSession, meetup_id: UUID, *, moment: Moment, rules: Rules
) -> tuple[int, int]:
    """Write the shortlist mails of a meetup; asked for again, only employers who have none get one.

    An employer without an open need at the meetup gets none. Returns how many are new, and how many there were.
    Raises `NoPairingInForce`.
    """
    await take_turns(session, [meetup_id])
    meetup = await told.meetup(session, meetup_id)
    if meetup is None or meetup.is_cancelled or not await told.has_pairing_in_force(session, meetup_id):
        raise NoPairingInForce
    await catch_up(session, [meetup_id], moment=moment, rules=rules)
    open_needs = await told.open_needs(session, meetup_id)
    hosts = {each.employer_id for each in await told.meetings_of(session, meetup_id) if each.need_id in open_needs}
    held = [each for each in await shortlists.of_meetup(session, meetup_id) if each.employer_id in hosts]
    new = [replace(each, asked_at=moment.now) for each in held if each.asked_at is None]
    await shortlists.write(session, new)
    await _queue(session, new, MessageKind.SHORTLIST, moment)
    return len(new), len(held) - len(new)


async def request_due_shortlists(session: AsyncSession, *, moment: Moment, rules: Rules) -> int:
    """Write the shortlist mails of all meetups that are due; say how many."""
    due = await shortlists.meetups_due(
        session, moment.now, after=rules.shortlists_after, before=SHORTLISTS_BEFORE_MEETUP
    )
    written = 0
    for meetup_id in due:
        new, _ = await request_shortlists(session, meetup_id, moment=moment, rules=rules)
        written += new
    return written


async def remind_employers(session: AsyncSession, *, moment: Moment, rules: Rules) -> int:
    """Remind, once, employers who owe answers some days after the meetup; say how many."""
    owing = await shortlists.to_be_reminded(
        session, moment.now, after=rules.remind_employers_after, answer_days=timedelta(days=rules.answer_days)
    )
    return await _queue(session, owing, MessageKind.EMPLOYER_REMINDER, moment)


async def open_shortlist(session: AsyncSession, token_hash: bytes, *, now: datetime, rules: Rules) -> OpenShortlist:
    """The shortlist behind a link, to look at; raises `Unknown`, also once the link is too old."""
    shortlist = await shortlists.by_token(session, token_hash)
    meetup = await told.meetup(session, shortlist.meetup_id) if shortlist else None
    if shortlist is None or meetup is None or now >= expires_at(meetup.ends_at, rules):
        raise Unknown("shortlist")
    open_needs = await told.open_needs(session, meetup.id)
    candidates = await _candidates(session, shortlist)
    return OpenShortlist(
        shortlist,
        meetup,
        () if meetup.is_cancelled else tuple(each for each in candidates if each.meeting.need_id in open_needs),
        time_to_answer(meetup, rules.answer_days),
        await told.is_silent(session, shortlist.employer_id),
        is_withdrawn=shortlist.employer_id not in open_needs.values()
        and not any(each.meeting.need_id in open_needs for each in candidates),
    )


async def answer_by_link(
    session: AsyncSession, token_hash: bytes, answer: Answer, *, moment: Moment, rules: Rules
) -> None:
    """Take an employer's answer for one person who said yes.

    Raises `Unknown`, `NotOnShortlist`, `TooEarly` or `TooLate`.
    """
    opened = await open_shortlist(session, token_hash, now=moment.now, rules=rules)
    await shortlists.by_id(session, opened.shortlist.id)  # one answer at a time for one shortlist
    key = (answer.need_id, answer.participant_id)
    if key not in {(each.meeting.need_id, each.meeting.participant_id) for each in opened.candidates if each.comes}:
        raise NotOnShortlist
    known = (await shortlists.answers_of(session, opened.shortlist.id)).get(key)
    counts = answer_for(known, answer, now=moment.now, within=opened.time_to_answer)
    if counts is known:
        return
    await shortlists.write_answer(session, opened.shortlist.id, counts, moment.now)
    await tell(session, employer_replied(opened.shortlist, counts), moment=moment)


async def stop_messages(session: AsyncSession, employer_id: UUID, *, moment: Moment, rules: Rules) -> None:
    """An employer wants no more messages: what has not left is taken back."""
    await told.write_silence(session, {"recipient_id": employer_id, "since": moment.now})
    await _follow(session, employer_id, moment=moment, rules=rules)


async def resume_messages(session: AsyncSession, employer_id: UUID, *, moment: Moment, rules: Rules) -> None:
    """An employer wants messages again."""
    await told.delete_silence(session, employer_id)
    await _follow(session, employer_id, moment=moment, rules=rules)


async def _follow(session: AsyncSession, employer_id: UUID, *, moment: Moment, rules: Rules) -> None:
    meetup_ids = await shortlists.meetups_of_employers(session, [employer_id])
    await take_turns(session, meetup_ids)
    await catch_up(session, meetup_ids, moment=moment, rules=rules)


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
        if replies.get(meeting.participant_id) in COUNTS_ON_IT
    )


async def _queue(session: AsyncSession, of: Sequence[Shortlist], kind: MessageKind, moment: Moment) -> int:
    return await messages.queue(session, [messages.to_employer(each, kind, 1, moment) for each in of])
