"""Fitting the components of a framework anew: at night, before the very first pairing, or when asked."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import numpy as np

from services.matching.domain.profiling import Components, SkillProfiler
from services.matching.domain.situation import Observation
from services.matching.repository import components as stored_components
from services.matching.repository import facts, shortlists
from services.matching.use_cases.profiles import skills_of
from shared.database import Sessions, unit_of_work
from shared.ids import NewId


async def refit(sessions: Sessions, framework: str, *, now: datetime, new_id: NewId) -> int:
    """Fit the components of a framework from all observations; returns how many there were.

    The fit runs beside the event loop, outside any transaction. Without observations nothing changes.
    """
    async with unit_of_work(sessions) as session:
        seen = await facts.observations_of(session, framework)
    if not seen:
        return 0
    fitted = await asyncio.to_thread(fit, framework, seen)
    stored = stored_components.StoredComponents(new_id(), framework, now, len(seen), fitted.to_dict())
    async with unit_of_work(sessions) as session:
        await stored_components.add(session, stored)
        await shortlists.mark_due(session, "everybody", [stored.id])
    return len(seen)


def fit(framework: str, seen: list[Observation]) -> Components:
    """The components that these observations speak for."""
    columns = {
        "participant": np.array([str(one.participant_id) for one in seen]),
        "skill": np.array([one.skill for one in seen]),
        "rater": np.array([str(one.rater_id) for one in seen]),
        "level": np.array([one.level for one in seen], dtype=np.float64),
    }
    components: Components = SkillProfiler(skills_of(framework)).fit(columns).components_
    return components


async def refit_asked_for(sessions: Sessions, *, now: datetime, new_id: NewId) -> None:
    """Fit what somebody asked to be fitted anew; a request whose fit fails stays open."""
    async with unit_of_work(sessions) as session:
        waiting = await stored_components.open_requests(session)
    for framework in sorted({request.framework for request in waiting}):
        await refit(sessions, framework, now=now, new_id=new_id)
    async with unit_of_work(sessions) as session:
        await stored_components.settle_requests(session, [request.id for request in waiting], now)


async def refit_if_due(sessions: Sessions, every: timedelta, *, now: datetime, new_id: NewId) -> None:
    """Fit a framework anew when its last fit is older than `every` and something was seen since."""
    async with unit_of_work(sessions) as session:
        due = [
            fitted.framework
            for fitted in await stored_components.newest_of_each(session)
            if fitted.fitted_at + every <= now
            and await facts.count_observations(session, fitted.framework) != fitted.observations
        ]
    for framework in due:
        await refit(sessions, framework, now=now, new_id=new_id)
