"""Standing shortlists over the whole pool: what changed is marked with the change, and refreshed soon after."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from datetime import date, datetime
from uuid import UUID

import numpy as np
from sqlmodel.ext.asyncio.session import AsyncSession

from services.matching.domain.pooling import Member, Pool
from services.matching.domain.proposing.weighing import profile_of
from services.matching.domain.shortlist_places import Place
from services.matching.domain.shortlisting import Policy as ShortlistPolicy
from services.matching.domain.shortlisting import Vocabulary
from services.matching.domain.situation import Need, Observation, Participant, Policy
from services.matching.repository import facts, shortlists
from services.matching.repository.shortlists import StandingShortlist
from services.matching.use_cases.profiles import components_in_use, skills_of
from services.matching.use_cases.telling import tell
from shared.contracts.shortlists import ShortlistChanged, ShortlistPlace
from shared.ids import NewId
from shared.moment import Moment
from shared.reference.licences import licences
from shared.reference.occupations import near, occupations
from shared.reference.skills import DEFAULT_FRAMEWORK

RUN = "standing"
"""Draws the lots of those who tie: the same as long as nothing changes."""


class PoolOutdated(Exception):
    """The components behind all profiles were fitted anew."""


async def make_pool(session: AsyncSession, policy: Policy) -> Pool:
    """The pool as it is told now, with all its shortlists. Needs in other frameworks than the default have none."""
    # First, so that whatever is told while the pool is made is followed afterwards.
    await shortlists.take_due(session)
    members = await _members(session, None)
    needs = [need for need in await facts.find_needs(session) if need.framework == DEFAULT_FRAMEWORK]
    return await asyncio.to_thread(Pool, _vocabulary(needs), members, needs, near, _shortlist_policy(policy), RUN)


async def refresh_all(session: AsyncSession, pool: Pool, *, now: datetime, new_id: NewId) -> None:
    """Keep the shortlists of a pool just made, and tell of those that changed."""
    await _keep(session, pool, pool.needs, now=now, new_id=new_id)


async def refresh_due(session: AsyncSession, pool: Pool, *, now: datetime, new_id: NewId) -> None:
    """Let the pool follow what changed since the last refreshing, and keep what this touched.

    Raises `PoolOutdated` when all profiles changed, so that the pool has to be made anew.
    """
    due = await shortlists.take_due(session)
    if due.everybody:
        raise PoolOutdated
    needs = [need for need in await facts.find_needs(session, due.needs) if need.framework == DEFAULT_FRAMEWORK]
    members = await _members(session, due.participants)
    if not members and not needs:
        return
    touched = await asyncio.to_thread(_follow, pool, members, needs)
    await _keep(session, pool, touched, now=now, new_id=new_id)


def _follow(pool: Pool, members: Sequence[Member], needs: Sequence[Need]) -> set[UUID]:
    touched = {need.id for need in needs}
    for need in needs:
        pool.renew_need(need)
    for member in members:
        touched |= pool.renew_member(member)
    pool.count_again()
    return touched


async def _keep(session: AsyncSession, pool: Pool, need_ids: Collection[UUID], *, now: datetime, new_id: NewId) -> None:
    is_open = {need.id for need in await facts.find_needs(session, need_ids) if need.is_open}
    await shortlists.drop(session, set(need_ids) - is_open)
    known = await shortlists.find_many(session, is_open)
    for need_id in sorted(is_open):
        places, dropped = pool.shortlist_of(need_id), pool.dropped_of(need_id)
        before = known.get(need_id)
        if before and (before.places, before.dropped) == (places, dropped):
            continue
        others = before is None or _people(before.places) != _people(places)
        revision = (before.revision if before else 0) + others
        await shortlists.save(session, StandingShortlist(need_id, revision, places, dropped, refreshed_at=now))
        if others:
            event = ShortlistChanged(
                need_id=need_id,
                revision=revision,
                places=tuple(ShortlistPlace(participant_id=one.participant_id, score=one.score) for one in places),
            )
            await tell(session, event, moment=Moment(now, new_id))


def _people(places: Sequence[Place]) -> list[UUID]:
    return [one.participant_id for one in places]


async def _members(session: AsyncSession, ids: Collection[UUID] | None) -> list[Member]:
    participants = {one.id: one for one in await facts.find_participants(session, ids)}
    consenting = await facts.consenting(session, ids)
    seen: dict[UUID, list[Observation]] = {}
    for one in await facts.observations_of(session, DEFAULT_FRAMEWORK, ids):
        seen.setdefault(one.participant_id, []).append(one)
    times = await facts.exposures(session, participants)
    components = await components_in_use(session, DEFAULT_FRAMEWORK)
    unseen = profile_of([], components).exceedance().ravel()

    def member(participant: Participant) -> Member:
        own = seen.get(participant.id)
        features = profile_of(own, components).exceedance().ravel() if own else unseen
        return Member(participant, participant.id in consenting, features, times.get(participant.id, 0))

    gone = [_nobody(one) for one in sorted(set(ids or ()) - participants.keys())]
    return [member(one) for one in participants.values()] + gone


def _nobody(participant_id: UUID) -> Member:
    """Somebody erased, or not yet told of: on no list."""
    nothing = np.zeros(4 * len(skills_of(DEFAULT_FRAMEWORK)))
    participant = Participant(
        id=participant_id,
        agency_id=participant_id,
        latitude=None,
        longitude=None,
        travel_limit_km=0.0,
        transport="walk",
        available_from=date.max,
        hours=(),
        licences=(),
        wishes=(),
        refused_occupations=(),
    )
    return Member(participant, consents=False, exceedance=nothing, shortlisted=0)


def _vocabulary(needs: Sequence[Need]) -> Vocabulary:
    asked = {licence for need in needs for licence in need.licences}
    return Vocabulary(
        skills=skills_of(DEFAULT_FRAMEWORK),
        occupations=tuple(sorted(occupations())),
        licences=tuple(sorted(asked | {licence.code for licence in licences()})),
    )


def _shortlist_policy(policy: Policy) -> ShortlistPolicy:
    return ShortlistPolicy(size=20, reserve=20, alpha=policy.alpha, near_tie=policy.near_tie)
