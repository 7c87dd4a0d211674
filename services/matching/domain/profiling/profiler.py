"""`SkillProfiler`: from observations to skills with their uncertainty, raters' severity taken out."""

from collections.abc import Callable, Collection, Hashable, Iterator, Sequence
from functools import partial
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from services.matching.domain.profiling.book import PersonalNotes, ProfileBook
from services.matching.domain.profiling.cells import Notebook, Ratings, read_columns, take_down
from services.matching.domain.profiling.components import Components, VarianceComponents
from services.matching.domain.profiling.design import DesignWarning, separate_parts, told_by_data, warnings_of
from services.matching.domain.profiling.person import NotedLevels, collect_notes, further_notes, posterior_of_notes
from services.matching.domain.profiling.priors import WeakPriors
from services.matching.domain.profiling.profile import ROME_4, Profile, Rating, distinct_skills
from services.matching.domain.profiling.reml import Estimate, Reml, first_guess
from services.matching.domain.profiling.rounding import Scale

ENOUGH_TO_BEGIN = 50_000
"""So many participants tell each variance to a hundredth or so: near enough to begin."""

WORTH_BEGINNING_WITH_SOME = 4
"""Of so many times as many participants, a first climb with some of them costs less than it spares."""

TOLERANCE_TO_BEGIN = 0.01
"""Gain in log-likelihood at which that climb ends: what the few can tell is less sure than what is left."""

LEAST_TO_BEGIN = 0.01
"""No variance begins below this share of the guess."""


