"""Which participants meet which needs: fair floors first, then the best total, with a proof.

problem = PlanProblem(participants=["p1", "p2"], needs=["n1"], utility=np.array([[0.8], [0.6]]), seats=[1], maximum=1)
result = plan(problem)
[(m.participant, m.need) for m in result.meetings]  # [("p1", "n1")]
result.status, result.objective, result.bound       # ("optimal", 0.8, 0.8)
plan(replace(problem, pins=frozenset({("p2", "n1")})))  # p2 instead; a pin that cannot be raises ImpossiblePlan
"""

from services.matching.domain.planning.conflicts import Conflict, ConflictKind, ImpossiblePlan
from services.matching.domain.planning.planner import Plan, PlannedMeeting, PlanParameters, plan
from services.matching.domain.planning.problem import PlanProblem, SparseUtility

__all__ = [
    "Conflict",
    "ConflictKind",
    "ImpossiblePlan",
    "Plan",
    "PlanParameters",
    "PlanProblem",
    "PlannedMeeting",
    "SparseUtility",
    "plan",
]
