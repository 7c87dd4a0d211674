"""Objections of participants to being paired or written to."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter

from services.registration.api.answers.people import ObjectionShown
from services.registration.intake.bodies import LiftingBody, ObjectionBody
from services.registration.use_cases import objections as use_cases
from shared.auditing import note_looks
from shared.rights import Scope
from shared.web.edge import May, RequestMoment, Transaction
from shared.web.once import OnceOfRequest
from shared.web.paging import WholeList

router = APIRouter(prefix="/api/v1/participants/{participant_id}/objections", tags=["participants"])


@router.post("", status_code=201)
async def object_to(
    participant_id: UUID,
    body: ObjectionBody,
    scope: Annotated[Scope, May("record objections")],
    session: Transaction,
    moment: RequestMoment,
    once: OnceOfRequest,
) -> ObjectionShown:
    """Record that somebody objects to a purpose: in force at once everywhere, and nothing that comes in undoes it.

    What they agreed to is withdrawn. Safe to repeat: the objection in force answers.
    """

    async def act() -> ObjectionShown:
        made = await use_cases.object_to(session, scope, participant_id, body.purpose, body.way, moment)
        return ObjectionShown.model_validate(made)

    return await once(ObjectionShown, act)


@router.get("")
async def list_objections(
    participant_id: UUID, scope: Annotated[Scope, May("read consents")], session: Transaction
) -> WholeList[ObjectionShown]:
    """Every objection, the oldest first: by whom it was noted and when; of one that was lifted, who did so and why."""
    found = await use_cases.objections_of(session, scope, participant_id)
    await note_looks(session, "objections", [participant_id])
    return WholeList(items=[ObjectionShown.model_validate(each) for each in found])


@router.post("/{objection_id}/lift")
async def lift(
    participant_id: UUID,
    objection_id: UUID,
    body: LiftingBody,
    scope: Annotated[Scope, May("lift objections")],
    session: Transaction,
    moment: RequestMoment,
) -> ObjectionShown:
    """Lift an objection and say why: the person may agree again, and does so by an act of their own.

    Safe to repeat: one that was lifted is `409`, and stays so.
    """
    lifted = await use_cases.lift(session, scope, participant_id, objection_id, body.reason, moment)
    return ObjectionShown.model_validate(lifted)
