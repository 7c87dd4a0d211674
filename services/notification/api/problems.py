"""How what was refused is answered: what, where, and what to do."""

from __future__ import annotations

from fastapi import Request

from services.notification.domain.replying import NoLongerPlanned, TooLate
from services.notification.use_cases import refusals
from shared.refusals import Refusal, Unknown
from shared.web import Problem

_UNKNOWN = {
    "meetup": Problem(404, "unknown-meetup", "Rencontre inconnue", "Aucune rencontre ne porte cet identifiant."),
    "message": Problem(
        404, "unknown-message", "Message inconnu", "Aucun message ne porte cet identifiant. Rechargez la liste."
    ),
    "invitation": Problem(
        404,
        "unknown-invitation",
        "Invitation inconnue",
        "Aucune invitation ne porte cet identifiant. Rechargez la liste.",
    ),
    "shortlist": Problem(
        404, "unknown-shortlist", "Liste inconnue", "Aucune liste ne porte cet identifiant. Rechargez la page."
    ),
}
NO_DIRECTORY = Problem(
    503,
    "no-directory",
    "Adresse indisponible",
    "Le service des inscriptions ne répond pas. Recommencez dans un instant.",
)
_ANSWERS: dict[type[Refusal], Problem] = {
    refusals.NoPairingInForce: Problem(
        409,
        "no-pairing-in-force",
        "Aucun appariement en vigueur",
        "La rencontre n’a pas d’appariement approuvé, ou elle est annulée. Approuvez d’abord une proposition.",
    ),
    refusals.AlreadySettled: Problem(
        409, "already-settled", "Rien à décider", "C’est déjà réglé, ou rien n’attend ici. Rechargez la liste."
    ),
    refusals.ObsoleteLetter: Problem(
        410,
        "obsolete-letter",
        "Lettre sans objet",
        "La personne a répondu, ou sa rencontre a changé depuis. N’envoyez pas cette lettre.",
    ),
    refusals.NotPrinted: Problem(
        409,
        "not-printed",
        "Lettre à imprimer",
        "Cette lettre n’a pas été imprimée, ou la rencontre a changé depuis. Imprimez-la, puis postez-la.",
    ),
    TooLate: Problem(
        409,
        "too-late",
        "Trop tard",
        "La rencontre a commencé : notez la présence le jour même.",
    ),
    NoLongerPlanned: Problem(
        409,
        "no-longer-planned",
        "Plus d’entretien",
        "Cette personne n’a plus d’entretien à cette rencontre. Demandez un nouvel appariement avec elle.",
    ),
}


def tell_refusal(refusal: Refusal, _request: Request) -> Problem:
    """The problem that tells of a refusal."""
    return _UNKNOWN[refusal.what] if isinstance(refusal, Unknown) else _ANSWERS[type(refusal)]
