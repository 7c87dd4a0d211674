"""What a fit learnt of the programme: variance components, skill means and rater severities, ready to be stored."""

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Self, cast

import numpy as np
from numpy.typing import NDArray

from services.matching.domain.profiling.priors import WeakPriors
from services.matching.domain.profiling.profile import distinct_skills
from services.matching.domain.profiling.rounding import Scale


@dataclass(frozen=True, slots=True, eq=False)
class VarianceComponents:
    """How much each source moves a note, in squared levels."""

    trait: NDArray[np.float64]
    """τ²: between people in one skill apart from their others, for each of the K skills."""
    person: float
    """κ: between people in what all their skills share."""
    severity: float
    """β²: between raters."""
    halo: float
    """ω²: a rater's overall impression of one person."""
    noise: float
    """σ²: what is left of each note."""

    def __post_init__(self) -> None:
        """ValueError names a variance that cannot be one; only the noise may not be 0."""
        for field in fields(self):
            values = np.asarray(getattr(self, field.name), dtype=np.float64)
            sound = np.isfinite(values) & ((values > 0) if field.name == "noise" else (values >= 0))
            if not sound.all():
                wanted = "above 0" if field.name == "noise" else "0 or more"
                raise ValueError(f"the variance of {field.name} must be finite and {wanted}, not {values[~sound][0]}")


@dataclass(frozen=True, eq=False)
class Components:
    """All that is needed to read one person's notes without those of others.

    `scale` turns notes into levels. Given the true skill means μ, rater r's severity is normal with mean `severity[r] +
    slope[r]·(μ − means)` and variance `own_variance[r]`; the means have covariance `means_covariance`. A rater of whom
    nothing is known has severity 0 with variance `variances.severity`. Shapes: K skills, R raters.
    """

    skills: tuple[str, ...]
    scale: Scale
    variances: VarianceComponents
    variances_covariance: NDArray[np.float64]
    """Error covariance of the variances, (K + 4, K + 4) over traits, person, halo, noise, severity; zero if given."""
    means: NDArray[np.float64]
    means_covariance: NDArray[np.float64]
    raters: tuple[Hashable, ...]
    severity: NDArray[np.float64]
    own_variance: NDArray[np.float64]
    slope: NDArray[np.float64]

    def __post_init__(self) -> None:
        """ValueError names what is no number, of another shape than the skills and raters ask, or there twice."""
        skills, raters = len(distinct_skills(self.skills)), len(self.raters)
        if len(set(self.raters)) < raters:
            twice = next(rater for rater, count in Counter(self.raters).items() if count > 1)
            raise ValueError(f"the components hold the rater {twice!r} twice")
        for name, values, shape in (
            ("scale", self.scale.shift, (skills,)),
            ("variances of traits", self.variances.trait, (skills,)),
            ("variances_covariance", self.variances_covariance, (skills + 4, skills + 4)),
            ("means", self.means, (skills,)),
            ("means_covariance", self.means_covariance, (skills, skills)),
            ("severity", self.severity, (raters,)),
            ("own_variance", self.own_variance, (raters,)),
            ("slope", self.slope, (raters, skills)),
        ):
            if np.shape(values) != shape:
                raise ValueError(f"the components' {name} must be of the shape {shape}, not {np.shape(values)}")
            if not np.isfinite(values).all():
                place = tuple(np.argwhere(~np.isfinite(values))[0].tolist())
                raise ValueError(f"the components' {name} must be finite numbers, not {values[place]} at {place}")
        if (np.asarray(self.own_variance) < 0).any():
            least = int(np.argmin(self.own_variance))
            raise ValueError(f"the own_variance of the rater {self.raters[least]!r} must be 0 or more")

    @classmethod
    def from_priors(cls, skills: Sequence[str], priors: WeakPriors, *, person: bool = True, halo: bool = True) -> Self:
        """What is believed before the first observation: the priors alone, and no rater known."""
        skills = distinct_skills(skills)
        count = len(skills)
        return cls(
            skills=skills,
            scale=Scale.as_noted(count),
            variances=VarianceComponents(
                trait=np.full(count, priors.trait),
                person=priors.person if person else 0.0,
                severity=priors.severity,
                halo=priors.halo if halo else 0.0,
                noise=priors.noise,
            ),
            variances_covariance=priors.variances_covariance(count, person=person, halo=halo),
            means=np.full(count, priors.mean),
            means_covariance=priors.means_covariance(count),
            raters=(),
            severity=np.zeros(0),
            own_variance=np.zeros(0),
            slope=np.zeros((0, count)),
        )

    @cached_property
    def rater_places(self) -> dict[Hashable, int]:
        """Each known rater's row in `severity`, `own_variance` and `slope`."""
        return {rater: place for place, rater in enumerate(self.raters)}

    @cached_property
    def skill_places(self) -> dict[str, int]:
        """Each skill's place in the framework."""
        return {skill: place for place, skill in enumerate(self.skills)}

    @property
    def severity_variance(self) -> NDArray[np.float64]:
        """Posterior variance of each known rater's severity, (R,), in squared levels."""
        shared = np.einsum("rk,kl,rl->r", self.slope, self.means_covariance, self.slope)
        return np.asarray(self.own_variance + shared)

    def to_dict(self) -> dict[str, object]:
        """A JSON-ready form. Raters must then be identified by strings or numbers."""
        return {
            "skills": list(self.skills),
            "scale": {"shift": self.scale.shift.tolist(), "stretch": self.scale.stretch.tolist()},
            "variances": {
                "trait": self.variances.trait.tolist(),
                "person": self.variances.person,
                "severity": self.variances.severity,
                "halo": self.variances.halo,
                "noise": self.variances.noise,
            },
            "variances_covariance": self.variances_covariance.tolist(),
            "means": self.means.tolist(),
            "means_covariance": self.means_covariance.tolist(),
            "raters": list(self.raters),
            "severity": self.severity.tolist(),
            "own_variance": self.own_variance.tolist(),
            "slope": self.slope.tolist(),
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, object]) -> Self:
        """The components that `to_dict` wrote; KeyError names a missing part."""
        scale = cast(Mapping[str, Sequence[float]], stored["scale"])
        variances = cast(Mapping[str, float], stored["variances"])
        skills = tuple(cast(Sequence[str], stored["skills"]))
        raters = tuple(cast(Sequence[Hashable], stored["raters"]))
        return cls(
            skills=skills,
            scale=Scale(
                shift=np.asarray(scale["shift"], dtype=np.float64),
                stretch=np.asarray(scale["stretch"], dtype=np.float64),
            ),
            variances=VarianceComponents(
                trait=np.asarray(variances["trait"], dtype=np.float64),
                person=float(variances["person"]),
                severity=float(variances["severity"]),
                halo=float(variances["halo"]),
                noise=float(variances["noise"]),
            ),
            variances_covariance=np.asarray(stored["variances_covariance"], dtype=np.float64),
            means=np.asarray(stored["means"], dtype=np.float64),
            means_covariance=np.asarray(stored["means_covariance"], dtype=np.float64),
            raters=raters,
            severity=np.asarray(stored["severity"], dtype=np.float64),
            own_variance=np.asarray(stored["own_variance"], dtype=np.float64),
            slope=np.asarray(stored["slope"], dtype=np.float64).reshape(len(raters), len(skills)),
        )
