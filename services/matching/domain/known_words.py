"""Needs in words that this version knows: a need told by a newer registration may ask for more than that."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace

from services.matching.domain.situation import Need


def in_known_words(needs: Iterable[Need], skills_of: Callable[[str], Collection[str]]) -> tuple[list[Need], int]:
    """The needs without the skills that their framework does not hold, and how many needs asked for such.

    A need of which nothing is known asks for nothing: nobody can be weighed against it. `skills_of` gives the codes of
    a framework, none for an unknown one.
    """
    asked = list(needs)
    known = [_in_known_words(need, skills_of(need.framework)) for need in asked]
    return known, sum(one is not need for one, need in zip(known, asked, strict=True))


def _in_known_words(need: Need, skills: Collection[str]) -> Need:
    """The need with what is known of it, its weights shares of one again."""
    known = tuple(asked for asked in need.requirements if asked.skill in skills)
    if known == need.requirements:
        return need
    total = sum(asked.weight for asked in known)
    if total <= 0:
        return replace(need, requirements=())
    return replace(need, requirements=tuple(replace(asked, weight=asked.weight / total) for asked in known))
