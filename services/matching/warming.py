"""Compiles and loads what computes, once, so that neither the first pairing nor an event loop waits for it.

Worker and pool do so before they serve, each for what it computes. `python -m services.matching.warming` does it while
an image is built: the machine code is kept beside the sources.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

import numpy as np

from services.matching.domain import PlanProblem, SkillProfiler, TimetableProblem, plan, timetable
from services.matching.domain.explaining import Grounds, Voice, explain
from services.matching.domain.pool import Member, Members, Pool, columns_of
from services.matching.domain.profiling import Rating
from services.matching.domain.scoring import RequiredSkill
from services.matching.domain.shortlisting import Codebook, Coding, ShortlistPolicy
from services.matching.domain.situation import Need, Participant
from shared.reference.occupations import near
from shared.reference.skills import DEFAULT_FRAMEWORK

SKILLS = ("6D101", "6D102")
OCCUPATION, LICENCE = "N1103", "b"
SOMEBODY, SOME_NEED = UUID(int=1), UUID(int=2)


def warm() -> None:
    """Run every compiled part once, on a tiny case of the very types that real ones have."""
    warm_worker()
    warm_pool()


def warm_worker() -> None:
    """Run once what profiles, plans, timetables and accounts are worked out with, and load every solver."""
    _fit_a_profile()
    plan(PlanProblem(participants=["p"], needs=["n"], utility=np.array([[0.5]]), seats=[1], maximum=1))
    timetable(TimetableProblem(meetings=[("p", "n")], slots=1))
    _explain_nothing()


def warm_pool() -> None:
    """Run once what profiles and shortlists are worked out with."""
    _fit_a_profile()
    _keep_a_shortlist()


def _fit_a_profile() -> None:
    notes = [
        Rating(person, skill, rater, level)
        for number, person in enumerate(("p", "q", "r"))
        for skill in SKILLS
        for rater, level in (("first", number + 1), ("second", number))
    ]
    SkillProfiler().fit(notes).update(notes[:1], retracted=notes[:1])


def _keep_a_shortlist() -> None:
    coding = Coding(Codebook(SKILLS, (OCCUPATION,), (LICENCE,)), near)
    member = Member(_somebody(), exceedance=np.full(4 * len(SKILLS), 0.5, dtype=np.float32), shortlisted=0)
    members = Members(np.frombuffer(SOMEBODY.bytes, "V16"), columns_of([member], coding))
    pool = Pool(coding, members, [_a_need()], ShortlistPolicy(), "warming")
    pool.renew_member(member)
    pool.renew_need(_a_need())
    pool.remove_member(SOMEBODY)


def _explain_nothing() -> None:
    nothing = Grounds(skills=(), score=0.0, low=0.0, high=1.0, coverage=0.9, liking=0.5, utility=0.0)
    for voice in Voice:
        explain(nothing, voice, "fr")
        explain(nothing, voice, "en")


def _somebody() -> Participant:
    return Participant(
        id=SOMEBODY,
        agency_id=SOMEBODY,
        latitude=50.4,
        longitude=2.8,
        travel_limit_km=30.0,
        transport="car",
        available_from=date.min,
        hours=(),
        licences=(LICENCE,),
        wishes=(OCCUPATION,),
        refused_occupations=(),
    )


def _a_need() -> Need:
    return Need(
        id=SOME_NEED,
        employer_id=SOME_NEED,
        occupation=OCCUPATION,
        latitude=50.4,
        longitude=2.8,
        seats=1,
        hours=(),
        licences=(LICENCE,),
        starts_on=None,
        framework=DEFAULT_FRAMEWORK,
        requirements=(RequiredSkill(SKILLS[0], 2, 1.0),),
    )


if __name__ == "__main__":
    warm()
