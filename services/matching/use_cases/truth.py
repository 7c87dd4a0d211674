"""What is true of a meetup now, read at once: what binds its pairing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Literal
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.matching.domain.pairing import Outline
from services.matching.domain.rules import BETWEEN_MEETUPS
from services.matching.domain.situation import Engagement, Meetup, Need, Pair, Policy, Truth
from services.matching.repository import facts, pairings
from services.matching.repository.pairings import Outlined
from shared.refusals import Unknown


async def true_now(session: AsyncSession, meetup_id: UUID, in_force: Outline | None, policy: Policy) -> Truth:
    """What binds the pairing of a meetup now, `in_force` being the one that holds. Raises `Unknown`."""
    meetup = await facts.find_meetup(session, meetup_id)
    if meetup is None:
        raise Unknown("meetup")
    enrolments = await facts.enrolments_of(session, meetup_id)
    people = {enrolment.participant_id for enrolment in enrolments}
    needs = await facts.find_needs(session, {need.need_id for need in meetup.needs})
    rules = await pairings.rules_of(session, meetup_id)
    return Truth(
        meetup=_with_needs_that_are_told_of(meetup, needs),
        participants=tuple(await facts.find_participants(session, people)),
        enrolments=tuple(enrolments),
        consenting=tuple(sorted(await facts.consenting(session, people))),
        needs=tuple(needs),
        replies=await facts.replies_of(session, meetup_id),
        current=in_force.meetings if in_force else (),
        pins=_pairs_with("pin", rules),
        forbids=_pairs_with("forbid", rules),
        forbids_at_once=await pairings.forbids_at_once(session, meetup_id),
        elsewhere=await _elsewhere(session, meetup, people),
        tables=await pairings.tables_of(session, meetup_id),
        policy=policy,
    )


def _with_needs_that_are_told_of(meetup: Meetup, needs: Iterable[Need]) -> Meetup:
    """A need that is invited but not yet told of is left out until it is."""
    told = {need.id for need in needs}
    return replace(meetup, needs=tuple(one for one in meetup.needs if one.need_id in told))


def _pairs_with(rule: Literal["pin", "forbid"], rules: Mapping[Pair, str]) -> tuple[Pair, ...]:
    return tuple(sorted((pair for pair, word in rules.items() if word == rule), key=str))


async def _elsewhere(session: AsyncSession, meetup: Meetup, people: Collection[UUID]) -> tuple[Engagement, ...]:
    """What these people have in force at other meetups, near enough in time to matter here."""
    others = await pairings.in_force_elsewhere(session, meetup.id, people)
    where = {one.id: one for one in await facts.find_meetups(session, {other.meetup_id for other in others})}
    begins = meetup.starts_at - BETWEEN_MEETUPS
    ends = meetup.starts_at + meetup.slots * timedelta(minutes=meetup.slot_minutes) + BETWEEN_MEETUPS
    return tuple(
        engagement
        for other in others
        if other.meetup_id in where and not where[other.meetup_id].is_cancelled
        for engagement in _engagements(other, where[other.meetup_id], people)
        if engagement.begins < ends and begins < engagement.ends
    )


def _engagements(other: Outlined, where: Meetup, people: Collection[UUID]) -> Iterator[Engagement]:
    step = timedelta(minutes=where.slot_minutes)
    for meeting in other.outline.meetings:
        if meeting.participant_id in people:
            begins = where.starts_at + meeting.slot * step
            yield Engagement(meeting.participant_id, where.id, begins, begins + meeting.length * step)
