"""The five priorities as one integer min-cost flow.

The network. Source → participant → need → sink, one unit a meeting; demanded meetings are taken out beforehand, with
their seats and counts. A participant's i-th meeting of any kind enters through an arc of its own with the bonus
``U × (m − i + 1)``, m being the largest maximum, and their i-th worthwhile meeting through a further one with the bonus
``U₁ × (m − i + 1)``. A need's first candidate leaves through an arc with the bonus V. A meeting of utility u carries
``T × w + t`` where w is u (plus stability if it is of the current plan) in whole units of ``resolution``, and t is +1
for a meeting of the current plan and −1 for a new one. A bypass from source to sink takes what cannot be placed.

What it maximises, in this order: (A) the fair floor of worthwhile meetings, (B) that of meetings of any kind, (D) the
number of needs with a candidate, (w) total utility with stability, (t) among exact ties the plan nearest to today's.

Why one flow is enough. A flow is optimal if and only if no simple cycle of its residual network gains. Let H be the
lesser of needs and twice the participants. A simple cycle enters a need at most once and leaves it at most once, so it
adds at most H meetings and removes at most H, and it passes the sink at most once, so D changes by at most one. Hence
on one cycle |t| ≤ 2H < T for T = 2H + 1; the pair terms gain less than V = H × (T × W + 2) + 1, W being the largest w;
and D and the pair terms together gain less than U = 2V. It passes the source at most once too, so it takes at most one
further step of B, worth m U at most; hence B, D and the pair terms together gain less than U₁ = (m + 1) U. If some flow
were better in the order above, then the difference of the two, split into simple residual cycles, would hold a cycle
that is better in that order; by these bounds it would also gain in the one sum, against optimality. So U need not
exceed the total utility of a whole plan, only that of one cycle, and the costs stay small enough for a fine resolution.
One certificate then proves all five at once.

Why the floors are fair. The possible vectors of worthwhile counts are the integer points of a polymatroid (bipartite
degree vectors with bounds), shifted by the demanded meetings. A leximin-maximal vector has the largest total, and among
vectors of that total, an M-convex set, every strictly concave separable sum is maximal exactly at the decreasingly
minimal vectors, which are also the increasingly maximal (leximin-maximal) ones (A. Frank and K. Murota, Discrete
decreasing minimization, Part I, 2018, arXiv:1808.07600). The bonuses are strictly decreasing and positive,
so A is such a sum: the sorted counts, from the smallest on, are as large as they can be, one after the other. The flows
that are best for A are all those that leave some arcs empty and others full (complementary slackness), so flows within
other bounds; what they send out of the source to each participant, the counts of any kind, are the integer points of a
generalised polymatroid. There too a vector that is not of the largest total can gain in one place, so the same holds
of B among them.

Sixty-four bits. No cost exceeds C = m × (U₁ + U). Cost scaling multiplies costs by (nodes + 1), and a path holds fewer
than ``nodes`` arcs, so prices and path lengths stay within (nodes + 1) × C up to a small factor; the resolution is the
finest power of two, up to 2^30 a unit of the largest utility, for which (nodes + 1) × C ≤ 2^60. ``weights`` checks it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from services.matching.domain.planning.problem import CanonicalProblem, PlanProblem

_LARGEST_SCALED_COST = 2**60
_FINEST_STEPS = 30
_COARSEST_STEPS = 10

SOURCE, SINK, _FIRST_PARTICIPANT = 0, 1, 2


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """The whole numbers that order the priorities: T and V of the module's proof, of which U and U₁ are multiples.

    ``resolution`` is the number of units in one unit of utility, ``stability`` the bonus in such units.
    """

    resolution: float
    stability: int
    meeting: int
    candidate: int


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """Arcs as parallel arrays; arc ``i`` of the first ``len(pairs)`` is the feasible pair ``pairs[i]``.

    An arc costs ``-(worth + bonus × candidate)``: ``worth`` is the pair's ``T × w + t``, ``bonus`` counts the V's, one
    for a need's first candidate and those of the floors for a participant's further meeting.
    """

    tails: NDArray[np.int64]
    heads: NDArray[np.int64]
    capacities: NDArray[np.int64]
    worth: NDArray[np.int64]
    bonus: NDArray[np.int64]
    candidate: int
    nodes: int
    supply: int
    pairs: NDArray[np.int64]

    @property
    def costs(self) -> NDArray[np.int64]:
        """Cost of one unit on each arc."""
        return -(self.worth + self.bonus * self.candidate)

    def lighter(self) -> Network:
        """The same with bonuses just above one meeting's worth: solved faster, and as a rule best here too.

        Nothing is promised of such a flow; the certificate on the network itself tells whether it is optimal.
        """
        return replace(self, candidate=int(self.worth.max(initial=0)) + 1)


@dataclass(frozen=True, slots=True, eq=False)
class Demanded:
    """Meetings that must be, as positions among the feasible pairs, and what they leave over.

    ``meetings`` and ``worthwhile`` count them for each participant, ``candidates`` for each need.
    """

    pairs: NDArray[np.int64]
    seats_left: NDArray[np.int64]
    room_left: NDArray[np.int64]
    meetings: NDArray[np.int64]
    worthwhile: NDArray[np.int64]
    candidates: NDArray[np.int64]

    @property
    def most(self) -> int:
        """The most meetings that anybody could have: m of the module's proof."""
        return int((self.meetings + self.room_left).max(initial=1))


