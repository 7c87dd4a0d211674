"""The moment of an intention: handed in as an argument, so that tests are exact."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.ids import NewId


@dataclass(frozen=True, slots=True)
class Moment:
    """When an intention is carried out, how new things are named, and by whom (None: by the service itself)."""

    now: datetime
    new_id: NewId
    by: UUID | None = None
