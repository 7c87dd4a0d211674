"""What waits to be worked by a worker: how it stands, who asked for it, and as whom they may."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from shared.language import Bilingual


class WorkState(StrEnum):
    """How something that was asked for stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


ENDED = frozenset({WorkState.DONE, WorkState.FAILED, WorkState.CANCELLED})
"""What nobody works on any more."""


class WhyFailed(StrEnum):
    """Why something was given up."""

    NOT_ALLOWED = "not-allowed-any-more"
    ITS_WORKER_DIED = "its-worker-died"
    UNEXPECTED = "unexpected-error"


IN_WORDS: dict[WhyFailed, Bilingual] = {
    WhyFailed.NOT_ALLOWED: Bilingual(
        "La personne ou le système qui l’a demandé n’en a plus le droit : rien n’a été fait depuis.",
        "Whoever asked for it may not any more: nothing was done since.",
    ),
    WhyFailed.ITS_WORKER_DIED: Bilingual(
        "Le programme qui s’en chargeait s’est arrêté plusieurs fois au même endroit. Prévenez l’exploitant.",
        "The program that worked at it stopped several times at the same place. Tell the operator.",
    ),
    WhyFailed.UNEXPECTED: Bilingual(
        "Une erreur est survenue plusieurs fois au même endroit. Prévenez l’exploitant.",
        "Something went wrong several times at the same place. Tell the operator.",
    ),
}
"""The reasons."""


@dataclass(frozen=True, slots=True)
class AskedBy:
    """Who asked for something, and as what: ``rights`` are those of a system's credential, `None` all of the role's.

    Somebody ``vouched`` for is known neither by an account nor by a credential: the service's own key speaks for them,
    as for an operator at a terminal.
    """

    person_id: UUID
    role: str
    agency_id: UUID | None
    rights: frozenset[str] | None
    vouched: bool


@dataclass(frozen=True, slots=True)
class Queued:
    """Something that was asked for: by whom, when, how it stands, and why it was given up."""

    id: UUID
    asked_by: AskedBy
    asked_at: datetime
    state: WorkState
    failure: WhyFailed | None
    ended_at: datetime | None