def demanded_meetings(problem: PlanProblem, ordered: CanonicalProblem) -> Demanded:
    """Take accepted and pinned meetings out of seats and maxima; they have been checked for conflicts."""
    pairs = np.searchsorted(ordered.pair_codes, ordered.codes(problem.kept | problem.pins))
    feasible = np.bincount(ordered.rows, minlength=len(ordered.participants))
    of_participant = np.bincount(ordered.rows[pairs], minlength=len(ordered.participants))
    of_need = np.bincount(ordered.columns[pairs], minlength=len(ordered.needs))
    worthwhile = pairs[ordered.values[pairs] >= problem.worthwhile]
    return Demanded(
        pairs=pairs,
        seats_left=ordered.seats - of_need,
        room_left=np.minimum(ordered.maximum, feasible) - of_participant,
        meetings=of_participant,
        worthwhile=np.bincount(ordered.rows[worthwhile], minlength=len(ordered.participants)),
        candidates=of_need,
    )


def weights(problem: PlanProblem, ordered: CanonicalProblem, demanded: Demanded) -> Weights:
    """Choose the finest resolution for which the module's bounds hold.

    Raises ValueError when even a coarse one would not fit 64 bits (beyond some 200,000 participants by 5,000 needs).
    """
    nodes = _FIRST_PARTICIPANT + 2 * len(ordered.participants) + len(ordered.needs)
    largest = max(float(ordered.values.max(initial=0.0)), problem.stability, 1e-9)
    cycle = max(min(len(ordered.needs), 2 * len(ordered.participants)), 1)
    first = np.array(1)
    floors = int(worthwhile_bonus(first, demanded.most) + any_kind_bonus(first, demanded.most))
    for steps in range(_FINEST_STEPS, _COARSEST_STEPS - 1, -1):
        resolution = 2.0 ** (steps - np.ceil(np.log2(largest)))
        stability = round(problem.stability * resolution)
        most = round(largest * resolution) + stability
        meeting = 2 * cycle + 1
        candidate = cycle * (meeting * most + 2) + 1
        if floors * candidate * (nodes + 1) <= _LARGEST_SCALED_COST:
            return Weights(float(resolution), stability, meeting, candidate)
    raise ValueError("the problem is too large for whole costs of 64 bits: plan each place by itself")


