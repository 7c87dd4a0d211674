"""Variance components by penalised restricted maximum likelihood, with Fisher's scoring.

Restricted likelihood after Patterson and Thompson (1971), from the mixed-model equations as in Searle, Casella and
McCulloch (1992), Variance Components, chapter 8; priors enter as a penalty, maximised together with it.
"""

from dataclasses import dataclass
from warnings import warn

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from services.matching.domain.profiling.absorption import Floats, Variances
from services.matching.domain.profiling.cells import Notebook
from services.matching.domain.profiling.components import VarianceComponents
from services.matching.domain.profiling.equations import (
    DenseEquations,
    Equations,
    MeanPrior,
    Solution,
    SparseEquations,
    Uncertainty,
    pattern_of,
)
from services.matching.domain.profiling.priors import WeakPriors
from services.matching.domain.profiling.score import score
from services.matching.domain.profiling.survey import Survey, survey

EXACT_RATERS = 1500
"""Up to this many raters the equations are solved densely and traces are exact."""

PAIRED_RATERS = 128
"""Of a participant seen by more raters than this, the iterative way's equations do not hold every pair of them."""

PROBES = 8
"""Random sign vectors behind each estimated trace of the iterative way."""

SAMPLED_TOLERANCE = 1e-4
"""Where traces are estimated, no smaller gain is sought. A step that gains g moves no estimate by more than √(2g) of
its standard error, here a seventieth: less than other probes would."""

SMALLEST_SHARE = 1e-9
"""A variance is held at this share of the total when the data say that it is zero."""

SMALLEST_NOISE_SHARE = 1e-6
"""The noise never becomes zero, so that observations keep a density."""

LEAST_SHARE_OF_GAIN = 0.1
"""A step must bring this share of what its slope promises (Armijo's rule)."""

REGAINED = 1.4
"""By how much steps that were shortened grow each time that they do not overshoot."""

LARGEST_STEP = 2.0
"""No variance changes by more than this on the logarithm's scale in one step."""


LEAST_FREEDOM = 1.0
"""Degrees of freedom, less two, below which the mean of a variance is no longer told by its mode."""


@dataclass(frozen=True, slots=True, eq=False)
class Estimate:
    """Where scoring came to rest. `deviance` is −2 log of the penalised restricted likelihood, up to a constant."""

    variances: VarianceComponents
    solution: Solution
    uncertainty: Uncertainty
    deviance: float | None
    information: Floats
    """From the data alone: (K + 4, K + 4) over traits, person, halo, noise and severity."""
    covariance: Floats
    """Error covariance of the variances, priors included, over the same."""
    steps: int


@dataclass(frozen=True, slots=True, eq=False)
class _Point:
    """The likelihood at one set of variances: traits, person, halo, noise, severity, in that order."""

    variances: Floats
    surveyed: Survey
    solution: Solution
    gradient: Floats
    slope_of_data: Floats
    """The part of the gradient that is the likelihood's, not the priors'."""
    curvature: Floats
    information: Floats
    deviance: float | None


