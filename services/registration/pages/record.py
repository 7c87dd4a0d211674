"""Somebody's whole record as a letter that an adviser reads, prints and hands over."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from services.registration.edge import WholeRecordOf
from services.registration.pages.record_letter import letter_of
from services.registration.repository.agencies import agencies_by_id
from shared.language import Language
from shared.web import pages_of
from shared.web.edge import Transaction

router = APIRouter(include_in_schema=False)


@router.get("/participants/{participant_id}/record")
async def show_record(
    request: Request, record: WholeRecordOf, session: Transaction, language: Language | None = None
) -> Response:
    """The record in the participant's own language, or in the one that is asked for."""
    participant = record.participant
    chosen = language or participant.contact.language
    agencies = await agencies_by_id(session, [participant.situation.agency_id])
    return pages_of(request).page(
        request,
        "record.html",
        language=chosen,
        participant=participant,
        own_agency=agencies.get(participant.situation.agency_id),
        told_at=record.content["told_at"],
        chapters=letter_of(record.content, chosen),
    )
