"""Fitting the components of a framework anew: before the very first pairing, when asked, and when it is time.

A fit that fails changes nothing: the former components stay in use, and pairings go on. Whoever asked sees how often it
was tried, and why it was given up.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

import numpy as np

from services.matching.domain.profiling import Components, SkillProfiler
from services.matching.repository import components as stored_components
from services.matching.repository import facts, pool, profiles
from services.matching.repository.components import RefitRequest, StoredFit
from services.matching.repository.pool import SeenOfOne
from services.matching.use_cases.profiles import known_skills, skills_of
from shared.database import Sessions, is_transient, unit_of_work
from shared.moment import Moment

log = logging.getLogger(__name__)

MOST_ATTEMPTS = 3
"""After so many fits that failed a request is given up."""

READ_AT_ONCE = 1_000
"""People whose observations are read at a time."""


class RefitFailed(Exception):
    """A fit that was asked for failed: whoever keeps the components says so, and tries again."""


async def refit(sessions: Sessions, framework: str, *, moment: Moment) -> int:
    """Fit the components of a framework from all observations; returns how many there were.

    The fit runs in a thread, outside any transaction. Without observations nothing changes. Raises what the fit raises.
    """
    columns = Columns(skills_of(framework))
    after: UUID | None = None
    while True:
        async with unit_of_work(sessions) as session:
            people = await pool.seen_after(session, framework, after, READ_AT_ONCE)
        if not people:
            break
        after = people[-1].participant_id
        await asyncio.to_thread(columns.take, people)
    if not columns.observations:
        return 0
    if columns.left_out:
        log.warning("%d observations are of skills that %s does not hold", columns.left_out, framework)
    payload = await asyncio.to_thread(lambda: columns.fit().to_dict())
    stored = StoredFit(moment.new_id(), framework, moment.now, columns.observations)
    async with unit_of_work(sessions) as session:
        await stored_components.add(session, stored, payload)
        await profiles.announce_fit(session)
    return columns.observations


class Columns:
    """The observations of a framework as columns, people and raters by number: what a fit reads."""

    def __init__(self, skills: tuple[str, ...]) -> None:
        self._skills = skills
        self._place_of_skill = {skill: place for place, skill in enumerate(skills)}
        self._place_of_rater: dict[str, int] = {}
        self._people = 0
        self._parts: list[np.ndarray] = []
        self.observations = 0
        """How many there were, known skills or not."""

    @property
    def left_out(self) -> int:
        """How many are of skills that the framework does not hold."""
        return self.observations - sum(len(part) for part in self._parts)

    def take(self, people: Collection[SeenOfOne]) -> None:
        """Take in what was seen of some more people."""
        rows = [
            (number, self._place_of_skill[skill], self._number_of(rater), level)
            for number, one in enumerate(people, self._people)
            for skill, rater, level in zip(one.skills, one.raters, one.levels, strict=True)
            if skill in self._place_of_skill
        ]
        self._people += len(people)
        self._parts.append(np.array(rows, dtype=np.int32).reshape(len(rows), 4))
        self.observations += sum(len(one.levels) for one in people)

    def fit(self) -> Components:
        """The components that these observations speak for."""
        participant, skill, rater, level = np.concatenate(self._parts).T
        columns = {
            "participant": participant,
            "skill": np.array(self._skills, dtype=object)[skill],
            "rater": np.array(list(self._place_of_rater), dtype=object)[rater],
            "level": level.astype(np.float64),
        }
        components: Components = SkillProfiler(self._skills).fit(columns).components_
        return components

    def _number_of(self, rater: str) -> int:
        return self._place_of_rater.setdefault(rater, len(self._place_of_rater))


async def fit_unfitted(sessions: Sessions, frameworks: Collection[str], *, moment: Moment) -> None:
    """Before the very first pairing in a framework its components are fitted, not only believed.

    Where that fails the pairing is computed all the same, from what is believed; a request keeps the failure, and the
    fit is tried again apart.
    """
    async with unit_of_work(sessions) as session:
        unfitted = [
            framework
            for framework in frameworks
            if known_skills(framework)
            and await stored_components.newest(session, framework) is None
            and await stored_components.newest_request(session, framework) is None
        ]
    for framework in unfitted:
        try:
            await refit(sessions, framework, moment=moment)
        except Exception as error:
            if is_transient(error):
                raise
            request = RefitRequest(moment.new_id(), framework, None, moment.now)
            async with unit_of_work(sessions) as session:
                await stored_components.ask_for_refit(session, request)
            await _count_failure(sessions, [request], error, moment=moment)


async def meet_requests(sessions: Sessions, *, moment: Moment) -> None:
    """Fit what is asked to be fitted anew. Raises `RefitFailed` when that failed: try again until it is given up."""
    async with unit_of_work(sessions) as session:
        waiting = await stored_components.open_requests(session)
    failed = False
    for framework in sorted({request.framework for request in waiting}):
        of_framework = [request for request in waiting if request.framework == framework]
        try:
            await refit(sessions, framework, moment=moment)
        except Exception as error:
            if is_transient(error):
                raise
            await _count_failure(sessions, of_framework, error, moment=moment)
            failed = True
        else:
            async with unit_of_work(sessions) as session:
                await stored_components.settle_requests(session, [one.id for one in of_framework], moment.now)
    if failed:
        raise RefitFailed


async def lasting_trouble(sessions: Sessions) -> str | None:
    """Which fits were given up, in a few words: the former components stay in use until somebody asks again."""
    async with unit_of_work(sessions) as session:
        frameworks = await stored_components.given_up(session)
    return f"gave up fitting {', '.join(frameworks)}" if frameworks else None


async def ask_when_due(sessions: Sessions, every: timedelta, *, moment: Moment) -> None:
    """Ask for a new fit of each framework whose last is older than `every`, if something was seen since."""
    async with unit_of_work(sessions) as session:
        for fitted in await stored_components.newest_of_each(session):
            last = await stored_components.newest_request(session, fitted.framework)
            latest = max(fitted.fitted_at, last.requested_at) if last else fitted.fitted_at
            if latest + every > moment.now:
                continue
            if await facts.count_observations(session, fitted.framework) != fitted.observations:
                request = RefitRequest(moment.new_id(), fitted.framework, None, moment.now)
                await stored_components.ask_for_refit(session, request)


async def _count_failure(
    sessions: Sessions, requests: Collection[RefitRequest], error: Exception, *, moment: Moment
) -> None:
    kind = type(error).__name__
    log.warning("a fit of %s failed with %s: the former components stay", next(iter(requests)).framework, kind)
    async with unit_of_work(sessions) as session:
        await stored_components.count_failure(
            session, [one.id for one in requests], error=kind, most_attempts=MOST_ATTEMPTS, now=moment.now
        )
