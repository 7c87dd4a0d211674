"""What every list of an export has: for whom it is made, its records page by page, and cells that several have."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.domain.places import Place
from services.registration.repository import agencies
from shared.auditing import note_looks
from shared.identity import Person
from shared.reference.communes import commune
from shared.rights import Scope, scope_of

PAGE = 500

ListedCell = str | int | float | bool | date | Sequence[str] | None
"""What stands in a cell, before it is written."""

ListedRow = Mapping[str, ListedCell]
SomeRows = tuple[Sequence[ListedRow], UUID | None]
"""Records, and behind which id the next ones are; `None` after the last ones."""


@dataclass(frozen=True, slots=True)
class Exporting:
    """An export that is being made for somebody."""

    session: AsyncSession
    person: Person
    agencies: Mapping[UUID | None, str]

    def scope(self, right: str) -> Scope:
        """How far they may go with a right."""
        return scope_of(self.person, right)

    async def look(self, people: Sequence[UUID]) -> None:
        """Note that they are shown these people."""
        await note_looks(self.session, "exports", people)


@dataclass(frozen=True, slots=True)
class ExportedList:
    """A list of the format, the right that it takes, and its next records behind an id."""

    stem: str
    right: str
    page: Callable[[Exporting, UUID | None], Awaitable[SomeRows]]

    async def records(self, exporting: Exporting) -> AsyncIterator[ListedRow]:
        """All records that whoever asks may see."""
        after: UUID | None = None
        while True:
            records, after = await self.page(exporting, after)
            for record in records:
                yield record
            if after is None:
                return


async def begin(session: AsyncSession, person: Person) -> Exporting:
    """An export for somebody."""
    return Exporting(session, person, {each.id: each.name for each in await agencies.all_agencies(session)})


def in_commune(place: Place) -> str:
    """By its INSEE code and name together, which no import takes for another one."""
    return f"{place.commune} {commune(place.commune).name}"


def next_behind(ids: Sequence[UUID]) -> UUID | None:
    """Behind which id the next records are, where a page is full."""
    return ids[-1] if len(ids) == PAGE else None
