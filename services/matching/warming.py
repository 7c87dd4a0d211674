"""Compiles what computes, once, so that the first pairing does not wait for a compiler.

`python -m services.matching.warming` runs each compiled part on a tiny case; the machine code
is kept beside the sources.
"""

from __future__ import annotations

import numpy as np

from services.matching.domain import (
    Needs,
    Participants,
    PlanProblem,
    SkillProfiler,
    plan,
    shortlist,
)
from services.matching.domain.profiling import Rating


def warm() -> None:
    """Run every compiled part once."""
    _fit_a_profile()
    plan(PlanProblem(participants=["p"], needs=["n"], utility=np.array([[0.5]]), seats=[1], maximum=1))
    _keep_a_shortlist()


def _fit_a_profile() -> None:
    notes = [
        Rating(person, skill, rater, level)
        for number, person in enumerate(("p", "q", "r"))
        for skill in ("6D101", "6D102")
        for rater, level in (("first", number + 1), ("second", number))
    ]
    SkillProfiler().fit(notes).update(notes[:1], retracted=notes[:1])


def _keep_a_shortlist() -> None:
    people = Participants.build(
        np.full((3, 64), 0.5, dtype=np.float32), np.full(3, 50.4), np.full(3, 2.8), np.full(3, 30)
    )
    need = Needs.build([[(2, 1.0)]], [50.4], [2.8])
    lists = shortlist(people, need)
    lists.dropped()
    lists.update_participant(0, Participants.build(np.full((1, 64), 0.6, dtype=np.float32), [50.4], [2.8], [30]))
    lists.update_need(0, need)


if __name__ == "__main__":
    warm()
