"""What every route of the API shares: its transaction, who may ask, and how a refusal is told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from sqlmodel.ext.asyncio.session import AsyncSession

from services.matching.domain.situation import Meetup, Pair
from services.matching.repository import facts
from services.matching.use_cases.refusals import (
    ContradictoryRules,
    EditImpossible,
    MeetupOver,
    NotOfThisMeetup,
    NotWaiting,
    RecordRedacted,
    Refusal,
    Unknown,
)
from shared.database import Sessions, unit_of_work
from shared.identity import Person, Role, check_agency, require
from shared.web.problems import Problem, problem

Deciding = Annotated[Person, Depends(require(Role.ADVISER, Role.MANAGER))]
"""Who may ask for pairings and decide on them."""
reading = require(Role.ADVISER, Role.MANAGER, Role.OPERATOR)
Reading = Annotated[Person, Depends(reading)]
"""Who may read pairings and their reasons."""


@asynccontextmanager
async def transaction(request: Request) -> AsyncIterator[AsyncSession]:
    """One transaction for the request, committed before the answer leaves; a refusal becomes a problem."""
    sessions: Sessions = request.app.state.sessions
    try:
        async with unit_of_work(sessions) as session:
            yield session
    except Refusal as refusal:
        raise as_problem(refusal) from None


async def visible_meetup(session: AsyncSession, meetup_id: UUID, person: Person) -> Meetup:
    """The meetup, if it is one of the person's agency; raises `Unknown` or `NotAllowed`."""
    meetup = await facts.find_meetup(session, meetup_id)
    if meetup is None:
        raise Unknown("meetup", meetup_id)
    check_agency(person, meetup.agency_id)
    return meetup


def as_problem(refusal: Refusal) -> Problem:
    """How a refusal is told: what, where, and what to do."""
    match refusal:
        case Unknown(what=what):
            return problem(404, f"unknown-{what}", "Introuvable", _UNKNOWN[what])
        case RecordRedacted():
            return problem(
                409,
                "people-erased",
                "Personnes effacées",
                "Des personnes de ce calcul ont été effacées depuis : il ne peut plus être refait à l’identique.",
            )
        case MeetupOver(cancelled=True):
            return problem(
                409, "meetup-cancelled", "Rencontre annulée", "Cette rencontre est annulée : elle ne s’apparie plus."
            )
        case MeetupOver():
            return problem(
                409, "meetup-past", "Rencontre passée", "Cette rencontre a commencé : elle ne s’apparie plus."
            )
        case ContradictoryRules(pairs=pairs):
            return problem(
                422,
                "pin-contradicts-forbid",
                "Demande contradictoire",
                "La même rencontre est à la fois imposée et interdite. Retirez l’une des deux demandes.",
                pairs=_pairs(pairs),
            )
        case NotOfThisMeetup(pairs=pairs):
            return problem(
                422,
                "pair-not-of-meetup",
                "Paire hors de la rencontre",
                "Personne non inscrite, ou besoin non invité à cette rencontre. Vérifiez la paire.",
                pairs=_pairs(pairs),
            )
        case NotWaiting(status=status, newer=newer):
            return problem(
                409,
                f"pairing-{status}",
                "Proposition déjà traitée",
                _SETTLED.get(status, "Cette proposition n’attend plus de décision."),
                newer=str(newer) if newer else None,
            )
        case EditImpossible(pair=pair, rule=rule):
            return problem(422, f"edit-{rule}", "Modification impossible", _EDITS[rule], pairs=_pairs([pair]))
    raise TypeError(f"no answer is written for {type(refusal).__name__}")


def _pairs(pairs: list[Pair] | tuple[Pair, ...]) -> list[dict[str, str]]:
    return [{"participant_id": str(pair.participant_id), "need_id": str(pair.need_id)} for pair in pairs]


_UNKNOWN = {
    "meetup": "Aucune rencontre ne porte cet identifiant. Vérifiez-le, ou attendez que son annonce soit arrivée.",
    "participant": "Aucune personne ne porte cet identifiant, ou ses données ont été effacées.",
    "pairing": "Aucune proposition ne porte cet identifiant. Vérifiez-le.",
    "run": "Aucun calcul terminé ne porte cet identifiant. Vérifiez-le, ou attendez sa fin.",
    "need": "Aucun besoin ne porte cet identifiant. Vérifiez-le.",
    "rule": "Cette paire n’est ni imposée ni interdite à cette rencontre.",
    "framework": "Aucun référentiel ne porte ce nom. Vérifiez-le.",
}
_SETTLED = {
    "in-force": "Quelqu’un a déjà approuvé cette proposition. Relisez la rencontre.",
    "rejected": "Quelqu’un a déjà écarté cette proposition. Demandez-en une nouvelle.",
    "superseded": "Une proposition plus récente la remplace, ou une réponse est arrivée entre-temps. Relisez-la.",
    "replaced": "Cette proposition a été en vigueur, puis remplacée. Relisez la rencontre.",
    "withdrawn": "La rencontre est annulée : la proposition n’a plus d’objet.",
}
_EDITS = {
    "not-in-pairing": "La rencontre à retirer ne fait pas partie de la proposition.",
    "already-in-pairing": "La rencontre à ajouter fait déjà partie de la proposition.",
    "not-possible": "Cette paire ne peut pas se rencontrer : voyez les raisons dans la proposition.",
    "seats": "Ce besoin n’a plus de place d’entretien. Retirez d’abord une de ses rencontres.",
    "timetable": "L’emploi du temps n’a plus de créneau commun. Retirez d’abord une autre rencontre.",
}
