"""How what matching refuses is told at the edge: what, where, and what to do."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import Request

from services.matching.domain.following.judging import Broken, Why
from services.matching.domain.situation import Pair
from services.matching.use_cases.refusals import (
    ContradictoryRules,
    EditImpossible,
    MeetupOver,
    NotOfThisMeetup,
    NotWaiting,
    ProposalOutdated,
    RecordRedacted,
)
from shared.refusals import Refusal, Unknown
from shared.web.problems import Problem, problem


def tell_refusal(refusal: Refusal, _request: Request) -> Problem:
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
                "Le même entretien est à la fois imposé et interdit. Retirez l’une des deux demandes.",
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
        case ProposalOutdated(broken=broken):
            return problem(
                409,
                "proposal-outdated",
                "Proposition dépassée",
                f"{_because(broken)} Une nouvelle proposition se calcule : relisez-la quand elle sera là.",
                changed=[_change(one) for one in broken],
            )
        case EditImpossible(pair=pair, rule=rule):
            return problem(422, f"edit-{rule}", "Modification impossible", _EDITS[rule], pairs=_pairs([pair]))
    raise TypeError(f"no answer is written for {type(refusal).__name__}")


def _pairs(pairs: list[Pair] | tuple[Pair, ...]) -> list[dict[str, str]]:
    return [{"participant_id": str(pair.participant_id), "need_id": str(pair.need_id)} for pair in pairs]


def _because(broken: Sequence[Broken]) -> str:
    causes = list(dict.fromkeys(_CHANGED[one.cause] for one in broken))
    return " ".join(causes) or "Le plan en vigueur a changé depuis cette proposition."


def _change(one: Broken) -> dict[str, str]:
    return {
        "participant_id": str(one.pair.participant_id),
        "need_id": str(one.pair.need_id),
        "cause": one.cause,
        "sentence": _CHANGED[one.cause],
    }


_CHANGED: dict[Why, str] = {
    "withdrawal": "Une personne n’est plus inscrite, ou n’accepte plus d’être appariée.",
    "refusal": "Une personne a décliné, ou n’a pas répondu à temps.",
    "closed-need": "Un besoin est pourvu ou retiré.",
    "uninvited-need": "Un besoin n’est plus invité à cette rencontre.",
    "forbid": "Une paire a été interdite depuis.",
    "pin": "Une paire a été imposée depuis.",
    "accepted": "Une personne a accepté un entretien que cette proposition lui retire.",
    "capacity": "Un besoin a moins de places d’entretien.",
    "changed-meetup": "Les créneaux ou les tables de la rencontre ont changé.",
    "changed-participant": "Les contraintes de présence d’une personne ont changé.",
    "constraint": "Le trajet, les disponibilités, les horaires ou un permis ne conviennent plus.",
    "clash": "Une personne est attendue ailleurs à cette heure.",
}

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
