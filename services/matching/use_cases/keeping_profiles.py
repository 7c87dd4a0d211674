"""Keeping what profiles say, a row a person, for the pool: of whoever is due, of whoever is new, and after each fit.

Whoever works a profile out holds the turn from reading what was seen to writing what it says. So a row never goes back
behind what it was, and after a fit nobody writes by the former one.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlmodel.ext.asyncio.session import AsyncSession

from services.matching.domain.pool import Member
from services.matching.domain.profiles import profile_of
from services.matching.domain.profiling import Components
from services.matching.repository import facts, pool, profiles, shortlists
from services.matching.repository.pool import KnownMember, SeenOfOne
from services.matching.use_cases.profiles import fit_in_use
from shared.database import Sessions, unit_of_work
from shared.reference.skills import DEFAULT_FRAMEWORK

READ_AT_ONCE = 500
"""People read, and then worked out in a thread, at a time."""

MISSING_AT_ONCE = 20_000
"""People without a profile who are looked for at a time, which takes a reading of all members."""


async def renew(sessions: Sessions, ids: Collection[UUID]) -> AsyncIterator[list[Member]]:
    """Work the profiles of these people out and keep them; gives the members among them, some at a time."""
    in_order = sorted(ids)
    for start in range(0, len(in_order), READ_AT_ONCE):
        async with unit_of_work(sessions) as session:
            members = await _renew_some(session, in_order[start : start + READ_AT_ONCE])
        yield members


async def renew_missing(sessions: Sessions) -> None:
    """Work out the profiles of all members of whom none is kept."""
    while True:
        async with unit_of_work(sessions) as session:
            ids = await profiles.missing(session, DEFAULT_FRAMEWORK, MISSING_AT_ONCE)
        if not ids:
            return
        async for _ in renew(sessions, ids):
            pass


async def follow_fit(sessions: Sessions) -> UUID | None:
    """Work out anew all profiles that are by another fit than the one in use; gives that fit.

    The pool goes on following changes meanwhile; when all are worked out it is to be made anew.
    """
    async with unit_of_work(sessions) as session:
        await profiles.take_turns(session)
        fit_id, _ = await fit_in_use(session, DEFAULT_FRAMEWORK)

    if fit_id and await _renew_outdated(sessions, fit_id):
        async with unit_of_work(sessions) as session:
            await shortlists.mark_due(session, "everybody", [fit_id])
    return fit_id


async def _renew_outdated(sessions: Sessions, fit_id: UUID) -> bool:
    """Whether there were any."""
    after: UUID | None = None
    while True:
        async with unit_of_work(sessions) as session:
            ids = await profiles.outdated_after(session, DEFAULT_FRAMEWORK, fit_id, after, READ_AT_ONCE)
            if ids:
                await _renew_some(session, ids)
        if not ids:
            return after is not None
        after = ids[-1]


async def _renew_some(session: AsyncSession, ids: Sequence[UUID]) -> list[Member]:
    await profiles.take_turns(session)
    fit_id, components = await fit_in_use(session, DEFAULT_FRAMEWORK)
    known = await pool.members(session, ids)
    seen = await pool.seen_of(session, DEFAULT_FRAMEWORK, ids)
    members = await asyncio.to_thread(_worked_out, known, seen, components)
    # Somebody may be erased meanwhile; from here on nobody is until the commit.
    erased = await facts.erased_among(session, ids)
    members = [member for member in members if member.participant.id not in erased]
    exceedances = {member.participant.id: member.exceedance.tobytes() for member in members}
    await profiles.save(session, DEFAULT_FRAMEWORK, fit_id, exceedances)
    await profiles.drop(session, set(ids) - exceedances.keys())
    return members


class _Noted(NamedTuple):
    skill: str
    rater_id: str
    level: float


def _worked_out(known: Iterable[KnownMember], seen: Mapping[UUID, SeenOfOne], components: Components) -> list[Member]:
    unseen = _exceedance([], components)

    def exceedance(person: UUID) -> NDArray[np.float32]:
        if person not in seen:
            return unseen
        _, skills, raters, levels = seen[person]
        return _exceedance(map(_Noted, skills, raters, levels), components)

    return [Member(one, exceedance(one.id), shortlisted) for one, shortlisted in known]


def _exceedance(seen: Iterable[_Noted], components: Components) -> NDArray[np.float32]:
    return profile_of(seen, components).exceedance().ravel().astype(np.float32)
