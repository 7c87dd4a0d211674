"""Sums over all participants: the mixed-model equations, and what REML's score and information are made of."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.matching.domain.compiling import compiled
from services.matching.domain.profiling.absorption import Floats, Variances, Workspace, absorb, weigh, workspace
from services.matching.domain.profiling.cells import NoteCells
from services.matching.domain.profiling.strands import in_strands


class Pattern(NamedTuple):
    """Which raters share participants: where the sums over them go.

    Pairs of raters are an upper triangle (R, R), rows compressed, columns ascending. Of a participant whom very many
    raters saw, the pairs would be as many as their square: such a one has K + 1 rows of as many `ties` instead, one for
    each skill and one for what all share, to be squared and taken off the pairs. They begin at `tie_start` (P), −1
    where somebody's raters are told as pairs; `tie_rows` and `tie_columns` are the ties' compressed rows.
    """

    row_start: NDArray[np.int64]
    columns: NDArray[np.int32]
    tie_start: NDArray[np.int64]
    tie_rows: NDArray[np.int64]
    tie_columns: NDArray[np.int32]


class Survey(NamedTuple):
    """Sums over participants.

    `border` (K, K + R), `upper` (the pairs of raters that the pattern holds) and `ties` (what is to be squared and
    taken off them) hold U'V⁻¹U, `right` (K + R) U'V⁻¹y; `scalars` are log|V| of the cells and y'V⁻¹y; `traces` (K + 2)
    are tr V⁻¹V_j and `information` (K + 2, K + 2) half tr V⁻¹V_jV⁻¹V_l for the K traits, what a person's skills share,
    and the halo.
    """

    border: Floats
    upper: Floats
    ties: Floats
    right: Floats
    scalars: Floats
    traces: Floats
    information: Floats


def survey(cells: NoteCells, variances: Variances, pattern: Pattern) -> Survey:
    """Sum what the mixed-model equations need."""
    strands = in_strands(
        len(cells.start) - 1,
        lambda people: _survey(cells, people.start, people.stop, variances, pattern),
    )
    return Survey(*map(total_of, zip(*strands, strict=True)))


def total_of(parts: Iterable[Floats]) -> Floats:
    """What the strands found, added up in their order."""
    first, *others = parts
    for other in others:
        first += other
    return first


@compiled
def _survey(cells: NoteCells, first: int, stop: int, variances: Variances, pattern: Pattern) -> Survey:
    means = len(variances.trait)
    unknowns = means + len(pattern.row_start) - 1
    border = np.zeros((means, unknowns))
    upper = np.zeros(len(pattern.columns))
    ties = np.zeros(len(pattern.tie_columns))
    right = np.zeros(unknowns)
    scalars = np.zeros(2)
    traces = np.zeros(means + 2)
    information = np.zeros((means + 2, means + 2))
    nothing = np.zeros(unknowns)
    work = workspace(cells, means)
    weighed = np.empty(len(work.whole))
    pairs = np.empty(len(work.alone))
    for person in range(first, stop):
        skills, raters, log_determinant = absorb(cells, person, variances, work)
        scalars[0] += log_determinant
        scalars[1] += weigh(cells, person, variances, work, (skills, raters), nothing, weighed)
        _add_equations(work, skills, raters, weighed, border, right)
        if pattern.tie_start[person] < 0:
            _add_pairs(work, skills, raters, pattern, pairs, upper)
        else:
            _add_ties(work, skills, raters, pattern, person, upper, ties)
        _add_information(work, skills, raters, traces, information)
    return Survey(border, upper, ties, right, scalars, traces, information)


@compiled
def _add_equations(work: Workspace, skills: int, raters: int, weighed: Floats, border: Floats, right: Floats) -> None:
    means = border.shape[0]
    for i in range(skills):
        skill = work.skills[i]
        right[skill] += weighed[i]
        for j in range(skills):
            border[skill, work.skills[j]] += work.border[i, j]
        for rater in range(raters):
            border[skill, means + work.raters[rater]] += work.border[i, skills + rater]
    for rater in range(raters):
        right[means + work.raters[rater]] += weighed[skills + rater]


@compiled
def _add_pairs(work: Workspace, skills: int, raters: int, pattern: Pattern, pairs: Floats, upper: Floats) -> None:
    for rater in range(raters):
        pairs[rater:raters] = 0.0
        pairs[rater] = work.alone[rater]
        for known in range(skills + 1):
            share = work.half[known, skills + rater]
            for other in range(rater, raters):
                pairs[other] -= share * work.half[known, skills + other]
        row = work.raters[rater]
        slot, stop = pattern.row_start[row], pattern.row_start[row + 1]
        for other in range(rater, raters):
            slot = _slot_of(work.raters[other], pattern.columns, slot, stop)
            upper[slot] += pairs[other]


@compiled
def _slot_of(column: int, columns: NDArray[np.int32], first: int, stop: int) -> int:
    """Where, from `first` up to `stop`, the ascending `columns` hold this one, which they do."""
    left = stop - first
    while left > 1:
        # which half comes next is not foreseen: one step for both is faster than a branch to either
        half = left // 2
        first += half * int(columns[first + half] <= column)
        left -= half
    return first


@compiled
def _add_ties(
    work: Workspace, skills: int, raters: int, pattern: Pattern, person: int, upper: Floats, ties: Floats
) -> None:
    slot = pattern.tie_start[person]
    for known in range(skills + 1):
        for rater in range(raters):
            ties[slot + rater] = work.half[known, skills + rater]
        slot += raters
    for rater in range(raters):
        # each row of the triangle begins with the rater's own column
        upper[pattern.row_start[work.raters[rater]]] += work.alone[rater]


@compiled
def _add_information(work: Workspace, skills: int, raters: int, traces: Floats, information: Floats) -> None:
    person, halo = len(traces) - 2, len(traces) - 1
    of_person = work.whole[:skills].sum()
    traces[person] += of_person
    information[person, person] += 0.5 * of_person**2
    for i in range(skills):
        skill = work.skills[i]
        traces[skill] += work.border[i, i]
        for j in range(skills):
            information[skill, work.skills[j]] += 0.5 * work.border[i, j] ** 2
        _add_both_ways(information, skill, person, 0.5 * work.whole[i] ** 2)
        with_halo = 0.0
        for rater in range(skills, skills + raters):
            with_halo += work.border[i, rater] ** 2
        _add_both_ways(information, skill, halo, 0.5 * with_halo)
    with_halo = 0.0
    for rater in range(skills, skills + raters):
        with_halo += work.whole[rater] ** 2
    _add_both_ways(information, person, halo, 0.5 * with_halo)
    # tr and squared norm of diag(a) − H'H, which is not formed: Σ a² − 2 Σ a|h|² + |HH'|²
    square = 0.0
    for rater in range(raters):
        known = 0.0
        for i in range(skills + 1):
            known += work.half[i, skills + rater] ** 2
        alone = work.alone[rater]
        traces[halo] += alone - known
        square += alone * (alone - 2.0 * known)
    for i in range(skills + 1):
        for j in range(i + 1):
            inner = 0.0
            for rater in range(skills, skills + raters):
                inner += work.half[i, rater] * work.half[j, rater]
            square += inner * inner if i == j else 2.0 * inner * inner
    information[halo, halo] += 0.5 * square


@compiled
def _add_both_ways(matrix: Floats, row: int, column: int, value: float) -> None:
    matrix[row, column] += value
    matrix[column, row] += value
