"""Somebody's profile, as matching tells it."""

from __future__ import annotations

from uuid import UUID

from services.registration.desk.asking import Desk, Narrow


class SkillSeen(Narrow):
    """A skill's level from 0 to 4 with its interval, and how often it was seen, by how many."""

    skill: str
    seen: int
    level: float
    low: float
    high: float


class ShownProfile(Narrow):
    """The skills of a framework, in its order."""

    skills: tuple[SkillSeen, ...]


async def profile_of(desk: Desk, participant_id: UUID) -> ShownProfile | None:
    """Somebody's profile; `None` where matching does not know them yet. Raises `Away`."""
    return await desk.get("matching", f"/api/v1/participants/{participant_id}/profile", ShownProfile)
