"""Objections: somebody does not want to be paired, or written to, and that holds against whatever comes later."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.registration.domain.participants import ConsentWay, Purpose


@dataclass(frozen=True, slots=True)
class Objection:
    """That somebody objects to a purpose, noted by whom; in force until somebody lifts it and says why."""

    id: UUID
    participant_id: UUID
    purpose: Purpose
    objected_at: datetime
    noted_by: UUID | None
    way: ConsentWay | None
    lifted_at: datetime | None = None
    lifted_by: UUID | None = None
    lifted_because: str | None = None

    @property
    def is_in_force(self) -> bool:
        """Whether it holds."""
        return self.lifted_at is None
