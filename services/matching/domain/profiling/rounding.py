"""Whole notes of levels that are not whole: what rounding to 0..4 hides, and how it is made good.

A rater who sees a level of 2.6 notes 3, and who sees 4.8 notes 4. Over many notes, rounding and the scale's two ends
pull notes towards the middle: read as they stand, they make differences between people too small, and intervals too
narrow for those near an end. By Bussgang's theorem (1952), for a normal x and any fixed rule f, f(x) = c·x + d with d
uncorrelated with whatever is jointly normal with x. So (f(x) − E f(x)) / c + E x has the covariances of x with people
and raters, and only its noise is larger: the linear estimates and their mean squared errors hold for it, with no change
to the model. c, for a rule with steps, is the sum of the normal density at its thresholds.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import ndtr

from services.matching.domain.profiling.profile import LEVELS

THRESHOLDS = np.array(LEVELS[1:]) - 0.5

CENTRE_NOTES = 4.0
"""How many notes of level 2 are added to the programme's, and of the programme's mean to each skill's."""

SPREAD_NOTES = 4.0
"""How many notes of a standard deviation of one level are added to the spread."""

DEVIATIONS = (0.2, 2.0)
"""Between these the standard deviation of levels is sought."""

CENTRES = (LEVELS[0] - 0.5, LEVELS[-1] + 0.5)
"""Between these the mean level of a skill is sought: notes that are all at an end say no more than that it is there."""

LEAST_SLOPE = 0.5
"""However close to an end a skill is noted, a note is not stretched by more than the inverse of this."""


@dataclass(frozen=True, slots=True, eq=False)
class Scale:
    """How a note of each skill is read: level = `shift` + `stretch` · note, both (K,)."""

    shift: NDArray[np.float64]
    stretch: NDArray[np.float64]

    def __post_init__(self) -> None:
        """ValueError names what is no number, not of one length, or would turn notes around."""
        if np.ndim(self.shift) != 1 or np.shape(self.shift) != np.shape(self.stretch):
            raise ValueError(
                f"a scale's shift of the shape {np.shape(self.shift)} and stretch of the shape "
                f"{np.shape(self.stretch)} must hold one number for each skill"
            )
        for name, sound in (
            ("shift", np.isfinite(self.shift)),
            ("stretch", np.isfinite(self.stretch) & (np.asarray(self.stretch) > 0)),
        ):
            if not sound.all():
                place = int(np.argmin(sound))
                wanted = "finite" if name == "shift" else "finite and above 0"
                raise ValueError(f"a scale's {name} must be {wanted}, not {getattr(self, name)[place]} at {place}")

    @classmethod
    def as_noted(cls, skills: int) -> Self:
        """Notes are levels as they stand."""
        return cls(np.zeros(skills), np.ones(skills))

    @classmethod
    def of_whole_notes(cls, notes: NDArray[np.float64], means: NDArray[np.float64], spread: float) -> Self:
        """From each skill's number of notes (K,) and their mean (K,), and the sum of squares around these means.

        Levels are taken as normal with one standard deviation and a mean for each skill, found by matching the moments
        of the notes; a few added notes keep this sound when there are hardly any.
        """
        whole = notes.sum()
        overall = (notes @ means + CENTRE_NOTES * 2.0) / (whole + CENTRE_NOTES)
        noted = (notes * means + CENTRE_NOTES * overall) / (notes + CENTRE_NOTES)
        spread += float(notes @ (means - noted) ** 2)
        variance = float((spread + SPREAD_NOTES) / (whole + SPREAD_NOTES))
        weights = (notes + CENTRE_NOTES / len(notes)) / (whole + CENTRE_NOTES)

        def excess(deviation: float) -> float:
            return float(weights @ _variance_of_notes(_centres(noted, deviation), deviation)) - variance

        deviation = _root_within(excess, *DEVIATIONS)
        centres = _centres(noted, deviation)
        standard = (THRESHOLDS - centres[:, np.newaxis]) / deviation
        slope = np.exp(-0.5 * standard**2).sum(axis=1) / (deviation * np.sqrt(2 * np.pi))
        slope = np.maximum(slope, LEAST_SLOPE)
        return cls(centres - noted / slope, 1 / slope)


def _root_within(increasing: Callable[[float], float], low: float, high: float) -> float:
    """Where an increasing function passes zero, or the end that is nearest to it."""
    if increasing(low) >= 0:
        return low
    if increasing(high) <= 0:
        return high
    return brentq(increasing, low, high, xtol=1e-9)


def _centres(noted: NDArray[np.float64], deviation: float) -> NDArray[np.float64]:
    """Means of normal levels whose notes have these means, by halving, or the end that is nearest to it."""
    low, high = (np.full(len(noted), end) for end in CENTRES)
    for _ in range(45):
        middle = (low + high) / 2
        above = _reached(middle, deviation).sum(axis=1) > noted
        low, high = np.where(above, low, middle), np.where(above, middle, high)
    return np.asarray((low + high) / 2)


def _variance_of_notes(centres: NDArray[np.float64], deviation: float) -> NDArray[np.float64]:
    reached = _reached(centres, deviation)
    # E y² = Σ (ℓ² − (ℓ−1)²) P(y ≥ ℓ)
    return np.asarray(reached @ (2 * np.array(LEVELS[1:]) - 1) - reached.sum(axis=1) ** 2)


def _reached(centres: NDArray[np.float64], deviation: float) -> NDArray[np.float64]:
    """P(note ≥ ℓ) for ℓ = 1..4, (K, 4)."""
    return np.asarray(ndtr((centres[:, np.newaxis] - THRESHOLDS) / deviation))
