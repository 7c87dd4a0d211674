"""What notification was told by events: participants, needs, meetups, the pairing in force."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, func, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlmodel.ext.asyncio.session import AsyncSession

from services.notification.domain.meetups import Meeting, Meetup
from services.notification.tables import (
    InvitationRow,
    MeetingRow,
    MeetupRow,
    NeedRow,
    PairingRow,
    ParticipantRow,
    SilenceRow,
)
from shared.language import Bilingual
from shared.sql import among, insert_new_rows, insert_rows, run, table_of, write_latest, write_rows

_participants = table_of(ParticipantRow)
_silences = table_of(SilenceRow)
_needs = table_of(NeedRow)
_meetups = table_of(MeetupRow)
_pairings = table_of(PairingRow)
_meetings = table_of(MeetingRow)


@dataclass(frozen=True, slots=True)
class LetterReader:
    """What a letter must know of a participant."""

    is_contactable: bool


async def write_participants(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    """Keep participants' newest state: ``id``, ``revision``."""
    await write_latest(session, ParticipantRow, rows, tombstone="erased_at")


async def write_contact_consents(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    """Keep participants' newest word on being contacted: ``id``, ``contact_revision``, ``may_be_contacted``."""
    await write_latest(session, ParticipantRow, rows, revision="contact_revision", tombstone="erased_at")


async def erase_participants(session: AsyncSession, erased: Mapping[UUID, datetime]) -> None:
    """Leave a tombstone of participants with when they were erased, so that a late event does not bring them back.

    `shared.travel.erasure` forgets everything else.
    """
    nothing = {"revision": 0, "contact_revision": 0, "may_be_contacted": False}
    statement = insert(_participants)
    statement = statement.on_conflict_do_update(
        index_elements=["id"], set_={**nothing, "erased_at": statement.excluded.erased_at}
    )
    rows = [{"id": id_, **nothing, "erased_at": erased[id_]} for id_ in sorted(erased)]
    await write_rows(session, statement, rows)


async def erased_among(session: AsyncSession, ids: Collection[UUID]) -> set[UUID]:
    """Those of these participants who were erased."""
    query = select(_participants.c.id).where(among(_participants.c.id, ids), _participants.c.erased_at.is_not(None))
    return set((await run(session, query)).scalars())


async def readers(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, LetterReader]:
    """The participants among these who are known, and whether they may be written to."""
    query = (
        select(_participants.c.id, _participants.c.may_be_contacted, _silences.c.since)
        .select_from(_participants.outerjoin(_silences, _silences.c.recipient_id == _participants.c.id))
        .where(among(_participants.c.id, ids), _participants.c.revision > 0, _participants.c.erased_at.is_(None))
    )
    return {row.id: LetterReader(row.may_be_contacted and row.since is None) for row in await run(session, query)}


async def write_silence(session: AsyncSession, row: dict[str, Any]) -> None:
    """Keep that somebody wants no more messages: ``recipient_id``, ``since``."""
    await insert_new_rows(session, SilenceRow, [row])


async def delete_silence(session: AsyncSession, recipient_id: UUID) -> None:
    """Somebody wants messages again."""
    await run(session, delete(_silences).where(_silences.c.recipient_id == recipient_id))


async def silent_among(session: AsyncSession, recipient_ids: Collection[UUID]) -> set[UUID]:
    """Those among these who asked for no more messages."""
    query = select(_silences.c.recipient_id).where(among(_silences.c.recipient_id, recipient_ids))
    return set((await run(session, query)).scalars())


async def is_silent(session: AsyncSession, recipient_id: UUID) -> bool:
    """Whether somebody asked for no more messages."""
    query = select(_silences.c.since).where(_silences.c.recipient_id == recipient_id)
    return (await run(session, query)).scalar_one_or_none() is not None


async def write_needs(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    """Keep needs' newest state: ``id``, ``revision``, ``employer_id``, ``occupation``."""
    await write_latest(session, NeedRow, rows)


async def write_closings(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    """Keep needs' newest closing: ``id``, ``closed_revision``."""
    await write_latest(session, NeedRow, rows, revision="closed_revision")


async def open_needs(session: AsyncSession, meetup_id: UUID) -> dict[UUID, UUID | None]:
    """The needs that are invited to a meetup and not known to be closed, with their employers as far as known."""
    invited = select(func.jsonb_array_elements_text(_meetups.c.needs)).where(_meetups.c.id == meetup_id)
    ids = {UUID(text) for text in (await run(session, invited)).scalars()}
    known = {row.id: row for row in await run(session, select(_needs).where(among(_needs.c.id, ids)))}
    return {
        id_: known[id_].employer_id if id_ in known else None
        for id_ in ids
        if id_ not in known or known[id_].closed_revision <= known[id_].revision
    }


async def occupations_of(session: AsyncSession, need_ids: Collection[UUID]) -> dict[UUID, str]:
    """The occupation codes of those needs that are known."""
    query = select(_needs.c.id, _needs.c.occupation).where(among(_needs.c.id, need_ids), _needs.c.revision > 0)
    return {row.id: row.occupation for row in await run(session, query)}


async def write_meetups(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    """Keep meetups' newest state."""
    await write_latest(session, MeetupRow, rows)


async def write_cancellations(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    """Keep meetups' newest cancellation: ``id``, ``cancelled_revision``."""
    await write_latest(session, MeetupRow, rows, revision="cancelled_revision")


async def meetup(session: AsyncSession, meetup_id: UUID) -> Meetup | None:
    """A meetup, once its state was told."""
    return (await meetups(session, [meetup_id])).get(meetup_id)


async def meetups(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, Meetup]:
    """Those of these meetups whose state was told."""
    query = select(_meetups).where(among(_meetups.c.id, ids), _meetups.c.revision > 0)
    return {
        row.id: Meetup(
            row.id,
            row.agency_id,
            row.venue,
            row.commune,
            row.directions,
            row.starts_at,
            row.slot_minutes,
            row.slots,
            is_cancelled=row.cancelled_revision > 0,
        )
        for row in await run(session, query)
    }


async def write_pairing(
    session: AsyncSession, *, meetup_id: UUID, revision: int, pairing_id: UUID, meetings: Sequence[Meeting]
) -> bool:
    """Put a pairing in force with all its meetings, unless a newer one is; say whether it was."""
    told = {"meetup_id": meetup_id, "revision": revision, "pairing_id": pairing_id, "is_withdrawn": False}
    if not await _write_newer(session, told):
        return False
    await run(session, delete(_meetings).where(_meetings.c.meetup_id == meetup_id))
    erased = await erased_among(session, {meeting.participant_id for meeting in meetings})
    rows = [_row_of(meeting, meetup_id) for meeting in meetings if meeting.participant_id not in erased]
    await insert_rows(session, MeetingRow, rows)
    return True


async def withdraw_pairing(session: AsyncSession, *, meetup_id: UUID, revision: int, pairing_id: UUID) -> bool:
    """Take the pairing of a meetup out of force, unless a newer one is; say whether that changed something."""
    told = {"meetup_id": meetup_id, "revision": revision, "pairing_id": pairing_id, "is_withdrawn": True}
    return await _write_newer(session, told)


async def _write_newer(session: AsyncSession, told: dict[str, Any]) -> bool:
    """Keep what became of a pairing unless something newer is known; being withdrawn is newer than being in force."""
    statement = insert(_pairings).values(told)
    fresh = statement.excluded
    written = await run(
        session,
        statement.on_conflict_do_update(
            index_elements=["meetup_id"],
            set_={name: fresh[name] for name in ("revision", "pairing_id", "is_withdrawn")},
            where=tuple_(_pairings.c.revision, _pairings.c.is_withdrawn) < tuple_(fresh.revision, fresh.is_withdrawn),
        ),
    )
    return written.rowcount > 0


async def has_pairing_in_force(session: AsyncSession, meetup_id: UUID) -> bool | None:
    """Whether the meetup's pairing holds; `None` while none was told."""
    query = select(_pairings.c.is_withdrawn).where(_pairings.c.meetup_id == meetup_id)
    is_withdrawn = (await run(session, query)).scalar_one_or_none()
    return None if is_withdrawn is None else not is_withdrawn


async def meetings_of(
    session: AsyncSession,
    meetup_id: UUID,
    *,
    participant_id: UUID | None = None,
    employer_id: UUID | None = None,
) -> list[Meeting]:
    """The meetings of a meetup's pairing in force, or one participant's or employer's, in the order of the day."""
    query = select(_meetings).where(_meetings.c.meetup_id == meetup_id)
    if participant_id is not None:
        query = query.where(_meetings.c.participant_id == participant_id)
    if employer_id is not None:
        query = query.where(_meetings.c.employer_id == employer_id)
    ordered = query.order_by(_meetings.c.slot, _meetings.c.table, _meetings.c.id)
    return [_meeting_of(row) for row in await run(session, ordered)]


async def meetups_of_participants(session: AsyncSession, ids: Collection[UUID]) -> set[UUID]:
    """The meetups at which these participants have meetings or invitations."""
    invitations = table_of(InvitationRow)
    found: set[UUID] = set()
    for table in (_meetings, invitations):
        query = select(table.c.meetup_id).where(among(table.c.participant_id, ids)).distinct()
        found |= set((await run(session, query)).scalars())
    return found


async def forget_meetings(session: AsyncSession, meetup_id: UUID) -> None:
    """Drop the meetings of a meetup whose pairing no longer holds."""
    await run(session, delete(_meetings).where(_meetings.c.meetup_id == meetup_id))


def _row_of(meeting: Meeting, meetup_id: UUID) -> dict[str, Any]:
    return {
        "meetup_id": meetup_id,
        "id": meeting.id,
        "participant_id": meeting.participant_id,
        "need_id": meeting.need_id,
        "employer_id": meeting.employer_id,
        "slot": meeting.slot,
        "length": meeting.length,
        "table": meeting.table,
        "position": meeting.position,
        "for_participant": {"fr": meeting.for_participant.fr, "en": meeting.for_participant.en},
        "for_employer": {"fr": meeting.for_employer.fr, "en": meeting.for_employer.en},
    }


def _meeting_of(row: Row[Any]) -> Meeting:
    return Meeting(
        row.id,
        row.participant_id,
        row.need_id,
        row.employer_id,
        row.slot,
        row.length,
        row.table,
        row.position,
        Bilingual(**row.for_participant),
        Bilingual(**row.for_employer),
    )
