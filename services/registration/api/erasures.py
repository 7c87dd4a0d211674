"""Erasing a participant, and the receipt: what went, what is on its way, what ages out, which notes to look at."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response
from sqlalchemy import RowMapping

from services.registration.api.requests import PagingOfRequest, page_of
from services.registration.edge import Writer, own_agency
from services.registration.repository import erasures as repository
from services.registration.use_cases import erasing
from services.registration.use_cases.erasing import Receipt
from services.registration.use_cases.participants import participant_named
from shared.identity import Person, Role, check_agency
from shared.web.edge import Reader, RequestMoment, Transaction
from shared.web.typography import french_date

router = APIRouter(prefix="/api", tags=["erasures"])


@router.delete("/participants/{participant_id}")
async def erase(participant_id: UUID, person: Writer, session: Transaction, moment: RequestMoment) -> dict[str, Any]:
    """Erase everything about a participant, in all services; the answer is the receipt."""
    kept = await participant_named(session, participant_id)
    check_agency(person, kept.situation.agency_id)
    return _told(await erasing.erase_participant(session, participant_id, moment), person)


@router.get("/erasures")
async def list_erasures(person: Reader, session: Transaction, paging: PagingOfRequest) -> dict[str, Any]:
    """Erasures, the latest first; advisers see their agency's."""
    return page_of(await repository.list_erasures(session, own_agency(person), paging))


@router.get("/erasures/{erasure_id}")
async def show(erasure_id: UUID, person: Reader, session: Transaction) -> dict[str, Any]:
    """The receipt of an erasure as things stand now, with the notes that wait to be looked at.

    The words of a note are shown to the advisers of its agency alone.
    """
    receipt = await erasing.receipt_of(session, erasure_id)
    check_agency(person, receipt.erasure.agency_id)
    return _told(receipt, person)


@router.post("/erasures/{erasure_id}/notes/{observation_id}/settle", status_code=204)
async def settle(
    erasure_id: UUID, observation_id: UUID, person: Writer, session: Transaction, moment: RequestMoment
) -> Response:
    """Say that a note was looked at: it does not name the person, or it was corrected."""
    receipt = await erasing.receipt_of(session, erasure_id)
    check_agency(person, receipt.erasure.agency_id)
    await erasing.settle_naming_note(session, erasure_id, observation_id, moment)
    return Response(status_code=204)


def _told(receipt: Receipt, person: Person) -> dict[str, Any]:
    erasure = receipt.erasure
    return {
        "id": erasure.id,
        "erased_at": erasure.erased_at,
        "erased_by": erasure.erased_by,
        "gone": erasure.gone,
        "kept": {
            "participant_id": erasure.participant_id,
            "participant_id_goes_by": receipt.id_goes_by,
            "identifier_digest": erasure.identifier_digest is not None,
            "why": _why_kept(receipt),
        },
        "told_at": erasure.told_at,
        "ages_out_on": receipt.ages_out_on,
        "notes_to_look_at": [_told_note(note, person) for note in receipt.notes],
    }


def _why_kept(receipt: Receipt) -> str:
    erasure = receipt.erasure
    id_goes_by = french_date(receipt.id_goes_by)
    sentences = (
        f"L’identifiant technique reste jusqu’au {id_goes_by} au plus tard, pour qu’un message tardif ne recrée pas la "
        "fiche."
        if erasure.participant_id
        else "L’identifiant technique est effacé, lui aussi.",
        "Une empreinte à clé de l’identifiant externe reste, pour qu’aucun import ne réinscrive la personne."
        if erasure.identifier_digest
        else "",
    )
    copies = f"La copie d’un message qui n’a pas pu être lu s’efface d’elle-même, le {id_goes_by} au plus tard."
    return " ".join(filter(None, (*sentences, copies)))


def _told_note(note: RowMapping, person: Person) -> dict[str, Any]:
    place = {name: note[name] for name in ("observation_id", "participant_id", "workshop_id")}
    is_own = person.role is Role.ADVISER and person.agency_id == note["agency_id"]
    return {**place, "note": note["note"]} if is_own else place
