"""The model written out as one dense normal distribution: slow, plain, and independent of the code it checks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from services.matching.domain.profiling import Components, Rating

Matrix = NDArray[np.float64]


def indicators(*labels: NDArray[Any]) -> Matrix:
    """One column for each distinct combination of labels."""
    _, codes = np.unique([" ".join(map(str, row)) for row in zip(*labels, strict=True)], return_inverse=True)
    return np.asarray(np.eye(codes.max() + 1)[codes])


@dataclass(frozen=True, slots=True)
class DenseModel:
    """Notes as y = Xμ + Σ Zu + ε, with variances in the order traits, person and halo (if any), severity, noise."""

    y: Matrix
    X: Matrix
    parts: tuple[Matrix, ...]

    @classmethod
    def of(cls, columns: dict[str, NDArray[Any]], *, person: bool, halo: bool) -> "DenseModel":
        """The model of these notes, of the skills that occur in them."""
        X = indicators(columns["skill"])
        parts = [indicators(columns["participant"]) * column[:, np.newaxis] for column in X.T]
        if person:
            parts.append(indicators(columns["participant"]))
        if halo:
            parts.append(indicators(columns["participant"], columns["rater"]))
        parts.append(indicators(columns["rater"]))
        return cls(np.asarray(columns["level"], dtype=np.float64), X, (*parts, np.eye(len(X))))

    def covariance(self, variances: Matrix) -> Matrix:
        """Covariance of the notes."""
        weighed = [variance * part @ part.T for variance, part in zip(variances, self.parts, strict=True)]
        return np.asarray(np.sum(weighed, axis=0))

    def deviance(self, variances: Matrix) -> float:
        """−2 log restricted likelihood, but for a constant."""
        V = self.covariance(variances)
        factor = np.linalg.cholesky(V)
        X, y = np.linalg.solve(factor, self.X), np.linalg.solve(factor, self.y)
        normal = X.T @ X
        residual = y - X @ np.linalg.solve(normal, X.T @ y)
        return float(2 * np.log(np.diagonal(factor)).sum() + np.linalg.slogdet(normal)[1] + residual @ residual)

    def reml(self, start: Matrix) -> Matrix:
        """The variances where a general optimiser, which knows nothing of gradients, comes to rest."""

        def deviance(logarithms: Matrix) -> float:
            return self.deviance(np.exp(logarithms))

        found = minimize(deviance, np.log(start), method="BFGS", options={"gtol": 1e-6})
        return np.asarray(np.exp(found.x))

    def levels_of(
        self, columns: dict[str, NDArray[Any]], participant: int, variances: Matrix, *, person: float
    ) -> tuple[Matrix, Matrix]:
        """Best linear unbiased prediction of one participant's levels (K) and its error covariance, means unknown.

        `person` is the variance of what their skills share.
        """
        skills = self.X.shape[1]
        V = self.covariance(variances)
        mine = (np.asarray(columns["participant"]) == participant)[:, np.newaxis]
        before = np.diag(variances[:skills]) + person
        with_traits = (self.X * mine) @ before
        precision = np.linalg.inv(V)
        spread = np.linalg.inv(self.X.T @ precision @ self.X)
        mean = spread @ self.X.T @ precision @ self.y
        gain = with_traits.T @ precision
        left = np.eye(skills) - gain @ self.X
        covariance = before - gain @ with_traits + left @ spread @ left.T
        return mean + gain @ (self.y - self.X @ mean), covariance

    def covariance_kept(
        self, columns: dict[str, NDArray[Any]], participant: int, variances: Matrix, *, person: float
    ) -> Matrix:
        """As the covariance of `levels_of`, but given the means the errors of two raters' severities are independent.

        Of the raters' covariance given the means only the diagonal is kept: that is all that is stored of a fit.
        """
        skills, by_rater, severity = self.X.shape[1], self.parts[-2], variances[-2]
        mine = (np.asarray(columns["participant"]) == participant)[:, np.newaxis]
        before = np.diag(variances[:skills]) + person
        with_traits = (self.X * mine) @ before
        precision = np.linalg.inv(self.covariance(variances) - severity * by_rater @ by_rater.T)
        known = np.column_stack((self.X, by_rater))
        prior = np.append(np.zeros(skills), np.full(by_rater.shape[1], 1 / severity))
        errors = np.linalg.inv(known.T @ precision @ known + np.diag(prior))
        of_means, across = errors[:skills, :skills], errors[skills:, :skills]
        through_means = across @ np.linalg.inv(of_means) @ across.T
        own = np.diagonal(errors[skills:, skills:] - through_means)
        errors[skills:, skills:] = through_means + np.diag(own)
        gain = with_traits.T @ precision
        left = np.eye(skills, len(errors)) - gain @ known
        return np.asarray(before - gain @ with_traits + left @ errors @ left.T)


def levels_given(notes: Sequence[Rating], known: Components, means: Matrix, severity: Matrix) -> tuple[Matrix, Matrix]:
    """One person's levels (K) and their covariance by conditioning on every note, means and severities being given.

    `severity` (R) is that of the raters that `known` holds; others are integrated out.
    """
    skill = np.array([known.skills.index(note.skill) for note in notes], dtype=int)
    rater = np.array([str(note.rater) for note in notes])
    place = np.array([known.rater_places.get(note.rater, -1) for note in notes], dtype=int)
    level = known.scale.shift[skill] + known.scale.stretch[skill] * np.array([note.level for note in notes])
    variances = known.variances
    before = np.diag(variances.trait) + variances.person
    same = rater[:, np.newaxis] == rater
    shared = variances.halo + variances.severity * (place < 0)
    V = before[np.ix_(skill, skill)] + same * shared + variances.noise * np.eye(len(notes))
    gain = before[:, skill] @ np.linalg.inv(V)
    taken_out = np.where(place < 0, 0.0, np.append(severity, 0.0)[place])
    return means + gain @ (level - means[skill] - taken_out), before - gain @ before[skill]