class SkillProfiler(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """Levels of soft skills from few notes by raters of different severity.

    A note is y = μₖ + πₚ + θₚₖ + bᵣ + γₚᵣ + ε: the skill's mean, what all skills of the person share, what this one
    has of its own, the rater's severity, the rater's overall impression of that person (halo), and noise, all normal.
    Variances by restricted maximum likelihood with weak priors; people and raters by best linear unbiased prediction
    (Searle, Casella and McCulloch 1992).

    Parameters: `framework`, the skills' codes in order; `person` and `halo`, whether π and γ are in the model;
    `priors`, "weak" for `WeakPriors()`, other `WeakPriors`, or None for classical REML, where each skill must have been
    observed and profiles take the variances for known;
    `rounded`, whether levels were rounded to whole notes 0..4 (then see `rounding`; "auto": if there are priors and all
    notes are whole);
    `exact_raters`, up to how many raters the equations are solved exactly (above, by conjugate gradients with estimated
    traces); `tolerance` on the expected gain in log-likelihood of a further step; `most_steps`; `random_state`, an
    integer that seeds the estimated traces.

    Fitted: `skill_means_` (K,), `variance_components_`, `rater_severity_` by rater, `profiles_` by participant,
    `components_` (all that a later estimate of one person needs), `connected_`, `person_identified_`,
    `halo_identified_`, `design_warnings_`, `deviance_` (−2 log restricted likelihood up to a constant, None where not
    computed), `n_iter_`.

        profiler = SkillProfiler().fit([Rating("P1", "6D102", "R7", 3.0), Rating("P2", "6D102", "R7", 1.0)])
        profile = profiler.profile("P1")
        profile.mean, profile.interval("6D102"), profile.seen("6D101")
        profiler.update([Rating("P1", "6D102", "R8", 4.0)]).profile("P1")

    `score` tells how well notes are foreseen, so scikit-learn can cross-validate and search; `transform` gives each
    note the levels of its participant.
    """

    def __init__(
        self,
        framework: Sequence[str] = ROME_4,
        *,
        person: bool = True,
        halo: bool = True,
        priors: WeakPriors | Literal["weak"] | None = "weak",
        rounded: bool | Literal["auto"] = "auto",
        exact_raters: int = 1500,
        tolerance: float = 1e-10,
        most_steps: int = 200,
        random_state: int = 0,
    ) -> None:
        self.framework = framework
        self.person = person
        self.halo = halo
        self.priors = priors
        self.rounded = rounded
        self.exact_raters = exact_raters
        self.tolerance = tolerance
        self.most_steps = most_steps
        self.random_state = random_state

    def fit(self, observations: Ratings, y: object = None) -> Self:
        """Estimate components and profiles from all observations; `y` is not used.

        `observations` are records, each a `Rating`, another object or a mapping with its fields, or a row of
        participant, skill, rater and level; or these as columns of a data frame, a mapping or a structured array; or an
        (n, 4) array of them in this order. TypeError for anything else. ValueError for unknown skills, levels that are
        not finite numbers, and, without priors, for skills never observed. The priors speak of the scale 0..4: levels
        outside it are taken as they are, with a warning among `design_warnings_`.
        """
        del y
        skills = distinct_skills(self.framework)
        self._check_parameters()
        notebook = take_down(observations, skills)
        priors = self._priors()
        self._check(notebook, priors)
        self.n_features_in_ = 4
        parts = separate_parts(notebook)
        self.connected_ = len(parts) <= 1
        if notebook.notes:
            scale = self._scale(notebook, priors)
            estimate, told = self._estimate(notebook, scale, priors)
            self.n_iter_, self.deviance_ = estimate.steps, estimate.deviance
            components = _components_of(skills, scale, notebook, estimate, with_priors=priors is not None)
        else:
            assert priors is not None  # noqa: S101  # an empty notebook without priors is refused by _check
            self.n_iter_, self.deviance_, told = 0, None, frozenset()
            components = Components.from_priors(skills, priors, person=self.person, halo=self.halo)
        self.person_identified_, self.halo_identified_ = "person" in told, "halo" in told
        self.design_warnings_: tuple[DesignWarning, ...] = warnings_of(
            notebook, parts, untold=self._asked() - told, priors=priors
        )
        return self._settle(components, notebook)

    def update(self, observations: Ratings, *, retracted: Ratings = ()) -> Self:
        """Take in new observations and take back `retracted` ones; the components stay as they were fitted.

        Only the participants named are estimated anew. A correction is the former observation retracted and the right
        one added. ValueError, and nothing changed, if a retracted observation was never made, its level included.
        """
        check_is_fitted(self)
        changed: dict[Hashable, PersonalNotes] = {}
        for participant, notes in self._by_participant(observations).items():
            changed[participant] = _with(self._notes(participant), notes)
        for participant, notes in self._by_participant(retracted).items():
            mine = changed[participant] if participant in changed else self._notes(participant)
            changed[participant] = _without(mine, notes, partial(self._name, participant))
        self.profiles_.amended.update(changed)
        return self

    def profile(self, participant: Hashable) -> Profile:
        """This participant's profile; of somebody never observed, the programme's prior (`not_yet_seen`)."""
        check_is_fitted(self)
        return posterior_of_notes(self._notes(participant), self.components_)

    def score(self, observations: Ratings, y: object = None) -> float:
        """How well notes that were not fitted are foreseen: their mean logarithmic density, in nats a note.

        More is better. The density is normal, over the scale of the notes, of each note by itself, from what is known
        of its participant and its rater; of somebody new, from the prior. It rewards being right and being honest about
        how sure one is (Good 1952): a narrow one pays only where the notes fall into it. For whole notes it is close to
        the logarithm of the probability of the very note, of which guessing evenly among 0..4 gives −1.61. Notes that
        were fitted are foreseen too well: leave that to cross-validation. `y` is not used. ValueError for no
        observation, and as `fit`.

            cross_val_score(SkillProfiler(), ratings, cv=5)  # ratings: a list, a data frame, a structured array
            cross_val_score(SkillProfiler(), ratings, groups=people, cv=GroupKFold(5))  # people nobody has seen
            GridSearchCV(SkillProfiler(), {"person": [True, False], "halo": [True, False]}).fit(ratings)
        """
        check_is_fitted(self)
        del y
        densities: list[float] = []
        for participant, cells in self._by_participant(observations).items():
            mean, variance = further_notes(self._notes(participant), list(cells), self.components_)
            for levels, centre, width in zip(cells.values(), mean, variance, strict=True):
                apart = (np.array(levels) - centre) ** 2 / width
                densities.extend((-(apart + np.log(2 * np.pi * width)) / 2).tolist())
        if not densities:
            raise ValueError("no observation is given: a score needs one at least")
        return float(np.mean(densities))

    def transform(self, observations: Ratings) -> NDArray[np.float64]:
        """The levels, (n, K), of the participant of each of n observations, as far as was fitted and updated.

        The notes themselves are not learnt from; of a participant never observed, the row is the programme's prior.
        ValueError as `fit`.

            levels = SkillProfiler().fit_transform(ratings)  # with set_output(transform="pandas"), a column for a skill
        """
        check_is_fitted(self)
        people = read_columns(observations)["participant"].tolist()
        levels = {participant: self.profile(participant).mean for participant in dict.fromkeys(people)}
        return np.array([levels[participant] for participant in people]).reshape(-1, len(self.framework))

    def fit_transform(self, observations: Ratings, y: object = None) -> Any:
        """`fit` and `transform` of the same observations."""
        given = list(observations) if isinstance(observations, Iterator) else observations
        return super().fit_transform(given, y)

    def get_feature_names_out(self, input_features: object = None) -> NDArray[np.object_]:
        """The skills, (K,): the columns of `transform`."""
        check_is_fitted(self)
        del input_features
        return np.array(self.framework, dtype=object)

    def __sklearn_tags__(self) -> Any:
        """Tell scikit-learn that columns may hold text."""
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        return tags

    def _settle(self, components: Components, notebook: Notebook) -> Self:
        self.components_ = components
        self.skill_means_: NDArray[np.float64] = components.means
        self.variance_components_: VarianceComponents = components.variances
        self.rater_severity_ = dict(zip(components.raters, components.severity.tolist(), strict=True))
        self.profiles_ = ProfileBook(components, notebook)
        return self

    def _priors(self) -> WeakPriors | None:
        return WeakPriors() if isinstance(self.priors, str) else self.priors

    def _check_parameters(self) -> None:
        if self.priors not in ("weak", None) and not isinstance(self.priors, WeakPriors):
            raise ValueError(f'priors must be "weak", WeakPriors or None, not {self.priors!r}')
        for name in ("person", "halo", "rounded"):
            value = getattr(self, name)
            if not isinstance(value, bool) and (name, value) != ("rounded", "auto"):
                wanted = 'True, False or "auto"' if name == "rounded" else "True or False"
                raise ValueError(f"{name} must be {wanted}, not {value!r}")
        for name, least in (("exact_raters", 0), ("most_steps", 1)):
            if getattr(self, name) < least:
                raise ValueError(f"{name} must be {least} at least, not {getattr(self, name)}")
        if not self.tolerance > 0:
            raise ValueError(f"tolerance must be above 0, not {self.tolerance}")

    def _check(self, notebook: Notebook, priors: WeakPriors | None) -> None:
        if priors is None:
            observed = np.bincount(notebook.cells.skill, minlength=len(self.framework)) > 0
            never = [str(skill) for skill, seen in zip(self.framework, observed, strict=True) if not seen]
            if never:
                raise ValueError(f"never observed: {', '.join(never)}; give priors, or a framework without them")
            if np.ptp(notebook.cells.mean) == 0 and not notebook.spread_within_cells.any():
                raise ValueError("all levels are the same: without priors no variance can be told")

    def _scale(self, notebook: Notebook, priors: WeakPriors | None) -> Scale:
        rounded = notebook.whole and priors is not None if self.rounded == "auto" else self.rounded
        return notebook.scale_of_whole_notes() if rounded else Scale.as_noted(len(self.framework))

    def _asked(self) -> frozenset[str]:
        return frozenset(part for part, asked in (("person", self.person), ("halo", self.halo)) if asked)

    def _estimate(self, notebook: Notebook, scale: Scale, priors: WeakPriors | None) -> tuple[Estimate, frozenset[str]]:
        """The estimate, and which of person and halo the data tell; what neither they nor priors tell is left out."""
        skills = len(self.framework)
        kept = self._asked()
        start = self._start(notebook, scale, priors, kept)
        noted = notebook.read_on(scale)
        while True:
            reml = self._reml(noted, priors, kept)
            estimate = reml.estimate(start, self.tolerance, self.most_steps)
            places = {"halo": skills + 1, "person": skills}
            free = [place for place in range(skills + 3) if not reml.held[place]]
            untold = [
                part
                for part, place in places.items()
                if part in kept
                and not told_by_data(place, [one for one in free if one != place], estimate.information, priors)
            ]
            if priors is not None or not untold:
                return estimate, kept.difference(untold)
            kept -= {untold[0]}

    def _start(
        self, notebook: Notebook, scale: Scale, priors: WeakPriors | None, kept: Collection[str]
    ) -> NDArray[np.float64]:
        """Where to begin to climb: near the summit that some of very many participants show, at little cost.

        Where all of them lead does not depend on it, only how many steps it takes. A variance that the few do not show
        at all may be there: from nothing it could not rise, so it begins with a share of the guess.
        """
        guess = first_guess(notebook.read_on(scale), len(self.framework), priors or WeakPriors())
        step = len(notebook.participants) // ENOUGH_TO_BEGIN
        if priors is None or step < WORTH_BEGINNING_WITH_SOME:  # without priors, the few may lack a skill
            return guess
        some = self._reml(notebook.of_every(step).read_on(scale), priors, kept)
        return np.maximum(some.summit(guess, TOLERANCE_TO_BEGIN, self.most_steps), LEAST_TO_BEGIN * guess)

    def _reml(self, notebook: Notebook, priors: WeakPriors | None, kept: Collection[str]) -> Reml:
        return Reml(
            notebook,
            len(self.framework),
            person="person" in kept,
            halo="halo" in kept,
            priors=priors,
            exact_raters=self.exact_raters,
            seed=self.random_state,
        )

    def _notes(self, participant: Hashable) -> NotedLevels:
        try:
            return self.profiles_.notes(participant)
        except KeyError:
            return {}

    def _name(self, participant: Hashable, skill: int, rater: Hashable, level: float) -> str:
        return f"{self.framework[skill]} of {participant!r} by {rater!r}, level {level:g}"

    def _by_participant(self, observations: Ratings) -> dict[Hashable, NotedLevels]:
        columns = read_columns(observations)
        batches: dict[Hashable, list[Rating]] = {}
        rows = zip(*(columns[name].tolist() for name in ("participant", "skill", "rater", "level")), strict=True)
        for participant, skill, rater, level in rows:
            batches.setdefault(participant, []).append(Rating(participant, skill, rater, float(level)))
        return {participant: collect_notes(batch, self.components_) for participant, batch in batches.items()}


def _components_of(
    skills: tuple[str, ...], scale: Scale, notebook: Notebook, estimate: Estimate, *, with_priors: bool
) -> Components:
    uncertainty = estimate.uncertainty
    covariance = estimate.covariance if with_priors else np.zeros_like(estimate.covariance)
    return Components(
        skills=skills,
        scale=scale,
        variances=estimate.variances,
        variances_covariance=covariance,
        means=estimate.solution.coefficients[: len(skills)],
        means_covariance=uncertainty.means_covariance,
        raters=notebook.raters,
        severity=estimate.solution.coefficients[len(skills) :],
        own_variance=uncertainty.own_variance,
        slope=uncertainty.slope,
    )


def _with(mine: NotedLevels, more: NotedLevels) -> PersonalNotes:
    """A person's notes and some more."""
    return {cell: sorted((*mine.get(cell, ()), *more.get(cell, ()))) for cell in {**mine, **more}}


def _without(mine: NotedLevels, fewer: NotedLevels, name: Callable[[int, Hashable, float], str]) -> PersonalNotes:
    """A person's notes but for some; ValueError for one that is not among them, called as `name` calls it."""
    left = {cell: list(levels) for cell, levels in mine.items()}
    for cell, levels in fewer.items():
        for level in levels:
            if level not in left.get(cell, ()):
                raise ValueError(f"a note is retracted that was never made: {name(*cell, level)}")
            left[cell].remove(level)
    return {cell: levels for cell, levels in left.items() if levels}
