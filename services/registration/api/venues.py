"""Venues."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from services.registration.api import showing
from services.registration.repository import venues as repository
from shared.web.edge import Reader, Transaction

router = APIRouter(prefix="/api/venues", tags=["venues"])


@router.get("")
async def list_venues(_person: Reader, session: Transaction) -> dict[str, Any]:
    """Every venue of the programme, by name."""
    return {"items": [showing.venue(each) for each in await repository.all_venues(session)]}
