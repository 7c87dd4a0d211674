"""Pairings: proposed, in force, and what became of the others."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Text, cast, func, literal_column, update
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.matching.domain.pairing import Pairing
from services.matching.domain.situation import Pair
from services.matching.tables import ExposureRow, MeetupRow, PairingRow, PairRuleRow
from shared.sql import table_of

Status = Literal["proposed", "in-force", "rejected", "superseded", "replaced", "withdrawn"]
"""`superseded`: a newer proposal came before anybody approved; `replaced`: a newer pairing took force."""

_pairing = TypeAdapter(Pairing)


@dataclass(frozen=True, slots=True)
class StoredPairing:
    """A pairing with its history: which run made it, on which pairing it builds, who decided."""

    id: UUID
    meetup_id: UUID
    run_id: UUID | None
    revision: int
    status: Status
    based_on: UUID | None
    pairing: Pairing
    created_at: datetime
    decided_by: UUID | None = None
    decided_at: datetime | None = None
    decision_note: str | None = None


async def hold_meetup(session: AsyncSession, meetup_id: UUID) -> None:
    """Let nobody else change this meetup's pairings until the transaction ends."""
    await session.exec(select(MeetupRow.id).where(MeetupRow.id == meetup_id).with_for_update())


async def next_revision(session: AsyncSession, meetup_id: UUID) -> int:
    """The number that the next pairing event of a meetup bears."""
    highest = await session.exec(select(func.max(PairingRow.revision)).where(PairingRow.meetup_id == meetup_id))
    return (highest.one() or 0) + 1


async def add(session: AsyncSession, stored: StoredPairing) -> None:
    """Keep a new pairing."""
    session.add(
        PairingRow(
            id=stored.id,
            meetup_id=stored.meetup_id,
            run_id=stored.run_id,
            revision=stored.revision,
            status=stored.status,
            based_on=stored.based_on,
            content=_pairing.dump_python(stored.pairing, mode="json"),
            created_at=stored.created_at,
            decided_by=stored.decided_by,
            decided_at=stored.decided_at,
            decision_note=stored.decision_note,
        )
    )
    await session.flush()


async def find(session: AsyncSession, pairing_id: UUID) -> StoredPairing | None:
    """A pairing by its id."""
    row = await session.get(PairingRow, pairing_id, populate_existing=True)
    return _stored(row) if row else None


async def in_force(session: AsyncSession, meetup_id: UUID) -> StoredPairing | None:
    """The approved pairing that holds at a meetup."""
    return await _with_status(session, meetup_id, "in-force")


async def proposed(session: AsyncSession, meetup_id: UUID) -> StoredPairing | None:
    """The proposal that waits for an adviser."""
    return await _with_status(session, meetup_id, "proposed")


async def history(session: AsyncSession, meetup_id: UUID) -> list[StoredPairing]:
    """All pairings of a meetup, the newest first."""
    rows = await session.exec(
        select(PairingRow).where(PairingRow.meetup_id == meetup_id).order_by(col(PairingRow.revision).desc())
    )
    return [_stored(row) for row in rows]


async def decide(
    session: AsyncSession,
    pairing_id: UUID,
    status: Status,
    *,
    decided_at: datetime,
    decided_by: UUID | None = None,
    note: str | None = None,
    revision: int | None = None,
) -> None:
    """Settle what becomes of a pairing; a new `revision` only where an event tells of it."""
    values: dict[str, object] = {"status": status, "decided_at": decided_at, "decision_note": note}
    if decided_by:
        values["decided_by"] = decided_by
    if revision:
        values["revision"] = revision
    await session.exec(update(PairingRow).where(col(PairingRow.id) == pairing_id).values(**values))


async def put_in_force(session: AsyncSession, approved: StoredPairing) -> None:
    """Let a proposal hold, as the adviser approved it."""
    await session.exec(
        update(PairingRow)
        .where(col(PairingRow.id) == approved.id)
        .values(
            status=approved.status,
            revision=approved.revision,
            content=_pairing.dump_python(approved.pairing, mode="json"),
            decided_by=approved.decided_by,
            decided_at=approved.decided_at,
        )
    )


