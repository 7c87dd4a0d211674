"""An example of each body that the API takes, and values of its answers, for its description."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from services.matching.api.meetups import RematchBody, RuleBody
from services.matching.api.pairings import ApprovalBody, RejectionBody

PAIR = {
    "participant_id": "01931a2b-4c00-7000-8000-000000000002",
    "need_id": "01931a2b-4c00-7000-8000-000000000006",
}

EXAMPLES: Mapping[type[BaseModel], Mapping[str, Any]] = {
    RematchBody: {"reason": "first-pairing", "pins": [PAIR]},
    RuleBody: {**PAIR, "rule": "forbid"},
    ApprovalBody: {"remove": [PAIR], "add": []},
    RejectionBody: {"note": "Deux personnes ont le même créneau ailleurs."},
}

ANSWERED: Mapping[str, Any] = {
    "participant_id": PAIR["participant_id"],
    "need_id": PAIR["need_id"],
    "venue": "Louvre-Lens",
    "venues": ["Louvre-Lens"],
    "exercises": ["dessin-dicte"],
    "breaks": [5],
    "occupation": "D1505",
    "framework": "rome-4",
    "skill": "6D102",
    "AskAnswer.reasons": ["too-far"],
    "DroppedAnswer.reasons": ["too-far"],
    "ConflictAnswer.kind": "seats-exceeded",
    "obstacles": [],
    "dropped_by_reason": {"too-far": 3},
    "PairingAnswer.status": "proposed",
    "PairingSummary.status": "proposed",
    "RunAnswer.status": "done",
    "step": "done",
    "reason": "first-pairing",
    "note": None,
    "decision_note": None,
    "decided_by": None,
    "decided_at": None,
    "failure": None,
    "error": None,
    "redacted_at": None,
    "next_run_id": None,
    "conflicts": [],
    "version": "0.1.0",
    "digest": "9c1f" * 16,
    "plan_status": "optimal",
    "timetable_status": "optimal",
    "fr": "Persévérance : plus que demandé.",
    "en": "Perseverance: more than asked.",
    "record": {"participants": [{"commune": "62510", "travel_limit_km": 25.0}]},
}
"""Values of fields of answers, where their type alone would say little."""
