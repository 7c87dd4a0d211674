"""Pairings: proposed, in force, and what became of the others."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import Row, Select, delete, func, or_, select, union, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel.ext.asyncio.session import AsyncSession

from services.matching.domain.pairing import Outline, Pairing
from services.matching.domain.situation import Pair
from services.matching.tables import (
    EnrolmentRow,
    ExposureRow,
    PairingPersonRow,
    PairingRow,
    PairRuleRow,
    ParticipantRow,
    SeatingRow,
)
from shared.paging import FROM_THE_BEGINNING, Order, Page, Paging, read_page
from shared.sql import add_row, among, hold, insert_rows, next_by, one_row, put_rows, run, table_of, write_rows

Status = Literal["proposed", "in-force", "rejected", "superseded", "replaced", "withdrawn"]
"""`superseded`: a newer proposal came before anybody approved; `replaced`: a newer pairing took force."""

_pairing = TypeAdapter(Pairing)
_outline = TypeAdapter(Outline)
_pairings = table_of(PairingRow)
_people = table_of(PairingPersonRow)
_enrolments = table_of(EnrolmentRow)
_seatings = table_of(SeatingRow)
_rules = table_of(PairRuleRow)
_participants = table_of(ParticipantRow)
_exposures = table_of(ExposureRow)

_LINE = (
    *(
        _pairings.c[name]
        for name in (
            "id",
            "run_id",
            "revision",
            "status",
            "based_on",
            "created_at",
            "decided_by",
            "decided_at",
            "decision_note",
        )
    ),
    func.jsonb_array_length(_pairings.c.outline["meetings"]).label("meetings"),
    *(
        func.jsonb_array_length(_pairings.c.content["difference"][kind]).label(kind)
        for kind in ("added", "removed", "moved", "kept")
    ),
)
"""A pairing in a line."""


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


@dataclass(frozen=True, slots=True)
class PairingLine:
    """A pairing in a line: how many meetings it has, and how many differ from the pairing before it."""

    id: UUID
    run_id: UUID | None
    revision: int
    status: Status
    based_on: UUID | None
    created_at: datetime
    decided_by: UUID | None
    decided_at: datetime | None
    decision_note: str | None
    meetings: int
    added: int
    removed: int
    moved: int
    kept: int


@dataclass(frozen=True, slots=True)
class Outlined:
    """A pairing that is in force or proposed, without its reasons."""

    id: UUID
    meetup_id: UUID
    based_on: UUID | None
    outline: Outline


@dataclass(frozen=True, slots=True)
class RunOrigin:
    """The run that a pairing came from, and whether it was mended since."""

    run_id: UUID | None
    mended: bool


async def hold_meetups(session: AsyncSession, meetup_ids: Collection[UUID]) -> None:
    """Let nobody else change these meetups' pairings until the transaction ends, known or not yet told of."""
    await hold(session, meetup_ids)


async def next_revision(session: AsyncSession, meetup_id: UUID) -> int:
    """The number that the next pairing event of a meetup bears."""
    query = select(func.max(_pairings.c.revision)).where(_pairings.c.meetup_id == meetup_id)
    return ((await run(session, query)).scalar_one() or 0) + 1


async def add(session: AsyncSession, stored: StoredPairing) -> None:
    """Keep a new pairing."""
    await add_row(
        session,
        PairingRow(
            id=stored.id,
            meetup_id=stored.meetup_id,
            run_id=stored.run_id,
            revision=stored.revision,
            status=stored.status,
            based_on=stored.based_on,
            outline=_outline.dump_python(stored.pairing.outline, mode="json"),
            content=_pairing.dump_python(stored.pairing, mode="json"),
            created_at=stored.created_at,
            decided_by=stored.decided_by,
            decided_at=stored.decided_at,
            decision_note=stored.decision_note,
        ),
    )
    await _count_on(session, stored)


async def find(session: AsyncSession, pairing_id: UUID) -> StoredPairing | None:
    """A pairing by its id."""
    row = await one_row(session, PairingRow, _pairings.c.id == pairing_id)
    return _stored(row) if row else None


async def in_force(session: AsyncSession, meetup_id: UUID) -> StoredPairing | None:
    """The approved pairing that holds at a meetup."""
    return await _with_status(session, meetup_id, "in-force")


async def proposed(session: AsyncSession, meetup_id: UUID) -> StoredPairing | None:
    """The proposal that waits for an adviser."""
    return await _with_status(session, meetup_id, "proposed")


async def standing_after(session: AsyncSession, after: UUID | None, limit: int) -> list[StoredPairing]:
    """The pairings behind an id that are in force, proposed or withdrawn, by id."""
    query = select(_pairings).where(_pairings.c.status.in_(("in-force", "proposed", "withdrawn")))
    return [_stored(row) for row in await run(session, next_by(_pairings.c.id, query, after, limit))]


