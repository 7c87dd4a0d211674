"""What answers have in common: how they are made of what is kept, and what lists say of each record."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field


class Told(BaseModel):
    """An answer whose fields are those of the thing itself: `model_validate` takes them from it."""

    model_config = ConfigDict(from_attributes=True)

    @classmethod
    def of_row(cls, row: Mapping[Any, Any]) -> Self:
        """From what a query found, of which it tells what it has."""
        return cls.model_validate(dict(row))


class Listed(Told):
    """What a list says of each record beside its data: when it was last kept, for those who follow what changes."""

    kept_at: datetime


class ListedByRevision(Listed):
    """The same of a record whose fields say in which revision each last changed; of the others, none is told."""

    field_revisions: dict[str, int]


class Located(BaseModel):
    """Where the middle of a commune is, in degrees, where that is known."""

    latitude: float | None
    longitude: float | None


class Made(BaseModel):
    """The id of something new."""

    id: UUID


class ChangeTold(BaseModel):
    """Whether anything is otherwise than before."""

    change: str


CodeOfCommune = Annotated[str, Field(description="The INSEE code of the commune.")]
CodeOfOccupation = Annotated[str, Field(description="The code of the occupation (ROME).")]
