"""Changes of the arranged pool and needs, in place where there is room: bounds only ever widen, so they stay true."""

from collections.abc import Iterable
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from services.matching.domain.shortlisting.arrays import BLOCK, BLOCKS_PER_CELL, CELL, CIRCLE, Asked, Blocks, Lists
from services.matching.domain.shortlisting.changes import settle
from services.matching.domain.shortlisting.columns import Needs, Participants
from services.matching.domain.shortlisting.layout import (
    LIKING_ROOM,
    NEVER_AVAILABLE,
    NOBODY,
    ask,
    days,
    liking_factors,
)
from services.matching.domain.shortlisting.light import light_shares_of, shares_by_level
from services.matching.domain.shortlisting.records import held_by, homes_and_limits, records_of

_Columns = TypeVar("_Columns", Blocks, Lists)


def with_room(blocks: Blocks) -> Blocks:
    """The pool with one participant more, who is nobody yet and stands on the first empty position."""
    taken = len(blocks.positions)
    if taken == len(blocks.people):
        blocks = joined(blocks, _empty_cell(blocks))
    blocks.people[taken]["number"] = taken
    return blocks._replace(positions=np.append(blocks.positions, np.int32(taken)))


class Occupant(NamedTuple):
    """Somebody as they will stand: a record (1,) of PERSON, the limit as an angle, and what goes with them."""

    record: NDArray[np.void]
    angle: float
    exceedance: NDArray[np.float32]
    light_shares: NDArray[np.uint8]
    held: NDArray[np.uint64]
    available_from: int
    liking_occupations: NDArray[np.int32]
    liking_factors: NDArray[np.float64]


def occupant_of(one: Participants, number: int, words: int, alpha: float, softness: float) -> Occupant:
    """Participant `number` as `one` (columns of length 1) tells of them."""
    homes, angles = homes_and_limits(one)
    record = records_of(one, homes, angles)
    record["number"] = number
    return Occupant(
        record=record,
        angle=float(angles[0]),
        exceedance=one.exceedance[0],
        light_shares=light_shares_of(one.exceedance, shares_by_level(softness), 1)[0, :, 0],
        held=held_by(one, words)[0],
        available_from=int(days(one.available_from)[0]),
        liking_occupations=one.likings.occupations,
        liking_factors=liking_factors(one.likings.values, alpha),
    )


def keeps_limits(blocks: Blocks, occupant: Occupant) -> bool:
    """Whether nothing changes of what can keep somebody from a need: then only what they show does, or nothing."""
    person = occupant.record[0]
    position = int(blocks.positions[person["number"]])
    there = blocks.people[position]
    liked = slice(there["first_liking"], there["first_liking"] + there["likings"])
    return bool(
        all(there[name] == person[name] for name in ("x", "y", "z", "reach"))
        and blocks.available_from.reshape(-1)[position] == occupant.available_from
        and np.array_equal(blocks.held[position], occupant.held)
        and np.array_equal(blocks.liking_occupations[liked], occupant.liking_occupations)
        and np.array_equal(blocks.liking_factors[liked], occupant.liking_factors)
    )


def with_participant(blocks: Blocks, occupant: Occupant) -> Blocks:
    """The pool with a participant changed into this occupant of their position."""
    position = int(blocks.positions[occupant.record[0]["number"]])
    blocks, first_liking = _with_likings(blocks, position, occupant)
    record = occupant.record.copy()
    record["first_liking"] = first_liking
    settle(
        blocks,
        position,
        record,
        occupant.angle,
        occupant.exceedance,
        occupant.light_shares,
        occupant.held,
        occupant.available_from,
    )
    return blocks


