"""Ratings as columns of numbers: one cell for each participant, rater and skill."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import issparse
from sklearn.utils import check_array

from services.matching.domain.compiling import compiled
from services.matching.domain.profiling.profile import LEVELS, Rating, by_name
from services.matching.domain.profiling.rounding import Scale
from services.matching.domain.records import AsGiven, records

Ratings = AsGiven[Rating] | Mapping[str, ArrayLike] | NDArray[Any]
"""Records of `Rating`; a mapping, structured array or data frame of columns; or an (n, 4) array of them."""

MOST = 1e6
"""No level is further from 0: squares of squares of levels must stay numbers."""

DENSE_NUMBERS = 4
"""Whole numbers that span at most so many times their count are numbered anew by a table, which spares sorting them."""

COLUMNS = ("participant", "skill", "rater", "level")


class NoteCells(NamedTuple):
    """Notes of the same participant, rater and skill together, sorted in that order.

    Participant p's cells are `start[p]` to `start[p + 1]`; `weight` notes of mean `mean` stand in each.
    """

    start: NDArray[np.int64]
    skill: NDArray[np.int32]
    rater: NDArray[np.int32]
    weight: NDArray[np.float64]
    mean: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Notebook:
    """All observations of a programme: the cells, who stands behind their numbers, and what the means leave out."""

    participants: tuple[Hashable, ...]
    raters: tuple[Hashable, ...]
    cells: NoteCells
    levels: NDArray[np.float64]
    """Every note as it was made, cell after cell: those of cell c are `levels[first[c]:first[c + 1]]`."""
    first: NDArray[np.int64]
    spread_within_cells: NDArray[np.float64]
    """By skill, (K,): the sum of squared differences between the notes of a cell and their mean."""
    whole: bool
    """Whether all notes are whole levels of the scale 0..4."""
    off_scale: int
    """How many notes lie outside the scale."""

    @property
    def notes(self) -> int:
        """How many notes there are."""
        return len(self.levels)

    def levels_of(self, cells: slice) -> list[list[float]]:
        """The notes of neighbouring cells, each cell's ascending."""
        bounds = self.first[cells.start : cells.stop + 1]
        return [sorted(self.levels[begin:end].tolist()) for begin, end in pairwise(bounds)]

    def of_every(self, step: int) -> Self:
        """What was noted, on the scale of the notes, of one in so many participants; raters keep their numbers."""
        people = np.arange(0, len(self.participants), step)
        kept, start = _rows_of(self.cells.start, people)
        rows, first = _rows_of(self.first, kept)
        _, skill, rater, weight, mean = self.cells
        cells = NoteCells(start, skill[kept], rater[kept], weight[kept], mean[kept])
        levels = self.levels[rows]
        spread = _spread_within(levels, first, cells, len(self.spread_within_cells))
        participants = self.participants[::step]
        return replace(
            self, participants=participants, cells=cells, levels=levels, first=first, spread_within_cells=spread
        )

    def read_on(self, scale: Scale) -> Self:
        """The same notes, as levels of another scale."""
        cells = self.cells
        mean = scale.shift[cells.skill] + scale.stretch[cells.skill] * cells.mean
        return replace(
            self,
            cells=cells._replace(mean=mean),
            spread_within_cells=self.spread_within_cells * scale.stretch**2,
            whole=False,
        )

    def scale_of_whole_notes(self) -> Scale:
        """How to read these notes if they are rounded levels."""
        cells = self.cells
        skills = len(self.spread_within_cells)
        notes = np.bincount(cells.skill, cells.weight, minlength=skills).astype(np.float64)
        means = np.bincount(cells.skill, cells.weight * cells.mean, minlength=skills) / np.maximum(notes, 1.0)
        spread = cells.weight @ (cells.mean - means[cells.skill]) ** 2 + self.spread_within_cells.sum()
        return Scale.of_whole_notes(notes, means, float(spread))


