"""Checks of what stands in columns: they cannot hold what they were not made for, and nothing is cut without a word."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

MOST = np.iinfo(np.int32).max
"""What the compiled passes number goes up to here."""


def column(name: str, values: ArrayLike, kind: DTypeLike, shape: tuple[int, ...]) -> NDArray[Any]:
    """Values as a column of this kind and shape, one for all included. Raises ValueError for what it cannot hold."""
    try:
        with np.errstate(invalid="ignore"):  # what is no number is told below
            made = np.asarray(values, dtype=kind)
    except (OverflowError, TypeError, ValueError) as error:
        raise ValueError(f"{name} holds what {np.dtype(kind)} cannot: {error}.") from None
    given = np.asarray(values)
    if made.dtype.kind in "biu" and (made != given).any():
        # an array is cut to fewer bits without a word: 256 would be 0, and NaN a consent
        raise ValueError(f"{name} holds {np.atleast_1d(given)[np.atleast_1d(made != given)][0]}: {made.dtype} cannot.")
    if made.ndim == 0:
        made = np.broadcast_to(made, shape)
    if made.shape != shape:
        raise ValueError(f"{name} has the shape {made.shape}: give {shape}.")
    return made


def within(name: str, values: ArrayLike, low: float, high: float) -> None:
    """ValueError for numbers outside a range; NaN is outside of every one."""
    if np.size(values) and not (np.min(values) >= low and np.max(values) <= high):
        raise ValueError(f"{name} holds {np.min(values)} to {np.max(values)}: give numbers from {low} to {high}.")


def whole_numbers(name: str, values: Sequence[int]) -> NDArray[np.int32]:
    """Whole numbers from 0 on, as the compiled passes number things."""
    within(name, values, 0, MOST)
    return column(name, values, np.int32, (len(values),))


def days(name: str, values: ArrayLike, rows: int) -> NDArray[np.datetime64]:
    """Days, none of them unknown."""
    made = column(name, values, "datetime64[D]", (rows,))
    if np.isnat(made).any():
        raise ValueError(f"{name} holds NaT: give a day, or leave out the column where none sets a limit.")
    within(name, made.astype(np.int64), -MOST, MOST)
    return made


def bit_sets(name: str, values: ArrayLike | None, rows: int) -> NDArray[np.uint64]:
    """A bit set for each of so many, in words of 64; empty ones where there are none."""
    if values is None:
        return np.zeros((rows, 1), dtype=np.uint64)
    sets = column(name, values, np.uint64, np.shape(values))
    if sets.ndim == 1:
        sets = sets[:, np.newaxis]
    if sets.ndim != 2 or len(sets) != rows:
        raise ValueError(f"{name} has the shape {np.shape(values)}: give a row of words for each of {rows}.")
    return sets
