"""The delays that an operator sets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Rules:
    """How long people have, and when they are reminded. Each is explained where it is set."""

    reply_days: int = 5
    call_within: timedelta = timedelta(hours=48)
    remind_before: timedelta = timedelta(days=2)
    shortlists_after: timedelta = timedelta(days=1)
    remind_employers_after: timedelta = timedelta(days=3)
    answer_days: int = 21
    link_days: int = 30
    give_up_after: timedelta = timedelta(hours=24)
