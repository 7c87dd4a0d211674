"""What a meeting is worth to both sides."""

ALPHA = 0.8
"""α of the mutual utility: how much the score counts beside the participant's liking. Policy, recorded with a run."""

NEAR_TIE = 0.25
"""How many standard deviations of the leader's score are no difference in a shortlist. Policy, recorded with a run."""


def mutual_utility(score: float, liking: float, alpha: float = ALPHA) -> float:
    """What a meeting is worth to both sides: u = s^α · v^(1−α), for a score s and a liking v in [0, 1], α in (0, 1].

    A liking of 0 ("never") gives 0 whatever the score.
    """
    if not 0 < alpha <= 1:
        raise ValueError(f"Alpha is {alpha}: give a number above 0 and at most 1.")
    for name, value in (("score", score), ("liking", liking)):
        if not 0 <= value <= 1:
            raise ValueError(f"The {name} is {value}: give a number from 0 to 1.")
    if liking == 0:
        return 0.0
    return float(float(score) ** float(alpha) * float(liking) ** (1 - float(alpha)))
