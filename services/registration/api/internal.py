"""What other services may ask, with a token of role `service`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter

from services.registration.intake.bodies import DirectoryBody
from services.registration.use_cases.directory import look_up
from shared.auditing import note_looks
from shared.directory import Entries
from shared.rights import Scope
from shared.web.edge import May, Transaction

router = APIRouter(prefix="/internal", tags=["internal"])


@router.post("/directory")
async def directory(
    body: DirectoryBody, _scope: Annotated[Scope, May("look up names")], session: Transaction
) -> Entries:
    """Names and contacts at the moment of need; unknown and erased ids are absent. Nobody stores the answer.

    Safe to repeat: it changes nothing.
    """
    found = await look_up(
        session,
        participant_ids=body.participants,
        employer_ids=body.employers,
        need_ids=body.needs,
        meetup_ids=body.meetups,
        agency_ids=body.agencies,
    )
    await note_looks(session, "participant_contacts", found.participants)
    return found
