"""What is assumed before any observation, and how little it weighs."""

from dataclasses import dataclass, fields
from math import isfinite

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class WeakPriors:
    """Guesses for a programme of which nothing was seen yet, each worth only a few observations.

    Variances are in squared levels. Those of noise, halo, severity and person, and the one common to the skills, each
    have a scaled inverse chi-squared prior (on the logarithm's scale, so that the guess is the mode) of
    `variance_weight` degrees of freedom; those of severity and person, of which a single group of few raters and people
    tells little, of `severity_weight` and `person_weight`. Each skill's own trait variance is drawn to the common one
    with `skill_weight` degrees of freedom. The mean level of a skill is normal around a programme mean, itself normal
    around `mean`.
    """

    mean: float = 2.0
    mean_sd: float = 1.0
    skill_mean_sd: float = 0.5
    trait: float = 0.5
    person: float = 0.03
    severity: float = 0.1
    halo: float = 0.1
    noise: float = 0.4
    variance_weight: float = 4.0
    severity_weight: float = 2.0
    person_weight: float = 2.0
    skill_weight: float = 10.0

    def __post_init__(self) -> None:
        """ValueError names a prior that is not finite, or not above 0 where it must be."""
        for field in fields(self):
            value = getattr(self, field.name)
            if not isfinite(value) or (value <= 0 and field.name != "mean"):
                wanted = "a finite number" if field.name == "mean" else "a finite number above 0"
                raise ValueError(f"the prior {field.name} must be {wanted}, not {value}")

    def means_covariance(self, skills: int) -> NDArray[np.float64]:
        """Prior covariance (K, K) of the skill means: a shared part, and a part of each skill's own."""
        return np.full((skills, skills), self.mean_sd**2) + np.eye(skills) * self.skill_mean_sd**2

    def variances(self, skills: int) -> NDArray[np.float64]:
        """The guesses, (K + 4) over traits, person, halo, noise and severity."""
        return np.array([*[self.trait] * skills, self.person, self.halo, self.noise, self.severity])

    def weights(self, skills: int) -> NDArray[np.float64]:
        """Degrees of freedom behind each guess, (K + 4), those of a trait being about the one common to the skills."""
        others = (self.person_weight, self.variance_weight, self.variance_weight, self.severity_weight)
        return np.array([*[self.skill_weight] * skills, *others])

    def variances_covariance(self, skills: int, *, person: bool, halo: bool) -> NDArray[np.float64]:
        """Prior covariance of the variances, (K + 4, K + 4) over traits, person, halo, noise and severity."""
        guesses = self.variances(skills) * np.array([*[1] * skills, person, halo, 1, 1])
        of_logarithms = np.diag(2 / self.weights(skills))
        of_logarithms[:skills, :skills] += 2 / self.variance_weight
        return np.asarray(of_logarithms * np.outer(guesses, guesses))
