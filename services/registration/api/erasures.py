"""Erasing a participant, and the receipt: what went, what is on its way, what ages out, which notes to look at."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from sqlalchemy import RowMapping

from services.registration.api.answers.people import ErasureListed, KeptOfErased, NamingNote, ReceiptShown
from services.registration.repository import erasures as repository
from services.registration.use_cases import erasing
from services.registration.use_cases.erasing import Receipt
from shared.auditing import note_looks
from shared.paging import Paging
from shared.rights import Scope, scope_of
from shared.web.edge import May, RequestMoment, RequestPerson, Transaction
from shared.web.paging import ListAnswer, page_of
from shared.web.sorting import listed_by
from shared.web.typography import french_date

router = APIRouter(prefix="/api/v1", tags=["erasures"])

_Reading = Annotated[Scope, May("read erasures")]
_Listed = Annotated[Paging, listed_by("erased_at")]


async def _words_of_notes(person: RequestPerson) -> Scope:
    return scope_of(person, "read naming notes")


WordsOfNotes = Annotated[Scope, Depends(_words_of_notes)]
"""Whose notes are shown with their words to whoever asks: perhaps nobody's."""


@router.delete("/participants/{participant_id}", response_model_exclude_unset=True)
async def erase(
    participant_id: UUID,
    scope: Annotated[Scope, May("erase participants")],
    words: WordsOfNotes,
    session: Transaction,
    moment: RequestMoment,
) -> ReceiptShown:
    """Erase everything about a participant, in all services; the answer is the receipt."""
    receipt = await erasing.erase_participant(session, scope, participant_id, moment)
    return await _shown(session, receipt, words)


@router.get("/erasures")
async def list_erasures(scope: _Reading, session: Transaction, paging: _Listed) -> ListAnswer[ErasureListed]:
    """Erasures, the latest first, or by what changed: who is gone. Advisers see their agency's.

    The id of whoever was erased stays as long as something late could still come of them.
    """
    return page_of(await repository.list_erasures(session, scope, paging), ErasureListed.of_row)


@router.get("/erasures/{erasure_id}", response_model_exclude_unset=True)
async def show(erasure_id: UUID, scope: _Reading, words: WordsOfNotes, session: Transaction) -> ReceiptShown:
    """The receipt of an erasure as things stand now, with the notes that wait to be looked at.

    The words of a note are shown to the advisers of its agency alone.
    """
    return await _shown(session, await erasing.receipt_of(session, scope, erasure_id), words)


@router.post("/erasures/{erasure_id}/notes/{observation_id}/settle", status_code=204)
async def settle(
    erasure_id: UUID,
    observation_id: UUID,
    scope: Annotated[Scope, May("settle erasures")],
    session: Transaction,
    moment: RequestMoment,
) -> Response:
    """Say that a note was looked at: it does not name the person, or it was corrected.

    Safe to repeat: a note that does not wait any more is `404`, and stays so.
    """
    await erasing.receipt_of(session, scope, erasure_id)
    await erasing.settle_naming_note(session, erasure_id, observation_id, moment)
    return Response(status_code=204)


async def _shown(session: Transaction, receipt: Receipt, words: Scope) -> ReceiptShown:
    named = [note["participant_id"] for note in receipt.notes if words.covers(note["agency_id"])]
    await note_looks(session, "naming_notes", named, receipt.erasure.id)
    return _told(receipt, words)


def _told(receipt: Receipt, words: Scope) -> ReceiptShown:
    erasure = receipt.erasure
    return ReceiptShown(
        id=erasure.id,
        erased_at=erasure.erased_at,
        erased_by=erasure.erased_by,
        gone=erasure.gone,
        kept=KeptOfErased(
            participant_id=erasure.participant_id,
            participant_id_goes_by=receipt.id_goes_by,
            identifier_digest=erasure.identifier_digest is not None,
            why=_why_kept(receipt),
        ),
        told_at=erasure.told_at,
        ages_out_on=receipt.ages_out_on,
        notes_to_look_at=[_told_note(note, words) for note in receipt.notes],
    )


def _why_kept(receipt: Receipt) -> str:
    erasure = receipt.erasure
    id_goes_by = french_date(receipt.id_goes_by)
    sentences = (
        f"L’identifiant technique reste jusqu’au {id_goes_by} au plus tard, pour qu’un message tardif ne recrée pas la "
        "fiche ; ensuite, il ne reste que dans le journal des accès, qui ne nomme personne."
        if erasure.participant_id
        else "L’identifiant technique ne reste que dans le journal des accès, qui ne nomme personne.",
        "Une empreinte à clé de l’identifiant externe reste, pour qu’aucun import ne réinscrive la personne."
        if erasure.identifier_digest
        else "",
    )
    copies = f"La copie d’un message qui n’a pas pu être lu s’efface d’elle-même, le {id_goes_by} au plus tard."
    return " ".join(filter(None, (*sentences, copies)))


def _told_note(note: RowMapping, words: Scope) -> NamingNote:
    sees_words = words.covers(note["agency_id"])
    return NamingNote.of_row({name: note[name] for name in NamingNote.model_fields if sees_words or name != "note"})
