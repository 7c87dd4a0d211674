"""Choosing an agency's people by ticking them, wherever they are enrolled."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from fastapi import Request, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.pages.sending import SentForm
from services.registration.repository.participant_lists import ParticipantFilter, list_participants
from services.registration.repository.participants import participants_by_id
from shared.auditing import note_looks
from shared.paging import Paging
from shared.rights import Scope
from shared.web import pages_of
from shared.web.paging import cursor_of


async def show_people_to_choose(
    request: Request,
    template: str,
    session: AsyncSession,
    scope: Scope,
    agency_id: UUID,
    paging: Paging,
    *,
    q: str | None,
    enrolled: Collection[UUID],
    **values: Any,
) -> Response:
    """The page with an agency's people by name, each to be ticked but for those ``enrolled``; the looks are noted."""
    found = await list_participants(session, scope, ParticipantFilter(agency_id=agency_id, text=q), paging)
    ids = [row["id"] for row in found.items]
    await note_looks(session, "participants", ids)
    return pages_of(request).page(
        request,
        template,
        people=found.items,
        known=await participants_by_id(session, scope, ids),
        enrolled=enrolled,
        next=cursor_of(found),
        q=q or "",
        asked={"q": q},
        **values,
    )


def ticked(sent: SentForm, name: str) -> list[UUID]:
    """The ids that were ticked; a text that is none was not on the page."""
    found = []
    for text in sent.form.getlist(name):
        try:
            found.append(UUID(str(text)))
        except ValueError:
            continue
    return found
