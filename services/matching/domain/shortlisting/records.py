"""Participants as the compiled passes read them: a record and a bit set each, for a whole pool or for one change."""

import numpy as np
from numpy.typing import NDArray

from services.matching.domain.commute import DETOUR, EARTH_RADIUS_KM, squared_chord_of_angle, unit_vectors
from services.matching.domain.compiling import compiled
from services.matching.domain.shortlisting.arrays import PERSON
from services.matching.domain.shortlisting.columns import Participants
from services.matching.domain.shortlisting.light import hint_of

CONSENT = np.uint64(1 << 7)
"""The bit of the first word, beside the hours, that every need requires."""


def homes_and_limits(participants: Participants) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Unit vectors (n, 3) and travel limits as angles (n,); an unknown place is the origin with a limit of −1."""
    homes = unit_vectors(participants.latitude, participants.longitude)
    angles = participants.travel_limit_km / (DETOUR * EARTH_RADIUS_KM)
    _mark_unknown(homes, angles)
    return homes, angles


def reach_of(angles: NDArray[np.float64]) -> NDArray[np.float64]:
    """The squared chords of angles; −1, which nothing is within, for a negative angle."""
    return np.where(angles >= 0, squared_chord_of_angle(angles), -1.0)


def records_of(participants: Participants, homes: NDArray[np.float64], angles: NDArray[np.float64]) -> NDArray[np.void]:
    """The records (n,) of PERSON, by number; their likings stand where the columns hold them."""
    known = participants.likings
    reach, starts = reach_of(angles), known.starts
    records: NDArray[np.void] = _records(
        homes, reach, participants.keys, participants.shortlisted, starts, known.occupations
    )
    return records


def bit_sets_of(first: NDArray[np.uint64], licences: NDArray[np.uint64], words: int) -> NDArray[np.uint64]:
    """Bit sets (n, 1 + words): a first word, then licences. Raises ValueError when these need more words."""
    if licences.shape[1] > words and licences[:, words:].any():
        raise ValueError(f"Licences need more than {words} words: make the shortlists with as many from the start.")
    bits = np.zeros((len(first), 1 + words), dtype=np.uint64)
    bits[:, 0] = first
    bits[:, 1 : 1 + licences.shape[1]] = licences[:, :words]
    return bits


def held_by(participants: Participants, words: int) -> NDArray[np.uint64]:
    """What participants hold: hours and consent in the first word, then licences."""
    return bit_sets_of(participants.hours | participants.consent * CONSENT, participants.licences, words)


@compiled
def _mark_unknown(homes: NDArray[np.float64], angles: NDArray[np.float64]) -> None:
    for row in range(len(angles)):
        if not np.isfinite(homes[row, 0] + homes[row, 1] + homes[row, 2]):
            homes[row, :] = 0.0
            angles[row] = -1.0


@compiled
def _records(
    homes: NDArray[np.float64],
    reach: NDArray[np.float64],
    keys: NDArray[np.uint64],
    shortlisted: NDArray[np.int32],
    starts: NDArray[np.int64],
    occupations: NDArray[np.int32],
) -> NDArray[np.void]:
    records = np.zeros(len(reach), dtype=PERSON)
    for row in range(len(reach)):
        record = records[row]
        record.x, record.y, record.z = homes[row, 0], homes[row, 1], homes[row, 2]
        record.reach = reach[row]
        record.key = keys[row]
        record.number = row
        record.shortlisted = shortlisted[row]
        record.first_liking = starts[row]
        record.likings = starts[row + 1] - starts[row]
        for place in range(starts[row], starts[row + 1]):
            record.hints |= hint_of(occupations[place])
    return records
