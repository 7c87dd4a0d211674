"""One person's profile from that person's notes alone, with components that were fitted before."""

from bisect import insort
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from services.matching.domain.profiling.components import Components
from services.matching.domain.profiling.profile import Profile, Rating, by_name

Notes = Mapping[tuple[int, Hashable], Sequence[float]]
"""(place of the skill, rater) → the levels noted, ascending."""


def posterior(observations: Iterable[Rating], components: Components) -> Profile:
    """The profile of the one person whom `observations` describe (their `participant` is not read).

    A known rater's severity is taken out at its fitted value, and what is uncertain about it is added to the interval;
    an unknown rater's severity is integrated out: it adds the variance of severity, shared over that rater's notes.
    With no observation this is the programme's prior. Unknown skills and levels that are not finite raise ValueError.

        components = profiler.components_
        profile = posterior([Rating("P1", "6D102", "R7", 3.0)], components)
        profile.mean, profile.interval("6D102")
    """
    return posterior_of_notes(collect_notes(observations, components), components)


def collect_notes(observations: Iterable[Rating], components: Components) -> dict[tuple[int, Hashable], list[float]]:
    """Levels by skill and rater, ascending. ValueError for an unknown skill or a level that is not finite."""
    notes: dict[tuple[int, Hashable], list[float]] = {}
    for observation in observations:
        place = components.skill_places.get(observation.skill)
        if place is None:
            raise ValueError(f"skill {observation.skill!r} is not in the framework: {', '.join(components.skills)}")
        if not isfinite(observation.level):
            raise ValueError(f"levels must be finite numbers, not {observation.level}")
        insort(notes.setdefault((place, observation.rater), []), observation.level)
    return notes


def posterior_of_notes(notes: Notes, components: Components) -> Profile:
    """As `posterior`, from levels by skill and rater, in whatever order."""
    notes = dict(sorted(notes.items(), key=lambda cell: (cell[0][0], by_name(cell[0][1]))))
    skills = len(components.skills)
    design = _lay_out(notes, components)
    marginal = _marginal_covariance(design, components)
    trait = components.variances.trait

    # gain: how the trait estimate (K) follows the residual of each cell; θ̂ = D Z' V⁻¹ (y − μ − b)
    loading = np.zeros((len(design.skill), skills))
    loading[np.arange(len(design.skill)), design.skill] = 1.0
    precision = np.asarray(np.linalg.inv(marginal), dtype=np.float64)
    gain = (loading * trait).T @ precision
    residual = design.mean - components.means[design.skill] - design.severity
    mean = components.means + gain @ residual
    drift = _drift(design, gain, loading, precision @ residual)
    covariance = np.diag(trait) - gain @ (loading * trait)

    # the level is μ + θ̂(μ, b): what an error of μ and of the known severities does to it
    by_rater = gain @ design.known
    by_means = np.eye(skills) - gain @ loading - by_rater @ design.slope
    covariance += by_means @ components.means_covariance @ by_means.T
    covariance += (by_rater * design.own_variance) @ by_rater.T
    covariance += 2 * drift @ components.variances_covariance @ drift.T

    return Profile(
        skills=components.skills,
        mean=mean,
        covariance=(covariance + covariance.T) / 2,
        observations=np.bincount(design.skill, weights=design.count, minlength=skills).astype(np.int64),
        raters=np.bincount(design.skill, minlength=skills),
    )


def _drift(
    design: "_Design", gain: NDArray[np.float64], loading: NDArray[np.float64], weighed: NDArray[np.float64]
) -> NDArray[np.float64]:
    """How the levels (K) move with each variance, (K, K + 3) over traits, halo, noise and severity.

    Twice its square, weighed by the variances' errors, is what estimated variances add to the mean squared error of
    levels (Prasad and Rao 1990; Kackar and Harville 1984): once for the levels' own movement, and once for the
    variance of a level, which is too small on average where estimates of the variances are put into it.
    """
    by_skill = loading.T @ weighed
    by_rater = design.same_rater @ weighed
    by_unknown = np.where(design.is_known[design.rater], 0.0, by_rater)
    others = np.column_stack((by_rater, weighed / design.count, by_unknown))
    return np.hstack((np.diag(by_skill) - gain @ (loading * by_skill), -gain @ others))


@dataclass(frozen=True, slots=True)
class _Design:
    """A person's cells (one for each skill and rater, C of them) beside what is known of their raters (Q)."""

    skill: NDArray[np.intp]
    rater: NDArray[np.intp]
    count: NDArray[np.float64]
    mean: NDArray[np.float64]
    severity: NDArray[np.float64]
    known: NDArray[np.float64]
    slope: NDArray[np.float64]
    own_variance: NDArray[np.float64]
    is_known: NDArray[np.bool_]
    same_rater: NDArray[np.bool_]


def _lay_out(notes: Notes, components: Components) -> _Design:
    skill = np.array([skill for skill, _ in notes], dtype=np.intp)
    raters = list(dict.fromkeys(rater for _, rater in notes))
    order = {rater: place for place, rater in enumerate(raters)}
    rater = np.array([order[rater] for _, rater in notes], dtype=np.intp)
    places = np.array([components.rater_places.get(rater, -1) for rater in raters], dtype=np.intp)
    is_known = places >= 0
    count = np.array([len(levels) for levels in notes.values()], dtype=np.float64)
    total = np.array([sum(levels) for levels in notes.values()], dtype=np.float64)
    known = np.zeros((len(rater), int(is_known.sum())))
    column = np.cumsum(is_known) - 1
    cells_of_known = np.flatnonzero(is_known[rater])
    known[cells_of_known, column[rater[cells_of_known]]] = 1.0
    return _Design(
        skill=skill,
        rater=rater,
        count=count,
        mean=components.scale.shift[skill] + components.scale.stretch[skill] * total / count,
        severity=known @ components.severity[places[is_known]],
        known=known,
        slope=components.slope[places[is_known]],
        own_variance=components.own_variance[places[is_known]],
        is_known=is_known,
        same_rater=rater[:, np.newaxis] == rater,
    )


def _marginal_covariance(design: _Design, components: Components) -> NDArray[np.float64]:
    """Covariance (C, C) of the cell means, the known severities and the skill means being given."""
    variances = components.variances
    same_skill = design.skill[:, np.newaxis] == design.skill
    shared = variances.halo + np.where(design.is_known, 0.0, variances.severity)
    return np.asarray(
        np.diag(variances.noise / design.count)
        + same_skill * variances.trait[design.skill]
        + design.same_rater * shared[design.rater]
    )
