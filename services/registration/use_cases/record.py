"""All that registration holds of somebody, and what the ids in it stand for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from operator import itemgetter
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.domain.participants import Participant
from services.registration.repository import participants, protected
from services.registration.repository.named_ids import named_ids
from services.registration.tables import Base
from services.registration.use_cases.participants import participant_named
from shared.rights import EVERYTHING, Scope
from shared.whole_record import looks_of, record_in

UNTOLD: Mapping[str, str] = {
    "duplicate_suspicions": "names the record of somebody else, and an adviser looks at it",
    "idempotency_keys": "answers with ids alone, for two days",
    "name_words": "the names as searched",
    "merges": "records that are one are all told; one that was told apart again is perhaps somebody else's",
    "erasures": "nobody who was erased has a record",
    "participants.field_revisions": "which revision changed what, for those who change it at the same time",
    "participants.kept_at": "when the row was last written, for systems that fetch what changed",
    "observations.kept_at": "the same",
    "observations.agency_id": "the person's agency, which stands with them",
    "participant_contacts.agency_id": "the same",
    "participant_contacts.sorted_last_name": "the name as sorted",
    "participant_contacts.sorted_first_name": "the name as sorted",
    "participant_contacts.folded_name": "the name as compared",
    "participant_contacts.name_key": "the name as compared",
}
"""What a record leaves out, and why."""


async def record_of_participant(
    session: AsyncSession, scope: Scope, participant_id: UUID
) -> tuple[Sequence[Participant], dict[str, Any]]:
    """Somebody's records, first the one that goes on for those merged into it, and what is held of them by table.

    Raises `Refused` where there is nobody within the scope.
    """
    kept = await participant_named(session, scope, participant_id)
    into = await participants.records_merged_into(session, [kept.id])
    records = [kept, *(await participants.participants_by_id(session, EVERYTHING, into)).values()]
    ids = [each.id for each in records]
    opened = await protected.opened(session, records)
    record = await record_in(session, Base.metadata, ids, untold=UNTOLD)
    criteria = [asdict(each.protected) for each in opened if each.protected is not None]
    looks = [await looks_of(session, each) for each in ids]
    return records, {"record": {**record, "criteria": criteria}, "looks": _latest_first(looks)}


def joined(told: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What a service told of each of somebody's records, as of one; what is said once is said by the first."""
    record: dict[str, list[Any]] = {}
    for each in told:
        for table, rows in each["record"].items():
            record.setdefault(table, []).extend(rows)
    return {**told[0], "record": record, "looks": _latest_first([each["looks"] for each in told])}


def _latest_first(looks: Iterable[Sequence[Any]]) -> list[Any]:
    return sorted((look for some in looks for look in some), key=itemgetter("at"), reverse=True)


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