class Reml:
    """The penalised restricted likelihood of one notebook."""

    def __init__(
        self,
        notebook: Notebook,
        skills: int,
        *,
        person: bool,
        halo: bool,
        priors: WeakPriors | None,
        exact_raters: int = EXACT_RATERS,
        seed: int = 0,
    ) -> None:
        self.notebook = notebook
        self.skills = skills
        self.spread_within_cells = float(notebook.spread_within_cells.sum())
        self.held = np.array([*[False] * skills, not person, not halo, False, False])
        self.priors = priors
        self.raters = len(notebook.raters)
        self.exact = self.raters <= exact_raters
        # what the exact way inverts holds all pairs of raters anyway
        most = self.raters if self.exact else PAIRED_RATERS
        self.pattern = pattern_of(notebook.cells, self.raters, skills, most=most)
        self.seed = seed
        self.mean_prior = _mean_prior(priors, skills)
        self.floor = np.full(skills + 4, SMALLEST_SHARE * (_total_variance(notebook) or 1.0))
        self.floor[-2] *= SMALLEST_NOISE_SHARE / SMALLEST_SHARE

    def estimate(self, start: Floats, tolerance: float, most_steps: int) -> Estimate:
        """Climb from `start` until a step gains less than `tolerance` in log-likelihood; warn if none does."""
        point, steps = self._climb(start, tolerance, most_steps)
        if steps == most_steps:
            warn(f"variance components did not converge in {most_steps} steps", ConvergenceWarning, stacklevel=2)
        return self._rest(point, steps)

    def summit(self, start: Floats, tolerance: float, most_steps: int) -> Floats:
        """The variances where such a climb ends, and nothing else of it."""
        return self._climb(start, tolerance, most_steps)[0].variances

    def _climb(self, start: Floats, tolerance: float, most_steps: int) -> tuple[_Point, int]:
        """Where climbing ends, and after how many steps; after `most_steps` where none gained little enough."""
        point = self._at(np.maximum(start, self.floor), None)
        share, former, forth = 1.0, np.zeros_like(start), np.inf
        if not self.exact:
            tolerance = max(tolerance, SAMPLED_TOLERANCE)
        for step in range(most_steps):
            slope = point.gradient * point.variances
            change = self._step(point)
            gain = float(change @ slope)
            if gain < tolerance:
                return point, step
            if point.deviance is None:
                # With no deviance to compare, a slope back along the way come tells of overshooting. Steps are shorter
                # from there on, and grow again slowly: whole ones would go to and fro for ever.
                overshot = -float(former @ slope) > forth / 2
                share = share / 2 if overshot else min(1.0, share * REGAINED)
            former, forth = change, gain
            onward = self._advance(point, change * share, gain)
            if onward is None:
                return point, step
            point = onward
        return point, most_steps

    def _advance(self, point: _Point, change: Floats, gain: float) -> _Point | None:
        """Go, by a shorter way where the whole one brings too little; None where rounding leaves nothing to win."""
        for part in 0.5 ** np.arange(12):
            variances = np.maximum(point.variances * np.exp(change * part), self.floor)
            arrived = self._at(variances, point.solution)
            if arrived.deviance is None or point.deviance is None:
                return arrived
            if arrived.deviance <= point.deviance - LEAST_SHARE_OF_GAIN * part * 2 * gain:
                return arrived
        return None

    def _step(self, point: _Point) -> Floats:
        """Fisher's step on the logarithm's scale, over the variances that are free to move."""
        gradient = point.gradient * point.variances
        free = ((point.variances > self.floor) | (gradient > 0)) & ~self.held
        curvature = point.curvature * np.outer(point.variances, point.variances)
        # On the logarithm's scale a slope is curvature too: where notes differ less than the smallest variances would
        # have them, it is nearly all there is.
        curvature += np.diag(np.maximum(-point.slope_of_data * point.variances, 0.0))
        change = np.zeros_like(gradient)
        change[free] = np.linalg.lstsq(curvature[np.ix_(free, free)], gradient[free])[0]
        return np.clip(change, -LARGEST_STEP, LARGEST_STEP)

    def _at(self, variances: Floats, former: Solution | None) -> _Point:
        variances[self.held] = 0.0
        within, severity = _split(variances)
        surveyed = survey(self.notebook.cells, within, self.pattern)
        solution = self._equations(surveyed, severity).solution(_start(former))
        gradient, information = self._score(variances, surveyed, solution)
        penalty, pull, resistance = self._penalty(variances)
        return _Point(
            variances=variances,
            surveyed=surveyed,
            solution=solution,
            gradient=gradient + pull,
            slope_of_data=gradient,
            curvature=information + resistance,
            information=information,
            deviance=self._deviance(variances, surveyed, solution, penalty),
        )

    def _equations(self, surveyed: Survey, severity: float) -> Equations:
        if self.exact:
            return DenseEquations(surveyed, self.pattern, severity, self.mean_prior)
        signs = np.random.default_rng(self.seed).choice((-1.0, 1.0), size=(self.skills + self.raters, PROBES))
        return SparseEquations(surveyed, self.pattern, severity, self.mean_prior, signs)

    def _score(self, variances: Floats, surveyed: Survey, solution: Solution) -> tuple[Floats, Floats]:
        """Gradient of the restricted log-likelihood and its expected information, over the variances."""
        within, severity = _split(variances)
        noise = within.noise
        cells = self.notebook.cells
        sums = score(
            cells,
            within,
            solution.coefficients,
            solution.exact,
            solution.solved,
            solution.probes,
        )
        squares, uncertainty = sums.squares, sums.uncertainty
        traces = surveyed.traces
        known = surveyed.information
        noises = self.skills + 2
        shares = variances[:noises]
        spare = self.notebook.notes - len(cells.weight)

        gradient = np.empty(len(variances))
        gradient[:noises] = 0.5 * (squares[:-1] - traces + uncertainty[:-1])
        gradient[noises] = 0.5 * (
            (squares[-1] - shares @ squares[:-1]) / noise
            - (len(cells.weight) - shares @ traces) / noise
            + (uncertainty[-1] - shares @ uncertainty[:-1]) / noise
            + self.spread_within_cells / noise**2
            - spare / noise
        )
        severities = solution.coefficients[self.skills :]
        explained = (severities @ severities + solution.severity_trace) / severity**2
        gradient[-1] = 0.5 * (explained - len(severities) / severity)

        information = np.zeros((len(variances), len(variances)))
        information[:noises, :noises] = known
        with_noise = (0.5 * traces - known @ shares) / noise
        information[:noises, noises] = with_noise
        information[noises, :noises] = with_noise
        noise_trace = 0.5 * (len(cells.weight) - shares @ traces) / noise
        information[noises, noises] = (noise_trace - shares @ with_noise) / noise + 0.5 * spare / noise**2
        information[-1, -1] = solution.severity_information
        return gradient, information

    def _deviance(self, variances: Floats, surveyed: Survey, solution: Solution, penalty: float) -> float | None:
        if solution.log_determinant is None:
            return None
        noise, severity = variances[-2], variances[-1]
        log_determinant, square = surveyed.scalars
        right = surveyed.right.copy()
        right[: self.skills] += self.mean_prior.precision @ self.mean_prior.centre
        spare = self.notebook.notes - len(self.notebook.cells.weight)
        return float(
            log_determinant
            + spare * np.log(noise)
            + self.spread_within_cells / noise
            + self.raters * np.log(severity)
            + solution.log_determinant
            + square
            - right @ solution.coefficients
            + penalty
        )

    def _penalty(self, variances: Floats) -> tuple[float, Floats, Floats]:
        """Twice the negative log prior, the log prior's gradient and its curvature, a matrix."""
        if self.priors is None:
            return 0.0, np.zeros(len(variances)), np.zeros((len(variances), len(variances)))
        common = common_trait(variances[: self.skills], self.priors)
        guess = self.priors.variances(self.skills)
        guess[: self.skills] = common
        weight = np.where(self.held, 0.0, self.priors.weights(self.skills))
        ratio = np.divide(guess, variances, out=np.ones_like(variances), where=weight > 0)
        gradient = 0.5 * weight * (ratio - 1)
        stiffness = 0.5 * weight * np.maximum(ratio, 0.5)
        curvature = np.diag(stiffness)
        # the common trait variance follows those of the skills, and so resists them less
        of_common = common / self.priors.trait
        traits = stiffness[: self.skills]
        give = np.outer(traits, traits) / (traits.sum() + 0.5 * self.priors.variance_weight * of_common)
        curvature[: self.skills, : self.skills] -= give
        penalty = float(weight @ (ratio - np.log(ratio)))
        penalty += self.priors.variance_weight * float(of_common - np.log(of_common))
        by = np.maximum(variances, self.floor)
        return penalty, gradient / by, curvature / np.outer(by, by)

    def _covariance(self, point: _Point) -> Floats:
        by = np.outer(point.variances, point.variances)
        return np.asarray(np.linalg.pinv(point.curvature * by, hermitian=True) * by)

    def _uncertainty(self, point: _Point, covariance: Floats) -> Uncertainty:
        """How sure means and severities are.

        Where priors speak, for the mean of what the severities' variance may be, not for its most likely value: the
        mean squared error of a group's level is the mean over all of them (Searle, Casella and McCulloch 1992, chapter
        9). Few raters leave it wide open, and the variance of a few severe ones would be taken for too small.
        """
        severity = float(point.variances[-1])
        if self.priors is not None:
            freedom = 2 * severity**2 / float(covariance[-1, -1])
            severity *= freedom / max(freedom - 2, LEAST_FREEDOM)
        equations = self._equations(point.surveyed, severity)
        return equations.uncertainty(equations.solution(_start(point.solution)))

    def _rest(self, point: _Point, steps: int) -> Estimate:
        rests = np.where(point.variances <= self.floor, 0.0, point.variances)
        within, severity = _split(rests)
        covariance = self._covariance(point)
        return Estimate(
            variances=VarianceComponents(
                within.trait, within.person, severity, within.halo, noise=float(point.variances[-2])
            ),
            solution=point.solution,
            uncertainty=self._uncertainty(point, covariance),
            deviance=point.deviance,
            information=point.information,
            covariance=covariance,
            steps=steps,
        )


