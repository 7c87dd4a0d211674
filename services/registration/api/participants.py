"""Participants, their consents, and suspected duplicates."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response
from fastapi.responses import JSONResponse

from services.registration.api import showing
from services.registration.api.bodies import Identifier, ParticipantBody, ParticipantPatch
from services.registration.api.reading import read_participant
from services.registration.api.requests import (
    OnceOfRequest,
    PagingOfRequest,
    answer,
    check_seen,
    check_seen_by_system,
    page_of,
    unless_overwritten,
)
from services.registration.api.showing import Shown
from services.registration.domain.participants import Participant, ParticipantDraft, Purpose
from services.registration.edge import (
    WorkshopReader,
    Writer,
    agency_to_write,
    check_workshop,
    own_agency,
    sees_protected,
)
from services.registration.repository import participants as repository
from services.registration.use_cases import participants as use_cases
from services.registration.use_cases.saving import Saved
from services.registration.use_cases.workshops import workshop_named
from shared.identity import NotAllowed, Person, Role, check_agency
from shared.web.edge import Reader, RequestMoment, Transaction
from shared.web.preconditions import SeenRevision, tagged
from shared.web.values import ONE_LINE

router = APIRouter(prefix="/api", tags=["participants"])


@router.post("/participants", status_code=201)
async def register(
    body: ParticipantBody, person: Writer, session: Transaction, moment: RequestMoment, once: OnceOfRequest
) -> JSONResponse:
    """Register a participant; warnings name a probable duplicate, a missing e-mail address, missing consents."""

    async def act() -> Saved:
        agency_id = agency_to_write(person, body.agency_id)
        draft = await _draft(body, agency_id, person, session, moment)
        return await use_cases.register_participant(session, draft, moment)

    return await once(act)


@router.put("/participants/by-identifier/{identifier:path}")
async def put_by_identifier(
    identifier: Identifier,
    body: ParticipantBody,
    person: Writer,
    session: Transaction,
    moment: RequestMoment,
    seen: SeenRevision,
) -> JSONResponse:
    """Register the participant with this external identifier, or replace their data. Safe to repeat."""
    body = body.model_copy(update={"identifier": identifier})
    kept = (await repository.participants_by_identifier(session, [identifier])).get(identifier)
    if kept is None:
        draft = await _draft(body, agency_to_write(person, body.agency_id), person, session, moment)
        return answer(await use_cases.register_participant(session, draft, moment))
    check_agency(person, kept.situation.agency_id)
    check_seen_by_system(seen, kept, _shown(kept, person))
    return answer(unless_overwritten(await _change(kept, body, person, session, moment), seen))


@router.put("/participants/{participant_id}")
async def change(
    participant_id: UUID,
    body: ParticipantBody,
    person: Writer,
    session: Transaction,
    moment: RequestMoment,
    seen: SeenRevision,
) -> JSONResponse:
    """Replace what whoever asks can see of a participant; consents that are not named stay as they are."""
    kept = await _own(person, participant_id, session, lock=True)
    check_seen(seen, kept, _shown(kept, person))
    return answer(await _change(kept, body, person, session, moment))


@router.patch("/participants/{participant_id}")
async def amend(
    participant_id: UUID,
    body: ParticipantPatch,
    person: Writer,
    session: Transaction,
    moment: RequestMoment,
    seen: SeenRevision,
) -> JSONResponse:
    """Change what is named of a participant, and nothing else."""
    return await change(participant_id, body, person, session, moment, seen)


@router.get("/participants")
async def list_participants(
    person: WorkshopReader,
    session: Transaction,
    paging: PagingOfRequest,
    agency: UUID | None = None,
    q: Annotated[str | None, Query(max_length=100), ONE_LINE] = None,
    workshop: UUID | None = None,
    meetup: UUID | None = None,
    identifier: Annotated[str | None, Query(max_length=100), ONE_LINE] = None,
) -> dict[str, Any]:
    """Participants by name. Mediators name one of their workshops."""
    bound = await _bound(person, agency, workshop, session)
    wanted = repository.ParticipantFilter(bound, q, workshop, meetup, identifier)
    return page_of(await repository.list_participants(session, wanted, paging))


@router.get("/participants/{participant_id}")
async def show(participant_id: UUID, person: Reader, session: Transaction) -> JSONResponse:
    """A participant; protected data only for the advisers of their agency."""
    kept = await _own(person, participant_id, session)
    return tagged(_shown(kept, person), kept.revision)


@router.put("/participants/{participant_id}/consents/{purpose}")
async def grant(
    participant_id: UUID,
    purpose: Purpose,
    person: Writer,
    session: Transaction,
    moment: RequestMoment,
    seen: SeenRevision,
) -> JSONResponse:
    """Record that a participant agrees to be paired, or to be contacted."""
    kept = await _own(person, participant_id, session, lock=True)
    check_seen(seen, kept, _shown(kept, person))
    return answer(await use_cases.decide_consent(session, participant_id, purpose, granted=True, moment=moment))


@router.delete("/participants/{participant_id}/consents/{purpose}")
async def withdraw(
    participant_id: UUID,
    purpose: Purpose,
    person: Writer,
    session: Transaction,
    moment: RequestMoment,
    seen: SeenRevision,
) -> JSONResponse:
    """Record that a participant no longer agrees; it takes effect at once, and no import undoes it.

    Nobody is kept from it by what others changed meanwhile, unless they ask for that by saying what they saw.
    """
    kept = await _own(person, participant_id, session, lock=True)
    if seen.is_said:
        check_seen(seen, kept, _shown(kept, person))
    return answer(await use_cases.decide_consent(session, participant_id, purpose, granted=False, moment=moment))


@router.get("/participants/{participant_id}/consents")
async def consent_history(participant_id: UUID, person: Reader, session: Transaction) -> list[dict[str, Any]]:
    """Every decision, the oldest first: who handed it in, and when."""
    await _own(person, participant_id, session)
    return [
        {
            "purpose": decision.purpose,
            "granted": decision.is_granted,
            "source": decision.source,
            "decided_at": decision.decided_at,
            "decided_by": decision.decided_by,
        }
        for decision in await repository.decisions_of(session, participant_id)
    ]


@router.get("/duplicates")
async def list_duplicates(person: Reader, session: Transaction, paging: PagingOfRequest) -> dict[str, Any]:
    """Pairs of records that are probably of one person and that nobody looked at yet."""
    return page_of(await repository.open_suspicions(session, own_agency(person), paging))


@router.post("/duplicates/{participant_id}/{resembles_id}/settle", status_code=204)
async def settle_duplicate(
    participant_id: UUID, resembles_id: UUID, person: Writer, session: Transaction, moment: RequestMoment
) -> Response:
    """Note that somebody looked at the pair; what follows (an erasure, a correction) is theirs to do."""
    await _own(person, participant_id, session)
    await use_cases.settle_suspicion(session, participant_id, resembles_id, moment)
    return Response(status_code=204)


async def _change(
    kept: Participant, body: ParticipantBody, person: Person, session: Transaction, moment: RequestMoment
) -> Saved:
    agency_id = agency_to_write(person, body.agency_id or kept.situation.agency_id)
    draft = await _draft(body, agency_id, person, session, moment)
    return await use_cases.change_participant(session, kept.id, draft, moment)


async def _draft(
    body: ParticipantBody, agency_id: UUID | None, person: Person, session: Transaction, moment: RequestMoment
) -> ParticipantDraft:
    return await read_participant(session, body, agency_id, moment, sees_protected=sees_protected(person))


async def _own(person: Person, participant_id: UUID, session: Transaction, *, lock: bool = False) -> Participant:
    kept = await use_cases.participant_named(session, participant_id, lock=lock)
    check_agency(person, kept.situation.agency_id)
    return kept


async def _bound(person: Person, agency: UUID | None, workshop: UUID | None, session: Transaction) -> UUID | None:
    """The agency that bounds the list; a mediator's list is bounded by a workshop that they hold."""
    if person.role is Role.MEDIATOR:
        if workshop is None:
            raise NotAllowed
        check_workshop(person, await workshop_named(session, workshop))
        return agency
    own = own_agency(person)
    if own is not None and agency not in (None, own):
        raise NotAllowed
    return own or agency


def _shown(participant: Participant, person: Person) -> Shown:
    return showing.participant(participant, with_protected=sees_protected(person))
