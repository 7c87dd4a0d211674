"""How what matching refuses is told at the edge: what, where, and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

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
from shared.language import Bilingual
from shared.refusals import Refusal, Unknown
from shared.web.problems import Problem


def tell_refusal(refusal: Refusal, _request: Request) -> Problem:
    """How a refusal is told: what, where, and what to do."""
    return _told(refusal)


def _told(refusal: Refusal) -> Problem:
    match refusal:
        case Unknown(what=what):
            told = _UNKNOWN[what]
            return Problem(404, f"unknown-{what}", "Introuvable", told.fr, english=("Not found", told.en))
        case RecordRedacted():
            return Problem(
                409,
                "people-erased",
                "Personnes effacées",
                "Des personnes de ce calcul ont été effacées depuis : il ne peut plus être refait à l’identique.",
                english=(
                    "People erased",
                    "People of this run were erased since: it cannot be computed again exactly as it was.",
                ),
            )
        case MeetupOver(cancelled=True):
            return Problem(
                409,
                "meetup-cancelled",
                "Rencontre annulée",
                "Cette rencontre est annulée : elle ne s’apparie plus.",
                english=("Meetup cancelled", "This meetup is cancelled: nobody is paired for it any more."),
            )
        case MeetupOver():
            return Problem(
                409,
                "meetup-past",
                "Rencontre passée",
                "Cette rencontre a commencé : elle ne s’apparie plus.",
                english=("Meetup past", "This meetup has begun: nobody is paired for it any more."),
            )
        case ContradictoryRules(pairs=pairs):
            return Problem(
                422,
                "pin-contradicts-forbid",
                "Demande contradictoire",
                "Le même entretien est à la fois imposé et interdit. Retirez l’une des deux demandes.",
                english=(
                    "Contradictory request",
                    "The same meeting is both pinned and forbidden. Take one of the two back.",
                ),
                pairs=_pairs(pairs),
            )
        case NotOfThisMeetup(pairs=pairs):
            return Problem(
                422,
                "pair-not-of-meetup",
                "Paire hors de la rencontre",
                "Personne non inscrite, ou besoin non invité à cette rencontre. Vérifiez la paire.",
                english=(
                    "Pair not of this meetup",
                    "The person is not enrolled in this meetup, or the need not invited. Check the pair.",
                ),
                pairs=_pairs(pairs),
            )
        case NotWaiting(status=status, newer=newer):
            settled = _SETTLED.get(status, _NOT_WAITING)
            return Problem(
                409,
                f"pairing-{status}",
                "Proposition déjà traitée",
                settled.fr,
                english=("Proposal settled already", settled.en),
                newer=str(newer) if newer else None,
            )
        case ProposalOutdated(broken=broken):
            because = _because(broken)
            return Problem(
                409,
                "proposal-outdated",
                "Proposition dépassée",
                f"{because.fr} Une nouvelle proposition se calcule : relisez-la quand elle sera là.",
                english=(
                    "Proposal outdated",
                    f"{because.en} A new proposal is being computed: read it once it is there.",
                ),
                changed=[_change(one) for one in broken],
            )
        case EditImpossible(pair=pair, rule=rule):
            told = _EDITS[rule]
            english = "Change not possible", told.en
            return Problem(
                422, f"edit-{rule}", "Modification impossible", told.fr, english=english, pairs=_pairs([pair])
            )
    raise TypeError(f"no answer is written for {type(refusal).__name__}")


def problems_told() -> list[Problem]:
    """Every problem that these refusals are told as, each as far as it is the same whenever told."""
    nobody = UUID(int=0)
    refusals: list[Refusal] = [
        *map(Unknown, _UNKNOWN),
        RecordRedacted(nobody),
        MeetupOver(nobody, cancelled=True),
        MeetupOver(nobody, cancelled=False),
        ContradictoryRules(()),
        NotOfThisMeetup(()),
        *(NotWaiting(status, None) for status in _SETTLED),
        ProposalOutdated(nobody, ()),
        *(EditImpossible(Pair(nobody, nobody), rule) for rule in _EDITS),
    ]
    return [_told(each) for each in refusals]


def _pairs(pairs: list[Pair] | tuple[Pair, ...]) -> list[dict[str, str]]:
    return [{"participant_id": str(pair.participant_id), "need_id": str(pair.need_id)} for pair in pairs]


def _because(broken: Sequence[Broken]) -> Bilingual:
    causes = list(dict.fromkeys(_CHANGED[one.cause] for one in broken)) or [_PLAN_CHANGED]
    return Bilingual(" ".join(cause.fr for cause in causes), " ".join(cause.en for cause in causes))


def _change(one: Broken) -> dict[str, str | Bilingual]:
    return {
        "participant_id": str(one.pair.participant_id),
        "need_id": str(one.pair.need_id),
        "cause": one.cause,
        "sentence": _CHANGED[one.cause],
    }


_PLAN_CHANGED = Bilingual(
    "Le plan en vigueur a changé depuis cette proposition.", "The plan in force has changed since this proposal."
)
_CHANGED: dict[Why, Bilingual] = {
    "withdrawal": Bilingual(
        "Une personne n’est plus inscrite, ou n’accepte plus d’être appariée.",
        "Somebody is not enrolled any more, or no longer agrees to be paired.",
    ),
    "refusal": Bilingual(
        "Une personne a décliné, ou n’a pas répondu à temps.", "Somebody declined, or did not answer in time."
    ),
    "closed-need": Bilingual("Un besoin est pourvu ou retiré.", "A need is filled or withdrawn."),
    "uninvited-need": Bilingual(
        "Un besoin n’est plus invité à cette rencontre.", "A need is not invited to this meetup any more."
    ),
    "forbid": Bilingual("Une paire a été interdite depuis.", "A pair was forbidden since."),
    "pin": Bilingual("Une paire a été imposée depuis.", "A pair was pinned since."),
    "accepted": Bilingual(
        "Une personne a accepté un entretien que cette proposition lui retire.",
        "Somebody accepted a meeting that this proposal takes from them.",
    ),
    "capacity": Bilingual(
        "Un besoin a moins de places d’entretien.", "A need has fewer places for meetings than before."
    ),
    "changed-meetup": Bilingual(
        "Les créneaux ou les tables de la rencontre ont changé.", "The slots or tables of the meetup have changed."
    ),
    "changed-participant": Bilingual(
        "Les contraintes de présence d’une personne ont changé.", "When or where somebody can be met has changed."
    ),
    "constraint": Bilingual(
        "Le trajet, les disponibilités, les horaires ou un permis ne conviennent plus.",
        "The commute, the days, the hours or a licence do not fit any more.",
    ),
    "clash": Bilingual(
        "Une personne est attendue ailleurs à cette heure.", "Somebody is expected elsewhere at that time."
    ),
}

_UNKNOWN = {
    "meetup": Bilingual(
        "Aucune rencontre ne porte cet identifiant. Vérifiez-le, ou attendez que son annonce soit arrivée.",
        "No meetup has this id. Check it, or wait until it has been announced here.",
    ),
    "participant": Bilingual(
        "Aucune personne ne porte cet identifiant, ou ses données ont été effacées.",
        "Nobody has this id, or their data were erased.",
    ),
    "pairing": Bilingual(
        "Aucune proposition ne porte cet identifiant. Vérifiez-le.", "No proposal has this id. Check it."
    ),
    "run": Bilingual(
        "Aucun calcul terminé ne porte cet identifiant. Vérifiez-le, ou attendez sa fin.",
        "No run that has ended has this id. Check it, or wait for its end.",
    ),
    "need": Bilingual("Aucun besoin ne porte cet identifiant. Vérifiez-le.", "No need has this id. Check it."),
    "rule": Bilingual(
        "Cette paire n’est ni imposée ni interdite à cette rencontre.",
        "This pair is neither pinned nor forbidden at this meetup.",
    ),
    "framework": Bilingual("Aucun référentiel ne porte ce nom. Vérifiez-le.", "No framework has this name. Check it."),
}
_NOT_WAITING = Bilingual(
    "Cette proposition n’attend plus de décision.", "This proposal does not wait for a decision any more."
)
_SETTLED = {
    "in-force": Bilingual(
        "Quelqu’un a déjà approuvé cette proposition. Relisez la rencontre.",
        "Somebody approved this proposal already. Read the meetup again.",
    ),
    "rejected": Bilingual(
        "Quelqu’un a déjà écarté cette proposition. Demandez-en une nouvelle.",
        "Somebody rejected this proposal already. Ask for a new one.",
    ),
    "superseded": Bilingual(
        "Une proposition plus récente la remplace, ou une réponse est arrivée entre-temps. Relisez-la.",
        "A newer proposal replaces it, or an answer came meanwhile. Read that one.",
    ),
    "replaced": Bilingual(
        "Cette proposition a été en vigueur, puis remplacée. Relisez la rencontre.",
        "This proposal was in force, then replaced. Read the meetup again.",
    ),
    "withdrawn": Bilingual(
        "La rencontre est annulée : la proposition n’a plus d’objet.",
        "The meetup is cancelled: the proposal has no object any more.",
    ),
}
_EDITS = {
    "not-in-pairing": Bilingual(
        "La rencontre à retirer ne fait pas partie de la proposition.",
        "The meeting to take out is not part of the proposal.",
    ),
    "already-in-pairing": Bilingual(
        "La rencontre à ajouter fait déjà partie de la proposition.",
        "The meeting to add is part of the proposal already.",
    ),
    "not-possible": Bilingual(
        "Cette paire ne peut pas se rencontrer : voyez les raisons dans la proposition.",
        "This pair cannot meet: see the reasons in the proposal.",
    ),
    "seats": Bilingual(
        "Ce besoin n’a plus de place d’entretien. Retirez d’abord une de ses rencontres.",
        "This need has no place left. Take out one of its meetings first.",
    ),
    "timetable": Bilingual(
        "L’emploi du temps n’a plus de créneau commun. Retirez d’abord une autre rencontre.",
        "The timetable has no slot left for both. Take out another meeting first.",
    ),
}
