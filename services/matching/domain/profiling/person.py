"""One person's profile from that person's notes alone, with components that were fitted before."""

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from services.matching.domain.profiling.components import Components
from services.matching.domain.profiling.profile import Profile, Rating, by_name
from services.matching.domain.records import AsGiven, records

NotedLevels = Mapping[tuple[int, Hashable], Sequence[float]]
"""(place of the skill, rater) → the levels noted, ascending."""


def posterior(observations: AsGiven[Rating], components: Components) -> Profile:
    """The profile of the one person whom `observations`, records of `Rating`, describe (their participant is not read).

    A known rater's severity is taken out at its fitted value, and what is uncertain about it is added to the interval;
    an unknown rater's severity is integrated out: it adds the variance of severity, shared over that rater's notes.
    With no observation this is the programme's prior. Unknown skills and levels that are not finite raise ValueError.

        components = profiler.components_
        profile = posterior([Rating("P1", "6D102", "R7", 3.0)], components)
        profile.mean, profile.interval("6D102")
    """
    return posterior_of_notes(collect_notes(records(Rating, observations, "observations"), components), components)


def collect_notes(observations: Iterable[Rating], components: Components) -> dict[tuple[int, Hashable], list[float]]:
    """Levels by skill and rater, ascending. ValueError for an unknown skill or a level that is not finite."""
    notes: dict[tuple[int, Hashable], list[float]] = {}
    for observation in observations:
        place = components.skill_places.get(observation.skill)
        if place is None:
            raise ValueError(f"skill {observation.skill!r} is not in the framework: {', '.join(components.skills)}")
        if not isfinite(observation.level):
            raise ValueError(f"levels must be finite numbers, not {observation.level}")
        notes.setdefault((place, observation.rater), []).append(observation.level)
    for levels in notes.values():
        levels.sort()
    return notes


def posterior_of_notes(notes: NotedLevels, components: Components) -> Profile:
    """As `posterior`, from levels by skill and rater, in whatever order; in time and room linear in the notes.

    The levels are x = μ + θ + π·1, with T = diag(τ²) + κ·11' before the notes. Given the means and the severities, the
    notes say of x what a normal likelihood of precision A and weighted residuals a says (`_evidence`), so after them x
    has covariance H = (T⁻¹ + A)⁻¹ and mean μ + H·a (Lindley and Smith 1972). All that is asked of the inverse of the
    notes' covariance V, which is never formed, follows by Woodbury's identity: with Z and R the indicators of their
    skills and raters, T·Z'V⁻¹Z = H·A, T·Z'V⁻¹R = H·B, Z'V⁻¹e = a − A·H·a and R'V⁻¹e = u − B'·H·a.
    """
    skills = len(components.skills)
    variances = components.variances
    told = _evidence(notes, components)
    covariance = _levels_after(told.precision, components)
    moved = covariance @ told.weighed
    by_skill = told.weighed - told.precision @ moved
    by_rater = told.by_rater - told.across.T @ moved
    follows_skill = covariance @ told.precision
    follows_rater = covariance @ told.across

    # the level is μ + θ̂(μ, b): what an error of μ and of the known severities does to it
    follows_known = follows_rater[:, told.is_known]
    by_means = np.eye(skills) - follows_skill - follows_known @ told.slope
    covariance = covariance + by_means @ components.means_covariance @ by_means.T
    covariance += (follows_known * told.own_variance) @ follows_known.T

    # How the levels move with each variance. Twice the square, weighed by the variances' errors, is what estimated
    # variances add to the mean squared error of levels (Prasad and Rao 1990; Kackar and Harville 1984): once for the
    # levels' own movement, and once for the variance of a level, which is too small on average where estimates of the
    # variances are put into it. V is linear in the variances, so the noise's part is what the others leave.
    of_traits = np.diag(by_skill) - follows_skill * by_skill
    of_person = (1 - follows_skill.sum(axis=1)) * by_skill.sum()
    of_halo = -follows_rater @ by_rater
    of_severity = -follows_rater @ np.where(told.is_known, 0.0, by_rater)
    of_noise = moved - follows_skill @ moved + variances.halo * of_halo + variances.severity * of_severity
    drift = np.column_stack((of_traits, of_person, of_halo, -of_noise / variances.noise, of_severity))
    covariance += 2 * drift @ components.variances_covariance @ drift.T

    return Profile(
        skills=components.skills,
        mean=components.means + moved,
        covariance=(covariance + covariance.T) / 2,
        observations=told.observations,
        raters=told.raters,
        own=variances.trait * by_skill,
        shared=float(variances.person * by_skill.sum()),
    )