def read_columns(observations: Ratings) -> dict[str, NDArray[np.generic]]:
    """The four columns as arrays of one length; ValueError when one lacks or they differ in length.

    What is read once, like a generator, is used up. TypeError for what is neither columns nor records.
    """
    if issparse(observations) or (hasattr(observations, "__array__") and not _names_columns(observations)):
        columns = _columns_of_table(observations)
    elif isinstance(observations, Mapping) or _names_columns(observations):
        columns = _named_columns(observations)
    else:
        ratings = records(Rating, observations, "observations")
        columns = {name: _column_of(ratings, name) for name in COLUMNS}
    if len({column.shape for column in columns.values()}) != 1 or columns["level"].ndim != 1:
        raise ValueError("the columns of observations must be of one dimension and of one length")
    return columns


def take_down(observations: Ratings, skills: Sequence[str]) -> Notebook:
    """Sort observations into cells. ValueError for an unknown skill or a level that is not a number."""
    columns = read_columns(observations)
    levels = numeric_levels(columns["level"])
    skill = place_skills(columns["skill"], skills)
    participants, participant = _number(columns["participant"])
    raters, rater = _number(columns["rater"])
    _check_names("participant", participants, allowed=())
    _check_names("rater", raters, allowed=(None,))
    key = (participant * len(raters) + rater) * len(skills) + skill
    order = np.argsort(key, kind="stable")
    levels = levels[order]
    cells, first = _cells_of(key[order], levels, len(participants), max(len(raters), 1), len(skills))
    whole = bool(np.isin(levels, LEVELS).all())
    off_scale = int(np.sum((levels < LEVELS[0]) | (levels > LEVELS[-1])))
    spread = _spread_within(levels, first, cells, len(skills))
    return Notebook(participants, raters, cells, levels, first, spread, whole, off_scale)


@compiled
def _cells_of(
    key: NDArray[np.int64], levels: NDArray[np.float64], participants: int, raters: int, skills: int
) -> tuple[NoteCells, NDArray[np.int64]]:
    """The cells of notes sorted by `key`, which numbers them by participant, rater and skill; and where each begins."""
    count = 0
    for note in range(len(key)):
        if note == 0 or key[note] != key[note - 1]:
            count += 1
    start = np.zeros(participants + 1, dtype=np.int64)
    skill = np.empty(count, dtype=np.int32)
    rater = np.empty(count, dtype=np.int32)
    weight = np.zeros(count)
    mean = np.zeros(count)
    first = np.empty(count + 1, dtype=np.int64)
    cell = -1
    for note in range(len(key)):
        if note == 0 or key[note] != key[note - 1]:
            cell += 1
            first[cell] = note
            pair = key[note] // skills
            skill[cell] = key[note] - pair * skills
            participant = pair // raters
            rater[cell] = pair - participant * raters
            start[participant + 1] += 1
        weight[cell] += 1.0
        mean[cell] += levels[note]
    first[count] = len(key)
    for participant in range(participants):
        start[participant + 1] += start[participant]
    for cell in range(count):
        mean[cell] /= weight[cell]
    return NoteCells(start, skill, rater, weight, mean), first


@compiled
def _spread_within(
    levels: NDArray[np.float64], first: NDArray[np.int64], cells: NoteCells, skills: int
) -> NDArray[np.float64]:
    """By skill, (K,): the sum of squared differences between notes as they were made and the mean of their cell."""
    spread = np.zeros(skills)
    for cell in range(len(cells.mean)):
        for note in range(first[cell], first[cell + 1]):
            spread[cells.skill[cell]] += (levels[note] - cells.mean[cell]) ** 2
    return spread


