"""One participant at a time: what is theirs absorbed, exactly, out of Henderson's mixed-model equations.

Given skill means and rater severities, participants are independent. With U = [skills | raters] the indicators of one
participant's cells, V_γ = σ²/n + ω²·(same rater) is inverted by Sherman and Morrison, the traits (at most K of them) by
a Cholesky factor of I + D½ Z'V_γ⁻¹Z D½, which stays sound when a trait variance is zero, and what all skills of a
person share, κ·11', by Sherman and Morrison again: 1 is the sum of the skills' indicators. What is left is a small
precision matrix U'V⁻¹U over the means and severities that this participant touches; summed over participants it is the
Schur complement of the equations (Henderson 1984, Applications of Linear Models in Animal Breeding). All that REML's
score needs is made of it too: V is linear in the variances, so the share of the noise follows from those of the others.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.matching.domain.compiling import compiled
from services.matching.domain.profiling.cells import NoteCells

Floats = NDArray[np.float64]


class Variances(NamedTuple):
    """τ² of each skill, κ, ω² and σ², in squared levels."""

    trait: Floats
    person: float
    halo: float
    noise: float


class Workspace(NamedTuple):
    """Room for one participant of K skills, Q raters and C cells at most; M = K + Q.

    Room and work are linear in the raters: of U'V⁻¹U the rows of the skills stand in `border`, and those of two raters
    are diag(`alone`) − `half`'`half`, what a rater's notes weigh alone less what is known of them by the levels.
    """

    place: NDArray[np.int64]
    skills: NDArray[np.int64]
    raters: NDArray[np.int64]
    notes: Floats
    cell_skill: NDArray[np.int64]
    cell_rater: NDArray[np.int64]
    factor: Floats
    """(K, K): the upper Cholesky factor of I + D½ Z'V_γ⁻¹Z D½."""
    half: Floats
    """(K + 1, M): what is known by each skill's own level, in the last row by what all of them share."""
    whole: Floats
    """(M,): U'V⁻¹1, of all cells together."""
    border: Floats
    """(K, M)"""
    alone: Floats
    """(Q,)"""


@compiled
def workspace(cells: NoteCells, skills: int) -> Workspace:
    """Room for the participant with the most cells."""
    most = 1
    for person in range(len(cells.start) - 1):
        most = max(most, cells.start[person + 1] - cells.start[person])
    raters = 1
    for person in range(len(cells.start) - 1):
        met = 0
        for cell in range(cells.start[person], cells.start[person + 1]):
            if cell == cells.start[person] or cells.rater[cell] != cells.rater[cell - 1]:
                met += 1
        raters = max(raters, met)
    return Workspace(
        np.full(skills, -1, dtype=np.int64),
        np.empty(skills, dtype=np.int64),
        np.empty(raters, dtype=np.int64),
        np.empty(raters, dtype=np.float64),
        np.empty(most, dtype=np.int64),
        np.empty(most, dtype=np.int64),
        np.empty((skills, skills), dtype=np.float64),
        np.empty((skills + 1, skills + raters), dtype=np.float64),
        np.empty(skills + raters, dtype=np.float64),
        np.empty((skills, skills + raters), dtype=np.float64),
        np.empty(raters, dtype=np.float64),
    )


@compiled
def _number_locally(cells: NoteCells, person: int, work: Workspace) -> tuple[int, int]:
    """Number this participant's skills and raters from 0, in order of appearance and of place."""
    first, last = cells.start[person], cells.start[person + 1]
    skills = raters = 0
    for cell in range(first, last):
        skill = cells.skill[cell]
        if work.place[skill] < 0:
            work.place[skill] = skills
            work.skills[skills] = skill
            skills += 1
        if cell == first or cells.rater[cell] != cells.rater[cell - 1]:
            work.raters[raters] = cells.rater[cell]
            work.notes[raters] = 0.0
            raters += 1
        work.cell_skill[cell - first] = work.place[skill]
        work.cell_rater[cell - first] = raters - 1
        work.notes[raters - 1] += cells.weight[cell]
    for skill in range(skills):
        work.place[work.skills[skill]] = -1
    return skills, raters


@compiled
def absorb(cells: NoteCells, person: int, variances: Variances, work: Workspace) -> tuple[int, int, float]:
    """Fill `border`, `alone`, `half`, `factor` and `whole`; give the skills, the raters and log|V|."""
    skills, raters = _number_locally(cells, person, work)
    log_determinant = _absorb_halos(cells, person, variances, work, skills, raters)
    log_determinant += _absorb_traits(variances, work, skills, skills + raters)
    log_determinant += _absorb_person(variances, work, skills, skills + raters)
    return skills, raters, log_determinant


@compiled
def _absorb_halos(
    cells: NoteCells, person: int, variances: Variances, work: Workspace, skills: int, raters: int
) -> float:
    """Fill `border` and `alone` with U'V_γ⁻¹U and give log|V_γ|."""
    first, last = cells.start[person], cells.start[person + 1]
    noise, halo = variances.noise, variances.halo
    gram = work.border
    gram[:skills, : skills + raters] = 0.0
    log_determinant = 0.0
    for rater in range(raters):
        shared = noise + halo * work.notes[rater]
        work.alone[rater] = work.notes[rater] / shared
        log_determinant += np.log(shared / noise)
    begin = first
    for cell in range(first, last):
        i, rater, weight = work.cell_skill[cell - first], work.cell_rater[cell - first], cells.weight[cell]
        if cell > first and rater != work.cell_rater[cell - first - 1]:
            begin = cell
        shared = noise + halo * work.notes[rater]
        log_determinant += np.log(noise / weight)
        gram[i, i] += weight / noise
        gram[i, skills + rater] += weight / shared
        overlap = halo / (noise * shared) * weight
        gram[i, i] -= overlap * weight
        for other in range(begin, cell):
            j = work.cell_skill[other - first]
            gram[i, j] -= overlap * cells.weight[other]
            gram[j, i] -= overlap * cells.weight[other]
    return log_determinant


