"""What every kept thing has in common: an id, a revision, and when each of its fields last changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar
from uuid import UUID

from services.registration.domain.said import amended, differing

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Details = TypeVar("Details", bound="DataclassInstance")


@dataclass(frozen=True, slots=True)
class Revisioned:
    """Something as kept; ``revision`` counts all that happened to it."""

    id: UUID
    revision: int
    field_revisions: Mapping[str, int] = field(default_factory=dict, kw_only=True)
    """The revision in which each field last changed; one that is not named is as it began."""

    def revised(self, *names: str) -> Self:
        """The next revision, in which these fields changed."""
        revision = self.revision + 1
        changes = {**self.field_revisions, **dict.fromkeys(names, revision)}
        return replace(self, revision=revision, field_revisions=changes)

    def changed_since(self, revision: int) -> tuple[str, ...]:
        """The fields that changed after a revision."""
        return tuple(name for name, changed in self.field_revisions.items() if changed > revision)


@dataclass(frozen=True, slots=True)
class Record(Revisioned, Generic[Details]):
    """A record with its details."""

    details: Details

    def amended(self, draft: Any) -> Self:
        """The record with what was said, as yet at the same revision."""
        return replace(self, details=amended(self.details, draft))

    def differing(self, before: Self) -> tuple[str, ...]:
        """The details that are not as they were before."""
        return differing(before.details, self.details)
