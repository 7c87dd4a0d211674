"""Every public function refuses what cannot be, and names it: a number that is none, a wrong shape, a name twice."""

import inspect
import json
import math
import pkgutil
from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np
import pytest

from services.matching import domain
from services.matching.domain import (
    Codebook,
    Coding,
    Components,
    Entrants,
    Likings,
    Needs,
    Opening,
    Participants,
    PlanProblem,
    Rating,
    RequiredSkill,
    Scale,
    Seeker,
    ShortlistPolicy,
    SparseUtility,
    TimetableProblem,
    Transport,
    VarianceComponents,
    WeakPriors,
)
from services.matching.domain.scoring import share_deviation
from services.matching.domain.timetabling import without_room

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


def entering(skills: tuple[str, ...] = SKILLS, **changed: Any) -> Callable[[], object]:
    """One entrant, of whom two skills are known, as columns of a codebook."""
    one = Entrants(["a"], 50.4, 2.8, 30.0, "2026-12-07", [("day",)], [()], [()], [()])._replace(**changed)
    coding = Coding(Codebook(skills, ("A",), ("lift",)), lambda _: ())
    return lambda: Participants.entering(one, np.full((1, 8), 0.5, np.float32), coding)


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
    "minutes": [
        (lambda: domain.minutes([3.0, -1.0], Transport.CAR), "-1.0 km"),
        (lambda: domain.minutes(1.0, "bus"), "'bus' is not known, give walk, bicycle, transit, car"),  # type: ignore[arg-type]
    ],
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
        (planned(seats=[1.0]), "seats: whole numbers"),
        (planned(feasible=np.array([[1.0], [NAN]])), "feasible: truths of shape"),
        (planned(utility=SparseUtility(np.array([0.0]), np.array([0]), np.array([0.5]))), "rows .* whole numbers"),
        (planned(utility=SparseUtility(np.array([2]), np.array([0]), np.array([0.5]))), "rows index beyond the 2"),
        (planned(utility=SparseUtility(np.array([0, 0]), np.array([0, 0]), np.ones(2))), "a pair stands twice"),
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
        (scored(softness=NAN), "softness is nan"),
        (scored(softness=0.6), "softness is 0.6"),
    ],
    "share_deviation": [
        (lambda: share_deviation(MEAN, COVARIANCE, SKILLS, ASKED, -0.1), "softness is -0.1"),
        (lambda: share_deviation(MEAN[:1], COVARIANCE, SKILLS, ASKED), r"mean has the shape \(1,\)"),
    ],
    "shortlist": [
        (pooled(latitude=INFINITY), "latitude holds inf"),
        (pooled(exceedance=np.full((2, 8), NAN, np.float32)), "exceedance holds nan"),
        (pooled(exceedance=np.full(2, 0.5)), r"exceedance has the shape \(2,\)"),
        (pooled(exceedance=np.full((2, 7), 0.5)), r"exceedance has the shape \(2, 7\): .* of 4 numbers for each skill"),
        (pooled(travel_limit_km=NAN), "travel_limit_km holds nan"),
        (pooled(hours=np.array([256, 1])), "hours holds 1 to 256: give numbers from 0 to 15"),
        (pooled(hours=[128, 1], consent=False), "hours holds 1 to 128: give numbers from 0 to 15"),
        (pooled(shortlisted=[1.0, NAN]), "shortlisted holds what int32 cannot"),
        (pooled(shortlisted=np.array([1.5, 1])), "shortlisted holds 1.5: int32 cannot"),
        (pooled(shortlisted=np.array([2**32, 0])), "shortlisted holds 4294967296: int32 cannot"),
        (pooled(keys=[1, -1]), "keys holds what uint64 cannot"),
        (pooled(consent=[True]), r"consent has the shape \(1,\)"),
        (pooled(consent=[True, NAN]), "consent holds nan: bool cannot"),
        (pooled(consent=[True, None]), "consent holds None: bool cannot"),
        (pooled(licences=np.array([1, -1])), "licences holds -1: uint64 cannot"),
        (pooled(licences=np.zeros((1, 1), np.uint64)), r"licences has the shape \(1, 1\)"),
        (pooled(available_from=np.array(["NaT", "2026-12-07"], "datetime64[D]")), "available_from holds NaT"),
        (pooled(available_from=np.datetime64(2**31, "D")), "available_from holds 2147483648"),
        (pooled(likings=Likings.of([{1: 0.5}])), "likings hold 1 rows: give one for each of 2 participants"),
        (lambda: Likings.of([{1: NAN}]), "likings holds nan"),
        (lambda: Likings.of([{2**31: 0.5}]), "occupations liked holds 2147483648: int32 cannot"),
        (lambda: Likings(np.array([0, 2]), np.array([1, 1]), np.ones(2)), "must ascend in each row"),
        (lambda: Likings(np.array([0, 2]), np.array([1]), np.ones(1)), "starts of likings must ascend from 0 to 1"),
        (lambda: Likings(np.array([0, 1]), np.array([1]), np.ones(2)), "likings hold 1 occupations and 2 values"),
        (entering(latitude=91.0), "latitude holds 91.0"),
        (entering(travel_limit_km=NAN), "travel_limit_km holds nan"),
        (entering(travel_limit_km=-1.0), "travel_limit_km holds -1.0"),
        (entering(available_from=np.datetime64("NaT")), "available_from holds NaT"),
        (entering(skills=("order",)), r"exceedance has the shape \(1, 8\): give 4 columns"),
        (entering(hours=[("day", "nigth")]), "hours: 'nigth' is not known, give day, evening, night, weekend"),
        (lambda: Seeker("a", 50.4, 2.8, NAN, Transport.CAR, frozenset()), "travel limit is nan"),
        (lambda: Seeker("a", 50.4, 2.8, 9.0, Transport.CAR, hours=["nigth"]), "hours: 'nigth' is not known"),  # type: ignore[arg-type]
        (lambda: Seeker("a", 50.4, 2.8, 9.0, "bus", frozenset()), "'bus' is not known, give walk, bicycle"),  # type: ignore[arg-type]
        (lambda: Opening("x", 50.4, 2.8, "A", hours=["nigth"]), "hours: 'nigth' is not known"),  # type: ignore[arg-type]
        (lambda: Codebook(SKILLS, (), ()).feature(RequiredSkill("juggling", 2, 1.0)), "Unknown skill: juggling"),
        (lambda: Codebook(("a", "b", "a"), (), ()), "holds a twice among its skills"),
        (lambda: Coding(Codebook(("a",), ("A", "B"), ()), lambda _: [("B", 0)]).likings_of("A"), "rank of B near A"),
        (needed(requirements=[[(2, NAN)]]), "weights of need 0 sum to nan"),
        (needed(requirements=[[(-1, 1.0)]]), "features holds -1"),
        (needed(requirements=[[(1.5, 1.0)]]), "features holds 1.5: int32 cannot"),
        (needed(longitude=[181.0]), "longitude holds 181.0"),
        (needed(hours=[16]), "hours holds 16 to 16: give numbers from 0 to 15"),
        (needed(starts_on=np.datetime64("NaT")), "starts_on holds NaT"),
        (needed(forbidden=[[-1]]), "forbidden holds -1"),
        (needed(forbidden=[[2**32]]), "forbidden holds 4294967296"),
        (needed(forbidden=[[0], [1]]), "forbidden holds 2 rows: give one for each of 1 needs"),
        (lambda: ShortlistPolicy(size=NAN), "size: give a whole number, not nan"),  # type: ignore[arg-type]
        (lambda: ShortlistPolicy(reserve=1.5), "reserve: give a whole number, not 1.5"),  # type: ignore[arg-type]
        (lambda: ShortlistPolicy(near_tie=NAN), "near tie is nan"),
        (lambda: ShortlistPolicy(near_tie=INFINITY), "near tie is inf"),
        (lambda: ShortlistPolicy(softness=NAN), "softness is nan"),
    ],
    "steps": [
        (lambda: domain.steps(0), "level asked is 0"),
        (lambda: domain.steps(5), "level asked is 5"),
        (lambda: domain.steps(2, 0.75), "softness is 0.75"),
    ],
    "timetable": [
        (timetabled(effort=NAN), "effort: .* not nan"),
        (timetabled(slots=-1), "slots: negative"),
        (timetabled(slots=NAN), "slots: give a whole number, not nan"),
        (timetabled(lengths={("a", "x"): NAN}), "lengths: give a whole number, not nan"),
        (timetabled(interviewers={"x": 1.5}), "interviewers: give a whole number, not 1.5"),
        (timetabled(windows={"a": (0, INFINITY)}), "windows: give a whole number, not inf"),
        (timetabled(announced={("a", "x"): (NAN, ("x", 1))}), "announced: give a whole number, not nan"),
        (timetabled(held={("a", "x")}), "held: a pair has no announced placement"),
        (timetabled(held=["ax"]), "held: pairs of a participant's and a need's id are needed, .* not str"),
        (timetabled(meetings=[("a", "x")] * 2), "a pair stands twice"),
    ],
    "unit_vectors": [(lambda: domain.unit_vectors([91.0], [0.0]), "latitude holds 91.0")],
    "what_would_change": [
        (changing(target=NAN), "target is nan"),
        (changing(softness=-1.0), "softness is -1.0"),
        (changing(mean=np.array([NAN, 2.0])), "mean of order holds nan"),
    ],
    "without_room": [
        (
            lambda: without_room(TimetableProblem(meetings=[("a", "x")], slots=1), [("a", "y")]),
            "must: a pair is none of the meetings",
        ),
    ],
}

TAKE_NO_NUMBERS = {"count_obstacles", "difference", "edit", "explain", "lot_keys", "lots", "obstacles", "propose"}
"""They take names, and records that were checked when they were made."""


def test_every_public_function_is_tried() -> None:
    packages = [one.name for one in pkgutil.iter_modules(domain.__path__, f"{domain.__name__}.") if one.ispkg]
    public = [domain, *map(import_module, packages)]
    found = {name: getattr(package, name) for package in public for name in getattr(package, "__all__", ())}
    functions = {name for name, one in found.items() if callable(one) and not inspect.isclass(one)}
    assert functions == REFUSED.keys() | TAKE_NO_NUMBERS


@pytest.mark.parametrize(
    ("wrong", "told"),
    [pytest.param(*case, id=f"{name}: {case[1]}") for name, cases in REFUSED.items() for case in cases],
)
def test_what_cannot_be_is_refused_by_its_name(wrong: Callable[[], object], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        wrong()
