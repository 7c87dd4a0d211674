"""Everybody's profile, by participant: columns for the many, a full covariance for the one who is asked for."""

from collections.abc import Hashable, Iterator, Mapping

import numpy as np

from services.matching.domain.compiling import compiled
from services.matching.domain.profiling.absorption import (
    Floats,
    Variances,
    Workspace,
    absorb,
    weigh,
    workspace,
)
from services.matching.domain.profiling.cells import Notebook, NoteCells
from services.matching.domain.profiling.components import Components
from services.matching.domain.profiling.person import posterior_of_notes
from services.matching.domain.profiling.profile import Profile
from services.matching.domain.profiling.strands import in_strands

PersonalNotes = dict[tuple[int, Hashable], list[float]]
"""(place of the skill, rater) → their levels, ascending."""


class ProfileBook(Mapping[Hashable, Profile]):
    """Profiles by participant. `participants` (P), `mean` and `variance` (P, K) hold those of the last fit as columns.

    Participants whose notes changed since then are in `amended`, and come with their new profile when asked for by key.
    """

    def __init__(self, components: Components, notebook: Notebook) -> None:
        self.participants = notebook.participants
        self.amended: dict[Hashable, PersonalNotes] = {}
        self._components = components
        self._notebook = notebook
        self._rows = {participant: row for row, participant in enumerate(notebook.participants)}
        known = components.variances
        variances = Variances(known.trait, known.person, known.halo, known.noise)
        coefficients = np.concatenate((components.means, components.severity))
        cells = notebook.read_on(components.scale).cells
        slope = np.ascontiguousarray(components.slope)
        strands = in_strands(
            len(notebook.participants),
            lambda people: _levels(
                cells,
                people.start,
                people.stop,
                variances,
                coefficients,
                components.means_covariance,
                slope,
                components.own_variance,
                np.ascontiguousarray(components.variances_covariance[:-1, :-1]),
            ),
        )
        self.mean = np.concatenate([mean for mean, _ in strands])
        self.variance = np.concatenate([variance for _, variance in strands])

    def __getitem__(self, participant: Hashable) -> Profile:
        """The profile of a participant of whom something is or was noted; KeyError for others."""
        return posterior_of_notes(self.notes(participant), self._components)

    def __iter__(self) -> Iterator[Hashable]:
        """Participants of the fit, then those who came after it."""
        yield from self.participants
        yield from (participant for participant in self.amended if participant not in self._rows)

    def __len__(self) -> int:
        """How many participants were noted."""
        return len(self._rows) + sum(participant not in self._rows for participant in self.amended)

    def notes(self, participant: Hashable) -> PersonalNotes:
        """This participant's levels by skill and rater; KeyError for somebody never noted."""
        if participant in self.amended:
            return self.amended[participant]
        row = self._rows[participant]
        cells = self._notebook.cells
        mine = slice(cells.start[row], cells.start[row + 1])
        raters = [self._notebook.raters[rater] for rater in cells.rater[mine].tolist()]
        keys = zip(cells.skill[mine].tolist(), raters, strict=True)
        return dict(zip(keys, self._notebook.levels_of(mine), strict=True))


