"""What ids stand for, in a record that is handed over: staff by what they do and where, never by their names."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, literal, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.tables import (
    AccountRow,
    AgencyRow,
    EmployerRow,
    MeetupRow,
    NeedRow,
    StaffRow,
    WorkshopRow,
    WorkshopSessionRow,
)
from shared.sql import among, run, table_of

AGENCIES, STAFF, ACCOUNTS = table_of(AgencyRow), table_of(StaffRow), table_of(AccountRow)
WORKSHOPS, MEETUPS = table_of(WorkshopRow), table_of(MeetupRow)
SESSIONS = table_of(WorkshopSessionRow)
NEEDS, EMPLOYERS = table_of(NeedRow), table_of(EmployerRow)


async def named_ids(session: AsyncSession, ids: Collection[UUID]) -> dict[str, dict[str, Any]]:
    """What those of the ids that are known stand for, by id."""
    role = func.coalesce(ACCOUNTS.c.role, STAFF.c.role).label("role")
    agency = func.coalesce(ACCOUNTS.c.agency_id, STAFF.c.agency_id)
    queries: tuple[tuple[str, Any, Select[Any]], ...] = (
        ("agency", AGENCIES.c.id, select(AGENCIES.c.id, AGENCIES.c.name)),
        ("workshop", WORKSHOPS.c.id, select(*WORKSHOPS.c["id", "title", "venue", "starts_on", "ends_on"])),
        ("workshop-session", SESSIONS.c.id, select(*SESSIONS.c["id", "title", "held_on", "exercise"])),
        ("meetup", MEETUPS.c.id, select(*MEETUPS.c["id", "title", "venue", "starts_at"])),
        ("employer", EMPLOYERS.c.id, select(EMPLOYERS.c.id, EMPLOYERS.c.name)),
        (
            "need",
            NEEDS.c.id,
            select(NEEDS.c.id, NEEDS.c.title, EMPLOYERS.c.name.label("employer")).join(
                EMPLOYERS, EMPLOYERS.c.id == NEEDS.c.employer_id
            ),
        ),
        (
            "staff",
            STAFF.c.id,
            select(STAFF.c.id, role, AGENCIES.c.name.label("agency"))
            .outerjoin(ACCOUNTS, ACCOUNTS.c.staff_id == STAFF.c.id)
            .outerjoin(AGENCIES, AGENCIES.c.id == agency),
        ),
    )
    found: dict[str, dict[str, Any]] = {}
    for kind, key, query in queries:
        named = query.add_columns(literal(kind).label("kind")).where(among(key, ids))
        for row in (await run(session, named)).mappings():
            found[str(row["id"])] = {name: value for name, value in row.items() if name != "id"}
    return found
