"""What every kept thing has in common."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar
from uuid import UUID

from services.registration.domain.said import amended

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Details = TypeVar("Details", bound="DataclassInstance")


@dataclass(frozen=True, slots=True)
class Record(Generic[Details]):
    """Something as kept: its details, and a revision that counts all that happened to it."""

    id: UUID
    revision: int
    details: Details

    def amended(self, draft: Any) -> Self:
        """The record with what was said; its revision is raised by whoever keeps it."""
        return replace(self, details=amended(self.details, draft))
