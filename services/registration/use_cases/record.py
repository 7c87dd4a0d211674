"""All that registration holds of somebody, and what the ids in it stand for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.domain.participants import Participant
from services.registration.repository import protected
from services.registration.repository.named_ids import named_ids
from services.registration.tables import Base
from services.registration.use_cases.participants import participant_named
from shared.rights import Scope
from shared.whole_record import looks_of, record_in

UNTOLD: Mapping[str, str] = {
    "duplicate_suspicions": "names the record of somebody else, and an adviser looks at it",
    "idempotency_keys": "answers with ids alone, for two days",
    "erasures": "nobody who was erased has a record",
    "participants.field_revisions": "which revision changed what, for those who change it at the same time",
    "participant_contacts.folded_name": "the name as compared",
    "participant_contacts.name_key": "the name as compared",
}
"""What a record leaves out, and why."""


async def record_of_participant(
    session: AsyncSession, scope: Scope, participant_id: UUID
) -> tuple[Participant, dict[str, Any]]:
    """Somebody, and what is held of them by table. Raises `Refused` where there is nobody within the scope."""
    kept = await participant_named(session, scope, participant_id)
    [opened] = await protected.opened(session, [kept])
    record = await record_in(session, Base.metadata, participant_id, untold=UNTOLD)
    criteria = asdict(opened.protected) if opened.protected is not None else {}
    told = {"record": {**record, "criteria": [criteria]}, "looks": await looks_of(session, participant_id)}
    return kept, told


async def what_ids_mean(session: AsyncSession, told: Any) -> dict[str, dict[str, Any]]:
    """What the ids in a record stand for: workshops, meetups, needs, agencies, staff by what they do and where."""
    return await named_ids(session, set(_ids_in(told)))


def _ids_in(part: Any) -> Iterator[UUID]:
    match part:
        case UUID():
            yield part
        case str():
            try:
                yield UUID(part)
            except ValueError:
                return
        case Mapping():
            for key, value in part.items():
                yield from _ids_in(key)
                yield from _ids_in(value)
        case list() | tuple():
            for each in part:
                yield from _ids_in(each)
