"""How what was refused is answered: what, where, and what to do."""

from __future__ import annotations

from fastapi import Request

from services.notification.domain.replying import NoLongerPlanned, TooLate
from services.notification.use_cases import refusals
from shared.refusals import Refusal, Unknown
from shared.web import Problem

_UNKNOWN = {
    "meetup": Problem(
        404,
        "unknown-meetup",
        "Rencontre inconnue",
        "Aucune rencontre ne porte cet identifiant.",
        english=("Unknown meetup", "No meetup has this id."),
    ),
    "message": Problem(
        404,
        "unknown-message",
        "Message inconnu",
        "Aucun message ne porte cet identifiant. Rechargez la liste.",
        english=("Unknown message", "No message has this id. Load the list again."),
    ),
    "invitation": Problem(
        404,
        "unknown-invitation",
        "Invitation inconnue",
        "Aucune invitation ne porte cet identifiant. Rechargez la liste.",
        english=("Unknown invitation", "No invitation has this id. Load the list again."),
    ),
    "shortlist": Problem(
        404,
        "unknown-shortlist",
        "Liste inconnue",
        "Aucune liste ne porte cet identifiant. Rechargez la page.",
        english=("Unknown shortlist", "No shortlist has this id. Load the page again."),
    ),
}
NO_DIRECTORY = Problem(
    503,
    "no-directory",
    "Adresse indisponible",
    "Le service des inscriptions ne répond pas. Recommencez dans un instant.",
    headers={"retry-after": "5"},
    english=("Address not available", "Registration does not answer. Try again in a moment."),
)
_ANSWERS: dict[type[Refusal], Problem] = {
    refusals.NoPairingInForce: Problem(
        409,
        "no-pairing-in-force",
        "Aucun appariement en vigueur",
        "La rencontre n’a pas d’appariement approuvé, ou elle est annulée. Approuvez d’abord une proposition.",
        english=(
            "No pairing in force",
            "The meetup has no approved pairing, or is cancelled. Approve a proposal first.",
        ),
    ),
    refusals.AlreadySettled: Problem(
        409,
        "already-settled",
        "Rien à décider",
        "C’est déjà réglé, ou rien n’attend ici. Rechargez la liste.",
        english=("Nothing to decide", "It is settled already, or nothing waits here. Load the list again."),
    ),
    refusals.ObsoleteLetter: Problem(
        410,
        "obsolete-letter",
        "Lettre sans objet",
        "La personne a répondu, ou sa rencontre a changé depuis. N’envoyez pas cette lettre.",
        english=(
            "Letter without object",
            "The person has answered, or their meetup has changed since. Do not send this letter.",
        ),
    ),
    refusals.NotPrinted: Problem(
        409,
        "not-printed",
        "Lettre à imprimer",
        "Cette lettre n’a pas été imprimée, ou la rencontre a changé depuis. Imprimez-la, puis postez-la.",
        english=(
            "Letter to print",
            "This letter was not printed, or the meetup has changed since. Print it, then post it.",
        ),
    ),
    TooLate: Problem(
        409,
        "too-late",
        "Trop tard",
        "La rencontre a commencé : notez la présence le jour même.",
        english=("Too late", "The meetup has begun: note on the day who is there."),
    ),
    NoLongerPlanned: Problem(
        409,
        "no-longer-planned",
        "Plus d’entretien",
        "Cette personne n’a plus d’entretien à cette rencontre. Demandez un nouvel appariement avec elle.",
        english=(
            "No meeting any more",
            "This person has no meeting at this meetup any more. Ask for a new pairing with them.",
        ),
    ),
}


def problems_told() -> list[Problem]:
    """Every problem that the API tells beside those of every service."""
    return [*_UNKNOWN.values(), NO_DIRECTORY, *_ANSWERS.values()]


def tell_refusal(refusal: Refusal, _request: Request) -> Problem:
    """The problem that tells of a refusal."""
    return _UNKNOWN[refusal.what] if isinstance(refusal, Unknown) else _ANSWERS[type(refusal)]
