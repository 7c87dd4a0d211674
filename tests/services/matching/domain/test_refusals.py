"""Every public function refuses what cannot be, and names it: a number that is none, a wrong shape, a name twice."""

import inspect
import json
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from services.matching import domain
from services.matching.domain import (
    Components,
    Needs,
    Participants,
    PlanProblem,
    Rating,
    RequiredSkill,
    Scale,
    ShortlistPolicy,
    TimetableProblem,
    Transport,
    VarianceComponents,
    WeakPriors,
)

NAN, INFINITY = math.nan, math.inf
SKILLS = ("order", "care")
MEAN, COVARIANCE = np.array([2.0, 3.0]), np.diag([0.3, 0.4])
ASKED = [RequiredSkill("order", 3, 0.5), RequiredSkill("care", 2, 0.5)]
SCORE = domain.score(MEAN, COVARIANCE, SKILLS, ASKED)


def scored(**changed: Any) -> Callable[[], object]:
    """A score of a sound profile, but for what is changed."""
    given = {"mean": MEAN, "covariance": COVARIANCE, "skills": SKILLS, "requirements": ASKED}
    return lambda: domain.score(**{**given, **changed})


def changing(**changed: Any) -> Callable[[], object]:
    """What would change that score."""
    given = {"mean": MEAN, "covariance": COVARIANCE, "skills": SKILLS, "requirements": ASKED}
    return lambda: domain.what_would_change(**{**given, **changed})


def planned(**changed: Any) -> Callable[[], object]:
    """A plan of two people and one need."""
    given = {"participants": ["a", "b"], "needs": ["x"], "utility": np.full((2, 1), 0.6), "seats": [1], "maximum": 1}
    return lambda: domain.plan(PlanProblem(**{**given, **changed}))


def timetabled(**changed: Any) -> Callable[[], object]:
    """A timetable of one meeting."""
    return lambda: domain.timetable(TimetableProblem(**{"meetings": [("a", "x")], "slots": 1, **changed}))


def pooled(**changed: Any) -> Callable[[], object]:
    """Two participants as columns."""
    given = {"exceedance": np.full((2, 8), 0.5, np.float32), "latitude": 50.4, "longitude": 2.8, "travel_limit_km": 30}
    return lambda: Participants.build(**{**given, **changed})


def needed(**changed: Any) -> Callable[[], object]:
    """One need as columns."""
    given = {"requirements": [[(2, 1.0)]], "latitude": [50.4], "longitude": [2.8]}
    return lambda: Needs.build(**{**given, **changed})


def stored(**changed: Any) -> Callable[[], object]:
    """Components read from JSON, some of it changed, and a profile made with them."""
    written = json.loads(json.dumps(Components.from_priors(SKILLS, WeakPriors()).to_dict()))
    return lambda: domain.posterior([], Components.from_dict({**written, **changed}))


def grounded(**changed: Any) -> Callable[[], object]:
    """Grounds of the score."""
    labels = {skill: domain.Bilingual(skill, skill) for skill in SKILLS}
    given = {"labels": labels, "evidence": {}, "liking": 0.5, "utility": 0.5}
    return lambda: domain.grounds(SCORE, **{**given, **changed})


VARIANCES = {"trait": [0.5, 0.5], "person": 0.1, "severity": 0.1, "halo": 0.1, "noise": 0.4}

