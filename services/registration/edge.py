"""What registration's routes share: whose something new is, what all may see but not all change, somebody's record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.datastructures import FormData, UploadFile

from services.registration.adapters.records_elsewhere import RecordsElsewhere, RecordUnavailable
from services.registration.domain.accounts import Duty, may_assign
from services.registration.domain.participants import Participant
from services.registration.domain.said import UNSAID, Said
from services.registration.use_cases.agencies import agency_named
from services.registration.use_cases.record import joined, record_of_participant, what_ids_mean
from shared.auditing import note_looks
from shared.identity import NotAllowed, Person
from shared.rights import Scope, scope_of
from shared.web import Problem
from shared.web.edge import May, RequestMoment, RequestPerson, Transaction

NOT_WHOLE = Problem(
    503,
    "record-not-whole",
    "Dossier incomplet",
    "Un des services ne répond pas : le dossier ne serait pas complet. Recommencez dans quelques minutes.",
    english=(
        "Record not whole",
        "One of the services does not answer: the record would not be whole. Try again in a few minutes.",
    ),
    headers={"retry-after": "60"},
)


@dataclass(frozen=True, slots=True)
class HandedOver:
    """Somebody, and their whole record as JSON has it."""

    participant: Participant
    content: Mapping[str, Any]


def agency_to_write(scope: Scope, asked: UUID | None) -> UUID | None:
    """The agency of something new: the one asked for, or one's own. Raises `NotAllowed` for another one's."""
    agency_id = asked or scope.agency_id
    if agency_id is not None:
        check_covers(scope, agency_id)
    return agency_id


def check_covers(scope: Scope, agency_id: UUID | None) -> None:
    """Raise `NotAllowed` where something that everybody may see is another agency's to change."""
    if not scope.covers(agency_id):
        raise NotAllowed


def uploads_in(form: FormData) -> list[tuple[str, UploadFile]]:
    """The files of a form, each under the last part of its name; a field that was left empty holds none."""
    sent = [value for _, value in form.multi_items() if isinstance(value, UploadFile)]
    files = [each for each in sent if each.filename or each.size]
    return [(_name_of(each, number), each) for number, each in enumerate(files)]


def _name_of(upload: UploadFile, number: int) -> str:
    return PurePath((upload.filename or "").replace("\\", "/")).name.replace("\0", "") or f"{number}.csv"


def assignable(person: Person, duty: Duty) -> Duty:
    """The duty. Raises `NotAllowed` where somebody may neither give it to others nor take it from them."""
    if not may_assign(person.role.value, person.agency_id, duty):
        raise NotAllowed
    return duty


async def agency_of_new(session: AsyncSession, scope: Scope, asked: UUID | None) -> Said[UUID]:
    """Who vouches for something new: the agency asked for, or one's own; unsaid where there is neither."""
    agency_id = agency_to_write(scope, asked)
    return (await agency_named(session, agency_id)).id if agency_id is not None else UNSAID


async def _contacts(person: RequestPerson) -> Scope:
    return scope_of(person, "read employer contacts")


EmployerContacts = Annotated[Scope, Depends(_contacts)]
"""The employers of whom whoever asks may know whom to talk to: perhaps none."""


async def _handed_over(
    participant_id: UUID,
    request: Request,
    scope: Annotated[Scope, May("hand over records")],
    session: Transaction,
    moment: RequestMoment,
) -> HandedOver:
    elsewhere: RecordsElsewhere = request.app.state.records_elsewhere
    records, here = await record_of_participant(session, scope, participant_id)
    await note_looks(session, "records", [each.id for each in records])
    try:
        told = [await elsewhere.of(each.id) for each in records]
    except RecordUnavailable:
        raise NOT_WHOLE from None
    participant, *_ = records
    services = {"registration": here, **{service: joined([each[service] for each in told]) for service in told[0]}}
    content = {
        "participant_id": participant.id,
        "told_at": moment.now,
        "services": services,
        "ids": await what_ids_mean(session, services),
    }
    return HandedOver(participant, content)


WholeRecordOf = Annotated[HandedOver, Depends(_handed_over)]
"""Somebody's whole record, for whoever may hand it over; the look is noted."""
