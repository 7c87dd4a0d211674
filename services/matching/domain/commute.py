"""How far a workplace is from home: kilometres by road, and minutes by means of transport.

Distances are great circles times a detour factor; the factor and the speeds are rough, stated constants: a route
planner would know better, but would have to be told where people live.

Places are kept as unit vectors, so that comparing a distance with a limit takes no trigonometry: a limit in kilometres
by road becomes a limit on the squared chord between two vectors. The comparison is the same everywhere, one pair or a
million.
"""

import math
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from services.matching.domain.records import word

EARTH_RADIUS_KM = 6371.0088
"""Mean radius of the Earth (IUGG)."""

DETOUR = 1.3
"""Kilometres by road for one as the crow flies; 1.2 to 1.4 in studies of European roads."""


class Transport(StrEnum):
    """How a participant travels."""

    WALK = "walk"
    BICYCLE = "bicycle"
    TRANSIT = "transit"
    CAR = "car"


_KILOMETRES_PER_HOUR = {Transport.WALK: 4.5, Transport.BICYCLE: 14.0, Transport.TRANSIT: 28.0, Transport.CAR: 48.0}
_MINUTES_AROUND = {Transport.WALK: 0.0, Transport.BICYCLE: 3.0, Transport.TRANSIT: 15.0, Transport.CAR: 6.0}


def unit_vectors(latitude: ArrayLike, longitude: ArrayLike) -> NDArray[np.float64]:
    """Places as unit vectors, shape (…, 3), from degrees of shape (…); NaN where a coordinate is unknown."""
    check_degrees(latitude, longitude)
    north = np.radians(np.asarray(latitude, dtype=np.float64))
    east = np.radians(np.asarray(longitude, dtype=np.float64))
    vectors = np.empty((*np.broadcast_shapes(north.shape, east.shape), 3))
    vectors[..., 0] = np.cos(north) * np.cos(east)
    vectors[..., 1] = np.cos(north) * np.sin(east)
    vectors[..., 2] = np.sin(north)
    return vectors


def check_degrees(latitude: ArrayLike, longitude: ArrayLike) -> None:
    """ValueError for degrees that no place has; NaN is a place that is not known."""
    for name, values, most in (("latitude", latitude, 90), ("longitude", longitude, 180)):
        degrees = np.atleast_1d(np.asarray(values, dtype=np.float64))
        if (np.abs(degrees) > most).any():
            wrong = degrees[np.abs(degrees) > most][0]
            raise ValueError(f"{name} holds {wrong}: give degrees from {-most} to {most}, NaN where not known.")


def squared_chord(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    """The squared chord between unit vectors of shape (…, 3), added in the order x, y, z."""
    apart = one - other
    x, y, z = apart[..., 0], apart[..., 1], apart[..., 2]
    chord: NDArray[np.float64] = (x * x + y * y) + z * z
    return chord


def squared_chord_of(road_km: ArrayLike) -> NDArray[np.float64]:
    """The squared chord that stands for a distance by road: a distance is within a limit when its chord is.

    Infinite from half the way round the Earth on: no place is out of reach.
    """
    return squared_chord_of_angle(np.asarray(road_km, dtype=np.float64) / (DETOUR * EARTH_RADIUS_KM))


def squared_chord_of_angle(angle: NDArray[np.float64]) -> NDArray[np.float64]:
    """The squared chord of an angle at the Earth's centre, in radians; infinite from π on."""
    return np.where(angle < math.pi, 4 * np.sin(np.minimum(angle, math.pi) / 2) ** 2, np.inf)


def road_km(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    """Kilometres by road between unit vectors of shape (…, 3): great circle × detour factor."""
    if np.shape(one)[-1:] != (3,) or np.shape(other)[-1:] != (3,):
        raise ValueError(f"places have the shapes {np.shape(one)} and {np.shape(other)}: give unit vectors, (…, 3).")
    half_chord = np.sqrt(squared_chord(one, other)) / 2
    return np.asarray(DETOUR * 2 * EARTH_RADIUS_KM * np.arcsin(np.minimum(half_chord, 1.0)))


def minutes(distance_km: ArrayLike, transport: Transport) -> NDArray[np.float64]:
    """Estimated minutes from door to door for kilometres by road: a fixed part (stop, parking) and a mean speed."""
    distance = np.asarray(distance_km, dtype=np.float64)
    if (distance < 0).any():
        raise ValueError(f"a distance is {distance.min()} km: give kilometres of 0 or more.")
    transport = word(Transport, transport, "transport")
    return _MINUTES_AROUND[transport] + distance * 60 / _KILOMETRES_PER_HOUR[transport]