def _rows_of(start: NDArray[np.int64], chosen: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The rows `start[i]` to `start[i + 1]` of each chosen i, one after the other, and where each i's begin there."""
    lengths = np.diff(start)[chosen]
    begin = np.concatenate(([0], np.cumsum(lengths)))
    return np.repeat(start[chosen] - begin[:-1], lengths) + np.arange(begin[-1]), begin


def numeric_levels(column: NDArray[np.generic]) -> NDArray[np.float64]:
    """The column as numbers; ValueError names the first that is not finite, or beyond what can be computed with."""
    try:
        levels = np.asarray(column, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError("levels must be numbers") from None
    wrong = np.flatnonzero(~np.isfinite(levels))
    if wrong.size:
        raise ValueError(f"levels must be finite numbers: row {wrong[0]} holds NaN or infinity")
    wrong = np.flatnonzero(np.abs(levels) > MOST)
    if wrong.size:
        raise ValueError(f"levels must lie within ±{MOST:g}: row {wrong[0]} holds {levels[wrong[0]]:g}")
    return levels


def place_skills(column: NDArray[np.generic], skills: Sequence[str]) -> NDArray[np.int64]:
    """Each skill's place in the framework; ValueError names those outside it."""
    labels, codes = _number(column)
    places: dict[Hashable, int] = {skill: place for place, skill in enumerate(skills)}
    unknown = [label for label in labels if label not in places]
    if unknown:
        named = ", ".join(map(repr, unknown[:5]))
        raise ValueError(f"skills outside the framework: {named} (it holds {', '.join(map(str, skills))})")
    return np.array([places[label] for label in labels], dtype=np.int64)[codes]


def _check_names(column: str, labels: Sequence[Hashable], allowed: tuple[None, ...]) -> None:
    """ValueError where a gap stands for somebody: NaN, NaT or None; all notes without a rater are those of one."""
    for label in labels:
        if (label is None and not allowed) or label != label:  # NaN and NaT differ from themselves
            raise ValueError(f"the column {column} holds {label!r}: every note must say whose it is")


def _names_columns(observations: object) -> bool:
    """Whether this is a structured array or a data frame."""
    return bool(getattr(getattr(observations, "dtype", None), "names", None)) or hasattr(observations, "columns")


def _named_columns(observations: Any) -> dict[str, NDArray[np.generic]]:
    named = observations.dtype.names if isinstance(observations, np.ndarray) else observations
    missing = [name for name in COLUMNS if name not in named]
    if missing:
        raise ValueError(f"observations lack the column {', '.join(missing)}")
    return {name: np.asarray(observations[name]) for name in COLUMNS}


def _column_of(observations: Sequence[Rating], name: str) -> NDArray[np.generic]:
    column = np.empty(len(observations), dtype=object)
    for row, observation in enumerate(observations):
        column[row] = getattr(observation, name)
    return column


def _columns_of_table(table: Any) -> dict[str, NDArray[np.generic]]:
    table = check_array(table, dtype=None, ensure_min_features=len(COLUMNS))
    if table.shape[1] != len(COLUMNS):
        raise ValueError(f"observations must have the four columns {', '.join(COLUMNS)}, not {table.shape[1]}")
    return dict(zip(COLUMNS, table.T, strict=True))


def _number(column: NDArray[np.generic]) -> tuple[tuple[Hashable, ...], NDArray[np.int64]]:
    """Distinct labels in an order of their own, whatever that of the rows, and each row's place among them."""
    if column.dtype.kind in "iu" and len(column):
        least = int(column.min())
        if int(column.max()) - least <= DENSE_NUMBERS * len(column):
            # widened before, and as far apart after, whatever the width: numbers of 64 bits may only be positive
            offset = column.astype(np.int64) - column.min().astype(np.int64)
            held = np.bincount(offset) > 0
            return tuple(least + place for place in np.flatnonzero(held).tolist()), (np.cumsum(held) - 1)[offset]
    if column.dtype.kind in "iuf":
        distinct, codes = np.unique(column, return_inverse=True)
        return tuple(distinct.tolist()), codes.astype(np.int64, copy=False)
    places = _Places()
    codes = np.fromiter(map(places.__getitem__, column.tolist()), dtype=np.int64, count=len(column))
    labels = sorted(places, key=by_name)
    ranks = np.empty(len(labels), dtype=np.int64)
    ranks[[places[label] for label in labels]] = np.arange(len(labels))
    return tuple(labels), ranks[codes]


class _Places(dict[Hashable, int]):
    """Labels numbered as they come, without a line of Python for one that has come before."""

    def __missing__(self, label: Hashable) -> int:
        place = self[label] = len(self)
        return place
