"""From a situation to a pairing: constraints, scores, plan, timetable, shortlists, accounts, difference.

situation = Situation(meetup=…, participants=…, needs=…, observations=…, …)
pairing = propose(situation)
[(m.participant_id, m.need_id, m.slot, m.reasons.score.value) for m in pairing.meetings]
pairing.proof.plan_status, pairing.difference.added
"""

from services.matching.domain.proposing.proposal import ImpossiblePairing, propose

__all__ = ["ImpossiblePairing", "propose"]
