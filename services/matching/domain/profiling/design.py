"""What the design of a programme can tell, and what it must leave to the priors."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from services.matching.domain.profiling.absorption import Floats
from services.matching.domain.profiling.cells import Notebook
from services.matching.domain.profiling.equations import meetings
from services.matching.domain.profiling.priors import WeakPriors


@dataclass(frozen=True, slots=True)
class DesignWarning:
    """Something that the data cannot tell by themselves: a stable `code`, and a sentence."""

    code: str
    message: str


def separate_parts(notebook: Notebook) -> tuple[int, ...]:
    """Sizes, in raters, of the groups of raters that no participant links; one size when all are linked."""
    if not notebook.raters:
        return ()
    shared = meetings(notebook.cells, len(notebook.raters)).tocoo()
    people, raters = shared.shape
    everybody = people + raters
    links = csr_array((shared.data, (shared.row, people + shared.col)), shape=(everybody, everybody))
    _, labels = connected_components(links, directed=False)
    return tuple(size for _, size in Counter(labels[people:].tolist()).most_common())


def told_by_data(place: int, others: Sequence[int], information: Floats, priors: WeakPriors | None) -> bool:
    """Whether the data know more of one variance than its prior does (with no priors: whether they know anything).

    `information` is that of the data over traits, person, halo, noise and severity. What they know of the one at
    `place` is what is left once the `others`, unknown too, have taken their share.
    """
    whole = float(information[place, place])
    cross = information[place, others]
    left = whole - float(cross @ np.linalg.pinv(information[np.ix_(others, others)], hermitian=True) @ cross)
    if priors is None:
        return left > 1e-7 * whole
    skills = len(information) - 4
    guess = priors.variances(skills)[place]
    if place == skills:
        # nothing is lost by not telling a share as small as its guess: what counts lies between it and the traits
        guess = (guess * priors.trait) ** 0.5
    return bool(left * guess**2 > priors.weights(skills)[place] / 2)


def warnings_of(
    notebook: Notebook, parts: tuple[int, ...], *, untold: Collection[str], priors: WeakPriors | None
) -> tuple[DesignWarning, ...]:
    """The warnings that a fit must show; `untold` are those of "person" and "halo" that the data do not tell."""
    found = []
    if len(parts) > 1:
        found.append(
            DesignWarning(
                "disconnected-raters",
                f"The raters form {len(parts)} groups that share no participant: severities are comparable within a "
                "group; between groups they rest on the assumption that participants are alike.",
            )
        )
    if "halo" in untold:
        told = (
            "their prior decides how much is halo."
            if priors is not None
            else "with no prior to decide, all of it is taken as noise."
        )
        found.append(
            DesignWarning(
                "halo-not-identified",
                f"This design cannot tell a rater's overall impression of a person from the noise of each note: {told}",
            )
        )
    if "person" in untold:
        told = (
            "the prior decides how much is shared."
            if priors is not None
            else "with no prior to decide, none of it is taken as shared."
        )
        found.append(
            DesignWarning(
                "person-not-identified",
                f"This design cannot tell what all skills of a person share from what each has of its own: {told}",
            )
        )
    least, most = notebook.levels.min(initial=np.inf), notebook.levels.max(initial=-np.inf)
    if notebook.notes > 1 and least == most:
        found.append(
            DesignWarning(
                "constant-notes",
                f"All {notebook.notes} notes are {least:g}: they cannot tell how people, skills or raters differ.",
            )
        )
    elif notebook.notes > 2 and np.isin(notebook.levels, (least, most)).all():
        found.append(
            DesignWarning(
                "two-valued-notes",
                f"All notes are {least:g} or {most:g}: they tell who is above whom, and hardly by how much.",
            )
        )
    if priors is not None and notebook.off_scale:
        found.append(
            DesignWarning(
                "levels-off-scale",
                f"{notebook.off_scale} notes lie outside the scale 0..4 of which the priors speak.",
            )
        )
    return tuple(found)
