"""Sums over all participants: the mixed-model equations, and what REML's score and information are made of."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.matching.domain.compiling import compiled
from services.matching.domain.profiling.absorption import Floats, Variances, Workspace, absorb, weigh, workspace
from services.matching.domain.profiling.cells import NoteCells
from services.matching.domain.profiling.strands import in_strands


class Survey(NamedTuple):
    """Sums over participants.

    `border` (K, K + R) and `upper` (the stored pairs of raters) hold U'V⁻¹U, `right` (K + R) U'V⁻¹y; `scalars` are
    log|V| of the cells and y'V⁻¹y; `traces` (K + 2) are tr V⁻¹V_j and `information` (K + 2, K + 2) half
    tr V⁻¹V_jV⁻¹V_l for the K traits, what a person's skills share, and the halo.
    """

    border: Floats
    upper: Floats
    right: Floats
    scalars: Floats
    traces: Floats
    information: Floats


class ScoreSums(NamedTuple):
    """Sums over participants for REML's score: the K traits, what a person's skills share, the halo and all together.

    `squares` are e'V⁻¹V_jV⁻¹e (all together: e'V⁻¹e) of the residuals e; `uncertainty` are tr C⁻¹U'V⁻¹V_jV⁻¹U.
    """

    squares: Floats
    uncertainty: Floats


def survey(cells: NoteCells, variances: Variances, row_start: NDArray[np.int64], columns: NDArray[np.int32]) -> Survey:
    """Sum what the mixed-model equations need; pairs of raters go to the upper triangle (`row_start`, `columns`)."""
    strands = in_strands(
        len(cells.start) - 1,
        lambda people: _survey(cells, people.start, people.stop, variances, row_start, columns),
    )
    return Survey(*map(_total, zip(*strands, strict=True)))


def _total(parts: Iterable[Floats]) -> Floats:
    first, *others = parts
    for other in others:
        first += other
    return first


@compiled
def _survey(
    cells: NoteCells,
    first: int,
    stop: int,
    variances: Variances,
    row_start: NDArray[np.int64],
    columns: NDArray[np.int32],
) -> Survey:
    means = len(variances.trait)
    unknowns = means + len(row_start) - 1
    border = np.zeros((means, unknowns))
    upper = np.zeros(len(columns))
    right = np.zeros(unknowns)
    scalars = np.zeros(2)
    traces = np.zeros(means + 2)
    information = np.zeros((means + 2, means + 2))
    nothing = np.zeros(unknowns)
    work = workspace(cells, means)
    weighed = np.empty(work.precision.shape[0])
    for person in range(first, stop):
        skills, raters, log_determinant = absorb(cells, person, variances, work)
        scalars[0] += log_determinant
        scalars[1] += weigh(cells, person, variances, work, (skills, raters), nothing, weighed)
        _add_equations(work, skills, raters, weighed, row_start, columns, border, upper, right)
        _add_information(work, skills, raters, traces, information)
    return Survey(border, upper, right, scalars, traces, information)


@compiled
def _add_equations(
    work: Workspace,
    skills: int,
    raters: int,
    weighed: Floats,
    row_start: NDArray[np.int64],
    columns: NDArray[np.int32],
    border: Floats,
    upper: Floats,
    right: Floats,
) -> None:
    means = border.shape[0]
    for i in range(skills):
        skill = work.skills[i]
        right[skill] += weighed[i]
        for j in range(skills):
            border[skill, work.skills[j]] += work.precision[i, j]
        for rater in range(raters):
            border[skill, means + work.raters[rater]] += work.precision[i, skills + rater]
    for rater in range(raters):
        row = work.raters[rater]
        right[means + row] += weighed[skills + rater]
        slot = row_start[row]
        for other in range(rater, raters):
            slot += np.searchsorted(columns[slot : row_start[row + 1]], work.raters[other])
            upper[slot] += work.precision[skills + rater, skills + other]


@compiled
def _add_information(work: Workspace, skills: int, raters: int, traces: Floats, information: Floats) -> None:
    person, halo = len(traces) - 2, len(traces) - 1
    of_person = work.whole[:skills].sum()
    traces[person] += of_person
    information[person, person] += 0.5 * of_person**2
    for i in range(skills):
        skill = work.skills[i]
        traces[skill] += work.precision[i, i]
        for j in range(skills):
            information[skill, work.skills[j]] += 0.5 * work.precision[i, j] ** 2
        _add_both_ways(information, skill, person, 0.5 * work.whole[i] ** 2)
        for rater in range(skills, skills + raters):
            _add_both_ways(information, skill, halo, 0.5 * work.precision[i, rater] ** 2)
    for rater in range(skills, skills + raters):
        traces[halo] += work.precision[rater, rater]
        _add_both_ways(information, person, halo, 0.5 * work.whole[rater] ** 2)
        for other in range(skills, skills + raters):
            information[halo, halo] += 0.5 * work.precision[rater, other] ** 2


@compiled
def _add_both_ways(matrix: Floats, row: int, column: int, value: float) -> None:
    matrix[row, column] += value
    matrix[column, row] += value


def score(
    cells: NoteCells, variances: Variances, coefficients: Floats, exact: bool, solved: Floats, probes: Floats
) -> ScoreSums:
    """Sum what REML's score needs, at the solution `coefficients` of the equations.

    If `exact`, `solved` is the inverse C⁻¹ of the equations; else it is C⁻¹`probes`, (K + R, S), and traces are
    Hutchinson's estimates with these S probes.
    """
    strands = in_strands(
        len(cells.start) - 1,
        lambda people: _score(cells, people.start, people.stop, variances, coefficients, exact, solved, probes),
    )
    return ScoreSums(*map(_total, zip(*strands, strict=True)))


@compiled
def _score(
    cells: NoteCells,
    first: int,
    stop: int,
    variances: Variances,
    coefficients: Floats,
    exact: bool,
    solved: Floats,
    probes: Floats,
) -> ScoreSums:
    means = len(variances.trait)
    squares = np.zeros(means + 3)
    uncertainty = np.zeros(means + 3)
    work = workspace(cells, means)
    room = work.precision.shape[0]
    weighed = np.empty(room)
    width = room if exact else probes.shape[1]
    near = np.empty((room, width))
    far = np.empty((room, width))
    for person in range(first, stop):
        skills, raters, _ = absorb(cells, person, variances, work)
        squares[means + 2] += weigh(cells, person, variances, work, (skills, raters), coefficients, weighed)
        for i in range(skills):
            squares[work.skills[i]] += weighed[i] ** 2
        squares[means] += weighed[:skills].sum() ** 2
        for rater in range(skills, skills + raters):
            squares[means + 1] += weighed[rater] ** 2
        if exact:
            _add_exact_uncertainty(work, skills, raters, solved, near, uncertainty)
        else:
            _add_sampled_uncertainty(work, skills, raters, solved, probes, near, far, uncertainty)
    return ScoreSums(squares, uncertainty)


@compiled
def _unknown(work: Workspace, skills: int, means: int, i: int) -> int:
    """Place among all unknowns of this participant's i-th."""
    return int(work.skills[i] if i < skills else means + work.raters[i - skills])


