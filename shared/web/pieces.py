"""The page that shows all pieces together, in development."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from shared.identity import Person, Role
from shared.moment import PARIS
from shared.web.templating import pages_of

router = APIRouter(include_in_schema=False)

_FIRST_SLOT = datetime(2026, 12, 1, 9, 30, tzinfo=PARIS)


@router.get("/pieces", response_class=HTMLResponse)
async def show_pieces(request: Request) -> HTMLResponse:
    """All pieces on one page, to be looked at and tested as people see them."""
    return pages_of(request).page(
        request,
        "pieces_page.html",
        example_person=Person(UUID(int=1), Role.ADVISER, UUID(int=2)),
        slots=[_FIRST_SLOT, _FIRST_SLOT + timedelta(minutes=20)],
    )
