"""What a design cannot tell is told: raters who never meet, halos that cannot be seen, levels off the scale."""

import numpy as np
import pytest

from services.matching.domain.profiling import ROME_4, Rating, SkillProfiler
from tests.services.matching.domain.profiling.programme import simulate


def codes(profiler: SkillProfiler) -> list[str]:
    return [warning.code for warning in profiler.design_warnings_]


def test_raters_who_share_no_participant_are_told_apart() -> None:
    random = np.random.default_rng(1)
    notes = [
        Rating(f"{house}{person}", "order", f"{house}{rater}", float(random.integers(5)))
        for house in ("Lens", "Lille", "Arras")
        for person in range(6)
        for rater in range(2)
    ]
    apart = SkillProfiler(("order",)).fit(notes)
    assert not apart.connected_
    assert "disconnected-raters" in codes(apart)
    assert "3 groups" in apart.design_warnings_[0].message
    shared = [*notes, Rating("Lens0", "order", "Lille0", 2.0), Rating("Lille0", "order", "Arras0", 2.0)]
    together = SkillProfiler(("order",)).fit(shared)
    assert together.connected_
    assert "disconnected-raters" not in codes(together)


def test_one_note_for_each_rater_and_person_leaves_the_halo_to_its_prior() -> None:
    random = np.random.default_rng(2)
    notes = [Rating(person, "order", rater, float(random.integers(5))) for person in range(40) for rater in range(4)]
    profiler = SkillProfiler(("order",)).fit(notes)
    assert not profiler.halo_identified_
    assert "halo-not-identified" in codes(profiler)


def test_several_skills_noted_by_each_of_several_raters_tell_the_halo() -> None:
    programme = simulate(np.random.default_rng(3), groups=2, rounded=True)
    profiler = SkillProfiler(programme.skills).fit(programme.columns)
    assert profiler.halo_identified_
    assert codes(profiler) == []


def test_one_skill_cannot_tell_what_skills_share() -> None:
    random = np.random.default_rng(6)
    notes = [Rating(person, "order", rater, float(random.integers(5))) for person in range(40) for rater in range(4)]
    weak = SkillProfiler(("order",)).fit(notes)
    classical = SkillProfiler(("order",), priors=None, halo=False).fit(notes)
    assert not weak.person_identified_
    assert "person-not-identified" in codes(weak)
    assert "person-not-identified" in codes(classical)
    assert classical.variance_components_.person == 0.0


def test_without_priors_a_halo_that_cannot_be_told_is_left_out() -> None:
    random = np.random.default_rng(4)
    notes = [Rating(person, "order", rater, random.normal(2, 1)) for person in range(12) for rater in range(4)]
    asked = SkillProfiler(("order",), priors=None).fit(notes)
    without = SkillProfiler(("order",), priors=None, halo=False).fit(notes)
    assert not asked.halo_identified_
    assert asked.variance_components_.halo == 0.0
    assert asked.variance_components_.noise == pytest.approx(without.variance_components_.noise)
    assert "halo-not-identified" in codes(asked)


def test_levels_off_the_scale_are_taken_and_told() -> None:
    profiler = SkillProfiler(("order",)).fit([Rating("P", "order", "R", 4.5), Rating("Q", "order", "R", -1.0)])
    assert "levels-off-scale" in codes(profiler)
    assert any("2 notes" in warning.message for warning in profiler.design_warnings_)


@pytest.mark.parametrize("raters", [1, 3, 10])
@pytest.mark.parametrize(
    ("levels", "code"),
    [
        ((2,), "constant-notes"),
        ((4,), "constant-notes"),
        ((0,), "constant-notes"),
        ((0, 4), "two-valued-notes"),
        ((2, 3), "two-valued-notes"),
    ],
)
def test_notes_of_one_or_two_levels_converge_and_tell_what_they_cannot(
    levels: tuple[int, ...], code: str, raters: int
) -> None:
    participant, skill, rater = (axis.ravel() for axis in np.mgrid[:15, :16, :raters])
    level = np.random.default_rng(raters).choice(levels, len(skill))
    columns = {"participant": participant, "skill": np.array(ROME_4)[skill], "rater": rater, "level": level}
    profiler = SkillProfiler().fit(columns)
    assert code in codes(profiler)
    assert profiler.n_iter_ < 100
    assert (np.abs(profiler.profiles_.mean - 2) < 3).all()


def test_a_skill_of_few_notes_borrows_the_common_variance() -> None:
    programme = simulate(np.random.default_rng(5), groups=12, skills=4)
    framework = (*programme.skills, "rare")
    columns = {name: column.tolist() for name, column in programme.columns.items()}
    for name, value in (("participant", 0), ("skill", "rare"), ("rater", 1), ("level", 2.0)):
        columns[name].append(value)
    trait = SkillProfiler(framework).fit(columns).variance_components_.trait
    assert trait[:4].min() * 0.8 < trait[4] < trait[:4].max() * 1.2
