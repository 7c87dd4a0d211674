"""The plan itself: refuse what contradicts itself, solve the one flow, check the proof."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

from services.matching.domain.pair_key import PairKey
from services.matching.domain.planning import network as flows
from services.matching.domain.planning.certificate import possible_gain
from services.matching.domain.planning.conflicts import ImpossiblePlan, demanded_conflicts
from services.matching.domain.planning.problem import CanonicalProblem, PlanProblem, canonical


class PlannedMeeting(NamedTuple):
    """One participant with one need; ``kept`` was accepted before, ``pinned`` was demanded by an adviser."""

    participant: Hashable
    need: Hashable
    utility: float
    worthwhile: bool
    kept: bool = False
    pinned: bool = False

    @property
    def pair(self) -> PairKey:
        """The participant's and the need's id."""
        return (self.participant, self.need)


@dataclass(frozen=True, slots=True)
class PlanParameters:
    """The policy behind a plan, for its record.

    ``resolution`` is the number of whole units into which one unit of utility was cut.
    """

    worthwhile: float
    stability: float
    seed: str
    resolution: float


@dataclass(frozen=True, slots=True)
class Plan:
    """Meetings with the proof that no others are better.

    ``counts`` are worthwhile meetings per participant, ``counts_of_any_kind`` all of theirs. ``objective`` is the total
    utility with stability bonuses, read at the resolution; ``bound`` is the most that any plan with equally good floors
    can reach, and the status is "optimal" only when the two are one: then no plan has better floors either.
    ``unmet_needs`` have no candidate, and could have none without a worse floor or another need going without.
    """

    meetings: tuple[PlannedMeeting, ...]
    counts: Mapping[Hashable, int]
    counts_of_any_kind: Mapping[Hashable, int]
    unmet_needs: tuple[Hashable, ...]
    objective: float
    bound: float
    status: Literal["optimal", "feasible"]
    parameters: PlanParameters

    @property
    def pairs(self) -> frozenset[PairKey]:
        """The planned pairs, as the next plan's ``current``."""
        return frozenset(meeting.pair for meeting in self.meetings)

    @property
    def utility(self) -> float:
        """Total utility, without bonuses."""
        return float(sum(meeting.utility for meeting in self.meetings))


def plan(problem: PlanProblem) -> Plan:
    """Choose the meetings that respect every demand and are best in the order of the five priorities.

    1. Accepted and pinned meetings are in the plan; forbidden and infeasible pairs are not.
    2. The worthwhile counts per participant are leximin-maximal: the smallest as large as it can be, then the next.
    3. So are, among such plans, the counts of meetings of any kind. Who never wants a meeting proposed that is below
       the worthwhile threshold makes the pair infeasible.
    4. As many needs as can be have a candidate.
    5. Total utility, with the stability bonus for each meeting of the current plan, is maximal.

    What remains open is settled by the fewest changes to the current plan, then by the seed and the ids, never by the
    order of the input. Planning again with the result as ``current`` gives the result again.

    Raises ImpossiblePlan naming the conflicting demands, ValueError for malformed input.
    """
    ordered = canonical(problem)
    if conflicts := demanded_conflicts(problem, ordered):
        raise ImpossiblePlan(conflicts)
    demanded = flows.demanded_meetings(problem, ordered)
    weights = flows.weights(problem, ordered, demanded)
    network = flows.build(problem, ordered, demanded, weights)
    flow, gain = _proven_flow(network)
    chosen = np.sort(np.concatenate([demanded.pairs, network.pairs[flow[: len(network.pairs)] > 0]]))
    worth, _ = flows.units(problem, ordered, weights)
    total = int(worth[chosen].sum())
    meetings = _meetings(problem, ordered, chosen)
    met = {meeting.need for meeting in meetings}
    return Plan(
        meetings=meetings,
        counts=_counts(ordered, (meeting for meeting in meetings if meeting.worthwhile)),
        counts_of_any_kind=_counts(ordered, meetings),
        unmet_needs=tuple(need for need in ordered.needs if need not in met),
        objective=total / weights.resolution,
        bound=(total + gain / weights.meeting) / weights.resolution,
        status="feasible" if gain else "optimal",
        parameters=PlanParameters(problem.worthwhile, problem.stability, problem.seed, weights.resolution),
    )


def _proven_flow(network: flows.Network) -> tuple[NDArray[np.int64], int]:
    """Solve the lighter network; where its flow is not proven optimal for the full one, solve the full one."""
    flow = _cheapest_flow(network.lighter())
    if possible_gain(network, flow, rounds=_ROUNDS_OF_A_TRIAL) == 0:
        return flow, 0
    flow = _cheapest_flow(network)
    return flow, possible_gain(network, flow)


_ROUNDS_OF_A_TRIAL = 200


def _cheapest_flow(network: flows.Network) -> NDArray[np.int64]:
    solver = SimpleMinCostFlow()
    arcs = solver.add_arcs_with_capacity_and_unit_cost(network.tails, network.heads, network.capacities, network.costs)
    solver.set_nodes_supplies(np.array([flows.SOURCE, flows.SINK]), np.array([network.supply, -network.supply]))
    status = solver.solve()
    if status != solver.OPTIMAL:
        raise RuntimeError(f"the min-cost flow solver gave up: {status}")
    return np.asarray(solver.flows(arcs), dtype=np.int64)


def _meetings(problem: PlanProblem, ordered: CanonicalProblem, chosen: NDArray[np.int64]) -> tuple[PlannedMeeting, ...]:
    rows, columns, values = ordered.rows[chosen].tolist(), ordered.columns[chosen].tolist(), ordered.values[chosen]
    pairs = [(ordered.participants[row], ordered.needs[column]) for row, column in zip(rows, columns, strict=True)]
    return tuple(
        PlannedMeeting(*pair, value, worthwhile, pair in problem.kept, pair in problem.pins)
        for pair, value, worthwhile in zip(pairs, values.tolist(), (values >= problem.worthwhile).tolist(), strict=True)
    )


def _counts(ordered: CanonicalProblem, meetings: Iterable[PlannedMeeting]) -> dict[Hashable, int]:
    counts = dict.fromkeys(ordered.participants, 0)
    for meeting in meetings:
        counts[meeting.participant] += 1
    return counts