@compiled
def _levels(
    cells: NoteCells,
    first: int,
    stop: int,
    variances: Variances,
    coefficients: Floats,
    means_covariance: Floats,
    slope: Floats,
    own_variance: Floats,
    variances_covariance: Floats,
) -> tuple[Floats, Floats]:
    """Posterior mean and variance of every level, (P, K) each: `posterior`'s formulas, for many at once."""
    means = len(variances.trait)
    mean = np.empty((stop - first, means))
    variance = np.empty((stop - first, means))
    work = workspace(cells, means)
    room = len(work.whole)
    weighed = np.empty(room)
    gain = np.empty(room)
    by_means = np.empty(means)
    drift = np.empty(means + 3)
    image, drift_image = np.empty(means), np.empty(means + 3)
    for person in range(first, stop):
        row = person - first
        skills, raters, _ = absorb(cells, person, variances, work)
        sizes = skills, raters
        weigh(cells, person, variances, work, sizes, coefficients, weighed)
        # of a skill that was not noted only what all of them share is learnt
        for j in range(skills + raters):
            gain[j] = variances.person * work.whole[j]
        shared = variances.person * weighed[:skills].sum()
        open_still = variances.person - variances.person * gain[:skills].sum()
        open_still += _add_errors_of_raters(work, sizes, gain, slope, own_variance, by_means)
        _fill_drift(work, variances, weighed, sizes, gain, shared, drift)
        open_still += 2.0 * _square(drift, variances_covariance, drift_image)
        open_still += _square(by_means, means_covariance, image)
        for skill in range(means):
            mean[row, skill] = coefficients[skill] + shared
            variance[row, skill] = variances.trait[skill] + open_still + means_covariance[skill, skill]
            variance[row, skill] += 2.0 * image[skill]
        for i in range(skills):
            skill = work.skills[i]
            trait = variances.trait[skill]
            for j in range(skills + raters):
                gain[j] = trait * work.border[i, j] + variances.person * work.whole[j]
            moved = trait * weighed[i] + shared
            total = trait + variances.person - trait * gain[i] - variances.person * gain[:skills].sum()
            total += _add_errors_of_raters(work, sizes, gain, slope, own_variance, by_means)
            by_means[skill] += 1.0
            total += _square(by_means, means_covariance, image)
            _fill_drift(work, variances, weighed, sizes, gain, moved, drift)
            drift[skill] += weighed[i]
            mean[row, skill] = coefficients[skill] + moved
            variance[row, skill] = total + 2.0 * _square(drift, variances_covariance, drift_image)
    return mean, variance


@compiled
def _add_errors_of_raters(
    work: Workspace, sizes: tuple[int, int], gain: Floats, slope: Floats, own_variance: Floats, by_means: Floats
) -> float:
    """Fill how a person's part of a level moves with the skill means; give the variance from the raters' own errors.

    `gain` is how the level follows the residuals summed by the person's skills and raters: T Z'V⁻¹U's row.
    """
    skills, raters = sizes
    by_means[:] = 0.0
    total = 0.0
    for j in range(skills):
        by_means[work.skills[j]] -= gain[j]
    for rater in range(raters):
        place = work.raters[rater]
        share = gain[skills + rater]
        total += share * share * own_variance[place]
        for other in range(len(by_means)):
            by_means[other] -= share * slope[place, other]
    return total


@compiled
def _fill_drift(
    work: Workspace,
    variances: Variances,
    weighed: Floats,
    sizes: tuple[int, int],
    gain: Floats,
    moved: float,
    drift: Floats,
) -> None:
    """How a level that notes moved by `moved` follows each variance (traits, person, halo, noise): `person`'s drift.

    Of the level's own trait variance one term is left to add: what that variance is to the level itself.
    """
    skills, raters = sizes
    means = len(variances.trait)
    drift[:] = 0.0
    whole = weighed[:skills].sum()
    share = gain[:skills].sum()
    left = moved - variances.person * share * whole
    for j in range(skills):
        drift[work.skills[j]] = -gain[j] * weighed[j]
        left -= variances.trait[work.skills[j]] * gain[j] * weighed[j]
    drift[means] = whole - share * whole
    for rater in range(skills, skills + raters):
        drift[means + 1] -= gain[rater] * weighed[rater]
    left += variances.halo * drift[means + 1]
    # V is linear in the variances: what is left of V V⁻¹e is the noise's
    drift[means + 2] = -left / variances.noise


@compiled
def _square(vector: Floats, matrix: Floats, image: Floats) -> float:
    """Quadratic form of a symmetric matrix; fills `image` with the matrix times the vector, row after row."""
    image[:] = 0.0
    for i in range(len(vector)):
        share = vector[i]
        if share != 0.0:
            for j in range(len(image)):
                image[j] += share * matrix[i, j]
    total = 0.0
    for i in range(len(vector)):
        total += vector[i] * image[i]
    return total
