"""Objections: made once and in force at once everywhere; lifted by nobody but whoever says why.

Where somebody objects, what they agreed to is withdrawn, and the other services hear of that as of any withdrawal. As
long as the objection is in force, nobody can agree for them: neither an import nor a page nor another system.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.domain import kinds
from services.registration.domain.findings import find_refused
from services.registration.domain.objections import Objection
from services.registration.domain.participants import Consent, ConsentWay, Purpose
from services.registration.repository import merges as merge_rows
from services.registration.repository import objections as repository
from services.registration.use_cases.participants import decide_consent, participant_named
from shared.moment import Moment
from shared.rights import Scope


async def object_to(
    session: AsyncSession, scope: Scope, participant_id: UUID, purpose: Purpose, way: ConsentWay | None, moment: Moment
) -> Objection:
    """Somebody objects to a purpose; repeating it answers with the objection in force. Raises `Refused` if unknown.

    One that a merge took over is theirs from now on: it stays where the merge is undone.
    """
    kept = await participant_named(session, scope, participant_id, lock=True)
    taken_over = await merge_rows.objections_taken_over(session, kept.id)
    for known in await repository.objections_of(session, kept.id):
        if known.purpose == purpose and known.is_in_force:
            if known.id not in taken_over:
                return known
            await repository.take_back(session, [known.id])
    refusal = Consent(granted=False, source="person", way=way)
    await decide_consent(session, scope, kept.id, purpose, refusal, moment)
    made = Objection(moment.new_id(), kept.id, purpose, moment.now, moment.by, way)
    await repository.add_objections(session, [made])
    return made


async def lift(
    session: AsyncSession, scope: Scope, participant_id: UUID, objection_id: UUID, because: str, moment: Moment
) -> Objection:
    """Lift an objection; what it withdrew stays withdrawn until the person agrees anew.

    Raises `Refused` where there is no such objection, or it was lifted before.
    """
    kept = await participant_named(session, scope, participant_id, lock=True)
    theirs = {each.id: each for each in await repository.objections_of(session, kept.id)}
    if objection_id not in theirs:
        raise find_refused(kinds.UNKNOWN_OBJECTION, "objection_id")
    if not theirs[objection_id].is_in_force:
        raise find_refused(kinds.OBJECTION_LIFTED, "objection_id")
    lifted = replace(theirs[objection_id], lifted_at=moment.now, lifted_by=moment.by, lifted_because=because)
    await repository.note_lifted(session, lifted)
    return lifted


async def objections_of(session: AsyncSession, scope: Scope, participant_id: UUID) -> Sequence[Objection]:
    """All objections of somebody, the oldest first, lifted ones too. Raises `Refused` if unknown."""
    return await repository.objections_of(session, (await participant_named(session, scope, participant_id)).id)
