"""Participants and their consents."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from fastapi.responses import JSONResponse

from services.registration import showing
from services.registration.api.answers.people import ConsentDecided, ParticipantListed, ParticipantShown
from services.registration.api.bulk import ManyOfRequest, SavedOfMany
from services.registration.api.requests import (
    NEW_OR_KNOWN,
    OnceSavedOfRequest,
    SavedAnswer,
    answer,
    answered,
    check_seen,
    check_seen_by_system,
    unless_overwritten,
)
from services.registration.domain import kinds
from services.registration.domain.findings import find_refused
from services.registration.domain.participants import Consent, ConsentWay, Participant, ParticipantDraft, Purpose
from services.registration.edge import agency_to_write
from services.registration.intake.bodies import Identifier, ParticipantBody, ParticipantPatch
from services.registration.intake.bulk_bodies import ParticipantsBody
from services.registration.intake.reading import read_participant
from services.registration.repository import participant_lists as lists
from services.registration.repository import participants as repository
from services.registration.repository import protected as protected_data
from services.registration.showing import Shown
from services.registration.use_cases import participants as use_cases
from services.registration.use_cases.saving import Saved
from shared.auditing import looking_if_refused, note_looks
from shared.identity import NotAllowed
from shared.paging import Paging
from shared.rights import Scope, may, scope_of
from shared.web.edge import May, RequestMoment, RequestPerson, Transaction
from shared.web.once import Answered
from shared.web.paging import ListAnswer, page_of
from shared.web.preconditions import SeenRevision, tagged
from shared.web.sorting import listed_by
from shared.web.values import ONE_LINE

router = APIRouter(prefix="/api/v1", tags=["participants"])

_Reading = Annotated[Scope, May("read participants")]
_Writing = Annotated[Scope, May("write participants")]
WritingConsents = Annotated[Scope, May("write consents")]
TextVersion = Annotated[int | None, Query(ge=1, le=10_000)]
_Listed = Annotated[Paging, listed_by("name", "created")]


async def _protected_data(person: RequestPerson) -> Scope:
    return scope_of(person, "read protected data")


ProtectedData = Annotated[Scope, Depends(_protected_data)]
"""Whose protected data are shown to whoever asks, and so replaced by them: perhaps nobody's."""


@router.post("/participants", status_code=201, responses=NEW_OR_KNOWN)
async def register(
    body: ParticipantBody,
    scope: _Writing,
    protected: ProtectedData,
    session: Transaction,
    moment: RequestMoment,
    once: OnceSavedOfRequest,
) -> JSONResponse:
    """Register a participant; warnings name a probable duplicate, a missing e-mail address, missing consents."""

    return await once(lambda: _register(body, scope, protected, session, moment))


@router.post("/participants/bulk", response_model=SavedOfMany)
async def register_many(
    body: ParticipantsBody,
    scope: _Writing,
    protected: ProtectedData,
    session: Transaction,
    moment: RequestMoment,
    many: ManyOfRequest,
) -> JSONResponse:
    """Register many participants, each for itself: one that is refused leaves the others as they are."""

    async def keep(each: ParticipantBody) -> Answered:
        return answered(await _register(each, scope, protected, session, moment))

    return await many(body.items, keep)


@router.put("/participants/by-identifier/{identifier:path}", responses=NEW_OR_KNOWN)
async def put_by_identifier(
    identifier: Identifier,
    body: ParticipantBody,
    scope: _Writing,
    protected: ProtectedData,
    session: Transaction,
    moment: RequestMoment,
    seen: SeenRevision,
) -> JSONResponse:
    """Register the participant with this external identifier, or replace their data. Safe to repeat."""
    body = body.model_copy(update={"identifier": identifier})
    kept = (await repository.participants_by_identifier(session, scope, [identifier])).get(identifier)
    if kept is None:
        draft = await _draft(body, agency_to_write(scope, body.agency_id), protected, session, moment)
        return answer(await use_cases.register_participant(session, draft, moment))
    if kept.merged_into is not None:
        raise find_refused(kinds.ALREADY_MERGED, "identifier")
    async with looking_if_refused(session, "participants", [kept.id]):
        check_seen_by_system(seen, kept, await _shown(kept, protected, session))
    return answer(unless_overwritten(await _change(kept, body, scope, protected, session, moment), seen))


@router.put("/participants/{participant_id}", response_model=SavedAnswer)
async def change(
    participant_id: UUID,
    body: ParticipantBody,
    scope: _Writing,
    protected: ProtectedData,
    session: Transaction,
    moment: RequestMoment,
    seen: SeenRevision,
) -> JSONResponse:
    """Replace what whoever asks can see of a participant; consents that are not named stay as they are."""
    kept = await use_cases.participant_named(session, scope, participant_id, lock=True)
    async with looking_if_refused(session, "participants", [kept.id]):
        check_seen(seen, kept, await _shown(kept, protected, session))
    return answer(await _change(kept, body, scope, protected, session, moment))


@router.patch("/participants/{participant_id}", response_model=SavedAnswer)
async def amend(
    participant_id: UUID,
    body: ParticipantPatch,
    scope: _Writing,
    protected: ProtectedData,
    session: Transaction,
    moment: RequestMoment,
    seen: SeenRevision,
) -> JSONResponse:
    """Change what is named of a participant, and nothing else."""
    return await change(participant_id, body, scope, protected, session, moment, seen)


