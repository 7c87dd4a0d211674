"""Meetups: schedule, change, cancel, and invite needs."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from services.registration.access import Reader, Writer, agency_to_write, own_agency
from services.registration.api.bodies import InvitedNeedBody, MeetupBody, MeetupPatch
from services.registration.api.reading import read_meetup
from services.registration.api.requests import OnceOfRequest, PagingOfRequest, answer, page_of
from services.registration.domain.meetups import Meetup
from services.registration.repository import meetups as repository
from services.registration.transactions import MomentOfRequest, Transaction
from services.registration.use_cases import meetups as use_cases
from services.registration.use_cases.saving import Saved
from shared.identity import NotAllowed, Person, check_agency

router = APIRouter(prefix="/api/meetups", tags=["meetups"])


@router.post("", status_code=201)
async def schedule(
    body: MeetupBody, person: Writer, session: Transaction, moment: MomentOfRequest, once: OnceOfRequest
) -> JSONResponse:
    """Schedule a meetup, which lies ahead."""

    async def act() -> Saved:
        draft = await read_meetup(session, body, agency_to_write(person, body.agency_id))
        return await use_cases.schedule_meetup(session, draft, moment)

    return await once(act)


@router.put("/by-identifier/{identifier}")
async def put_by_identifier(
    identifier: str, body: MeetupBody, person: Writer, session: Transaction, moment: MomentOfRequest
) -> JSONResponse:
    """Schedule the meetup with this external identifier, or replace it. Safe to repeat."""
    body = body.model_copy(update={"identifier": identifier})
    kept = (await repository.meetups_by_identifier(session, [identifier])).get(identifier)
    if kept is not None:
        return answer(await _replace(kept, body, person, session, moment))
    draft = await read_meetup(session, body, agency_to_write(person, body.agency_id))
    return answer(await use_cases.schedule_meetup(session, draft, moment))


@router.put("/{meetup_id}")
async def change(
    meetup_id: UUID, body: MeetupBody, person: Writer, session: Transaction, moment: MomentOfRequest
) -> JSONResponse:
    """Replace a meetup's data; needs and people stay."""
    kept = await use_cases.meetup_named(session, meetup_id)
    return answer(await _replace(kept, body, person, session, moment))


@router.patch("/{meetup_id}")
async def amend(
    meetup_id: UUID, body: MeetupPatch, person: Writer, session: Transaction, moment: MomentOfRequest
) -> JSONResponse:
    """Change what is named of a meetup, and nothing else."""
    kept = await use_cases.meetup_named(session, meetup_id)
    return answer(await _replace(kept, body, person, session, moment))


@router.post("/{meetup_id}/cancel")
async def cancel(meetup_id: UUID, person: Writer, session: Transaction, moment: MomentOfRequest) -> JSONResponse:
    """Cancel a meetup. Safe to repeat."""
    await own_meetup(person, meetup_id, session)
    return answer(await use_cases.cancel_meetup(session, meetup_id, moment))


@router.get("")
async def list_meetups(
    person: Reader,
    session: Transaction,
    paging: PagingOfRequest,
    agency: UUID | None = None,
    after: datetime | None = None,
    before: datetime | None = None,
    identifier: Annotated[str | None, Query(max_length=100)] = None,
) -> dict[str, Any]:
    """Meetups by date."""
    own = own_agency(person)
    if own is not None and agency not in (None, own):
        raise NotAllowed
    wanted = repository.MeetupFilter(own or agency, after, before, identifier)
    return page_of(await repository.list_meetups(session, wanted, paging))


@router.get("/{meetup_id}")
async def show(meetup_id: UUID, person: Reader, session: Transaction) -> dict[str, Any]:
    """A meetup with the needs invited and the people enrolled."""
    kept = await own_meetup(person, meetup_id, session)
    enrolments = await repository.enrolments_of(session, [meetup_id])
    draft = kept.details
    return {
        "id": kept.id,
        "identifier": draft.identifier,
        "revision": kept.revision,
        "agency_id": draft.agency_id,
        "title": draft.title,
        "venue": draft.venue,
        "address": draft.address,
        "access": draft.access,
        "commune": draft.place.commune,
        "starts_at": draft.starts_at,
        "ends_at": draft.ends_at,
        "slot_minutes": draft.slot_minutes,
        "slots": draft.slots,
        "breaks": draft.breaks,
        "ground_floor_tables": draft.ground_floor_tables,
        "is_cancelled": kept.is_cancelled,
        "needs": [{"need_id": need, "interviewers": count} for need, count in kept.needs],
        "participants": [
            {
                "participant_id": each.participant_id,
                "first_slot": each.constraints.first_slot,
                "last_slot": each.constraints.last_slot,
                "longer_slot": each.constraints.longer_slot,
                "ground_floor": each.constraints.ground_floor,
                "is_present": each.is_present,
            }
            for each in sorted(enrolments.values(), key=lambda each: each.participant_id)
        ],
    }


@router.put("/{meetup_id}/needs/{need_id}")
async def invite_need(
    meetup_id: UUID,
    need_id: UUID,
    body: InvitedNeedBody,
    person: Writer,
    session: Transaction,
    moment: MomentOfRequest,
) -> JSONResponse:
    """Invite a need to a meetup. Safe to repeat."""
    await own_meetup(person, meetup_id, session)
    return answer(await use_cases.invite_need(session, meetup_id, need_id, body.interviewers, moment))


@router.delete("/{meetup_id}/needs/{need_id}")
async def uninvite_need(
    meetup_id: UUID, need_id: UUID, person: Writer, session: Transaction, moment: MomentOfRequest
) -> JSONResponse:
    """Take a need out of a meetup."""
    await own_meetup(person, meetup_id, session)
    return answer(await use_cases.uninvite_need(session, meetup_id, need_id, moment))


async def own_meetup(person: Person, meetup_id: UUID, session: Transaction) -> Meetup:
    """The meetup, where it belongs to the agency of the adviser who asks. Raises `Refused` or `NotAllowed`."""
    kept = await use_cases.meetup_named(session, meetup_id, lock=False)
    check_agency(person, kept.details.agency_id)
    return kept


async def _replace(
    kept: Meetup, body: MeetupBody, person: Person, session: Transaction, moment: MomentOfRequest
) -> Saved:
    check_agency(person, kept.details.agency_id)
    draft = await read_meetup(session, body, agency_to_write(person, body.agency_id or kept.details.agency_id))
    return await use_cases.change_meetup(session, kept.id, draft, moment)
