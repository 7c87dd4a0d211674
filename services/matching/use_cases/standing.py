"""Standing shortlists over the whole pool: what changed is marked with the change, and refreshed soon after.

One process keeps the pool. It reads in short transactions, computes in a thread while the event loop stays free, and
writes in short transactions; what changed since it read is due again, so nothing is lost in between.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import NamedTuple
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.matching.domain.known_words import in_known_words
from services.matching.domain.pool import Member, Members, Pool
from services.matching.domain.shortlisting import Codebook, Coding, Participants, ShortlistPolicy
from services.matching.domain.situation import Need, Policy
from services.matching.domain.standing_places import StandingPlace
from services.matching.repository import facts, pool, shortlists
from services.matching.repository.shortlists import Due, StandingShortlist
from services.matching.use_cases import keeping_profiles
from services.matching.use_cases.profiles import known_skills, skills_of
from services.matching.use_cases.telling import tell
from shared.contracts.shortlists import ShortlistChanged, ShortlistPlace
from shared.database import Sessions, unit_of_work
from shared.ending import end
from shared.moment import Moment
from shared.paging import Paging
from shared.reference.licences import travelling_codes
from shared.reference.occupations import near, occupations
from shared.reference.skills import DEFAULT_FRAMEWORK

log = logging.getLogger(__name__)

RUN = "standing"
"""Draws the lots of those who tie: the same as long as nothing changes."""

NEEDS_AT_ONCE = 500
"""Needs read at a time."""

KEPT_AT_ONCE = 50
"""Shortlists written in one transaction."""

WRITERS = 2
"""So many write at a time: while PostgreSQL works for one, this process does for the other."""

COUNTED_AT_ONCE = 500
"""Needs whose list stays and whose counts do not: so many are written each time. One person can change all counts."""

FOLLOWED_AT_ONCE = 1_000
FOLLOWED_SHARE = 1 / 50
"""So many people are followed one by one at least, or this share of the pool. Beyond, making it anew is faster."""


class PoolOutdated(Exception):
    """The pool has to be made anew: all profiles changed, or more than can be followed, or needs use new words."""


async def make_pool(sessions: Sessions, policy: Policy, *, moment: Moment) -> Pool:
    """The pool as it is told now; its shortlists are kept, and those that changed told.

    Needs in other frameworks than the default have no shortlist.
    """
    async with unit_of_work(sessions) as session:
        # First, so that whatever is told while the pool is made is followed afterwards.
        due = await shortlists.read_due(session)
    needs = await asyncio.to_thread(_in_known_words, await _open_needs(sessions))
    async for _ in keeping_profiles.renew(sessions, due.participants):
        pass
    await keeping_profiles.renew_missing(sessions)
    coding = Coding(await asyncio.to_thread(_codebook, needs), near)
    members = await _everybody(sessions, coding)
    made = await asyncio.to_thread(Pool, coding, members, needs, _shortlist_policy(policy), RUN)
    async with unit_of_work(sessions) as session:
        await shortlists.drop_all_but(session, made.needs)
    await _keep(sessions, made, made.needs, moment=moment)
    await _settle(sessions, due)
    return made


async def refresh_due(sessions: Sessions, kept: Pool, *, moment: Moment) -> None:
    """Let the pool follow what changed since the last refreshing, and keep the shortlists that this touched.

    Raises `PoolOutdated`, or whatever went wrong: then the pool has to be made anew.
    """
    async with unit_of_work(sessions) as session:
        due = await shortlists.read_due(session)
    if due.everybody or len(due.participants) > max(FOLLOWED_AT_ONCE, FOLLOWED_SHARE * len(kept)):
        raise PoolOutdated
    async with unit_of_work(sessions) as session:
        needs = _in_known_words(await facts.find_needs(session, due.needs))
    left = due.needs - {need.id for need in needs}
    if any(map(kept.holds_need, left)) or not all(map(kept.can_number, needs)):
        raise PoolOutdated
    members = [member async for some in keeping_profiles.renew(sessions, due.participants) for member in some]
    touched = await asyncio.to_thread(_follow, kept, due, needs, members)
    await _keep(sessions, kept, touched, moment=moment)
    await _keep(sessions, kept, kept.miscounted(COUNTED_AT_ONCE), moment=moment)
    await _settle(sessions, due)


def _follow(kept: Pool, due: Due, needs: Sequence[Need], members: Sequence[Member]) -> set[UUID]:
    touched = {need.id for need in needs}
    for need in needs:
        kept.renew_need(need)
    for member in members:
        touched |= kept.renew_member(member)
    for gone in sorted(due.participants - {member.participant.id for member in members}):
        touched |= kept.remove_member(gone)
    return touched


class _Found(NamedTuple):
    """What the pool says now of a need: its shortlist, and how many each reason drops."""

    places: tuple[StandingPlace, ...]
    dropped: dict[str, int]


async def _keep(sessions: Sessions, kept: Pool, need_ids: Collection[UUID], *, moment: Moment) -> None:
    parts = _in_parts(sorted(need_ids, key=attrgetter("int")), KEPT_AT_ONCE)

    async def write() -> None:
        for some in parts:
            found = await asyncio.to_thread(_found, kept, some)
            async with unit_of_work(sessions) as session:
                await _keep_some(session, found, moment=moment)
            kept.note_kept(some)

    writers = [asyncio.create_task(write(), name="writing shortlists") for _ in range(WRITERS)]
    try:
        await asyncio.gather(*writers)
    finally:
        for writer in writers:
            if not writer.done():
                await end(writer)


def _found(kept: Pool, need_ids: Sequence[UUID]) -> dict[UUID, _Found]:
    return {need_id: _Found(kept.shortlist_of(need_id), kept.dropped_of(need_id)) for need_id in need_ids}


async def _keep_some(session: AsyncSession, found: Mapping[UUID, _Found], *, moment: Moment) -> None:
    is_open = await facts.open_among(session, found.keys())
    if closed := found.keys() - is_open:
        await shortlists.drop(session, closed)
    known = await shortlists.find_many(session, is_open)
    # Somebody may have left since the pool was read.
    agree = await facts.agreeing(session, {one.participant_id for each in found.values() for one in each.places})
    open_ones = {need_id: one for need_id, one in found.items() if need_id in is_open}
    changed, told = await asyncio.to_thread(_changes, open_ones, known, agree, moment)
    await shortlists.save(session, changed)
    await tell(session, *told, moment=moment)


def _changes(
    found: Mapping[UUID, _Found], known: Mapping[UUID, StandingShortlist], agree: Collection[UUID], moment: Moment
) -> tuple[list[StandingShortlist], list[ShortlistChanged]]:
    """The shortlists that are other ones than those known, and what is to be told of them."""
    changed, told = [], []
    for need_id, (listed, dropped) in found.items():
        places, before = tuple(one for one in listed if one.participant_id in agree), known.get(need_id)
        if before and (before.places, before.dropped) == (places, dropped):
            continue
        others = before is None or _people(before.places) != _people(places)
        revision = (before.revision if before else 0) + others
        changed.append(StandingShortlist(need_id, revision, places, dropped, refreshed_at=moment.now))
        if others:
            told.append(_change_of(changed[-1]))
    return changed, told


async def _settle(sessions: Sessions, due: Due) -> None:
    async with unit_of_work(sessions) as session:
        await shortlists.settle_due(session, due)


def _change_of(shortlist: StandingShortlist) -> ShortlistChanged:
    places = (ShortlistPlace(participant_id=one.participant_id, score=one.score) for one in shortlist.places)
    return ShortlistChanged(need_id=shortlist.need_id, revision=shortlist.revision, places=tuple(places))


def _people(places: Sequence[StandingPlace]) -> list[UUID]:
    return [one.participant_id for one in places]


async def _open_needs(sessions: Sessions) -> list[Need]:
    """All open needs, read some at a time."""
    needs: list[Need] = []
    paging = Paging(size=NEEDS_AT_ONCE)
    while True:
        async with unit_of_work(sessions) as session:
            some = await facts.list_open_needs(session, paging)
        needs += some.items
        if not some.next:
            return needs
        paging = Paging(some.next, NEEDS_AT_ONCE)


async def _everybody(sessions: Sessions, coding: Coding) -> Members:
    """All members, read some at a time, and turned into columns in a thread."""
    parts: list[Members] = []

    async def take(part: bytes) -> None:
        parts.append(await asyncio.to_thread(_members_of, part, coding))

    async with unit_of_work(sessions) as session:
        await pool.copy_members(session, DEFAULT_FRAMEWORK, take)
    return await asyncio.to_thread(Members.joined, parts)


def _members_of(part: bytes, coding: Coding) -> Members:
    rows = pool.member_rows(part, len(coding.codebook.skills))
    columns = Participants.entering(rows.people, rows.exceedance, coding, shortlisted=rows.shortlisted)
    return Members(rows.ids, columns)


def _in_known_words(needs: Iterable[Need]) -> list[Need]:
    """The needs of the default framework, as far as they ask for skills that it holds; at least one."""
    known, others = in_known_words([need for need in needs if need.framework == DEFAULT_FRAMEWORK], known_skills)
    if others:
        log.warning("%d needs ask for skills that %s does not hold: these are left out", others, DEFAULT_FRAMEWORK)
    return [need for need in known if need.requirements]


def _codebook(needs: Sequence[Need]) -> Codebook:
    required = {licence for need in needs for licence in need.licences}
    return Codebook(
        skills=skills_of(DEFAULT_FRAMEWORK),
        occupations=tuple(sorted(occupations().keys() | {need.occupation for need in needs})),
        licences=tuple(sorted(required.union(travelling_codes()))),
    )


def _shortlist_policy(policy: Policy) -> ShortlistPolicy:
    return ShortlistPolicy(size=20, reserve=20, alpha=policy.alpha, near_tie=policy.near_tie, softness=policy.softness)


def _in_parts(ids: Sequence[UUID], size: int) -> Iterator[Sequence[UUID]]:
    return (ids[start : start + size] for start in range(0, len(ids), size))
