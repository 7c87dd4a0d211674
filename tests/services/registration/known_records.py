"""The other services, which tell what they hold of somebody, or do not answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from services.registration.adapters.records_elsewhere import RecordUnavailable


class KnownRecords:
    """Says of everybody that nothing is held of them; `is_silent` while a service does not answer."""

    def __init__(self) -> None:
        self.is_silent = False

    async def of(self, participant_id: UUID) -> Mapping[str, Any]:
        """What each other service holds of somebody. Raises `RecordUnavailable`."""
        del participant_id
        if self.is_silent:
            raise RecordUnavailable
        nothing: dict[str, Any] = {"record": {}, "looks": []}
        return {"matching": {**nothing, "profile": None}, "notification": nothing}
