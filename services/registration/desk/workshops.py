"""What several pages show of a workshop: who is enrolled, how often each was noted, and who came."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.domain.workshop_sessions import WorkshopSession
from services.registration.domain.workshops import Workshop
from services.registration.repository.agencies import staff_by_id
from services.registration.repository.observations import notes_counted
from services.registration.repository.participant_lists import ParticipantFilter, list_participants
from services.registration.repository.workshop_sessions import presences_at
from shared.auditing import note_looks
from shared.identity import Person
from shared.paging import LARGEST_PAGE, Paging
from shared.rights import scope_of


@dataclass(frozen=True, slots=True)
class PersonThere:
    """Somebody enrolled in a workshop, how many notes on them hold, and how many of those are of one day."""

    id: UUID
    name: str
    notes: int
    notes_that_day: int


@dataclass(frozen=True, slots=True)
class SessionOfWorkshop:
    """A session, and how many people came and did not, as far as it is known."""

    planned: WorkshopSession
    present: int
    absent: int


async def people_there(
    session: AsyncSession, person: Person, workshop: Workshop, day: date | None = None
) -> list[PersonThere]:
    """Those enrolled whom ``person`` may name, by name, as many as one list holds; the looks are noted."""
    wanted, scope = ParticipantFilter(workshop_id=workshop.id), scope_of(person, "name participants")
    found = (await list_participants(session, scope, wanted, Paging(size=LARGEST_PAGE))).items
    counts = await notes_counted(session, scope_of(person, "read observations"), workshop.id, day)
    await note_looks(session, "participants", [row["id"] for row in found])
    return [
        PersonThere(row["id"], f"{row['first_name']} {row['last_name']}", *counts.get(row["id"], (0, 0)))
        for row in found
    ]


async def with_who_came(session: AsyncSession, sessions: Sequence[WorkshopSession]) -> list[SessionOfWorkshop]:
    """Sessions, each with how many came."""
    came: dict[UUID, list[bool]] = {each.id: [] for each in sessions}
    for presence in await presences_at(session, came.keys()):
        came[presence.session_id].append(presence.is_present)
    return [SessionOfWorkshop(each, sum(came[each.id]), came[each.id].count(False)) for each in sessions]


async def team_of(session: AsyncSession, workshop: Workshop) -> dict[UUID, str]:
    """The e-mail addresses of a workshop's team."""
    return {each.id: each.email for each in (await staff_by_id(session, workshop.team)).values()}
