"""The light read model of what matching and notification told: pairings, invitations, employers' answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, delete, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.tables import AnswerRow, ErasureRow, InForceRow, InvitationRow, PairedRow, PairingRow
from shared.sql import among, one_row, put_rows, run, table_of, write_latest

PAIRINGS = table_of(PairingRow)
IN_FORCE = table_of(InForceRow)
PAIRED = table_of(PairedRow)
INVITATIONS = table_of(InvitationRow)
ANSWERS = table_of(AnswerRow)
ERASURES = table_of(ErasureRow)


async def steps_in_force(session: AsyncSession, meetups: Sequence[UUID]) -> dict[UUID, int]:
    """How far each meetup's pairing in force is known."""
    rows = await run(session, select(IN_FORCE).where(among(IN_FORCE.c.meetup_id, meetups)))
    return {row.meetup_id: row.step for row in rows}


async def put_pairings(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep the states of pairings; the latest step wins."""
    await write_latest(session, PairingRow, rows, revision="step")


async def replace_paired(session: AsyncSession, meetup_id: UUID, step: int, meetings: Mapping[UUID, int]) -> None:
    """Keep how many meetings each participant has in the pairing in force."""
    await write_latest(session, InForceRow, [{"meetup_id": meetup_id, "step": step}], revision="step")
    await run(session, delete(PAIRED).where(PAIRED.c.meetup_id == meetup_id))
    erased = await erased_among(session, list(meetings))
    rows = [
        {"meetup_id": meetup_id, "participant_id": participant, "meetings": count}
        for participant, count in meetings.items()
        if participant not in erased
    ]
    await put_rows(session, PairedRow, rows)


async def put_invitations(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep where invitations stand; the highest revision wins."""
    erased = await erased_among(session, [row["participant_id"] for row in rows])
    await write_latest(session, InvitationRow, [row for row in rows if row["participant_id"] not in erased])


async def put_answers(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep employers' answers; the highest revision wins."""
    erased = await erased_among(session, [row["participant_id"] for row in rows])
    await write_latest(session, AnswerRow, [row for row in rows if row["participant_id"] not in erased])


async def erased_among(session: AsyncSession, participants: Sequence[UUID]) -> set[UUID]:
    """Those of the participants who were erased: what comes late about them is not kept."""
    if not participants:
        return set()
    statement = select(ERASURES.c.participant_id).where(among(ERASURES.c.participant_id, participants))
    return {row.participant_id for row in await run(session, statement)}


async def proposed_among(session: AsyncSession, meetups: Collection[UUID]) -> set[UUID]:
    """Those of the meetups at which a proposal waits for somebody to decide."""
    waits = select(PAIRINGS.c.meetup_id).where(among(PAIRINGS.c.meetup_id, meetups), PAIRINGS.c.state == "proposed")
    return set((await run(session, waits)).scalars())


async def replies_counted(session: AsyncSession, meetups: Collection[UUID]) -> dict[UUID, Counter[str]]:
    """For each of the meetups, how many invitations stand in which state."""
    counted = (
        select(INVITATIONS.c.meetup_id, INVITATIONS.c.state, func.count().label("number"))
        .where(among(INVITATIONS.c.meetup_id, meetups))
        .group_by(INVITATIONS.c.meetup_id, INVITATIONS.c.state)
    )
    found: dict[UUID, Counter[str]] = {}
    for row in await run(session, counted):
        found.setdefault(row.meetup_id, Counter())[row.state] = row.number
    return found


async def pairing_of(session: AsyncSession, meetup_id: UUID) -> PairingRow | None:
    """The newest pairing of a meetup."""
    return await one_row(session, PairingRow, PAIRINGS.c.meetup_id == meetup_id)


async def paired_at(session: AsyncSession, meetup_id: UUID) -> Sequence[RowMapping]:
    """How many meetings each participant has."""
    statement = select(PAIRED).where(PAIRED.c.meetup_id == meetup_id).order_by(PAIRED.c.participant_id)
    return (await run(session, statement)).mappings().all()


async def invitations_to(session: AsyncSession, meetup_id: UUID) -> Sequence[RowMapping]:
    """Where each invitation to a meetup stands."""
    statement = select(INVITATIONS).where(INVITATIONS.c.meetup_id == meetup_id).order_by(INVITATIONS.c.participant_id)
    return (await run(session, statement)).mappings().all()


async def answers_at(session: AsyncSession, meetup_id: UUID) -> Sequence[RowMapping]:
    """What the employers at a meetup answered."""
    statement = select(ANSWERS).where(ANSWERS.c.meetup_id == meetup_id)
    ordered = statement.order_by(ANSWERS.c.need_id, ANSWERS.c.participant_id)
    return (await run(session, ordered)).mappings().all()
