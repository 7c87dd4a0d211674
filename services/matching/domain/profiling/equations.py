"""The mixed-model equations of skill means and rater severities, solved exactly or by conjugate gradients."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.linalg import solve
from scipy.sparse import csr_array, eye_array, triu

from services.matching.domain.profiling.absorption import Floats
from services.matching.domain.profiling.cells import NoteCells
from services.matching.domain.profiling.survey import Pattern, Survey

TOLERANCE = 1e-10
"""Relative residual at which conjugate gradients stop."""


def pattern_of(cells: NoteCells, raters: int, skills: int, *, most: int) -> Pattern:
    """The pattern of a programme's cells; participants seen by more than `most` raters are told by ties."""
    seen = meetings(cells, raters)
    met = np.diff(seen.indptr)
    widely = met > most
    apart = seen[~widely]
    # beside the pairs every rater alone: ties leave that to them
    upper = triu(apart.T @ apart + eye_array(raters, dtype=np.int32, format="csr"), format="csr")
    upper.sort_indices()
    tie_rows = np.concatenate(([0], np.cumsum(np.repeat(met[widely], skills + 1), dtype=np.int64)))
    tie_start = np.full(len(met), -1, dtype=np.int64)
    tie_start[widely] = tie_rows[: -1 : skills + 1]
    noted = [seen.indices[seen.indptr[person] : seen.indptr[person + 1]] for person in np.flatnonzero(widely)]
    columns = np.concatenate([np.zeros(0, dtype=np.int32), *(np.tile(one, skills + 1) for one in noted)])
    return Pattern(
        upper.indptr.astype(np.int64), upper.indices.astype(np.int32), tie_start, tie_rows, columns.astype(np.int32)
    )


def meetings(cells: NoteCells, raters: int) -> csr_array:
    """Who was seen by whom, (P, R), 1 where at least one note stands."""
    people = len(cells.start) - 1
    person = np.repeat(np.arange(people), np.diff(cells.start))
    new = np.ones(len(person), dtype=bool)
    new[1:] = (np.diff(person) != 0) | (np.diff(cells.rater) != 0)
    start = np.concatenate(([0], np.cumsum(new)))[cells.start]
    # A product counts people with the width of these ones: in eight bits, 256 of them would be none.
    return csr_array((np.ones(int(new.sum()), dtype=np.int32), cells.rater[new], start), shape=(people, raters))


@dataclass(frozen=True, slots=True, eq=False)
class MeanPrior:
    """Normal prior of the K skill means: its precision (K, K), zero when there is none, and its centre."""

    precision: Floats
    centre: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Solution:
    """What the equations say, and what of their inverse C⁻¹ the score and the components need.

    `coefficients` (K + R) are the skill means and the severities. `solved` and `probes` are as `score.score` takes
    them. `severity_trace` is tr C⁻¹ over the raters, `severity_information` half the squared norm of Z'PZ.
    `log_determinant` is that of C, None where it was not computed.
    """

    coefficients: Floats
    exact: bool
    solved: Floats
    probes: Floats
    severity_trace: float
    severity_information: float
    log_determinant: float | None


@dataclass(frozen=True, slots=True, eq=False)
class Uncertainty:
    """Covariance of the skill means (K, K), regression of the severities on them (R, K), and what is left (R)."""

    means_covariance: Floats
    slope: Floats
    own_variance: Floats


class Equations(Protocol):
    """Either way of solving them."""

    def solution(self, start: Floats | None) -> Solution:
        """Solve, from the coefficients `start` where the way is iterative."""
        ...

    def uncertainty(self, solution: Solution) -> Uncertainty:
        """How sure the solution is of the means and the severities."""
        ...


class DenseEquations:
    """The equations as one dense matrix and its inverse: for programmes of up to a few thousand raters."""

    def __init__(self, surveyed: Survey, pattern: Pattern, severity: float, prior: MeanPrior) -> None:
        self.means = len(prior.centre)
        self.severity = severity
        border, raters, ties, self.right = _gather(surveyed, pattern, prior)
        block = raters.toarray()
        block += np.triu(block, 1).T
        block -= (ties.T @ ties).toarray()
        self.severity_precision = block
        self.matrix = np.block([[border[:, : self.means], border[:, self.means :]], [border[:, self.means :].T, block]])
        self.matrix[np.arange(self.means, len(self.matrix)), np.arange(self.means, len(self.matrix))] += 1 / severity

    def solution(self, start: Floats | None) -> Solution:
        """Solve by the inverse; `start` is not needed."""
        del start
        scale = 1 / np.sqrt(np.diagonal(self.matrix))
        scaled = self.matrix * scale * scale[:, np.newaxis]
        factor = np.linalg.cholesky(scaled)
        inverse = np.linalg.inv(scaled) * scale * scale[:, np.newaxis]
        inverse = (inverse + inverse.T) / 2
        block = inverse[self.means :, self.means :]
        projected = np.eye(len(block)) / self.severity - block / self.severity**2
        return Solution(
            coefficients=inverse @ self.right,
            exact=True,
            solved=inverse,
            probes=np.zeros((0, 0)),
            severity_trace=float(np.trace(block)),
            severity_information=0.5 * float(np.sum(projected**2)),
            log_determinant=2 * float(np.sum(np.log(np.diagonal(factor)) - np.log(scale))),
        )

    def uncertainty(self, solution: Solution) -> Uncertainty:
        """Read off the inverse."""
        inverse = solution.solved
        means_covariance = inverse[: self.means, : self.means]
        shared = inverse[self.means :, : self.means]
        slope = solve(means_covariance, shared.T, assume_a="pos").T
        own = np.diagonal(inverse)[self.means :] - np.sum(slope * shared, axis=1)
        return Uncertainty(means_covariance, slope, np.maximum(own, 0.0))