@compiled
def _absorb_traits(variances: Variances, work: Workspace, skills: int, size: int) -> float:
    """Turn U'V_γ⁻¹U into what it is with κ = 0, and give log|I + D½ Z'V_γ⁻¹Z D½|."""
    _weigh_by_traits(variances, work, skills, size)
    log_determinant = _eliminate_traits(work, skills, size)
    for i in range(skills):
        for inner in range(skills):
            share = work.half[inner, i]
            for column in range(size):
                work.border[i, column] -= share * work.half[inner, column]
    return log_determinant


@compiled
def _weigh_by_traits(variances: Variances, work: Workspace, skills: int, size: int) -> None:
    """Fill `factor` with I + D½ Z'V_γ⁻¹Z D½ and `half` with D½ Z'V_γ⁻¹U."""
    for i in range(skills):
        spread = np.sqrt(variances.trait[work.skills[i]])
        for column in range(size):
            work.half[i, column] = spread * work.border[i, column]
        for j in range(i, skills):
            work.factor[i, j] = work.half[i, j] * np.sqrt(variances.trait[work.skills[j]])
        work.factor[i, i] += 1.0


@compiled
def _eliminate_traits(work: Workspace, skills: int, size: int) -> float:
    """Make `factor` upper triangular, in place, `half` going with it, and give twice the logarithm of its determinant.

    Rows are taken off rows, so that neighbours in memory are computed together.
    """
    factor, half = work.factor, work.half
    log_determinant = 0.0
    for i in range(skills):
        pivot = np.sqrt(factor[i, i])
        log_determinant += 2.0 * np.log(pivot)
        for j in range(i, skills):
            factor[i, j] /= pivot
        for column in range(size):
            half[i, column] /= pivot
        for other in range(i + 1, skills):
            share = factor[i, other]
            for j in range(other, skills):
                factor[other, j] -= share * factor[i, j]
            for column in range(size):
                half[other, column] -= share * half[i, column]
    return log_determinant


@compiled
def _absorb_person(variances: Variances, work: Workspace, skills: int, size: int) -> float:
    """Turn what U'V⁻¹U is with κ = 0 into what it is, fill `whole` and give log(1 + κ 1'V₀⁻¹1)."""
    whole, known = work.whole, work.half[skills]
    whole[:size] = 0.0
    for i in range(skills):
        for column in range(size):
            whole[column] += work.border[i, column]
    grown = 1.0 + variances.person * whole[:skills].sum()
    spread = np.sqrt(variances.person / grown)
    for column in range(size):
        known[column] = spread * whole[column]
        whole[column] /= grown
    for i in range(skills):
        for column in range(size):
            work.border[i, column] -= known[i] * known[column]
    return float(np.log(grown))


@compiled
def weigh(
    cells: NoteCells,
    person: int,
    variances: Variances,
    work: Workspace,
    sizes: tuple[int, int],
    coefficients: Floats,
    weighed: Floats,
) -> float:
    """Fill `weighed` (M) with U'V⁻¹e and give e'V⁻¹e, of the residuals e = mean − coefficients; after `absorb`.

    `coefficients` (K + R) are the skill means and the severities.
    """
    skills, raters = sizes
    first, last = cells.start[person], cells.start[person + 1]
    means = len(variances.trait)
    for i in range(skills + raters):
        weighed[i] = 0.0
    square = 0.0
    for cell in range(first, last):
        i, rater = work.cell_skill[cell - first], work.cell_rater[cell - first]
        residual = cells.mean[cell] - coefficients[cells.skill[cell]] - coefficients[means + cells.rater[cell]]
        weighed[i] += cells.weight[cell] * residual / variances.noise
        weighed[skills + rater] += cells.weight[cell] * residual
        square += cells.weight[cell] * residual * residual / variances.noise
    for cell in range(first, last):
        rater = work.cell_rater[cell - first]
        shared = variances.noise + variances.halo * work.notes[rater]
        overlap = variances.halo / (variances.noise * shared) * weighed[skills + rater]
        weighed[work.cell_skill[cell - first]] -= overlap * cells.weight[cell]
    for rater in range(raters):
        shared = variances.noise + variances.halo * work.notes[rater]
        total = weighed[skills + rater]
        square -= variances.halo / (variances.noise * shared) * total * total
        weighed[skills + rater] = total / shared
    absorbed = np.empty(skills)
    for i in range(skills):
        value = np.sqrt(variances.trait[work.skills[i]]) * weighed[i]
        for inner in range(i):
            value -= work.factor[inner, i] * absorbed[inner]
        absorbed[i] = value / work.factor[i, i]
        square -= absorbed[i] * absorbed[i]
    for inner in range(skills):
        for i in range(skills + raters):
            weighed[i] -= work.half[inner, i] * absorbed[inner]
    shared = variances.person * weighed[:skills].sum()
    square -= float(shared * weighed[:skills].sum() * (1.0 - variances.person * work.whole[:skills].sum()))
    for i in range(skills + raters):
        weighed[i] -= shared * work.whole[i]
    return square
