"""Sums over all participants at a solution of the equations: what REML's score is made of."""

from typing import NamedTuple

import numpy as np

from services.matching.domain.compiling import compiled
from services.matching.domain.profiling.absorption import Floats, Variances, Workspace, absorb, weigh, workspace
from services.matching.domain.profiling.cells import NoteCells
from services.matching.domain.profiling.strands import in_strands
from services.matching.domain.profiling.survey import total_of


class ScoreSums(NamedTuple):
    """Sums over participants for REML's score: the K traits, what a person's skills share, the halo and all together.

    `squares` are e'V⁻¹V_jV⁻¹e (all together: e'V⁻¹e) of the residuals e; `uncertainty` are tr C⁻¹U'V⁻¹V_jV⁻¹U.
    """

    squares: Floats
    uncertainty: Floats


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
    return ScoreSums(*map(total_of, zip(*strands, strict=True)))


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
    room = len(work.whole)
    weighed = np.empty(room)
    # C⁻¹probes and probes side by side, so that both are multiplied in one go
    vectors = solved if exact else np.concatenate((solved, probes), axis=1)
    known = np.empty((means + 1, means + 1 if exact else vectors.shape[1]))
    images = np.empty((room, known.shape[1]))
    block = np.empty((room, room if exact else 0))
    for person in range(first, stop):
        skills, raters, _ = absorb(cells, person, variances, work)
        squares[means + 2] += weigh(cells, person, variances, work, (skills, raters), coefficients, weighed)
        for i in range(skills):
            squares[work.skills[i]] += weighed[i] ** 2
        squares[means] += weighed[:skills].sum() ** 2
        for rater in range(skills, skills + raters):
            squares[means + 1] += weighed[rater] ** 2
        if exact:
            _add_exact_uncertainty(work, skills, raters, vectors, block, images, known, uncertainty)
        else:
            _times_precision(work, skills, raters, means, vectors, known, images)
            _add_sampled_uncertainty(work, skills, raters, vectors, images, uncertainty)
    return ScoreSums(squares, uncertainty)


@compiled
def _unknown(work: Workspace, skills: int, means: int, i: int) -> int:
    """Place among all unknowns of this participant's i-th."""
    return int(work.skills[i] if i < skills else means + work.raters[i - skills])


@compiled
def _add_exact_uncertainty(
    work: Workspace,
    skills: int,
    raters: int,
    inverse: Floats,
    block: Floats,
    images: Floats,
    known: Floats,
    uncertainty: Floats,
) -> None:
    """From this participant's `block` of C⁻¹, of which every entry is touched a few times a skill."""
    means = len(uncertainty) - 3
    size = skills + raters
    for i in range(size):
        for j in range(size):
            block[i, j] = inverse[_unknown(work, skills, means, i), _unknown(work, skills, means, j)]
    _add_through_skills(work, skills, size, block, uncertainty)
    _fill_images(work, skills, size, block, images, known)
    for k in range(skills + 1):
        uncertainty[-1] -= known[k, k]
    for rater in range(skills, size):
        uncertainty[-1] += work.alone[rater - skills] * block[rater, rater]
        uncertainty[-2] += _of_rater(work, skills, rater, block, images, known)


@compiled
def _add_through_skills(work: Workspace, skills: int, size: int, block: Floats, uncertainty: Floats) -> None:
    """What the skills' rows of U'V⁻¹U bring, and what all of a person's skills share."""
    for i in range(skills):
        for j in range(size):
            inner = 0.0
            for column in range(size):
                inner += block[j, column] * work.border[i, column]
            uncertainty[work.skills[i]] += work.border[i, j] * inner
            uncertainty[-1] += block[i, j] * work.border[i, j] * (1.0 if j < skills else 2.0)
    for i in range(size):
        for j in range(size):
            uncertainty[-3] += work.whole[i] * block[i, j] * work.whole[j]


