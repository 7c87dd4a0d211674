"""The moment of an intention: handed in as an argument, so that tests are exact; and the programme's clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from shared.ids import NewId

PARIS = ZoneInfo("Europe/Paris")
"""The programme's clock: by it a day begins and ends, and times without a zone are read and written."""


@dataclass(frozen=True, slots=True)
class Moment:
    """When an intention is carried out, how new things are named, and by whom (None: by the service itself)."""

    now: datetime
    new_id: NewId
    by: UUID | None = None