REFUSED: dict[str, list[tuple[Callable[[], object], str]]] = {
    "exceedance": [(lambda: domain.exceedance(np.array([NAN]), np.array([1.0])), r"nan at \(0,\)")],
    "grounds": [
        (grounded(liking=NAN), "liking is nan"),
        (grounded(utility=2.0), "utility is 2.0"),
    ],
    "intraclass_correlations": [
        (lambda: domain.intraclass_correlations([[1.0, NAN], [2.0, 3.0]]), "gaps or infinities"),
        (lambda: domain.intraclass_correlations([1.0, 2.0]), r"not of shape \(2,\)"),
    ],
    "known_likings": [(lambda: domain.known_likings({"A"}, (), lambda _: [("B", -1)]), "rank of B near A is -1")],
    "liking": [(lambda: domain.liking({"A"}, (), "B", lambda _: [("B", 0)]), "rank of B near A is 0")],
    "minutes": [(lambda: domain.minutes([3.0, -1.0], Transport.CAR), "-1.0 km")],
    "mutual_utility": [
        (lambda: domain.mutual_utility(-1.0, 0.5), "score is -1.0"),
        (lambda: domain.mutual_utility(0.5, 2.0), "liking is 2.0"),
        (lambda: domain.mutual_utility(NAN, 0.0), "score is nan"),
        (lambda: domain.mutual_utility(0.5, 0.5, NAN), "Alpha is nan"),
    ],
    "plan": [
        (planned(worthwhile=NAN), "worthwhile: .* not nan"),
        (planned(stability=INFINITY), "stability: .* not inf"),
        (planned(utility=np.full((2, 1), INFINITY)), "utility: finite numbers"),
        (planned(utility=np.full((1, 2), 0.5)), "utility: shape"),
        (planned(participants=["a", "a"]), "participants: an id stands twice"),
        (planned(maximum=np.uint64(2**63)), "maximum: 9223372036854775808 is more than can be counted"),
    ],
    "posterior": [
        (stored(means=[NAN, 2.0]), r"means must be finite numbers, not nan at \(0,\)"),
        (stored(means=[2.0]), r"means must be of the shape \(2,\), not \(1,\)"),
        (stored(skills=["order", "order"]), "holds skills twice: 'order'"),
        (stored(raters=["R", "R"], severity=[0, 0], own_variance=[0, 0], slope=[[0, 0]] * 2), "rater 'R' twice"),
        (stored(raters=["R"], severity=[0], own_variance=[-1], slope=[[0, 0]]), "own_variance of the rater 'R'"),
        (stored(variances={**VARIANCES, "noise": 0.0}), "variance of noise must be finite and above 0, not 0.0"),
        (stored(variances={**VARIANCES, "trait": [0.5, -1.0]}), "variance of trait must be finite and 0 or more"),
        (stored(scale={"shift": [0, 0], "stretch": [1, 0]}), "stretch must be finite and above 0, not 0.0 at 1"),
        (lambda: Scale(np.array([INFINITY]), np.ones(1)), "shift must be finite, not inf at 0"),
        (lambda: Scale(np.zeros(2), np.ones(1)), "must hold one number for each skill"),
        (lambda: VarianceComponents(np.ones(1), NAN, 0.1, 0.1, 0.4), "variance of person must be finite"),
        (
            lambda: domain.posterior([Rating("P", "order", "R", NAN)], Components.from_priors(SKILLS, WeakPriors())),
            "finite numbers, not nan",
        ),
    ],
    "road_km": [(lambda: domain.road_km(np.zeros(2), np.zeros(3)), r"shapes \(2,\) and \(3,\)")],
    "score": [
        (scored(mean=np.array([2.0, NAN])), "mean of care holds nan"),
        (scored(mean=np.array([2.0])), r"mean has the shape \(1,\): give \(2,\)"),
        (scored(covariance=np.diag([0.3, INFINITY])), "covariance of care holds inf"),
        (scored(covariance=np.diag([0.3, -1.0])), "variance of care is -1.0"),
        (scored(covariance=np.array([[0.3, 0.2], [0.0, 0.4]])), "order and care is not the same both ways"),
        (scored(skills=("order", "order"), requirements=[RequiredSkill("order", 3, 1.0)]), "holds order twice"),
        (scored(requirements=[ASKED[0], ASKED[0]]), "asks the same skill twice"),
        (scored(coverage=NAN), "coverage is nan"),
    ],
    "shortlist": [
        (pooled(latitude=INFINITY), "latitude holds inf"),
        (pooled(exceedance=np.full((2, 8), NAN, np.float32)), "exceedance holds nan"),
        (pooled(exceedance=np.full(2, 0.5)), r"exceedance has the shape \(2,\)"),
        (pooled(travel_limit_km=NAN), "travel_limit_km holds nan"),
        (pooled(hours=np.array([256, 1])), "hours holds 256: uint8 cannot"),
        (pooled(shortlisted=[1.0, NAN]), "shortlisted holds what int32 cannot"),
        (pooled(shortlisted=np.array([1.5, 1])), "shortlisted holds 1.5: int32 cannot"),
        (pooled(shortlisted=np.array([2**32, 0])), "shortlisted holds 4294967296: int32 cannot"),
        (pooled(keys=[1, -1]), "keys holds what uint64 cannot"),
        (pooled(consent=[True]), r"consent has the shape \(1,\)"),
        (needed(requirements=[[(2, NAN)]]), "weights of need 0 sum to nan"),
        (needed(requirements=[[(-1, 1.0)]]), "features holds -1"),
        (needed(longitude=[181.0]), "longitude holds 181.0"),
        (lambda: ShortlistPolicy(near_tie=NAN), "near tie is nan"),
        (lambda: ShortlistPolicy(near_tie=INFINITY), "near tie is inf"),
    ],
    "timetable": [
        (timetabled(effort=NAN), "effort: .* not nan"),
        (timetabled(slots=-1), "slots: negative"),
        (timetabled(meetings=[("a", "x")] * 2), "a pair stands twice"),
    ],
    "unit_vectors": [(lambda: domain.unit_vectors([91.0], [0.0]), "latitude holds 91.0")],
    "what_would_change": [
        (changing(target=NAN), "target is nan"),
        (changing(mean=np.array([NAN, 2.0])), "mean of order holds nan"),
    ],
}

TAKE_NO_NUMBERS = {"count_obstacles", "difference", "explain", "lot_keys", "lots", "obstacles", "propose"}
"""They take names, and records that were checked when they were made."""


def test_every_public_function_is_tried() -> None:
    found = {name: getattr(domain, name) for name in domain.__all__}
    functions = {name for name, one in found.items() if callable(one) and not inspect.isclass(one)}
    assert functions == REFUSED.keys() | TAKE_NO_NUMBERS


@pytest.mark.parametrize(
    ("wrong", "told"),
    [pytest.param(*case, id=f"{name}: {case[1]}") for name, cases in REFUSED.items() for case in cases],
)
def test_what_cannot_be_is_refused_by_its_name(wrong: Callable[[], object], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        wrong()


@pytest.mark.parametrize("count", [255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537])
def test_counts_of_how_often_somebody_was_shortlisted_do_not_wrap(count: int) -> None:
    pool = Participants.build(np.full((1, 8), 0.5, np.float32), 50.4, 2.8, 30, shortlisted=np.array([count]))
    assert pool.shortlisted.tolist() == [count]
