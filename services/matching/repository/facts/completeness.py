"""Whether all that a pairing speaks of has been told: topics do not arrive in one order."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.matching.tables import ConsentRow, EnrolmentRow, NeedRow, ParticipantRow
from shared.sql import among, run, table_of

_participants = table_of(ParticipantRow)
_consents = table_of(ConsentRow)
_enrolments = table_of(EnrolmentRow)
_needs = table_of(NeedRow)


async def are_told(
    session: AsyncSession, meetup_id: UUID, participant_ids: Collection[UUID], need_ids: Collection[UUID]
) -> bool:
    """Whether all of these participants (their consent and enrolment, or erasure) and needs have been told of."""
    enrolled = select(_enrolments.c.participant_id).where(_enrolments.c.meetup_id == meetup_id)
    decided = select(_consents.c.participant_id).where(_consents.c.purpose == "pairing")
    is_known = _participants.c.erased_at.is_not(None) | (
        _participants.c.state.is_not(None) & _participants.c.id.in_(enrolled) & _participants.c.id.in_(decided)
    )
    people = select(func.count()).where(among(_participants.c.id, participant_ids), is_known)
    needs = select(func.count()).where(among(_needs.c.id, need_ids), _needs.c.state.is_not(None))
    known_people = (await run(session, people)).scalar_one()
    known_needs = (await run(session, needs)).scalar_one()
    return (known_people, known_needs) == (len(participant_ids), len(need_ids))