def vacate(blocks: Blocks, number: int) -> None:
    """Let nothing be left of participant `number` but the number: out of reach, and holding nothing."""
    position = int(blocks.positions[number])
    block, lane = position // BLOCK, position % BLOCK
    blocks.people[position] = NOBODY
    blocks.people[position]["number"] = number
    blocks.held[position] = 0
    blocks.exceedance[position] = 0.0
    blocks.light_shares[position // CELL, :, position % CELL] = 0
    blocks.circles[block, 3, lane] = -1.0
    blocks.available_from[block, lane] = NEVER_AVAILABLE
    blocks.light_held[block, lane] = blocks.light_hints[block, lane] = 0


def with_need(asked: Asked, number: int, one: Needs, softness: float) -> Asked:
    """The needs with `number` changed into `one` (columns of length 1), or added behind the others."""
    changed = ask(one, asked.required.shape[1] - 1, softness)
    record = changed.needs
    slices = (("first", asked.features), ("light_first", asked.light_features), ("forbidden_first", asked.forbidden))
    for field, kept in slices:
        record[field] += len(kept)
        record[field.replace("first", "end")] += len(kept)
    needs, required = asked.needs, asked.required
    if number == len(needs):
        needs, required = np.concatenate([needs, record]), np.concatenate([required, changed.required])
    needs[number], required[number] = record[0], changed.required[0]
    return Asked(
        needs,
        required,
        np.concatenate([asked.features, changed.features]),
        np.concatenate([asked.weights, changed.weights]),
        np.concatenate([asked.light_features, changed.light_features]),
        np.concatenate([asked.light_weights, changed.light_weights]),
        np.concatenate([asked.forbidden, changed.forbidden]),
    )


def joined(columns: _Columns, more: _Columns) -> _Columns:
    """Tuples of arrays, one behind the other."""
    pairs: Iterable[tuple[NDArray[np.generic], NDArray[np.generic]]] = zip(columns, more, strict=True)
    return type(columns)(*(np.concatenate(pair) for pair in pairs))


def _with_likings(blocks: Blocks, position: int, occupant: Occupant) -> tuple[Blocks, int]:
    """The pool with a participant's likings, and where they start: in the place of the old ones, or behind all."""
    count, first = len(occupant.liking_factors), int(blocks.people[position]["first_liking"])
    if count > blocks.people[position]["likings"]:
        first = int(blocks.liking_end[0])
        if first + count > len(blocks.liking_factors):
            room = np.zeros(len(blocks.liking_factors) // LIKING_ROOM + count)
            blocks = blocks._replace(
                liking_occupations=np.concatenate([blocks.liking_occupations, room.astype(np.int32)]),
                liking_factors=np.concatenate([blocks.liking_factors, room]),
            )
        blocks.liking_end[0] += count
    blocks.liking_occupations[first : first + count] = occupant.liking_occupations
    blocks.liking_factors[first : first + count] = occupant.liking_factors
    return blocks, first


def _empty_cell(blocks: Blocks) -> Blocks:
    """One cell of empty positions, to stand behind the others."""
    features, words = blocks.exceedance.shape[1], blocks.held.shape[1]
    nowhere = np.array((0.0, 0.0, 0.0, -1.0, NEVER_AVAILABLE, 0), dtype=CIRCLE)
    circles = np.zeros((BLOCKS_PER_CELL, 4, BLOCK), dtype=np.float32)
    circles[:, 3] = -1.0
    return Blocks(
        exceedance=np.zeros((CELL, features), dtype=np.float32),
        light_shares=np.zeros((1, features, CELL), dtype=np.uint8),
        circles=circles,
        available_from=np.full((BLOCKS_PER_CELL, BLOCK), NEVER_AVAILABLE, dtype=np.int32),
        light_held=np.zeros((BLOCKS_PER_CELL, BLOCK), dtype=np.uint32),
        light_hints=np.zeros((BLOCKS_PER_CELL, BLOCK), dtype=np.uint32),
        peaks=np.zeros((1, features, BLOCKS_PER_CELL), dtype=np.uint8),
        people=np.full(CELL, NOBODY),
        held=np.zeros((CELL, words), dtype=np.uint64),
        block_circles=np.full(BLOCKS_PER_CELL, nowhere),
        cell_circles=np.full(1, nowhere),
        positions=np.zeros(0, dtype=np.int32),
        liking_occupations=np.zeros(0, dtype=np.int32),
        liking_factors=np.zeros(0),
        liking_end=np.zeros(0, dtype=np.int64),
    )
