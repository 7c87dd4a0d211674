"""An example of each body that the API takes, for its description."""

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