async def outlined(session: AsyncSession, meetup_id: UUID) -> tuple[Outlined | None, Outlined | None]:
    """What is in force at a meetup and what is proposed, each without its reasons."""
    rows = await run(
        session, _outlines().where(_pairings.c.meetup_id == meetup_id, _pairings.c.status.in_(("in-force", "proposed")))
    )
    found = {row.status: _outlined(row) for row in rows}
    return found.get("in-force"), found.get("proposed")


async def in_force_elsewhere(
    session: AsyncSession, meetup_id: UUID, participant_ids: Collection[UUID]
) -> list[Outlined]:
    """What is in force at other meetups and counts on one of these participants."""
    theirs = select(_people.c.pairing_id).where(
        among(_people.c.participant_id, participant_ids), _people.c.meetup_id != meetup_id
    )
    query = _outlines().where(_pairings.c.id.in_(theirs), _pairings.c.status == "in-force").order_by(_pairings.c.id)
    return [_outlined(row) for row in await run(session, query)]


def _outlines() -> Select[Any]:
    return select(_pairings.c.id, _pairings.c.meetup_id, _pairings.c.based_on, _pairings.c.outline, _pairings.c.status)


def _outlined(row: Row[Any]) -> Outlined:
    return Outlined(row.id, row.meetup_id, row.based_on, _outline.validate_python(row.outline))


async def origin_of(session: AsyncSession, pairing_id: UUID) -> RunOrigin:
    """Where a pairing came from."""
    before = _pairings.alias()
    rows = await run(
        session,
        select(_pairings.c.run_id, before.c.run_id.label("before"))
        .join(before, before.c.id == _pairings.c.based_on, isouter=True)
        .where(_pairings.c.id == pairing_id),
    )
    row = rows.one()
    return RunOrigin(row.run_id, mended=row.run_id is not None and row.run_id == row.before)


async def history(session: AsyncSession, meetup_id: UUID, paging: Paging = FROM_THE_BEGINNING) -> Page[PairingLine]:
    """The pairings of a meetup, the newest first, a part of them. What they hold stays where it is."""
    order = Order({"id": _pairings.c.id}, (_pairings.c.revision,), descending=True)
    found = await read_page(session, select(*_LINE).where(_pairings.c.meetup_id == meetup_id), order, paging)
    return found.turned(lambda row: PairingLine(**row))


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
    await run(session, update(_pairings).where(_pairings.c.id == pairing_id).values(**values))
    await run(session, delete(_people).where(_people.c.pairing_id == pairing_id))


async def put_in_force(session: AsyncSession, approved: StoredPairing) -> None:
    """Let a proposal hold, as the adviser approved it."""
    await run(
        session,
        update(_pairings)
        .where(_pairings.c.id == approved.id)
        .values(
            status=approved.status,
            revision=approved.revision,
            outline=_outline.dump_python(approved.pairing.outline, mode="json"),
            content=_pairing.dump_python(approved.pairing, mode="json"),
            decided_by=approved.decided_by,
            decided_at=approved.decided_at,
        ),
    )


async def supersede_proposal(session: AsyncSession, meetup_id: UUID, now: datetime) -> None:
    """Take the proposal that waits at a meetup off the table, if there is one."""
    waiting = select(_pairings.c.id).where(_pairings.c.meetup_id == meetup_id, _pairings.c.status == "proposed")
    if pairing_id := (await run(session, waiting)).scalar_one_or_none():
        await decide(session, pairing_id, "superseded", decided_at=now)


async def meetups_with(session: AsyncSession, participant_ids: Collection[UUID]) -> frozenset[UUID]:
    """The meetups where one of these participants is enrolled, or where a pairing counts on them."""
    enrolled = select(_enrolments.c.meetup_id).where(
        among(_enrolments.c.participant_id, participant_ids), _enrolments.c.is_enrolled
    )
    counted_on = select(_people.c.meetup_id).where(among(_people.c.participant_id, participant_ids))
    return frozenset((await run(session, union(enrolled, counted_on))).scalars())


async def meetups_placing(session: AsyncSession, need_ids: Collection[UUID]) -> frozenset[UUID]:
    """The meetups at which one of these needs was ever placed."""
    query = select(_seatings.c.meetup_id).where(among(_seatings.c.need_id, need_ids)).distinct()
    return frozenset((await run(session, query)).scalars())


async def meetups_sharing_people(session: AsyncSession, meetup_ids: Collection[UUID]) -> frozenset[UUID]:
    """Other meetups whose pairing counts on somebody who is enrolled at these, or counted on there."""
    people = union(
        select(_enrolments.c.participant_id).where(
            among(_enrolments.c.meetup_id, meetup_ids), _enrolments.c.is_enrolled
        ),
        select(_people.c.participant_id).where(among(_people.c.meetup_id, meetup_ids)),
    )
    query = select(_people.c.meetup_id).where(_people.c.participant_id.in_(people)).distinct()
    return frozenset((await run(session, query)).scalars()) - frozenset(meetup_ids)


