"""Observations."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, RowMapping, Select, exists, func, literal, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.domain.workshops import Observation, ObservationKey, Seen
from services.registration.repository.workshops import held_by
from services.registration.tables import ObservationRow, ParticipantRow, WorkshopRow
from shared.asking import as_the_service
from shared.paging import Listing, Page, Paging, read_list
from shared.rights import Scope
from shared.scoping import within
from shared.sql import among, hold, insert_rows, list_of, one_row, run, table_of, update_rows

OBSERVATIONS = table_of(ObservationRow)
WORKSHOPS = table_of(WorkshopRow)
PARTICIPANTS = table_of(ParticipantRow)

_LISTED = Listing(
    OBSERVATIONS.c.id, OBSERVATIONS.c.kept_at, {"seen_on": (OBSERVATIONS.c.seen_on,), "created": ()}, "-seen_on"
)


_SHOWN = tuple(column for column in OBSERVATIONS.c if column.name != "agency_id")
"""All of a note; the agency with which it is shown is its workshop's."""


@dataclass(frozen=True, slots=True)
class ObservationFilter:
    """Which observations a list shows; what is absent does not matter."""

    participant_id: UUID | None = None
    workshop_id: UUID | None = None


async def observations_under(
    session: AsyncSession, keys: Collection[ObservationKey]
) -> dict[ObservationKey, list[Observation]]:
    """The observations that hold under these keys, the oldest first."""
    if not keys:
        return {}
    wanted = (
        func.unnest(
            *(
                literal([getattr(key, name) for key in keys], list_of(OBSERVATIONS.c[name]))
                for name in ObservationKey.__slots__
            )
        )
        .table_valued(*ObservationKey.__slots__, joins_implicitly=True)
        .render_derived()
    )
    same = [OBSERVATIONS.c[name] == wanted.c[name] for name in ObservationKey.__slots__]
    statement = select(OBSERVATIONS).where(*same, OBSERVATIONS.c.retracted_at.is_(None)).order_by(OBSERVATIONS.c.id)
    found: dict[ObservationKey, list[Observation]] = {}
    for row in await run(session, statement):
        observation = _observation(row)
        found.setdefault(observation.key, []).append(observation)
    return found


async def notes_on(session: AsyncSession, participant_id: UUID) -> list[Observation]:
    """The notes on a participant that hold, the oldest first, locked until the transaction ends."""
    theirs = (OBSERVATIONS.c.participant_id == participant_id, OBSERVATIONS.c.retracted_at.is_(None))
    statement = select(OBSERVATIONS).where(*theirs).order_by(OBSERVATIONS.c.id).with_for_update()
    return [_observation(row) for row in await run(session, statement)]


async def notes_counted(
    session: AsyncSession, scope: Scope, workshop_id: UUID, day: date | None
) -> dict[UUID, tuple[int, int]]:
    """How many notes within a scope hold on each person at a workshop, and how many of those are of one day."""
    that_day = func.count().filter(OBSERVATIONS.c.seen_on == day)
    here = (OBSERVATIONS.c.workshop_id == workshop_id, OBSERVATIONS.c.retracted_at.is_(None), _within(scope))
    whose = OBSERVATIONS.c.participant_id
    statement = select(whose, func.count().label("all"), that_day.label("that_day")).where(*here).group_by(whose)
    return {row.participant_id: (row.all, row.that_day) for row in await run(session, statement)}


async def hold_notes(session: AsyncSession, workshop_id: UUID, participant_id: UUID) -> None:
    """Hold the notes on one participant at one workshop until the transaction ends: others who note wait."""
    await hold(session, [f"notes:{workshop_id}:{participant_id}"])


async def observations_by_id(session: AsyncSession, ids: Collection[UUID]) -> list[Observation]:
    """The observations with these ids, retracted ones too, by id."""
    statement = select(OBSERVATIONS).where(among(OBSERVATIONS.c.id, ids)).order_by(OBSERVATIONS.c.id)
    return [_observation(row) for row in await run(session, statement)]


async def observation_by_id(
    session: AsyncSession, scope: Scope, observation_id: UUID, *, lock: bool = False
) -> Observation | None:
    """The observation within a scope with this id; `lock` is for those who may change it.

    What a merged record says as well as the one that goes on is nobody's to change.
    """
    counts = (PARTICIPANTS.c.id == OBSERVATIONS.c.participant_id, PARTICIPANTS.c.merged_into.is_(None))
    here = (OBSERVATIONS.c.id == observation_id, exists().where(*counts), _within(scope))
    row = await one_row(session, ObservationRow, *here, lock=lock)
    return _observation(row) if row else None