@compiled
def _fill_images(work: Workspace, skills: int, size: int, block: Floats, images: Floats, known: Floats) -> None:
    """Fill `images` (M, K + 1) with the block times H', and `known` with H times the block times H', of raters only."""
    images[:size, : skills + 1] = 0.0
    for i in range(size):
        for k in range(skills + 1):
            for rater in range(skills, size):
                images[i, k] += block[i, rater] * work.half[k, rater]
    known[: skills + 1, : skills + 1] = 0.0
    for k in range(skills + 1):
        for rater in range(skills, size):
            for other in range(skills + 1):
                known[k, other] += work.half[k, rater] * images[rater, other]


@compiled
def _of_rater(work: Workspace, skills: int, rater: int, block: Floats, images: Floats, known: Floats) -> float:
    """Their column of U'V⁻¹U squared through the block: c + a·e − H'h, of the skills, alone, and known by levels."""
    alone = work.alone[rater - skills]
    total = alone * alone * block[rater, rater]
    for i in range(skills):
        share = work.border[i, rater]
        total += 2.0 * alone * share * block[i, rater]
        for j in range(skills):
            total += share * block[i, j] * work.border[j, rater]
        for k in range(skills + 1):
            total -= 2.0 * share * images[i, k] * work.half[k, rater]
    for k in range(skills + 1):
        share = work.half[k, rater]
        total -= 2.0 * alone * images[rater, k] * share
        for other in range(skills + 1):
            total += share * known[k, other] * work.half[other, rater]
    return float(total)


@compiled
def _times_precision(
    work: Workspace, skills: int, raters: int, means: int, vectors: Floats, known: Floats, images: Floats
) -> None:
    """Fill `images` (M, S) with U'V⁻¹U times this participant's rows of `vectors` (K + R, S)."""
    size = skills + raters
    images[:size] = 0.0
    _add_border_times(work, skills, size, means, vectors, images)
    _add_raters_times(work, skills, size, means, vectors, known, images)


@compiled
def _add_border_times(work: Workspace, skills: int, size: int, means: int, vectors: Floats, images: Floats) -> None:
    samples = vectors.shape[1]
    for i in range(skills):
        skill = work.skills[i]
        for j in range(size):
            unknown = _unknown(work, skills, means, j)
            weight = work.border[i, j]
            for sample in range(samples):
                images[i, sample] += weight * vectors[unknown, sample]
        for j in range(skills, size):
            weight = work.border[i, j]
            for sample in range(samples):
                images[j, sample] += weight * vectors[skill, sample]


@compiled
def _add_raters_times(
    work: Workspace, skills: int, size: int, means: int, vectors: Floats, known: Floats, images: Floats
) -> None:
    samples = vectors.shape[1]
    known[: skills + 1] = 0.0
    for j in range(skills, size):
        unknown = _unknown(work, skills, means, j)
        alone = work.alone[j - skills]
        for sample in range(samples):
            images[j, sample] += alone * vectors[unknown, sample]
        for k in range(skills + 1):
            share = work.half[k, j]
            for sample in range(samples):
                known[k, sample] += share * vectors[unknown, sample]
    for j in range(skills, size):
        for k in range(skills + 1):
            share = work.half[k, j]
            for sample in range(samples):
                images[j, sample] -= share * known[k, sample]


@compiled
def _add_sampled_uncertainty(
    work: Workspace, skills: int, raters: int, vectors: Floats, images: Floats, uncertainty: Floats
) -> None:
    """From U'V⁻¹U times C⁻¹ probes and times the probes, which stand behind them in `images` as in `vectors`."""
    means = len(uncertainty) - 3
    person, halo, everything = means, means + 1, means + 2
    samples = vectors.shape[1] // 2
    for i in range(skills + raters):
        unknown = _unknown(work, skills, means, i)
        total = 0.0
        of_all = 0.0
        for sample in range(samples):
            total += images[i, sample] * images[i, samples + sample]
            of_all += vectors[unknown, sample] * images[i, samples + sample]
        uncertainty[work.skills[i] if i < skills else halo] += total / samples
        uncertainty[everything] += of_all / samples
    for sample in range(samples):
        near, far = images[:skills, sample], images[:skills, samples + sample]
        uncertainty[person] += near.sum() * far.sum() / samples
