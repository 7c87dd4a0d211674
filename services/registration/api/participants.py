"""Participants, their consents, and suspected duplicates."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response
from fastapi.responses import JSONResponse

from services.registration.access import (
    Reader,
    WorkshopReader,
    Writer,
    agency_to_write,
    check_workshop,
    own_agency,
    sees_protected,
)
from services.registration.api.bodies import ParticipantBody, ParticipantPatch
from services.registration.api.reading import read_participant
from services.registration.api.requests import OnceOfRequest, PagingOfRequest, answer, page_of
from services.registration.domain.participants import Participant, Purpose
from services.registration.repository import participants as repository
from services.registration.transactions import MomentOfRequest, Transaction
from services.registration.use_cases import participants as use_cases
from services.registration.use_cases.saving import Saved
from services.registration.use_cases.workshops import workshop_named
from shared.identity import NotAllowed, Person, Role, check_agency

router = APIRouter(prefix="/api", tags=["participants"])


@router.post("/participants", status_code=201)
async def register(
    body: ParticipantBody, person: Writer, session: Transaction, moment: MomentOfRequest, once: OnceOfRequest
) -> JSONResponse:
    """Register a participant; warnings name a probable duplicate, a missing e-mail address, missing consents."""

    async def act() -> Saved:
        agency_id = agency_to_write(person, body.agency_id)
        draft = await read_participant(session, body, agency_id, moment, sees_protected=sees_protected(person))
        return await use_cases.register_participant(session, draft, moment)

    return await once(act)


@router.put("/participants/by-identifier/{identifier}")
async def put_by_identifier(
    identifier: str, body: ParticipantBody, person: Writer, session: Transaction, moment: MomentOfRequest
) -> JSONResponse:
    """Register the participant with this external identifier, or replace their data. Safe to repeat."""
    body = body.model_copy(update={"identifier": identifier})
    kept = (await repository.participants_by_identifier(session, [identifier])).get(identifier)
    if kept is not None:
        return answer(await _replace(kept, body, person, session, moment))
    agency_id = agency_to_write(person, body.agency_id)
    draft = await read_participant(session, body, agency_id, moment, sees_protected=sees_protected(person))
    return answer(await use_cases.register_participant(session, draft, moment))


@router.put("/participants/{participant_id}")
async def change(
    participant_id: UUID, body: ParticipantBody, person: Writer, session: Transaction, moment: MomentOfRequest
) -> JSONResponse:
    """Replace what whoever asks can see of a participant; consents that are not named stay as they are."""
    kept = await use_cases.participant_named(session, participant_id)
    return answer(await _replace(kept, body, person, session, moment))


@router.patch("/participants/{participant_id}")
async def amend(
    participant_id: UUID, body: ParticipantPatch, person: Writer, session: Transaction, moment: MomentOfRequest
) -> JSONResponse:
    """Change what is named of a participant, and nothing else."""
    kept = await use_cases.participant_named(session, participant_id)
    return answer(await _replace(kept, body, person, session, moment))


@router.get("/participants")
async def list_participants(
    person: WorkshopReader,
    session: Transaction,
    paging: PagingOfRequest,
    agency: UUID | None = None,
    q: Annotated[str | None, Query(max_length=100)] = None,
    workshop: UUID | None = None,
    meetup: UUID | None = None,
    identifier: Annotated[str | None, Query(max_length=100)] = None,
) -> dict[str, Any]:
    """Participants by name. Mediators name one of their workshops."""
    bound = await _bound(person, agency, workshop, session)
    wanted = repository.Filter(bound, q, workshop, meetup, identifier)
    return page_of(await repository.list_participants(session, wanted, paging))


@router.get("/participants/{participant_id}")
async def show(participant_id: UUID, person: Reader, session: Transaction) -> dict[str, Any]:
    """A participant; protected data only for the advisers of their agency."""
    kept = await use_cases.participant_named(session, participant_id)
    check_agency(person, kept.situation.agency_id)
    return _shown(kept, with_protected=sees_protected(person))


@router.put("/participants/{participant_id}/consents/{purpose}")
async def grant(
    participant_id: UUID, purpose: Purpose, person: Writer, session: Transaction, moment: MomentOfRequest
) -> JSONResponse:
    """Record that a participant agrees to be paired, or to be contacted."""
    await _check_own(person, participant_id, session)
    return answer(await use_cases.decide_consent(session, participant_id, purpose, granted=True, moment=moment))


@router.delete("/participants/{participant_id}/consents/{purpose}")
async def withdraw(
    participant_id: UUID, purpose: Purpose, person: Writer, session: Transaction, moment: MomentOfRequest
) -> JSONResponse:
    """Record that a participant no longer agrees; it takes effect at once, and no import undoes it."""
    await _check_own(person, participant_id, session)
    return answer(await use_cases.decide_consent(session, participant_id, purpose, granted=False, moment=moment))


@router.get("/participants/{participant_id}/consents")
async def consent_history(participant_id: UUID, person: Reader, session: Transaction) -> list[dict[str, Any]]:
    """Every decision, the oldest first: who handed it in, and when."""
    await _check_own(person, participant_id, session)
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
    participant_id: UUID, resembles_id: UUID, person: Writer, session: Transaction, moment: MomentOfRequest
) -> Response:
    """Note that somebody looked at the pair; what follows (an erasure, a correction) is theirs to do."""
    await _check_own(person, participant_id, session)
    await use_cases.settle_suspicion(session, participant_id, resembles_id, moment)
    return Response(status_code=204)


async def _replace(
    kept: Participant, body: ParticipantBody, person: Person, session: Transaction, moment: MomentOfRequest
) -> Saved:
    check_agency(person, kept.situation.agency_id)
    agency_id = agency_to_write(person, body.agency_id or kept.situation.agency_id)
    draft = await read_participant(session, body, agency_id, moment, sees_protected=sees_protected(person))
    return await use_cases.change_participant(session, kept.id, draft, moment)


async def _check_own(person: Person, participant_id: UUID, session: Transaction) -> None:
    kept = await use_cases.participant_named(session, participant_id)
    check_agency(person, kept.situation.agency_id)


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


def _shown(participant: Participant, *, with_protected: bool) -> dict[str, Any]:
    situation, contact = participant.situation, participant.contact
    shown: dict[str, Any] = {
        "id": participant.id,
        "identifier": participant.identifier,
        "revision": participant.revision,
        "agency_id": situation.agency_id,
        "first_name": contact.first_name,
        "last_name": contact.last_name,
        "email": contact.email,
        "phone": contact.phone,
        "postal_address": contact.postal_address,
        "language": situation.language,
        "commune": situation.home.commune,
        "travel_limit_km": situation.travel_limit_km,
        "transport": situation.transport,
        "available_from": situation.available_from,
        "hours": situation.hours,
        "licences": situation.licences,
        "wishes": situation.wishes,
        "refused_occupations": situation.refused_occupations,
        "consents": {purpose: consent.granted for purpose, consent in participant.consents.items()},
    }
    if with_protected:
        protected = participant.protected
        shown["protected"] = {"publics": protected.publics, "born_on": protected.born_on, "sex": protected.sex}
    return shown
