"""Somebody's whole record over all services, as a file: for themselves, and for whoever they take it to."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter

from services.registration.api.answers.people import RecordShown
from services.registration.edge import WholeRecordOf
from shared.rights import Scope
from shared.web.edge import May

router = APIRouter(prefix="/api/v1", tags=["participants"])


@router.get("/participants/{participant_id}/record", response_model_exclude_unset=True)
async def show(record: WholeRecordOf, _scope: Annotated[Scope, May("hand over records")]) -> RecordShown:
    """All that is held of somebody in all services, by table; `ids` says what the ids in it stand for.

    Staff are told by what they do and where, nobody by name; what documents say of others is left out.
    """
    return RecordShown.of_row(record.content)
