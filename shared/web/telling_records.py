"""How a service tells all that it holds of somebody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel


class LookTold(BaseModel):
    """That somebody looked at a participant or changed something about them: by role and agency, without a name."""

    at: datetime
    role: str
    agency_id: UUID | None
    what: str
    kind: str


class RecordOfService(BaseModel):
    """What a service holds of somebody, row by row under the names of its tables, and who looked at it."""

    record: Mapping[str, Sequence[Mapping[str, Any]]]
    looks: Sequence[LookTold]
