"""Credentials of other systems: what each may do, for which agency, and until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

PREFIX = "vernissage_"
"""How each secret begins, so that whoever finds one knows what it is."""

LASTS_AT_MOST = timedelta(days=731)


@dataclass(frozen=True, slots=True)
class Credential:
    """What another system shows, by its name; of its secret nothing is kept that could be shown."""

    id: UUID
    name: str
    agency_id: UUID | None
    rights: frozenset[str]
    made_at: datetime
    made_by: UUID | None
    ends_at: datetime
    used_at: datetime | None = None
    revoked_at: datetime | None = None
    revoked_by: UUID | None = None

    def holds(self, now: datetime) -> bool:
        """Whether it opens anything."""
        return self.revoked_at is None and now < self.ends_at
