"""How well a participant's profile answers a need: the score, its terms, its interval, and what would change it.

score(mean, covariance, skills, requirements)              # `expected_share`: the share of what was asked
what_would_change(mean, covariance, skills, requirements)  # `changing`: what one level more would give
mutual_utility(0.7, liking=1.0)                            # `utility`: what a meeting is worth to both sides
steps(3)                                                   # `soft_step`: how a level counts for the one asked
"""

from services.matching.domain.scoring.changing import Raise, WhatWouldChange, what_would_change
from services.matching.domain.scoring.expected_share import NOT_WEIGHED, Score, Term, score, share_deviation
from services.matching.domain.scoring.requirements import WEIGHTS_TOLERANCE, RequiredSkill
from services.matching.domain.scoring.soft_step import HIGHEST_LEVEL, SOFTNESS, LevelStep, steps
from services.matching.domain.scoring.utility import ALPHA, NEAR_TIE, mutual_utility

__all__ = [
    "ALPHA",
    "HIGHEST_LEVEL",
    "NEAR_TIE",
    "NOT_WEIGHED",
    "SOFTNESS",
    "WEIGHTS_TOLERANCE",
    "LevelStep",
    "Raise",
    "RequiredSkill",
    "Score",
    "Term",
    "WhatWouldChange",
    "mutual_utility",
    "score",
    "share_deviation",
    "steps",
    "what_would_change",
]