async def tables_of(session: AsyncSession, meetup_id: UUID) -> dict[int, UUID]:
    """The need that was first placed at each table of a meetup."""
    rows = await run(session, select(_seatings).where(_seatings.c.meetup_id == meetup_id))
    return {row.number: row.need_id for row in rows}


async def keep_tables(session: AsyncSession, meetup_id: UUID, tables: Mapping[int, UUID]) -> None:
    """Keep which need sits at which table."""
    rows = [
        {"meetup_id": meetup_id, "number": number, "need_id": need_id} for number, need_id in sorted(tables.items())
    ]
    await put_rows(session, SeatingRow, rows)


async def save_rules(
    session: AsyncSession,
    meetup_id: UUID,
    rules: dict[Pair, Literal["pin", "forbid"]],
    *,
    set_by: UUID,
    set_at: datetime,
    at_once: bool = False,
) -> None:
    """Keep an adviser's word on pairs; a later word replaces an earlier one.

    `at_once` says that a forbid holds of what is in force, too, and does not wait for a proposal to be approved.
    """
    rows = [
        {
            "meetup_id": meetup_id,
            "participant_id": pair.participant_id,
            "need_id": pair.need_id,
            "rule": rule,
            "set_by": set_by,
            "set_at": set_at,
            "at_once": at_once,
        }
        for pair, rule in sorted(rules.items(), key=str)
    ]
    await put_rows(session, PairRuleRow, rows)


async def drop_rule(session: AsyncSession, meetup_id: UUID, pair: Pair) -> bool:
    """Take an adviser's word on a pair back, be it on a record that was merged since; False when there was none."""
    merged = select(_participants.c.id).where(_participants.c.merged_into == pair.participant_id)
    here = (
        _rules.c.meetup_id == meetup_id,
        or_(_rules.c.participant_id == pair.participant_id, _rules.c.participant_id.in_(merged)),
        _rules.c.need_id == pair.need_id,
    )
    return (await run(session, delete(_rules).where(*here))).rowcount > 0


async def rules_of(session: AsyncSession, meetup_id: UUID) -> dict[Pair, str]:
    """Pins and forbids in force at a meetup."""
    return {pair: row.rule for pair, row in (await _latest_rules(session, meetup_id)).items()}


async def forbids_at_once(session: AsyncSession, meetup_id: UUID) -> tuple[Pair, ...]:
    """The forbids that hold of what is in force at a meetup, too."""
    latest = await _latest_rules(session, meetup_id)
    return tuple(sorted((pair for pair, row in latest.items() if row.rule == "forbid" and row.at_once), key=str))


async def _latest_rules(session: AsyncSession, meetup_id: UUID) -> dict[Pair, Row[Any]]:
    """The latest word on each pair; what was said of a record that was merged holds of the one that goes on."""
    whose = func.coalesce(_participants.c.merged_into, _rules.c.participant_id).label("whose")
    rules = _rules.outerjoin(_participants, _participants.c.id == _rules.c.participant_id)
    columns = (whose, _rules.c.need_id, _rules.c.rule, _rules.c.at_once)
    query = select(*columns).select_from(rules).where(_rules.c.meetup_id == meetup_id)
    return {Pair(row.whose, row.need_id): row for row in await run(session, query.order_by(_rules.c.set_at))}


async def count_exposure(session: AsyncSession, participant_ids: Iterable[UUID]) -> None:
    """Count that these participants were shortlisted once more."""
    rows = [{"participant_id": participant_id, "times": 1} for participant_id in sorted(set(participant_ids))]
    again = {"times": _exposures.c.times + 1}
    statement = insert(_exposures).on_conflict_do_update(index_elements=["participant_id"], set_=again)
    await write_rows(session, statement, rows)


async def _count_on(session: AsyncSession, stored: StoredPairing) -> None:
    """Note on whom a pairing counts as long as it is in force or proposed."""
    rows = [
        {"pairing_id": stored.id, "participant_id": person, "meetup_id": stored.meetup_id}
        for person in sorted(stored.pairing.outline.people)
    ]
    await insert_rows(session, PairingPersonRow, rows)


async def _with_status(session: AsyncSession, meetup_id: UUID, status: Status) -> StoredPairing | None:
    row = await one_row(session, PairingRow, _pairings.c.meetup_id == meetup_id, _pairings.c.status == status)
    return _stored(row) if row else None


def _stored(row: PairingRow | Row[Any]) -> StoredPairing:
    return StoredPairing(
        id=row.id,
        meetup_id=row.meetup_id,
        run_id=row.run_id,
        revision=row.revision,
        status=row.status,  # type: ignore[arg-type]  # the column holds these words only
        based_on=row.based_on,
        pairing=_pairing_of(row.content),
        created_at=row.created_at,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        decision_note=row.decision_note,
    )


def _pairing_of(content: dict[str, Any]) -> Pairing:
    """A pairing as it was kept; in terms kept when every step was hard, the share was the probability."""
    for place in (*content["meetings"], *content["reserve"]):
        for term in place["reasons"]["score"]["terms"]:
            term.setdefault("share", term["probability"])
    return _pairing.validate_python(content)
