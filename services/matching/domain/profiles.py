"""Where a profile is worked out: here and nowhere else, from what was seen of one person and the components in use.

Three ask: the weighing of a meetup's pairs (with what `use_cases.gathering` read), whoever looks at one person
(`use_cases.profiles`), and the pool of the standing shortlists, which alone keeps what they say of everybody
(`use_cases.keeping_profiles`). A skill that the components do not know is left out, and counted by `left_out`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol
from uuid import UUID

from services.matching.domain.profiling import Components, Profile, Rating, posterior


class SeenSkill(Protocol):
    """What a profile needs to know of one observation."""

    @property
    def skill(self) -> str:
        """The code of the skill that was seen."""

    @property
    def rater_id(self) -> UUID | str:
        """Who saw it."""

    @property
    def level(self) -> float:
        """How it was seen, from 0 to 4."""


def profile_of(seen: Iterable[SeenSkill], components: Components) -> Profile:
    """A participant's profile from what was seen of them; from nothing, the programme's prior."""
    known = components.skill_places
    notes = (Rating("", one.skill, str(one.rater_id), one.level) for one in seen if one.skill in known)
    return posterior(notes, components)


def left_out(seen: Iterable[SeenSkill], components: Components) -> int:
    """How many observations a profile leaves out, since no skill of these components has their code."""
    return sum(one.skill not in components.skill_places for one in seen)