def common_trait(trait: Floats, priors: WeakPriors) -> float:
    """The variance to which those of the skills are drawn: its most likely value given theirs, in closed form.

    Given the common t, weight w and K skills, log τₖ² has density t^{w/2} τₖ^{−w} exp(−w t / 2τₖ²); log t has that of a
    gamma variable with mode at the guess. Their product is greatest at the ratio below, near a harmonic mean.
    """
    pulls = priors.skill_weight * len(trait) + priors.variance_weight
    return float(pulls / (np.sum(priors.skill_weight / trait) + priors.variance_weight / priors.trait))


def first_guess(notebook: Notebook, skills: int, priors: WeakPriors) -> Floats:
    """Variances to start from: the total, with a few notes of the priors', split as the priors split theirs."""
    shares = priors.variances(skills)
    whole = float(shares[skills - 1 :].sum())
    weight = priors.variance_weight / notebook.notes
    return np.asarray(shares * ((_total_variance(notebook) / whole + weight) / (1 + weight)))


def _total_variance(notebook: Notebook) -> float:
    cells = notebook.cells
    centre = float(cells.weight @ cells.mean) / notebook.notes
    spread = float(cells.weight @ (cells.mean - centre) ** 2) + float(notebook.spread_within_cells.sum())
    return spread / notebook.notes


def _mean_prior(priors: WeakPriors | None, skills: int) -> MeanPrior:
    if priors is None:
        return MeanPrior(np.zeros((skills, skills)), np.zeros(skills))
    return MeanPrior(
        np.asarray(np.linalg.inv(priors.means_covariance(skills)), dtype=np.float64), np.full(skills, priors.mean)
    )


def _start(former: Solution | None) -> Floats | None:
    """Where an iterative solution begins."""
    return None if former is None or former.exact else np.column_stack((former.coefficients, former.solved))


def _split(variances: Floats) -> tuple[Variances, float]:
    """What moves the notes of one person, and the severity's variance."""
    person, halo, noise, severity = (float(variance) for variance in variances[-4:])
    return Variances(variances[:-4], person, halo, noise), severity
