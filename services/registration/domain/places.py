"""Where something is: a commune and its middle."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """A commune by its INSEE code, with its coordinates in degrees where they are known."""

    commune: str
    latitude: float | None = None
    longitude: float | None = None
