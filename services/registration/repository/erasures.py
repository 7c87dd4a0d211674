"""Erasures: who was erased and what went, and other people's notes that probably name them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, Select, func, or_, select, union, update
from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.tables import (
    ErasureRow,
    NamingNoteRow,
    ObservationRow,
    WorkshopEnrolmentRow,
    WorkshopRow,
)
from shared.asking import as_the_service
from shared.contracts.participants import ParticipantErased
from shared.identity import Seal
from shared.paging import Listing, Page, Paging, read_list
from shared.rights import Scope
from shared.scoping import within
from shared.sql import add_row, among, insert_rows, run, table_of
from shared.travel.tables import outbox

ERASURES = table_of(ErasureRow)
NAMING = table_of(NamingNoteRow)
OBSERVATIONS = table_of(ObservationRow)
WORKSHOPS = table_of(WorkshopRow)
ENROLMENTS = table_of(WorkshopEnrolmentRow)

_LISTED = Listing(ERASURES.c.id, ERASURES.c.kept_at, {"erased_at": (ERASURES.c.erased_at,)}, "-erased_at")

_TELLS_OF_IT = (outbox.c.key == ERASURES.c.participant_id) & (outbox.c.type == ParticipantErased.type)


@dataclass(frozen=True, slots=True)
class Erasure:
    """That somebody was erased: ``gone`` counts what went, by table; ``told_at`` is when Kafka took the event.

    The bare id goes when nothing late can come any more.
    """

    id: UUID
    participant_id: UUID | None
    revision: int
    identifier_digest: str | None
    agency_id: UUID
    erased_at: datetime
    erased_by: UUID | None
    gone: dict[str, int]
    told_at: datetime | None = None


def identifier_digest(session: AsyncSession, identifier: str) -> str:
    """What is kept of the identifier of somebody who was erased: nobody without the service's secret can guess it."""
    seal: Seal = session.info["seal"]
    return seal.mark("erased-identifier", identifier)


async def erased_identifiers(session: AsyncSession, identifiers: Collection[str]) -> set[str]:
    """Those of the identifiers that belonged to somebody who was erased."""
    digests = {identifier_digest(session, identifier): identifier for identifier in identifiers}
    if not digests:
        return set()
    statement = select(ERASURES.c.identifier_digest).where(among(ERASURES.c.identifier_digest, digests))
    async with as_the_service(session):  # whoever was erased stays so in the whole region
        return {digests[row.identifier_digest] for row in await run(session, statement)}


async def add_erasure(session: AsyncSession, erasure: Erasure) -> None:
    """Keep that somebody was erased."""
    await add_row(session, ErasureRow(**asdict(erasure)))


async def erasure_by_id(session: AsyncSession, scope: Scope, erasure_id: UUID) -> Erasure | None:
    """One erasure within a scope."""
    others = [column for column in ERASURES.c if column.name not in ("told_at", "kept_at")]
    first_told = select(func.min(outbox.c.published_at)).where(_TELLS_OF_IT).scalar_subquery()
    told_at = func.coalesce(ERASURES.c.told_at, first_told).label("told_at")
    query = select(*others, told_at).where(ERASURES.c.id == erasure_id, within(scope, ERASURES.c.agency_id))
    row = (await run(session, query)).mappings().one_or_none()
    return Erasure(**row) if row else None


async def list_erasures(session: AsyncSession, scope: Scope, paging: Paging) -> Page[RowMapping]:
    """The erasures within a scope, each with how many notes wait to be looked at."""
    waiting = (
        select(func.count())
        .where(NAMING.c.erasure_id == ERASURES.c.id, NAMING.c.settled_at.is_(None))
        .scalar_subquery()
    )
    told = [ERASURES.c[name] for name in ("id", "participant_id", "agency_id", "erased_at", "kept_at")]
    statement = select(*told, waiting.label("notes_to_look_at")).where(within(scope, ERASURES.c.agency_id))
    return await read_list(session, statement, _LISTED, paging)


async def note_told(session: AsyncSession) -> None:
    """Keep when Kafka took the events by which the other services forget those who were erased.

    The outbox knows it only as long as it keeps an event, and no longer once that is sent again.
    """
    is_news = ERASURES.c.told_at.is_(None) & outbox.c.published_at.is_not(None)
    await run(session, update(ERASURES).values(told_at=outbox.c.published_at).where(_TELLS_OF_IT, is_news))


async def notes_beside(session: AsyncSession, participant_id: UUID, agency_id: UUID) -> Sequence[RowMapping]:
    """The notes on other people at an agency's workshops and at this person's own.

    Each with ``id``, ``note`` and ``was_there``: whether it was written at a workshop where this person was.
    """
    own = union(
        select(ENROLMENTS.c.workshop_id).where(ENROLMENTS.c.participant_id == participant_id),
        select(OBSERVATIONS.c.workshop_id).where(OBSERVATIONS.c.participant_id == participant_id),
    ).subquery()
    was_there = OBSERVATIONS.c.workshop_id.in_(select(own.c.workshop_id))
    statement = (
        select(OBSERVATIONS.c.id, OBSERVATIONS.c.note, was_there.label("was_there"))
        .join(WORKSHOPS, WORKSHOPS.c.id == OBSERVATIONS.c.workshop_id)
        .where(
            or_(WORKSHOPS.c.agency_id == agency_id, was_there),
            OBSERVATIONS.c.participant_id != participant_id,
            OBSERVATIONS.c.note != "",
        )
        .order_by(OBSERVATIONS.c.id)
    )
    return (await run(session, statement)).mappings().all()


async def add_naming_notes(session: AsyncSession, erasure_id: UUID, observations: Collection[UUID]) -> None:
    """Keep which notes probably name somebody who was erased."""
    rows: list[dict[str, Any]] = [{"erasure_id": erasure_id, "observation_id": each} for each in observations]
    await insert_rows(session, NamingNoteRow, rows)


async def naming_notes(session: AsyncSession, erasure_id: UUID) -> Sequence[RowMapping]:
    """The notes that wait for somebody to look at them, each with its workshop, its agency, and its words."""
    return (await run(session, _waiting_notes().where(NAMING.c.erasure_id == erasure_id))).mappings().all()


async def settle_naming_note(
    session: AsyncSession, erasure_id: UUID, observation_id: UUID, by: UUID | None, now: datetime
) -> bool:
    """Mark a note as looked at; false where none waits."""
    statement = (
        update(NAMING)
        .where(
            NAMING.c.erasure_id == erasure_id,
            NAMING.c.observation_id == observation_id,
            NAMING.c.settled_at.is_(None),
        )
        .values(settled_at=now, settled_by=by)
        .returning(NAMING.c.observation_id)
    )
    return (await run(session, statement)).first() is not None


def _waiting_notes() -> Select[Any]:
    return (
        select(
            NAMING.c.observation_id,
            OBSERVATIONS.c.participant_id,
            OBSERVATIONS.c.workshop_id,
            OBSERVATIONS.c.note,
            WORKSHOPS.c.agency_id,
        )
        .join(OBSERVATIONS, OBSERVATIONS.c.id == NAMING.c.observation_id)
        .join(WORKSHOPS, WORKSHOPS.c.id == OBSERVATIONS.c.workshop_id)
        .where(NAMING.c.settled_at.is_(None))
        .order_by(NAMING.c.observation_id)
    )
