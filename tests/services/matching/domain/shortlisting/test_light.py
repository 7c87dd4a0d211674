"""Light shares say no less than what somebody is expected to have of a requirement, and hardly more."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.matching.domain.scoring import steps
from services.matching.domain.shortlisting.light import LIGHT_WHOLE, light_shares_of, shares_by_level

PEOPLE, SKILLS = 8, 3


@given(st.integers(0, 2**32), st.sampled_from([0.0, 0.1, 0.25, 0.29, 0.5]))
def test_a_light_share_is_never_too_low_and_by_one_255th_too_high_at_most(seed: int, softness: float) -> None:
    random = np.random.default_rng(seed)
    reaching = np.sort(random.choice([0.0, 1.0, *random.random(9)], (PEOPLE, SKILLS, 4)), axis=2)[:, :, ::-1]
    rows = reaching.reshape(PEOPLE, -1).astype(np.float32)
    light = light_shares_of(rows, shares_by_level(softness), PEOPLE // 2) / LIGHT_WHOLE
    assert light.shape == (2, 4 * SKILLS, PEOPLE // 2)
    by_person = light.transpose(0, 2, 1).reshape(PEOPLE, SKILLS, 4)
    for level in (1, 2, 3, 4):
        share = sum(step.share * reaching[:, :, step.level - 1] for step in steps(level, softness))
        over = by_person[:, :, level - 1] - share
        assert over.min() > -1e-6
        assert over.max() < 1 / LIGHT_WHOLE + 1e-6


@pytest.mark.parametrize("softness", [0.0, 0.1, 0.25, 0.5])
def test_whoever_surely_has_all_has_it_lightly_too(softness: float) -> None:
    light = light_shares_of(np.ones((1, 4), np.float32), shares_by_level(softness), 1)
    assert light.ravel().tolist() == [LIGHT_WHOLE] * 4
