"""Distances by road, and minutes by means of transport."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.matching.domain.commute import (
    DETOUR,
    Transport,
    minutes,
    road_km,
    squared_chord,
    squared_chord_of,
    unit_vectors,
)

LENS, LILLE, MARSEILLE = (50.4322, 2.8319), (50.6292, 3.0573), (43.2965, 5.3698)
degrees = st.tuples(st.floats(-90, 90), st.floats(-180, 180))


def haversine_km(one: tuple[float, float], other: tuple[float, float]) -> float:
    (a, b), (c, d) = (tuple(map(math.radians, place)) for place in (one, other))
    half = math.sin((c - a) / 2) ** 2 + math.cos(a) * math.cos(c) * math.sin((d - b) / 2) ** 2
    return 2 * 6371.0088 * math.asin(math.sqrt(min(half, 1.0)))


@given(degrees, degrees)
def test_road_distance_is_the_great_circle_and_a_detour(one: tuple[float, float], other: tuple[float, float]) -> None:
    found = float(road_km(unit_vectors(*one), unit_vectors(*other)))
    # Near the antipodes the arc sine loses digits: a few hundred metres in 26,000 km.
    assert found == pytest.approx(DETOUR * haversine_km(one, other), abs=1e-6 if found < 20_000 else 0.5)


def test_towns_are_as_far_as_they_are() -> None:
    assert float(road_km(unit_vectors(*LENS), unit_vectors(*LILLE))) == pytest.approx(35, abs=2)
    assert float(road_km(unit_vectors(*LILLE), unit_vectors(*MARSEILLE))) == pytest.approx(1086, abs=10)


@given(degrees, degrees, st.floats(0, 30_000))
def test_a_limit_compared_by_chord_says_what_the_kilometres_say(
    one: tuple[float, float], other: tuple[float, float], limit: float
) -> None:
    home, work = unit_vectors(*one), unit_vectors(*other)
    distance = float(road_km(home, work))
    if abs(distance - limit) > 1:
        assert bool(squared_chord(home, work) <= squared_chord_of(limit)) == (distance <= limit)


def test_many_places_at_once_are_each_as_one() -> None:
    latitudes, longitudes = np.array([50.0, np.nan, 43.3]), np.array([2.8, 2.8, 5.4])
    together = unit_vectors(latitudes, longitudes)
    assert together.shape == (3, 3)
    assert together[2].tolist() == unit_vectors(43.3, 5.4).tolist()
    assert np.isnan(together[1]).any()


def test_a_car_is_faster_than_transit_than_a_bicycle_than_walking_over_20_km() -> None:
    taken = [
        float(minutes(20, transport))
        for transport in (Transport.CAR, Transport.TRANSIT, Transport.BICYCLE, Transport.WALK)
    ]
    assert taken == sorted(taken)
