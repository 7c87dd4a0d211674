"""What was seen: record, correct, retract."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from services.registration import showing
from services.registration.api.answers.records import ObservationListed, ObservationShown
from services.registration.api.bulk import ManyOfRequest, SavedOfMany
from services.registration.api.requests import NEW_OR_KNOWN, OnceSavedOfRequest, SavedAnswer, answer, answered
from services.registration.domain.workshops import SeenDraft
from services.registration.intake.bodies import CorrectionBody, CorrectionPatch, ObservationBody
from services.registration.intake.bulk_bodies import ObservationsBody
from services.registration.intake.of_workshops import read_note
from services.registration.repository import observations as repository
from services.registration.use_cases import observations as use_cases
from services.registration.use_cases.saving import Saved
from services.registration.use_cases.workshops import workshop_named
from shared.auditing import looking_if_refused, note_looks
from shared.identity import NotAllowed, Person
from shared.moment import Moment
from shared.paging import Paging
from shared.rights import Scope
from shared.web.edge import May, RequestMoment, RequestPerson, Transaction
from shared.web.once import Answered
from shared.web.paging import ListAnswer, page_of
from shared.web.preconditions import SeenRevision, tagged
from shared.web.sorting import listed_by

router = APIRouter(prefix="/api/v1/observations", tags=["observations"])

_Reading = Annotated[Scope, May("read observations")]
_Correcting = Annotated[Scope, May("correct observations")]
_Listed = Annotated[Paging, listed_by("seen_on", "created")]


@router.post("", status_code=201, responses=NEW_OR_KNOWN)
async def record(
    body: ObservationBody,
    person: RequestPerson,
    scope: Annotated[Scope, May("record observations")],
    session: Transaction,
    moment: RequestMoment,
    once: OnceSavedOfRequest,
) -> JSONResponse:
    """Record what was seen of somebody who is enrolled.

    The same note again changes nothing; another level by the same person, of the same skill in the same exercise on the
    same day, corrects the first.
    """
    return await once(lambda: _record(body, person, scope, session, moment))


@router.post("/bulk", response_model=SavedOfMany)
async def record_many(
    body: ObservationsBody,
    person: RequestPerson,
    scope: Annotated[Scope, May("record observations")],
    session: Transaction,
    moment: RequestMoment,
    many: ManyOfRequest,
) -> JSONResponse:
    """Record many observations, each for itself: one that is refused leaves the others as they are."""

    async def keep(each: ObservationBody) -> Answered:
        return answered(await _record(each, person, scope, session, moment))

    return await many(body.items, keep)


@router.put("/{observation_id}", response_model=SavedAnswer)
async def correct(
    observation_id: UUID,
    body: CorrectionBody,
    visible: _Reading,
    scope: _Correcting,
    session: Transaction,
    moment: RequestMoment,
    seen: SeenRevision,
) -> JSONResponse:
    """Correct the level or the words of an observation. Mediators correct their own."""
    await _check_own(visible, scope, observation_id, session, seen)
    said = SeenDraft(body.said("level"), body.said("note"))
    return answer(await use_cases.correct_observation(session, scope, observation_id, said, moment))


@router.patch("/{observation_id}", response_model=SavedAnswer)
async def amend(
    observation_id: UUID,
    body: CorrectionPatch,
    visible: _Reading,
    scope: _Correcting,
    session: Transaction,
    moment: RequestMoment,
    seen: SeenRevision,
) -> JSONResponse:
    """Correct what is named of an observation: its level, or its words. Mediators correct their own."""
    return await correct(observation_id, body, visible, scope, session, moment, seen)


@router.delete("/{observation_id}", status_code=204)
async def retract(
    observation_id: UUID,
    visible: _Reading,
    scope: _Correcting,
    session: Transaction,
    moment: RequestMoment,
    seen: SeenRevision,
) -> Response:
    """Take an observation back. Mediators take back their own."""
    await _check_own(visible, scope, observation_id, session, seen)
    await use_cases.retract_observation(session, scope, observation_id, moment)
    return Response(status_code=204)


@router.get("/{observation_id}", response_model=ObservationShown)
async def show(observation_id: UUID, scope: _Reading, session: Transaction) -> JSONResponse:
    """What was seen, with the words beside it; mediators see it where they hold the workshop."""
    kept = await use_cases.observation_named(session, scope, observation_id)
    await note_looks(session, "observations", [kept.key.participant_id])
    return tagged(showing.observation(kept), kept.revision)


@router.get("")
async def list_observations(
    scope: _Reading,
    session: Transaction,
    paging: _Listed,
    participant: UUID | None = None,
    workshop: UUID | None = None,
) -> ListAnswer[ObservationListed]:
    """Observations that hold, the latest first: advisers see all of their agency's people, whoever's workshop it was,
    mediators those of the workshops that they hold.
    """
    wanted = repository.ObservationFilter(participant, workshop)
    found = await repository.list_observations(session, scope, wanted, paging)
    await note_looks(session, "observations", [row["participant_id"] for row in found.items])
    return page_of(found, ObservationListed.of_row)


async def _record(body: ObservationBody, person: Person, scope: Scope, session: Transaction, moment: Moment) -> Saved:
    workshop = await workshop_named(session, scope, body.workshop_id)
    note = await read_note(session, body, person, workshop, moment)
    return await use_cases.record_observation(session, scope, note, workshop, moment)


async def _check_own(
    visible: Scope, scope: Scope, observation_id: UUID, session: Transaction, seen: SeenRevision
) -> None:
    """Raise unless the observation is theirs to change, and they saw it as it is now.

    What somebody may see and not change is refused as such; what they may not see is as unknown as what is not there.
    """
    await use_cases.observation_named(session, visible, observation_id)
    kept = await repository.observation_by_id(session, scope, observation_id, lock=True)
    if kept is None:
        raise NotAllowed
    async with looking_if_refused(session, "observations", [kept.key.participant_id]):
        seen.check(kept.revision, {"level": kept.seen.level, "note": kept.seen.note})