def any_kind_bonus(number: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    """How many V's somebody's meetings of these numbers, from 1 on, add to the floor of meetings of any kind.

    ``most`` is m of the module's proof.
    """
    return 2 * (most - number + 1)


def worthwhile_bonus(number: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    """The same for worthwhile meetings and their floor: one step outweighs all of the other."""
    return (most + 1) * any_kind_bonus(number, most)


def units(
    problem: PlanProblem, ordered: CanonicalProblem, weights: Weights
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return each feasible pair's utility with stability in whole units, and whether it is of the current plan."""
    of_today = np.isin(ordered.pair_codes, ordered.codes(problem.current))
    rounded = np.rint(ordered.values * weights.resolution).astype(np.int64)
    return rounded + weights.stability * of_today, of_today


def build(problem: PlanProblem, ordered: CanonicalProblem, demanded: Demanded, weights: Weights) -> Network:
    """Lay out the network of the meetings that are still open."""
    pairs = _open_pairs(problem, ordered, demanded)
    worth, of_today = units(problem, ordered, weights)
    good = ordered.values[pairs] >= problem.worthwhile
    people = len(ordered.participants)
    has_good, has_other = (np.bincount(ordered.rows[pairs[which]], minlength=people) > 0 for which in (good, ~good))
    first_need = _FIRST_PARTICIPANT + people
    floor_node = np.arange(people) + np.where(has_other, first_need + len(ordered.needs), _FIRST_PARTICIPANT)
    person_node = np.arange(people) + _FIRST_PARTICIPANT
    supply = int(min(demanded.room_left.sum(), demanded.seats_left.sum()))
    parts = [
        _arcs(
            np.where(good, floor_node[ordered.rows[pairs]], person_node[ordered.rows[pairs]]),
            ordered.columns[pairs] + first_need,
            1,
            weights.meeting * worth[pairs] + np.where(of_today[pairs], 1, -1),
            0,
        ),
        *_floor_arcs(demanded, person_node, floor_node, has_good, has_other),
        _seat_arcs(demanded, np.arange(len(ordered.needs)) + first_need),
        _arcs(np.array([SOURCE]), SINK, supply, 0, 0),
    ]
    tails, heads, capacities, gained, bonus = (np.concatenate(column) for column in zip(*parts, strict=True))
    nodes = first_need + len(ordered.needs) + people
    return Network(tails, heads, capacities, gained, bonus, weights.candidate, nodes, supply, pairs)


_Arcs = tuple[NDArray[np.int64], ...]


def _arcs(*columns: NDArray[np.int64] | int) -> _Arcs:
    """Tails, heads, capacities, worth and bonus, each as long as the longest."""
    return tuple(np.broadcast_arrays(*columns))


def _open_pairs(problem: PlanProblem, ordered: CanonicalProblem, demanded: Demanded) -> NDArray[np.int64]:
    usable = (demanded.room_left[ordered.rows] > 0) & (demanded.seats_left[ordered.columns] > 0)
    usable[demanded.pairs] = False
    usable &= ~np.isin(ordered.pair_codes, ordered.codes(problem.forbids))
    return np.flatnonzero(usable)


def _floor_arcs(
    demanded: Demanded,
    person_node: NDArray[np.int64],
    floor_node: NDArray[np.int64],
    has_good: NDArray[np.bool_],
    has_other: NDArray[np.bool_],
) -> tuple[_Arcs, _Arcs]:
    """An arc for each further meeting of each participant, and for each worthwhile one, worth less each time.

    Whoever can have worthwhile ones only has one node, and arcs with both bonuses.
    """
    most = demanded.most
    person, further = _further_meetings(np.where(has_other, demanded.room_left, 0))
    bonus = any_kind_bonus(demanded.meetings[person] + further, most)
    of_any_kind = _arcs(SOURCE, person_node[person], 1, 0, bonus)
    person, further = _further_meetings(np.where(has_good, demanded.room_left, 0))
    bonus = worthwhile_bonus(demanded.worthwhile[person] + further, most)
    bonus += np.where(has_other[person], 0, any_kind_bonus(demanded.meetings[person] + further, most))
    tails = np.where(has_other, person_node, SOURCE)
    return of_any_kind, _arcs(tails[person], floor_node[person], 1, 0, bonus)


def _further_meetings(room: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Whose, and their number from 1 on: as many for each participant as they have room."""
    person = np.repeat(np.arange(len(room)), room)
    return person, np.arange(len(person)) - np.repeat(np.cumsum(room) - room, room) + 1


def _seat_arcs(demanded: Demanded, need_node: NDArray[np.int64]) -> _Arcs:
    open_need = demanded.seats_left > 0
    empty = open_need & (demanded.candidates == 0)
    first = _arcs(need_node[empty], SINK, 1, 0, 1)
    further = _arcs(need_node[open_need], SINK, (demanded.seats_left - empty)[open_need], 0, 0)
    return tuple(np.concatenate(column) for column in zip(first, further, strict=True))
