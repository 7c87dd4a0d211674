"""A pair that cannot be says every reason, with its facts."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from services.matching.domain.commute import Transport
from services.matching.domain.constraints import Hours, ObstacleKind, Opening, Seeker, count_obstacles, obstacles

LILLE, LENS = (50.6292, 3.0573), (50.4322, 2.8319)
WILLING = Seeker(
    "p",
    *LILLE,
    travel_limit_km=40.0,
    transport=Transport.TRANSIT,
    hours=frozenset({Hours.DAY, Hours.EVENING}),
    available_from=date(2026, 12, 1),
    licences=frozenset({"b"}),
    consent=True,
)
NEED = Opening("n", *LENS, "N1103", frozenset({Hours.DAY}), date(2026, 12, 1), frozenset({"b"}))


def test_a_pair_that_can_be_has_no_obstacle() -> None:
    assert obstacles(WILLING, NEED) == ()
    assert obstacles(replace(WILLING, available_from=None), NEED) == ()
    assert obstacles(replace(WILLING, available_from=date(2027, 5, 1)), replace(NEED, starts_on=None)) == ()


@pytest.mark.parametrize(
    ("person", "need", "reason", "facts"),
    [
        ({"consent": False}, {}, ObstacleKind.CONSENT, {}),
        ({}, {"open": False}, ObstacleKind.NEED_CLOSED, {}),
        ({"refused": frozenset({"N1103"})}, {}, ObstacleKind.REFUSED_OCCUPATION, {"occupation": "N1103"}),
        ({"latitude": None}, {}, ObstacleKind.PLACE_UNKNOWN, {"of": ("participant",)}),
        ({"longitude": None}, {"latitude": None}, ObstacleKind.PLACE_UNKNOWN, {"of": ("participant", "need")}),
        (
            {"available_from": date(2026, 12, 2)},
            {},
            ObstacleKind.AVAILABILITY,
            {"available_from": date(2026, 12, 2), "starts_on": date(2026, 12, 1)},
        ),
        (
            {},
            {"hours": frozenset({Hours.WEEKEND, Hours.NIGHT, Hours.DAY})},
            ObstacleKind.HOURS,
            {"missing": ("night", "weekend")},
        ),
        ({}, {"licences": frozenset({"d", "b", "caces-1"})}, ObstacleKind.LICENCE, {"missing": ("caces-1", "d")}),
    ],
)
def test_each_obstacle_is_told_with_its_facts(
    person: dict[str, Any], need: dict[str, Any], reason: ObstacleKind, facts: dict[str, Any]
) -> None:
    (obstacle,) = obstacles(replace(WILLING, **person), replace(NEED, **need))
    assert (obstacle.kind, obstacle.facts) == (reason, facts)


def test_a_commute_too_long_tells_the_distance_the_limit_and_the_minutes() -> None:
    (obstacle,) = obstacles(replace(WILLING, travel_limit_km=20.0), NEED)
    assert obstacle.kind == ObstacleKind.COMMUTE
    assert obstacle.facts["distance_km"] == pytest.approx(35, abs=2)
    assert obstacle.facts["limit_km"] == 20.0
    assert obstacle.facts["transport"] == "transit"
    assert obstacle.facts["minutes"] == pytest.approx(90, abs=10)


def test_a_forbidden_pair_is_forbidden_to_that_pair_alone() -> None:
    assert [obstacle.kind for obstacle in obstacles(WILLING, NEED, {("p", "n")})] == [ObstacleKind.FORBIDDEN]
    assert obstacles(WILLING, NEED, {("p", "other"), ("other", "n")}) == ()


def test_all_reasons_are_told_at_once_and_counted_each() -> None:
    hopeless = replace(
        WILLING, consent=False, latitude=None, hours=frozenset(), licences=frozenset(), refused=frozenset({"N1103"})
    )
    found = [obstacles(hopeless, NEED), obstacles(WILLING, NEED), obstacles(replace(WILLING, consent=False), NEED)]
    assert len(found[0]) == 5
    assert count_obstacles(found) == {
        ObstacleKind.CONSENT: 2,
        ObstacleKind.REFUSED_OCCUPATION: 1,
        ObstacleKind.PLACE_UNKNOWN: 1,
        ObstacleKind.HOURS: 1,
        ObstacleKind.LICENCE: 1,
    }


def test_a_negative_travel_limit_is_refused() -> None:
    with pytest.raises(ValueError, match="travel limit"):
        replace(WILLING, travel_limit_km=-1.0)
