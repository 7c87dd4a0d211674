"""Profiles as people read them, and the components behind all profiles. How one is worked out: `domain.profiles`."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.matching.domain.pairing import Evidence
from services.matching.domain.profiles import left_out, profile_of
from services.matching.domain.profiling import Components, Profile, WeakPriors
from services.matching.domain.proposing.telling import evidence_for
from services.matching.repository import components as stored_components
from services.matching.repository import facts
from services.matching.repository.components import StoredFit
from shared.reference.skills import framework as reference_framework
from shared.reference.skills import framework_names
from shared.refusals import Unknown


@dataclass(frozen=True, slots=True)
class SeenProfile:
    """A participant's profile in a framework with what stands behind each skill; `fitted_at` is None before a fit.

    `left_out` counts the observations of skills that this version of the framework does not hold.
    """

    participant_id: UUID
    framework: str
    profile: Profile
    evidence: tuple[Evidence, ...]
    fitted_at: datetime | None
    left_out: int


async def read_profile(session: AsyncSession, participant_id: UUID, framework: str) -> SeenProfile:
    """A participant's profile; somebody not yet seen has the programme's prior. Raises `Unknown`."""
    if await facts.find_participant(session, participant_id) is None:
        raise Unknown("participant")
    seen = await facts.observations_of(session, framework, [participant_id])
    fit = await stored_components.newest(session, framework)
    components = await _components_of(session, fit, framework)
    return SeenProfile(
        participant_id=participant_id,
        framework=framework,
        profile=profile_of(seen, components),
        evidence=tuple(evidence_for(skill, seen) for skill in components.skills),
        fitted_at=fit.fitted_at if fit else None,
        left_out=left_out(seen, components),
    )


async def components_for(session: AsyncSession, framework: str, raters: Collection[str]) -> dict[str, Any]:
    """The components in use, as far as these raters need them: what a run records."""
    components = await components_in_use(session, framework)
    places = [place for place, rater in enumerate(components.raters) if rater in raters]
    return replace(
        components,
        raters=tuple(components.raters[place] for place in places),
        severity=components.severity[places],
        own_variance=components.own_variance[places],
        slope=components.slope[places],
    ).to_dict()


async def components_in_use(session: AsyncSession, framework: str) -> Components:
    """The newest fit's components, and what is believed before anything was fitted."""
    _, components = await fit_in_use(session, framework)
    return components


async def fit_in_use(session: AsyncSession, framework: str) -> tuple[UUID | None, Components]:
    """The newest fit with its components; None with what is believed before anything was fitted."""
    fit = await stored_components.newest(session, framework)
    return (fit.id if fit else None), await _components_of(session, fit, framework)


_warm: dict[str, tuple[UUID, Components]] = {}
"""By framework, the fit last read and what it found: megabytes of JSON where a programme has many raters."""


async def _components_of(session: AsyncSession, fit: StoredFit | None, framework: str) -> Components:
    if fit is None:
        return prior_components(framework)
    known = _warm.get(framework)
    if known is None or known[0] != fit.id:
        payload = await stored_components.payload_of(session, fit.id)
        known = _warm[framework] = fit.id, await asyncio.to_thread(_parsed, payload)
    return known[1]


def _parsed(payload: str) -> Components:
    return Components.from_dict(json.loads(payload))


def prior_components(framework: str) -> Components:
    """What is believed before anything was fitted."""
    return Components.from_priors(skills_of(framework), WeakPriors())


def skills_of(framework: str) -> tuple[str, ...]:
    """The codes of a framework's skills, in its order."""
    return tuple(skill.code for skill in reference_framework(framework).skills)


def known_skills(framework: str) -> frozenset[str]:
    """The codes of a framework's skills; none where this version does not know the framework."""
    return frozenset(skills_of(framework)) if framework in framework_names() else frozenset()