@compiled
def _add_exact_uncertainty(
    work: Workspace, skills: int, raters: int, inverse: Floats, block: Floats, uncertainty: Floats
) -> None:
    means = len(uncertainty) - 3
    person, halo, everything = means, means + 1, means + 2
    size = skills + raters
    for i in range(size):
        for j in range(size):
            block[i, j] = inverse[_unknown(work, skills, means, i), _unknown(work, skills, means, j)]
            uncertainty[everything] += block[i, j] * work.precision[i, j]
            uncertainty[person] += work.whole[i] * block[i, j] * work.whole[j]
    for i in range(size):
        total = 0.0
        for j in range(size):
            inner = 0.0
            for column in range(size):
                inner += block[j, column] * work.precision[i, column]
            total += work.precision[i, j] * inner
        uncertainty[work.skills[i] if i < skills else halo] += total


@compiled
def _add_sampled_uncertainty(
    work: Workspace,
    skills: int,
    raters: int,
    solved: Floats,
    probes: Floats,
    near: Floats,
    far: Floats,
    uncertainty: Floats,
) -> None:
    means = len(uncertainty) - 3
    person, halo, everything = means, means + 1, means + 2
    size = skills + raters
    samples = probes.shape[1]
    for i in range(size):
        for sample in range(samples):
            near[i, sample] = 0.0
            far[i, sample] = 0.0
        for j in range(size):
            weight = work.precision[i, j]
            unknown = _unknown(work, skills, means, j)
            for sample in range(samples):
                near[i, sample] += weight * solved[unknown, sample]
                far[i, sample] += weight * probes[unknown, sample]
    for i in range(size):
        unknown = _unknown(work, skills, means, i)
        total = 0.0
        of_all = 0.0
        for sample in range(samples):
            total += near[i, sample] * far[i, sample]
            of_all += solved[unknown, sample] * far[i, sample]
        uncertainty[work.skills[i] if i < skills else halo] += total / samples
        uncertainty[everything] += of_all / samples
    for sample in range(samples):
        uncertainty[person] += near[:skills, sample].sum() * far[:skills, sample].sum() / samples