async def add_observations(session: AsyncSession, observations: Sequence[Observation], now: datetime) -> None:
    """Keep new observations, each as its person's agency's."""
    agencies = await _agencies_of(session, {each.key.participant_id for each in observations})
    kept = [{**_row(each), "agency_id": agencies[each.key.participant_id], "recorded_at": now} for each in observations]
    await insert_rows(session, ObservationRow, kept)


async def _agencies_of(session: AsyncSession, participants: Collection[UUID]) -> dict[UUID, UUID]:
    """Whose each of these people is; until the transaction ends they stay there."""
    if not participants:
        return {}
    theirs = select(PARTICIPANTS.c.id, PARTICIPANTS.c.agency_id).where(among(PARTICIPANTS.c.id, participants))
    held = theirs.order_by(PARTICIPANTS.c.id).with_for_update(read=True, key_share=True)
    async with as_the_service(session):  # whoever notes may know the person, and change nothing of them
        return {row.id: row.agency_id for row in await run(session, held)}


async def change_observations(session: AsyncSession, observations: Sequence[Observation]) -> None:
    """Replace observations."""
    await update_rows(session, ObservationRow, [_row(each) for each in observations], key=("id",))


async def retract_observation(session: AsyncSession, observation: Observation, now: datetime) -> None:
    """Keep an observation as a record only; its words are forgotten."""
    row = {"id": observation.id, "revision": observation.revision, "retracted_at": now, "note": ""}
    await update_rows(session, ObservationRow, [row], key=("id",))


async def list_observations(
    session: AsyncSession, scope: Scope, wanted: ObservationFilter, paging: Paging
) -> Page[RowMapping]:
    """The observations within a scope that hold, each with agency and venue of its workshop.

    That one was retracted, or is of a record that was merged, is told as a change.
    """
    statement = (
        select(*_SHOWN, WORKSHOPS.c.agency_id, WORKSHOPS.c.venue)
        .join(WORKSHOPS, WORKSHOPS.c.id == OBSERVATIONS.c.workshop_id)
        .join(PARTICIPANTS, PARTICIPANTS.c.id == OBSERVATIONS.c.participant_id)
        .where(_within(scope))
    )
    if paging.changed_since is None:
        statement = statement.where(OBSERVATIONS.c.retracted_at.is_(None), PARTICIPANTS.c.merged_into.is_(None))
    return await read_list(session, _filtered(statement, wanted), _LISTED, paging)


def _filtered(statement: Select[Any], wanted: ObservationFilter) -> Select[Any]:
    if wanted.participant_id is not None:
        goes_on = select(func.coalesce(PARTICIPANTS.c.merged_into, PARTICIPANTS.c.id))
        whose = goes_on.where(PARTICIPANTS.c.id == wanted.participant_id).correlate(None).scalar_subquery()
        statement = statement.where(OBSERVATIONS.c.participant_id == whose)
    if wanted.workshop_id is not None:
        statement = statement.where(OBSERVATIONS.c.workshop_id == wanted.workshop_id)
    return statement


def _within(scope: Scope) -> ColumnElement[bool]:
    """A note is the agency's whose person it is about, whoever's workshop it was."""
    return within(
        scope,
        OBSERVATIONS.c.agency_id,
        lambda staff_id: held_by(staff_id, OBSERVATIONS.c.workshop_id),
        written_by=OBSERVATIONS.c.rater_id,
    )


def _observation(row: ObservationRow | Row[Any]) -> Observation:
    key = ObservationKey(row.workshop_id, row.participant_id, row.rater_id, row.seen_on, row.exercise, row.skill)
    seen = Seen(row.level, row.note)
    is_retracted = row.retracted_at is not None
    return Observation(row.id, row.revision, row.framework, key, seen, is_retracted, row.written_by, row.ordinal)


def _row(observation: Observation) -> dict[str, Any]:
    key = observation.key
    return {
        "id": observation.id,
        "revision": observation.revision,
        "workshop_id": key.workshop_id,
        "participant_id": key.participant_id,
        "rater_id": key.rater_id,
        "written_by": observation.written_by,
        "seen_on": key.seen_on,
        "exercise": key.exercise,
        "framework": observation.framework,
        "skill": key.skill,
        "ordinal": observation.ordinal,
        "level": observation.seen.level,
        "note": observation.seen.note,
    }
