"""Intraclass correlations of a complete table of ratings, as Shrout and Fleiss (1979) define them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike


@dataclass(frozen=True, slots=True)
class IntraclassCorrelations:
    """Reliability of one rating and of the mean of k, by each of the three designs.

    One-way (each target has its own judges), two-way random (judges are a sample), two-way mixed (these judges only).
    """

    one_way: float
    two_way_random: float
    two_way_mixed: float
    one_way_mean: float
    two_way_random_mean: float
    two_way_mixed_mean: float


def intraclass_correlations(ratings: ArrayLike) -> IntraclassCorrelations:
    """ICC(1,1), (2,1), (3,1), (1,k), (2,k) and (3,k) of a complete (targets × judges) table.

    Shrout, P. E. and Fleiss, J. L. (1979), Intraclass correlations: uses in assessing rater reliability. Psychological
    Bulletin 86, 420–428. ValueError for fewer than two targets or judges, for gaps, and when nothing varies.

        intraclass_correlations([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8]]).two_way_random
    """
    table = np.asarray(ratings, dtype=np.float64)
    if table.ndim != 2 or min(table.shape) < 2:
        raise ValueError(f"ratings must be a table of two targets by two judges at least, not of shape {table.shape}")
    if not np.isfinite(table).all():
        raise ValueError("ratings must be complete: the table holds gaps or infinities")
    targets, judges = table.shape
    centre = table.mean()
    of_targets = judges * float(np.sum((table.mean(axis=1) - centre) ** 2))
    of_judges = targets * float(np.sum((table.mean(axis=0) - centre) ** 2))
    whole = float(np.sum((table - centre) ** 2))
    if whole == 0:
        raise ValueError("ratings do not vary: their reliability is not defined")
    between = of_targets / (targets - 1)
    judge = of_judges / (judges - 1)
    within = (whole - of_targets) / (targets * (judges - 1))
    error = (whole - of_targets - of_judges) / ((targets - 1) * (judges - 1))
    return IntraclassCorrelations(
        one_way=_quotient(between - within, between + (judges - 1) * within),
        two_way_random=_quotient(between - error, between + (judges - 1) * error + judges * (judge - error) / targets),
        two_way_mixed=_quotient(between - error, between + (judges - 1) * error),
        one_way_mean=_quotient(between - within, between),
        two_way_random_mean=_quotient(between - error, between + (judge - error) / targets),
        two_way_mixed_mean=_quotient(between - error, between),
    )


def _quotient(above: float, below: float) -> float:
    """The ratio, or minus infinity where targets do not differ at all."""
    return above / below if below > 0 else -np.inf