def further_notes(
    notes: NotedLevels, asked: Sequence[tuple[int, Hashable]], components: Components
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Means and variances, (n,) each, of further notes of this person, each by the place of its skill and its rater.

    They are of notes as raters make them, each of the n by itself, severity and halo included as far as the earlier
    notes tell them. Errors of the means and the severities add to the variances; components count as known.

    Given the levels x, what the rater adds, s = γ (and b of an unknown rater), has by the rater's own m notes the mean
    ς·1'(e − x) / (σ² + m·ς) and the variance ς·σ² / (σ² + m·ς), so x + s follows x by `follows`.
    """
    told = _evidence(notes, components, also={rater for _, rater in asked})
    skill = np.array([skill for skill, _ in asked], dtype=np.intp)
    rater = np.array([told.order[rater] for _, rater in asked], dtype=np.intp)
    shared = told.shared[rater]
    across = told.across[:, rater].T
    left = 1 - shared * across.sum(axis=1)
    follows = np.eye(len(components.skills))[skill] - shared[:, np.newaxis] * across
    through = follows @ _levels_after(told.precision, components)
    mean = components.means[skill] + told.severity[rater] + through @ told.weighed + shared * told.by_rater[rater]
    variance = (through * follows).sum(axis=1) + shared * left + components.variances.noise

    by_rater = np.eye(len(told.order))[rater] * left[:, np.newaxis] - through @ told.across
    by_known = by_rater[:, told.is_known]
    by_means = follows - through @ told.precision + by_known @ told.slope
    variance += (by_means @ components.means_covariance * by_means).sum(axis=1) + by_known**2 @ told.own_variance

    scale = components.scale
    return (mean - scale.shift[skill]) / scale.stretch[skill], variance / scale.stretch[skill] ** 2


@dataclass(frozen=True, slots=True)
class _Evidence:
    """What a person's notes say, the skill means and the known severities being given: K skills, Q raters.

    With V_γ the covariance of the notes without levels: `precision` A = Z'V_γ⁻¹Z, `across` B = Z'V_γ⁻¹R (K, Q),
    `weighed` a = Z'V_γ⁻¹e (K) and `by_rater` u = R'V_γ⁻¹e (Q) of the residuals e. `order` numbers the raters, of whom
    `severity` is 0 where it is not known, and `shared` is the variance ς that the notes of one share beside levels.
    `slope` and `own_variance` are those of the known raters; `observations` and `raters` (K) count.
    """

    order: Mapping[Hashable, int]
    severity: NDArray[np.float64]
    shared: NDArray[np.float64]

    precision: NDArray[np.float64]
    across: NDArray[np.float64]
    weighed: NDArray[np.float64]
    by_rater: NDArray[np.float64]
    is_known: NDArray[np.bool_]
    slope: NDArray[np.float64]
    own_variance: NDArray[np.float64]
    observations: NDArray[np.int64]
    raters: NDArray[np.int64]


def _evidence(notes: NotedLevels, components: Components, also: Collection[Hashable] = ()) -> _Evidence:
    """Sum notes by skill and rater, what a rater's notes share taken out by Sherman and Morrison's formula.

    Raters named in `also` have a place even where they noted nothing.
    """
    # by name and not by the order of the notes, so that sums are the same to the last bit
    raters = sorted({rater for _, rater in notes}.union(also), key=by_name)
    order = {rater: row for row, rater in enumerate(raters)}
    places = np.array([components.rater_places.get(rater, -1) for rater in order], dtype=np.intp)
    is_known = places >= 0
    known = places[is_known]
    severity = np.zeros(len(order))
    severity[is_known] = components.severity[known]

    row = np.array([order[rater] for _, rater in notes], dtype=np.intp)
    skill = np.array([skill for skill, _ in notes], dtype=np.intp)
    counts = np.array([len(levels) for levels in notes.values()], dtype=np.float64)
    totals = np.array([sum(levels) for levels in notes.values()], dtype=np.float64)
    scale = components.scale
    level = scale.shift[skill] + scale.stretch[skill] * totals / counts
    count, residual = np.zeros((2, len(order), len(components.skills)))
    count[row, skill] = counts
    residual[row, skill] = counts * (level - components.means[skill] - severity[row])

    noise = components.variances.noise
    shared = components.variances.halo + np.where(is_known, 0.0, components.variances.severity)
    whole = noise + shared * count.sum(axis=1)
    by_rater = residual.sum(axis=1) / whole
    return _Evidence(
        order=order,
        severity=severity,
        shared=shared,
        precision=(np.diag(count.sum(axis=0)) - count.T @ (count * (shared / whole)[:, np.newaxis])) / noise,
        across=(count / whole[:, np.newaxis]).T,
        weighed=(residual.sum(axis=0) - (shared * by_rater) @ count) / noise,
        by_rater=by_rater,
        is_known=is_known,
        slope=components.slope[known],
        own_variance=components.own_variance[known],
        observations=count.sum(axis=0).astype(np.int64),
        raters=np.count_nonzero(count, axis=0),
    )


def _levels_after(precision: NDArray[np.float64], components: Components) -> NDArray[np.float64]:
    """(T⁻¹ + A)⁻¹ as F(I + F'AF)⁻¹F' with T = FF', which is sound where a variance is zero."""
    variances = components.variances
    skills = len(variances.trait)
    factor = np.column_stack((np.diag(np.sqrt(variances.trait)), np.full(skills, np.sqrt(variances.person))))
    inner = np.eye(skills + 1) + factor.T @ precision @ factor
    return np.asarray(factor @ np.linalg.solve(inner, factor.T))
