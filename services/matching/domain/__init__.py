"""The science of matching, usable as a library: profiles, scores, shortlists, plans, timetables, accounts.

from services.matching.domain import PlanProblem, SkillProfiler, TimetableProblem, plan, score, shortlist, timetable

Names are handed on when first asked for, so that nobody pays for a solver that they do not use.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from services.matching.domain.constraints import Hours, ObstacleKind, Opening, Seeker, count_obstacles, obstacles
    from services.matching.domain.explaining import Voice, explain, grounds
    from services.matching.domain.plan_difference import Changes, difference
    from services.matching.domain.planning import ImpossiblePlan, Plan, PlanProblem, SparseUtility, plan
    from services.matching.domain.profiling import (
        Components,
        Profile,
        Rating,
        SkillProfiler,
        WeakPriors,
        intraclass_correlations,
    )
    from services.matching.domain.scoring import RequiredSkill, Score, mutual_utility, score, what_would_change
    from services.matching.domain.shortlisting import (
        Codebook,
        Likings,
        Needs,
        Participants,
        Shortlists,
        shortlist,
    )
    from services.matching.domain.timetabling import ImpossibleTimetable, Timetable, TimetableProblem, timetable

_HOMES = {
    "constraints": ("Seeker", "Hours", "ObstacleKind", "Opening", "count_obstacles", "obstacles"),
    "explaining": ("Voice", "explain", "grounds"),
    "planning": ("ImpossiblePlan", "Plan", "PlanProblem", "SparseUtility", "plan"),
    "profiling": (
        "Components",
        "Rating",
        "Profile",
        "SkillProfiler",
        "WeakPriors",
        "intraclass_correlations",
    ),
    "plan_difference": ("Changes", "difference"),
    "scoring": ("RequiredSkill", "Score", "mutual_utility", "score", "what_would_change"),
    "shortlisting": ("Likings", "Needs", "Participants", "Shortlists", "Codebook", "shortlist"),
    "timetabling": ("ImpossibleTimetable", "Timetable", "TimetableProblem", "timetable"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "Changes",
    "Codebook",
    "Components",
    "Hours",
    "ImpossiblePlan",
    "ImpossibleTimetable",
    "Likings",
    "Needs",
    "ObstacleKind",
    "Opening",
    "Participants",
    "Plan",
    "PlanProblem",
    "Profile",
    "Rating",
    "RequiredSkill",
    "Score",
    "Seeker",
    "Shortlists",
    "SkillProfiler",
    "SparseUtility",
    "Timetable",
    "TimetableProblem",
    "Voice",
    "WeakPriors",
    "count_obstacles",
    "difference",
    "explain",
    "grounds",
    "intraclass_correlations",
    "mutual_utility",
    "obstacles",
    "plan",
    "score",
    "shortlist",
    "timetable",
    "what_would_change",
]


def __getattr__(name: str) -> object:
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME_OF[name]}"), name)