async def supersede_proposal(session: AsyncSession, meetup_id: UUID, now: datetime) -> None:
    """Take the proposal that waits at a meetup off the table, if there is one."""
    waiting = await proposed(session, meetup_id)
    if waiting:
        await decide(session, waiting.id, "superseded", decided_at=now)


async def meetups_with(session: AsyncSession, participant_ids: Collection[UUID]) -> list[UUID]:
    """The meetups where a pairing that is in force or proposed counts on one of these participants."""
    if not participant_ids:
        return []
    people = func.jsonb_path_query_array(PairingRow.content, literal_column("'$.*[*].participant_id'::jsonpath"))
    query = (
        select(PairingRow.meetup_id)
        .where(col(PairingRow.status).in_(("in-force", "proposed")), people.op("?|")(_text_array(participant_ids)))
        .distinct()
        .order_by(col(PairingRow.meetup_id))
    )
    return list(await session.exec(query))


def _text_array(ids: Collection[UUID]) -> ColumnElement[Any]:
    return cast(sorted(str(one) for one in ids), ARRAY(Text))


async def save_rules(
    session: AsyncSession,
    meetup_id: UUID,
    rules: dict[Pair, Literal["pin", "forbid"]],
    *,
    set_by: UUID,
    set_at: datetime,
) -> None:
    """Keep an adviser's word on pairs; a later word replaces an earlier one."""
    if not rules:
        return
    statement = insert(table_of(PairRuleRow)).values(
        [
            {
                "meetup_id": meetup_id,
                "participant_id": pair.participant_id,
                "need_id": pair.need_id,
                "rule": rule,
                "set_by": set_by,
                "set_at": set_at,
            }
            for pair, rule in sorted(rules.items(), key=str)
        ]
    )
    fresh = {name: statement.excluded[name] for name in ("rule", "set_by", "set_at")}
    await session.exec(
        statement.on_conflict_do_update(index_elements=["meetup_id", "participant_id", "need_id"], set_=fresh)
    )


async def drop_rule(session: AsyncSession, meetup_id: UUID, pair: Pair) -> bool:
    """Take an adviser's word on a pair back; False when there was none."""
    row = await session.get(PairRuleRow, (meetup_id, pair.participant_id, pair.need_id))
    if row is None:
        return False
    await session.delete(row)
    await session.flush()
    return True


async def rules_of(session: AsyncSession, meetup_id: UUID) -> dict[Pair, str]:
    """Pins and forbids in force at a meetup."""
    rows = await session.exec(select(PairRuleRow).where(PairRuleRow.meetup_id == meetup_id))
    return {Pair(row.participant_id, row.need_id): row.rule for row in rows}


async def count_exposure(session: AsyncSession, participant_ids: Iterable[UUID]) -> None:
    """Count that these participants were shortlisted once more."""
    rows = [{"participant_id": participant_id, "times": 1} for participant_id in sorted(set(participant_ids))]
    if not rows:
        return
    table = table_of(ExposureRow)
    await session.exec(
        insert(table)
        .values(rows)
        .on_conflict_do_update(index_elements=["participant_id"], set_={"times": table.c.times + 1})
    )


async def _with_status(session: AsyncSession, meetup_id: UUID, status: Status) -> StoredPairing | None:
    rows = await session.exec(
        select(PairingRow)
        .where(PairingRow.meetup_id == meetup_id, PairingRow.status == status)
        .execution_options(populate_existing=True)
    )
    row = rows.one_or_none()
    return _stored(row) if row else None


def _stored(row: PairingRow) -> StoredPairing:
    return StoredPairing(
        id=row.id,
        meetup_id=row.meetup_id,
        run_id=row.run_id,
        revision=row.revision,
        status=row.status,  # type: ignore[arg-type]  # the column holds these words only
        based_on=row.based_on,
        pairing=_pairing.validate_python(row.content),
        created_at=row.created_at,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        decision_note=row.decision_note,
    )
