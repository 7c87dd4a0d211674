"""Meetups: schedule, change, cancel, and invite needs."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from services.registration import showing
from services.registration.api.answers.records import MeetupListed, MeetupShown
from services.registration.api.requests import (
    NEW_OR_KNOWN,
    OnceSavedOfRequest,
    SavedAnswer,
    answer,
    check_seen,
    check_seen_by_system,
    unless_overwritten,
)
from services.registration.domain.meetups import Meetup
from services.registration.edge import agency_to_write
from services.registration.intake.bodies import Identifier, InvitedNeedBody, MeetupBody, MeetupPatch
from services.registration.intake.reading import read_meetup
from services.registration.repository import meetups as repository
from services.registration.showing import Shown, changed_since
from services.registration.use_cases import meetups as use_cases
from services.registration.use_cases.saving import Saved
from shared.auditing import note_looks
from shared.paging import Paging
from shared.rights import Scope, may
from shared.web.edge import May, RequestMoment, RequestPerson, Transaction
from shared.web.paging import ListAnswer, page_of
from shared.web.preconditions import SeenRevision, tagged
from shared.web.sorting import listed_by
from shared.web.values import ONE_LINE, Instant

router = APIRouter(prefix="/api/v1/meetups", tags=["meetups"])

_Reading = Annotated[Scope, May("read meetups")]
_Writing = Annotated[Scope, May("write meetups")]
_Listed = Annotated[Paging, listed_by("starts_at", "created")]


@router.post("", status_code=201, responses=NEW_OR_KNOWN)
async def schedule(
    body: MeetupBody, scope: _Writing, session: Transaction, moment: RequestMoment, once: OnceSavedOfRequest
) -> JSONResponse:
    """Schedule a meetup, which lies ahead."""

    async def act() -> Saved:
        draft = await read_meetup(session, body, agency_to_write(scope, body.agency_id))
        return await use_cases.schedule_meetup(session, draft, moment)

    return await once(act)


@router.put("/by-identifier/{identifier:path}", responses=NEW_OR_KNOWN)
async def put_by_identifier(
    identifier: Identifier,
    body: MeetupBody,
    scope: _Writing,
    session: Transaction,
    moment: RequestMoment,
    seen: SeenRevision,
) -> JSONResponse:
    """Schedule the meetup with this external identifier, or replace it. Safe to repeat."""
    body = body.model_copy(update={"identifier": identifier})
    kept = (await repository.meetups_by_identifier(session, scope, [identifier])).get(identifier)
    if kept is None:
        draft = await read_meetup(session, body, agency_to_write(scope, body.agency_id))
        return answer(await use_cases.schedule_meetup(session, draft, moment))
    check_seen_by_system(seen, kept, await _shown(kept, session))
    return answer(unless_overwritten(await _change(kept, body, scope, session, moment), seen))


@router.put("/{meetup_id}", response_model=SavedAnswer)
async def change(
    meetup_id: UUID,
    body: MeetupBody,
    scope: _Writing,
    session: Transaction,
    moment: RequestMoment,
    seen: SeenRevision,
) -> JSONResponse:
    """Replace a meetup's data; needs and people stay."""
    kept = await use_cases.meetup_named(session, scope, meetup_id)
    check_seen(seen, kept, await _shown(kept, session))
    return answer(await _change(kept, body, scope, session, moment))


@router.patch("/{meetup_id}", response_model=SavedAnswer)
async def amend(
    meetup_id: UUID,
    body: MeetupPatch,
    scope: _Writing,
    session: Transaction,
    moment: RequestMoment,
    seen: SeenRevision,
) -> JSONResponse:
    """Change what is named of a meetup, and nothing else."""
    return await change(meetup_id, body, scope, session, moment, seen)


@router.post("/{meetup_id}/cancel", response_model=SavedAnswer)
async def cancel(
    meetup_id: UUID, scope: _Writing, session: Transaction, moment: RequestMoment, seen: SeenRevision
) -> JSONResponse:
    """Cancel a meetup. Safe to repeat."""
    kept = await use_cases.meetup_named(session, scope, meetup_id)
    check_seen(seen, kept, await _shown(kept, session))
    return answer(await use_cases.cancel_meetup(session, scope, meetup_id, moment))


@router.get("")
async def list_meetups(
    scope: _Reading,
    session: Transaction,
    paging: _Listed,
    agency: UUID | None = None,
    after: Instant | None = None,
    before: Instant | None = None,
    identifier: Annotated[str | None, Query(max_length=100), ONE_LINE] = None,
    operation: UUID | None = None,
) -> ListAnswer[MeetupListed]:
    """Meetups by date."""
    wanted = repository.MeetupFilter(agency, after, before, identifier, operation)
    return page_of(await repository.list_meetups(session, scope, wanted, paging), MeetupListed.of_row)


@router.get("/{meetup_id}", response_model=MeetupShown)
async def show(meetup_id: UUID, person: RequestPerson, scope: _Reading, session: Transaction) -> JSONResponse:
    """A meetup with the needs invited and, for those who may know, the people enrolled."""
    kept = await use_cases.meetup_named(session, scope, meetup_id, lock=False)
    shown = await _shown(kept, session)
    if may(person, "read enrolments"):
        people = [each["participant_id"] for each in shown["participants"]]
        await note_looks(session, "meetup_enrolments", people, meetup_id)
    else:
        del shown["participants"]
    return tagged(shown, kept.revision)


@router.put("/{meetup_id}/needs/{need_id}", response_model=SavedAnswer)
async def invite_need(
    meetup_id: UUID,
    need_id: UUID,
    body: InvitedNeedBody,
    scope: _Writing,
    session: Transaction,
    moment: RequestMoment,
    seen: SeenRevision,
) -> JSONResponse:
    """Invite a need to a meetup, or say how many people interview for it."""
    kept = await use_cases.meetup_named(session, scope, meetup_id)
    if body.interviewers not in (None, dict(kept.needs).get(need_id, body.interviewers)):
        await _check_needs_seen(seen, kept, session)
    return answer(await use_cases.invite_need(session, scope, meetup_id, need_id, body.interviewers, moment))


@router.delete("/{meetup_id}/needs/{need_id}", response_model=SavedAnswer)
async def uninvite_need(
    meetup_id: UUID,
    need_id: UUID,
    scope: _Writing,
    session: Transaction,
    moment: RequestMoment,
    seen: SeenRevision,
) -> JSONResponse:
    """Take a need out of a meetup."""
    kept = await use_cases.meetup_named(session, scope, meetup_id)
    await _check_needs_seen(seen, kept, session)
    return answer(await use_cases.uninvite_need(session, scope, meetup_id, need_id, moment))


async def _check_needs_seen(seen: SeenRevision, kept: Meetup, session: Transaction) -> None:
    """Raise a `Problem` unless the needs of the meetup were seen as they are; what else changed does not matter."""
    changed = changed_since(kept, seen.revision, await _shown(kept, session))
    seen.check_not_newer(kept.field_revisions.get("needs", 1), kept.revision, changed)


async def _shown(kept: Meetup, session: Transaction) -> Shown:
    return showing.meetup(kept, (await repository.enrolments_of(session, [kept.id])).values())


async def _change(kept: Meetup, body: MeetupBody, scope: Scope, session: Transaction, moment: RequestMoment) -> Saved:
    draft = await read_meetup(session, body, agency_to_write(scope, body.agency_id or kept.details.agency_id))
    return await use_cases.change_meetup(session, scope, kept.id, draft, moment)
