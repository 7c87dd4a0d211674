"""Bringing everybody whom a meetup concerns up to what is true of it now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.notification.domain.hosting import HostDecision, Shortlist, decide_for_host, new_shortlist
from services.notification.domain.inviting import Circumstances, Invitation, InvitationDecision, decide
from services.notification.domain.meetups import Meeting, Meetup
from services.notification.domain.rules import Rules
from services.notification.domain.telling import NO_POST, Post
from services.notification.repository import invitations, messages, shortlists, told
from services.notification.use_cases.telling import event_of, kind_of, tell
from shared.moment import Moment


async def catch_up(session: AsyncSession, meetup_ids: Iterable[UUID], *, moment: Moment, rules: Rules) -> None:
    """Decide, for each participant and employer of these meetups, whether something is to be told, and write it.

    It compares what they know with what is true, so it may be called after any event, as often as one likes, by
    whoever took turns on these meetups.
    """
    for meetup_id in sorted(set(meetup_ids)):
        situation = await _load(session, meetup_id)
        if situation is not None:
            await _invite(session, situation, moment=moment, rules=rules)
            await _keep_hosts_informed(session, situation, moment=moment)


@dataclass(frozen=True, slots=True)
class _Situation:
    """All that is known of one meetup, loaded at once."""

    meetup: Meetup
    meetings: Sequence[Meeting]
    open_needs: dict[UUID, UUID | None]
    post: dict[UUID, Post]

    def post_of(self, owner: UUID | None) -> Post:
        """The messages of an invitation or shortlist."""
        return self.post.get(owner, NO_POST) if owner else NO_POST


async def _load(session: AsyncSession, meetup_id: UUID) -> _Situation | None:
    """What is known; `None` until both the meetup and a pairing of it were told."""
    meetup = await told.meetup(session, meetup_id)
    if meetup is None or await told.has_pairing_in_force(session, meetup_id) is None:
        return None
    return _Situation(
        meetup,
        await told.meetings_of(session, meetup_id),
        await told.open_needs(session, meetup_id),
        await messages.post_of_meetup(session, meetup_id),
    )


@dataclass(frozen=True, slots=True)
class _Step:
    """One invitation before and after a decision."""

    before: Invitation | None
    decision: InvitationDecision


async def _invite(session: AsyncSession, situation: _Situation, *, moment: Moment, rules: Rules) -> None:
    meetings: dict[UUID, list[Meeting]] = defaultdict(list)
    for meeting in situation.meetings:
        meetings[meeting.participant_id].append(meeting)
    known = {each.participant_id: each for each in await invitations.of_meetup(session, situation.meetup.id)}
    concerned = sorted(meetings.keys() | known.keys())
    readers = await told.readers(session, concerned)
    steps = []
    for participant_id in concerned:
        invitation, reader = known.get(participant_id), readers.get(participant_id)
        if reader is None:
            continue  # the participant is told of later, and this meetup is looked at again then
        given = Circumstances(
            now=moment.now,
            rules=rules,
            meetup=situation.meetup,
            is_contactable=reader.is_contactable,
            post=situation.post_of(invitation.id if invitation else None),
            is_called_off=situation.meetup.is_cancelled,
        )
        decision = decide(
            invitation, meetings[participant_id], given, new_id=moment.new_id(), participant_id=participant_id
        )
        if decision is not None:
            steps.append(_Step(invitation, decision))
    await _carry_out(session, steps, moment)


async def _carry_out(session: AsyncSession, steps: Sequence[_Step], moment: Moment) -> None:
    after = [_with_revision(step) for step in steps]
    await invitations.write(session, after)
    await messages.take_back(
        session, [each.decision.invitation.id for each in steps if each.decision.takes_back], moment.now
    )
    await messages.have_printed_anew(session, [each.id for each in after])
    await messages.queue(
        session,
        [
            messages.to_participant(invitation, step.decision.message, moment)
            for invitation, step in zip(after, steps, strict=True)
            if step.decision.message is not None
        ],
    )
    changed = [
        event_of(invitation)
        for invitation, step in zip(after, steps, strict=True)
        if _stands_otherwise(step.before, invitation)
    ]
    await tell(session, *changed, moment=moment)


def _with_revision(step: _Step) -> Invitation:
    """The invitation as decided, one step further where it stands otherwise by itself."""
    after = step.decision.invitation
    return replace(after, revision=after.revision + _stands_otherwise(step.before, after))


def _stands_otherwise(before: Invitation | None, after: Invitation) -> bool:
    return before is not None and kind_of(before) is not kind_of(after)


async def _keep_hosts_informed(session: AsyncSession, situation: _Situation, *, moment: Moment) -> None:
    """Employers who come, or came, to a meetup hear that it is cancelled, or has another day, hour or place."""
    meetup = situation.meetup
    hosting = {need_id: employer_id for need_id, employer_id in situation.open_needs.items() if employer_id}
    hosting |= {each.need_id: each.employer_id for each in situation.meetings if each.need_id in situation.open_needs}
    known = {each.employer_id: each for each in await shortlists.of_meetup(session, meetup.id)}
    new = {
        each.employer_id: new_shortlist(moment.new_id(), meetup, each.employer_id)
        for each in situation.meetings
        if each.employer_id not in known and each.need_id in situation.open_needs and not meetup.is_cancelled
    }
    silent = await told.silent_among(session, known.keys())
    decisions = [
        decision
        for shortlist in known.values()
        if (
            decision := decide_for_host(
                shortlist,
                meetup,
                situation.post_of(shortlist.id),
                has_open_need=shortlist.employer_id in hosting.values(),
                is_contactable=shortlist.employer_id not in silent,
            )
        )
        is not None
    ]
    await shortlists.write(session, list(new.values()))
    await _carry_out_for_hosts(session, decisions, moment)


async def _carry_out_for_hosts(session: AsyncSession, decisions: Sequence[HostDecision], moment: Moment) -> None:
    after: list[Shortlist] = [decision.shortlist for decision in decisions]
    await shortlists.write(session, after)
    await messages.take_back(session, [each.shortlist.id for each in decisions if each.takes_back], moment.now)
    await messages.have_printed_anew(session, [each.id for each in after])
    await messages.queue(
        session,
        [
            messages.to_employer(each.shortlist, each.message, each.shortlist.edition, moment)
            for each in decisions
            if each.message is not None
        ],
    )