@router.get("/participants", response_model_exclude_unset=True)
async def list_participants(
    person: RequestPerson,
    scope: Annotated[Scope, May("count participants")],
    session: Transaction,
    paging: _Listed,
    agency: UUID | None = None,
    q: Annotated[str | None, Query(max_length=100), ONE_LINE] = None,
    workshop: UUID | None = None,
    meetup: UUID | None = None,
    identifier: Annotated[str | None, Query(max_length=100), ONE_LINE] = None,
) -> ListAnswer[ParticipantListed]:
    """Participants by name; to those who may not know names, where they are and how many, and no search by name.

    `q` finds beginnings of words of their names, in any order, whatever their case and accents, so that `dup mar` finds
    Marie Dupont; or an external identifier as it is.
    Asked for by what changed, it tells of records that were merged, too: `merged_into` is the one that goes on.
    """
    wanted = lists.ParticipantFilter(agency, q, workshop, meetup, identifier)
    if may(person, "name participants"):
        found = await lists.list_participants(session, scope, wanted, paging)
        await note_looks(session, "participants", [row["id"] for row in found.items])
        return page_of(found, ParticipantListed.of_row)
    if wanted.is_by_name or (paging.sort or "").endswith("name"):
        raise NotAllowed
    unnamed = await lists.list_participants_unnamed(session, scope, wanted, paging)
    return page_of(unnamed, ParticipantListed.of_row)


@router.get("/participants/{participant_id}", response_model=ParticipantShown)
async def show(participant_id: UUID, scope: _Reading, protected: ProtectedData, session: Transaction) -> JSONResponse:
    """A participant; protected data only for the advisers of their agency."""
    kept = await use_cases.participant_named(session, scope, participant_id)
    await note_looks(session, "participants", [kept.id])
    return tagged(await _shown(kept, protected, session), kept.revision)


@router.put("/participants/{participant_id}/consents/{purpose}", response_model=SavedAnswer)
async def grant(
    participant_id: UUID,
    purpose: Purpose,
    scope: WritingConsents,
    protected: ProtectedData,
    session: Transaction,
    moment: RequestMoment,
    seen: SeenRevision,
    way: ConsentWay | None = None,
    text_version: TextVersion = None,
) -> JSONResponse:
    """Record that a participant agrees to be paired, or to be contacted: how, and to which version of the text.

    Where no version is said, it is the one shown today.
    """
    kept = await use_cases.participant_named(session, scope, participant_id, lock=True)
    async with looking_if_refused(session, "participants", [kept.id]):
        check_seen(seen, kept, await _shown(kept, protected, session))
    said = Consent(granted=True, source="person", way=way, text_version=text_version)
    return answer(await use_cases.decide_consent(session, scope, kept.id, purpose, said, moment))


@router.delete("/participants/{participant_id}/consents/{purpose}", response_model=SavedAnswer)
async def withdraw(
    participant_id: UUID,
    purpose: Purpose,
    scope: WritingConsents,
    protected: ProtectedData,
    session: Transaction,
    moment: RequestMoment,
    seen: SeenRevision,
    way: ConsentWay | None = None,
    text_version: TextVersion = None,
) -> JSONResponse:
    """Record that a participant no longer agrees; it takes effect at once, and no import undoes it.

    Nobody is kept from it by what others changed meanwhile, unless they ask for that by saying what they saw.
    """
    kept = await use_cases.participant_named(session, scope, participant_id, lock=True)
    if seen.is_said:
        async with looking_if_refused(session, "participants", [kept.id]):
            check_seen(seen, kept, await _shown(kept, protected, session))
    said = Consent(granted=False, source="person", way=way, text_version=text_version)
    return answer(await use_cases.decide_consent(session, scope, kept.id, purpose, said, moment))


@router.get("/participants/{participant_id}/consents")
async def consent_history(
    participant_id: UUID, scope: Annotated[Scope, May("read consents")], session: Transaction
) -> list[ConsentDecided]:
    """Every decision, the oldest first: who handed it in, when and how, and which version of the text was shown.

    Of what was decided before how and which text were noted, both are `null`: unknown.
    """
    kept = await use_cases.participant_named(session, scope, participant_id)
    await note_looks(session, "consents", [kept.id])
    return [
        ConsentDecided(
            purpose=decision.purpose,
            granted=decision.is_granted,
            source=decision.source,
            decided_at=decision.decided_at,
            decided_by=decision.decided_by,
            way=decision.way,
            text_version=decision.text_version,
        )
        for decision in await repository.decisions_of(session, kept.id)
    ]


async def _register(
    body: ParticipantBody, scope: Scope, protected: Scope, session: Transaction, moment: RequestMoment
) -> Saved:
    draft = await _draft(body, agency_to_write(scope, body.agency_id), protected, session, moment)
    return await use_cases.register_participant(session, draft, moment)


async def _change(
    kept: Participant,
    body: ParticipantBody,
    scope: Scope,
    protected: Scope,
    session: Transaction,
    moment: RequestMoment,
) -> Saved:
    agency_id = agency_to_write(scope, body.agency_id or kept.situation.agency_id)
    draft = await _draft(body, agency_id, protected, session, moment)
    return await use_cases.change_participant(session, scope, kept.id, draft, moment)


async def _draft(
    body: ParticipantBody, agency_id: UUID | None, protected: Scope, session: Transaction, moment: RequestMoment
) -> ParticipantDraft:
    return await read_participant(session, body, agency_id, moment, sees_protected=protected.covers(agency_id))


async def _shown(participant: Participant, protected: Scope, session: Transaction) -> Shown:
    """A participant, with protected data for those who correct them."""
    if protected.covers(participant.situation.agency_id):
        (participant,) = await protected_data.opened(session, [participant])
    return showing.participant(participant)
