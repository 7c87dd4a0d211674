"""Somebody's whole record over all services, as a file: for themselves, and for whoever they take it to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter

from services.registration.edge import WholeRecordOf
from shared.rights import Scope
from shared.web.edge import May

router = APIRouter(prefix="/api/v1", tags=["participants"])


@router.get("/participants/{participant_id}/record")
async def show(record: WholeRecordOf, _scope: Annotated[Scope, May("hand over records")]) -> Mapping[str, Any]:
    """All that is held of somebody in all services, by table; `ids` says what the ids in it stand for.

    Staff are told by what they do and where, nobody by name; what documents say of others is left out.
    """
    return record.content
