"""Are profiles honest, and do they rank better than simpler ways? In programmes whose truth is known.

Groups of 13 to 20 people, 3 to 5 raters, 16 skills, 25 whole notes each. For every setting: the share of levels that
lie in their interval of 90 %, and how well people are ranked for invented needs, beside two simpler ways: the mean of a
person's notes, and a mixed model of person, skill and rater only. `docs/profile-validation.md` is written from it.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from itertools import product
from multiprocessing import get_context
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.matching.domain.profiling import SkillProfiler
from tests.bench import validation_page
from tests.services.matching.domain.profiling.programme import Programme, Truth, simulate

Floats = NDArray[np.float64]

REPLICATIONS = 200
"""Of every setting, whether one group is a programme or eight."""

SKILLS, NOTES = 16, 25
PEOPLE, RATERS = (13, 20), (3, 5)
NEEDS = 4
"""Invented needs by which each group of a replication is ranked."""

BEST = 3
REACH = 1.6448536
"""Of an interval of 90 %, in standard deviations."""

MIDDLE, HIGH = (1.6, 2.6), (2.6, 3.4)
CORRELATIONS = (0.0, 0.3, 0.5, 0.7)
GROUPS = (1, 8)


@dataclass(frozen=True, slots=True)
class Setting:
    """A kind of programme: how skills correlate, how many groups share it, and what makes it hard."""

    name: str
    truth: Truth
    groups: int
    means: tuple[float, float] = MIDDLE


class Outcome(NamedTuple):
    """Of one replication: the share of levels in their intervals; Kendall's τ and the share of the best by way.

    The ways are the profile, naive means and the simple model.
    """

    coverage: float
    tau: Floats
    best: Floats


@dataclass(frozen=True, slots=True)
class Found:
    """Means over the replications of a setting, and standard errors of the differences to the profile."""

    setting: Setting
    replications: int
    coverage: float
    tau: Floats
    best: Floats
    tau_error: Floats
    best_error: Floats


def run() -> list[dict[str, object]]:
    """The worst of all settings against what is asked of each; writes the page."""
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as processes:
        found = list(processes.map(partial(validate, replications=REPLICATIONS), settings()))
    validation_page.write(found)
    telling = [one for one in found if one.setting.truth.correlation == 0.5 and one.best[1] >= 0.55]
    return [
        _result("profile-validation-coverage-least", [one.coverage for one in found], min, 0.88),
        _result("profile-validation-coverage-most", [one.coverage for one in found], max, 0.92),
        _result("profile-validation-tau-lead", [float(one.tau[0] - one.tau[1:].max()) for one in found], min, 0.0),
        _result("profile-validation-top3-lead", [float(one.best[0] - one.best[1:].max()) for one in found], min, 0.0),
        _result("profile-validation-top3", [float(one.best[0]) for one in telling], min, 0.60),
    ]


def _result(name: str, values: list[float], worst: Callable[[list[float]], float], goal: float) -> dict[str, object]:
    return {
        "name": name,
        "value": worst(values),
        "unit": "",
        "peer": "naive means and a simple mixed model" if name.endswith("lead") else "",
        "goal": goal,
        "better": "higher" if worst is min else "lower",
        "runs": values,
    }


def settings() -> Iterator[Setting]:
    """Every setting, in the order of the page."""
    for groups, correlation in product(GROUPS, CORRELATIONS):
        plain = Truth(correlation=correlation)
        yield Setting("usual", plain, groups)
        yield Setting("severe raters", replace(plain, severity_variance=0.6), groups)
        yield Setting("strong halo", replace(plain, halo=0.4), groups)
        yield Setting("high levels", plain, groups, HIGH)
        yield Setting("severe, halo, high", replace(plain, severity_variance=0.6, halo=0.4), groups, HIGH)


def validate(setting: Setting, replications: int) -> Found:
    """Simulate, fit and compare so many times, from the same seeds in every setting."""
    outcomes = [_replicate(setting, seed) for seed in range(replications)]
    tau = np.array([one.tau for one in outcomes])
    best = np.array([one.best for one in outcomes])
    return Found(
        setting=setting,
        replications=replications,
        coverage=float(np.mean([one.coverage for one in outcomes])),
        tau=tau.mean(axis=0),
        best=best.mean(axis=0),
        tau_error=_error(tau[:, :1] - tau),
        best_error=_error(best[:, :1] - best),
    )


def _error(differences: Floats) -> Floats:
    return np.asarray(differences.std(axis=0, ddof=1) / np.sqrt(len(differences)))


def _replicate(setting: Setting, seed: int) -> Outcome:
    random = np.random.default_rng(seed)
    people = int(random.integers(PEOPLE[0], PEOPLE[1] + 1))
    programme = simulate(
        random,
        truth=setting.truth,
        groups=setting.groups,
        people=people,
        raters=int(random.integers(RATERS[0], RATERS[1] + 1)),
        notes=NOTES,
        skills=SKILLS,
        means=setting.means,
        rounded=True,
    )
    book = SkillProfiler(programme.skills).fit(programme.columns).profiles_
    simple = SkillProfiler(programme.skills, person=False, halo=False, rounded=False).fit(programme.columns).profiles_
    held = np.abs(book.mean - programme.levels) <= REACH * np.sqrt(book.variance)
    levels = (book.mean, naive_means(programme), simple.mean)
    ranks = np.array(
        [
            [compare(programme.levels[group] @ need, way[group] @ need) for way in levels]
            for start in range(0, len(programme.levels), people)
            for group in [slice(start, start + people)]
            for need in invented_needs(random)
        ]
    ).mean(axis=0)
    return Outcome(float(held.mean()), ranks[:, 0], ranks[:, 1])


def naive_means(programme: Programme) -> Floats:
    """The mean of a person's notes in each skill; where there is none, the mean of all of theirs."""
    people, skills = programme.levels.shape
    skill = np.searchsorted(programme.skills, programme.columns["skill"])
    cell = programme.columns["participant"].astype(np.int64) * skills + skill
    count = np.bincount(cell, minlength=people * skills).reshape(people, skills)
    level = programme.columns["level"].astype(np.float64)
    total = np.bincount(cell, level, minlength=people * skills).reshape(people, skills)
    everything = total.sum(axis=1, keepdims=True) / count.sum(axis=1, keepdims=True)
    return np.asarray(np.where(count > 0, total / np.maximum(count, 1), everything))


def invented_needs(random: np.random.Generator) -> Floats:
    """Weights of 3 to 5 skills, the others being none."""
    needs = np.zeros((NEEDS, SKILLS))
    for need in needs:
        asked = random.choice(SKILLS, random.integers(3, 6), replace=False)
        need[asked] = random.dirichlet(np.full(len(asked), 3.0))
    return needs


def compare(truth: Floats, found: Floats) -> tuple[float, float]:
    """Kendall's τ of two rankings, and which share of the best is among the best found."""
    upper = np.triu_indices(len(truth), 1)
    agree = np.sign(np.subtract.outer(truth, truth)) * np.sign(np.subtract.outer(found, found))
    hits = np.intersect1d(np.argsort(-truth)[:BEST], np.argsort(-found, kind="stable")[:BEST])
    return float(agree[upper].mean()), len(hits) / BEST
