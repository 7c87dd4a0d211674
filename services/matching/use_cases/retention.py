"""What matching keeps for a time after a meetup: how its pairings were computed, then the pairings themselves.

What was told of people (observations, enrolments, replies) stays as long as they do.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, DateTime, Table, cast, select

from services.matching.settings import Settings
from services.matching.tables import (
    IdempotencyRow,
    MeetupRow,
    PairingPersonRow,
    PairingRow,
    PairRuleRow,
    RematchRequestRow,
    RunRow,
    SeatingRow,
)
from shared.auditing import lines_kept
from shared.idempotency import answers_kept
from shared.retention import Lasting, rows_kept
from shared.sql import table_of

_MEETUPS, _RUNS = table_of(MeetupRow), table_of(RunRow)


def all_kept(settings: Settings) -> tuple[Lasting, ...]:
    """All that matching keeps for a time, in the order in which it goes."""
    runs, pairings = timedelta(days=settings.keep_runs_days), timedelta(days=settings.keep_pairings_days)
    return (
        rows_kept("requests for pairings", *_after_meetup(table_of(RematchRequestRow), runs)),
        rows_kept(
            "records of runs",
            _RUNS,
            lambda now: _is_over(_RUNS, now - runs) & _RUNS.c.finished_at.is_not(None),
        ),
        rows_kept("pins and forbids", *_after_meetup(table_of(PairRuleRow), pairings)),
        rows_kept("people counted on", *_after_meetup(table_of(PairingPersonRow), pairings)),
        rows_kept("places of needs", *_after_meetup(table_of(SeatingRow), pairings)),
        rows_kept("pairings", *_after_meetup(table_of(PairingRow), pairings)),
        answers_kept(table_of(IdempotencyRow), settings.keep_answers_days),
        lines_kept(settings.keep_audit_years),
    )


def _after_meetup(table: Table, lasting: timedelta) -> tuple[Table, Callable[[datetime], ColumnElement[bool]]]:
    return table, lambda now: _is_over(table, now - lasting)


def _is_over(table: Table, before: datetime) -> ColumnElement[bool]:
    """Whether the meetup that a row is about began before a moment."""
    begins = cast(_MEETUPS.c.state["starts_at"].astext, DateTime(timezone=True))
    return table.c.meetup_id.in_(select(_MEETUPS.c.id).where(begins < before))