class SparseEquations:
    """The equations as a sparse matrix, solved by preconditioned conjugate gradients: for programmes of any size.

    Traces of the inverse are Hutchinson's estimates with the signs `probes` (K + R, S), the same throughout a fit so
    that the score is a smooth function of the variances (Hutchinson 1989; García-Cortés et al. 1992 for their use in
    REML).
    """

    def __init__(self, surveyed: Survey, pattern: Pattern, severity: float, prior: MeanPrior, probes: Floats) -> None:
        self.means = len(prior.centre)
        self.severity = severity
        self.border, self.upper, self.ties, self.right = _gather(surveyed, pattern, prior)
        self.diagonal = self.upper.diagonal()
        self.severity_diagonal = self.diagonal - self.ties.power(2).sum(axis=0) + 1 / severity
        self.mean_inverse = np.linalg.inv(self.border[:, : self.means])
        self.probes = probes

    def times(self, vectors: Floats) -> Floats:
        """C times vectors (K + R, S)."""
        means, raters = vectors[: self.means], vectors[self.means :]
        above = self.border @ vectors
        below = self.upper @ raters + self.upper.T @ raters
        below += (1 / self.severity - self.diagonal)[:, np.newaxis] * raters + self.border[:, self.means :].T @ means
        below -= self.ties.T @ (self.ties @ raters)
        return np.concatenate((above, below))

    def solve(self, right: Floats, start: Floats) -> Floats:
        """C⁻¹ `right` for several columns at once, by conjugate gradients from `start`."""
        found = start.copy()
        residual = right - self.times(found)
        goal = TOLERANCE * np.linalg.norm(right, axis=0)
        step = self._precondition(residual)
        direction = step.copy()
        energy = np.sum(residual * step, axis=0)
        for _ in range(10 * len(right)):
            if np.all(np.linalg.norm(residual, axis=0) <= goal):
                return found
            image = self.times(direction)
            length = _ratio(energy, np.sum(direction * image, axis=0))
            found += length * direction
            residual -= length * image
            step = self._precondition(residual)
            former, energy = energy, np.sum(residual * step, axis=0)
            direction = step + _ratio(energy, former) * direction
        raise RuntimeError("conjugate gradients did not converge on the severities: check the variances of the levels")

    def solution(self, start: Floats | None) -> Solution:
        """Solve for the coefficients and for the probes together."""
        right = np.column_stack((self.right, self.probes))
        found = self.solve(right, np.zeros_like(right) if start is None else start)
        solved = found[:, 1:]
        block = slice(self.means, None)
        projected = self._severity_projection()
        return Solution(
            coefficients=np.ascontiguousarray(found[:, 0]),  # as the exact way's: compiled code is made for a layout
            exact=False,
            solved=np.ascontiguousarray(solved),
            probes=self.probes,
            severity_trace=float(np.sum(self.probes[block] * solved[block])) / self.probes.shape[1],
            severity_information=0.5 * float(np.sum(projected**2)),
            log_determinant=None,
        )

    def uncertainty(self, solution: Solution) -> Uncertainty:
        """Exact for the means and the regression on them; estimated with the probes for what is left."""
        unit = np.eye(len(self.right), self.means)
        columns = self.solve(unit, np.zeros_like(unit))
        means_covariance = (columns[: self.means] + columns[: self.means].T) / 2
        shared = columns[self.means :]
        slope = solve(means_covariance, shared.T, assume_a="pos").T
        # the probes' inverse products less their share through the means leave (C of the raters)⁻¹ probes
        through_means = slope @ solution.solved[: self.means]
        own = np.mean(solution.probes[self.means :] * (solution.solved[self.means :] - through_means), axis=1)
        return Uncertainty(means_covariance, slope, np.clip(own, 1 / self.severity_diagonal, self.severity))

    def _severity_projection(self) -> Floats:
        own = self.severity_diagonal - 1 / self.severity
        return own / (1 + self.severity * own)

    def _precondition(self, residual: Floats) -> Floats:
        return np.concatenate(
            (
                self.mean_inverse @ residual[: self.means],
                residual[self.means :] / self.severity_diagonal[:, np.newaxis],
            )
        )


def _gather(surveyed: Survey, pattern: Pattern, prior: MeanPrior) -> tuple[Floats, csr_array, csr_array, Floats]:
    """The sums with the prior of the means added: border, upper triangle of the raters, ties, right side."""
    means = len(prior.centre)
    border = surveyed.border.copy()
    border[:, :means] += prior.precision
    right = surveyed.right.copy()
    right[:means] += prior.precision @ prior.centre
    count = len(pattern.row_start) - 1
    raters = csr_array((surveyed.upper, pattern.columns, pattern.row_start), shape=(count, count))
    rows = len(pattern.tie_rows) - 1
    ties = csr_array((surveyed.ties, pattern.tie_columns, pattern.tie_rows), shape=(rows, count))
    return border, raters, ties, right


def _ratio(above: Floats, below: Floats) -> Floats:
    """Quotient that is 0 where nothing is left to divide, as in a column that has converged."""
    return np.divide(above, below, out=np.zeros_like(above), where=below > 0)
