"""Does a soft step rank people better than a hard one? By what employers would say of their true levels.

The programmes are those of `profile_validation`, one group each. Two invented employers meet each person and see every
skill with an error of half a level. One *counts*: they say yes with the probability that is the weighted share of the
levels asked that they see reached, a hard step. The other *weighs*: the further the levels are above what was asked, or
below, the likelier a yes or a no. Their expected answers are the truth; by the profiles alone, each softness ranks the
group. Told are, hard and soft, the area under the ROC curve of yes and no, Kendall's τ and the share of the three most
wanted who are among the first three. `python -m tests.bench.soft_step` shows every setting.
"""

import sys
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, ndtr

from services.matching.domain.profiling import SkillProfiler, exceedance
from services.matching.domain.scoring import HIGHEST_LEVEL, SOFTNESS, steps
from tests.bench.profile_validation import (
    NEEDS,
    NOTES,
    PEOPLE,
    RATERS,
    SKILLS,
    Setting,
    compare,
    invented_needs,
    settings,
)
from tests.services.matching.domain.profiling.programme import simulate

Floats = NDArray[np.float64]

REPLICATIONS = 40
SOFTNESSES = (0.0, SOFTNESS, 0.5)
EMPLOYERS = ("counts", "weighs")
SEEN_WITH = 0.5
"""The error with which an employer sees a level, in levels."""

STEEPNESS = 3.0
"""Of the logistic answer of the employer who weighs, per level."""

LEVELS_ASKED = (0.1, 0.4, 0.4, 0.1)


class Found(NamedTuple):
    """Means of a setting and an employer, (softnesses, measures): AUC, τ and hits among the first three."""

    setting: Setting
    employer: str
    means: Floats
    errors: Floats  # of the differences to the hard step


def run() -> list[dict[str, object]]:
    """What the soft step gains over the hard one, by measure: the mean over all settings, for each employer."""
    found = list(measured())
    return [
        {
            "name": f"soft-step-{measure}-gain-{employer}",
            "value": float(np.mean(gains)),
            "unit": "",
            "peer": "the hard step",
            "goal": 0.0 if employer == "weighs" else None,
            "better": "higher",
            "runs": gains,
        }
        for employer in EMPLOYERS
        for place, measure in enumerate(("auc", "tau", "top3"))
        for gains in [[float(one.means[1, place] - one.means[0, place]) for one in found if one.employer == employer]]
    ]


def measured() -> Iterator[Found]:
    """Every setting of one group, for both employers."""
    for setting in settings():
        if setting.groups == 1:
            outcomes = np.array([_replicate(setting, seed) for seed in range(REPLICATIONS)])
            gains = outcomes - outcomes[:, :, :1]
            errors = gains.std(axis=0, ddof=1) / np.sqrt(REPLICATIONS)
            for place, employer in enumerate(EMPLOYERS):
                yield Found(setting, employer, outcomes.mean(axis=0)[place], errors[place])


def _replicate(setting: Setting, seed: int) -> Floats:
    """Of one programme: (employers, softnesses, measures)."""
    random = np.random.default_rng(seed)
    programme = simulate(
        random,
        truth=setting.truth,
        groups=1,
        people=int(random.integers(PEOPLE[0], PEOPLE[1] + 1)),
        raters=int(random.integers(RATERS[0], RATERS[1] + 1)),
        notes=NOTES,
        skills=SKILLS,
        means=setting.means,
        rounded=True,
    )
    book = SkillProfiler(programme.skills).fit(programme.columns).profiles_
    reaching = exceedance(book.mean, np.sqrt(book.variance))
    found = np.zeros((NEEDS, len(EMPLOYERS), len(SOFTNESSES), 3))
    for need, weights in enumerate(invented_needs(random)):
        asked = random.choice(np.arange(1, HIGHEST_LEVEL + 1), SKILLS, p=LEVELS_ASKED)
        answers = (_counting(programme.levels, asked, weights), _weighing(programme.levels, asked, weights))
        for place, softness in enumerate(SOFTNESSES):
            scores = _scores(reaching, asked, weights, softness)
            for employer, yes in enumerate(answers):
                found[need, employer, place] = _auc(yes, scores), *compare(yes, scores)
    return np.asarray(found.mean(axis=0))


def _scores(reaching: Floats, asked: NDArray[np.int64], weights: Floats, softness: float) -> Floats:
    score = np.zeros(len(reaching))
    for skill in np.flatnonzero(weights):
        for step in steps(int(asked[skill]), softness):
            score += weights[skill] * step.share * reaching[:, skill, step.level - 1]
    return score


def _counting(levels: Floats, asked: NDArray[np.int64], weights: Floats) -> Floats:
    """How likely a yes is: the share of what was asked that is seen reached."""
    return np.asarray(ndtr((levels - (asked - 0.5)) / SEEN_WITH) @ weights)


def _weighing(levels: Floats, asked: NDArray[np.int64], weights: Floats) -> Floats:
    """How likely a yes is by the mean distance from what was asked, the error of seeing it averaged over."""
    distance = (levels - (asked - 0.5)) @ weights
    error = SEEN_WITH * np.sqrt(weights @ weights)
    return np.asarray(expit(STEEPNESS * distance / np.sqrt(1 + np.pi / 8 * (STEEPNESS * error) ** 2)))


def _auc(yes: Floats, scores: Floats) -> float:
    """The expected chance that somebody with a yes has a higher score than somebody with a no."""
    higher = np.subtract.outer(scores, scores)
    pairs = np.outer(yes, 1 - yes)
    np.fill_diagonal(pairs, 0.0)
    return float((pairs * ((higher > 0) + 0.5 * (higher == 0))).sum() / pairs.sum())


if __name__ == "__main__":
    for one in measured():
        told = [
            f"{name} {' '.join(f'{value:.3f}' for value in one.means[:, place])} ±{one.errors[1, place]:.3f}"
            for place, name in enumerate(("AUC", "τ", "top-3"))
        ]
        name = f"ρ {one.setting.truth.correlation} {one.setting.name}"
        sys.stdout.write(f"{one.employer:7} {name:26} {'   '.join(told)}\n")
        sys.stdout.flush()
