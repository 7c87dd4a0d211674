"""What the codes in a record say in a letter, column by column; what is in no such column is shown as it is."""

from __future__ import annotations

from collections.abc import Mapping

from shared.language import Bilingual


def both(french: str, english: str) -> Bilingual:
    """A text in both languages."""
    return Bilingual(fr=french, en=english)


_ROLES: Mapping[str, Bilingual] = {
    "mediator": both("médiation", "mediator"),
    "adviser": both("conseil", "adviser"),
    "manager": both("pilotage du programme", "programme manager"),
    "operator": both("exploitation", "operator"),
    "service": both("le service lui-même", "the service itself"),
}
_PURPOSES: Mapping[str, Bilingual] = {
    "pairing": both("vous proposer des entretiens", "proposing meetings to you"),
    "contact": both("vous écrire et vous appeler", "writing to you and calling you"),
}
_ANOTHER_REASON = both("une autre raison", "another reason")
_UNSAID = both("sans dire pourquoi", "without saying why")

CODES: Mapping[str, Mapping[str, Bilingual]] = {
    "language": {"fr": both("français", "French"), "en": both("anglais", "English")},
    "transport": {
        "walk": both("à pied", "on foot"),
        "bicycle": both("à vélo", "by bicycle"),
        "transit": both("en transports en commun", "by public transport"),
        "car": both("en voiture", "by car"),
    },
    "hours": {
        "day": both("en journée", "by day"),
        "evening": both("le soir", "in the evening"),
        "night": both("la nuit", "at night"),
        "weekend": both("le week-end", "at weekends"),
    },
    "publics": {
        "DELD": both("chômage de longue durée (DELD)", "long-term unemployment (DELD)"),
        "RSA": both("RSA", "RSA (minimum income)"),
        "JEUNE": both("jeune (moins de 26 ans)", "young (under 26)"),
        "QPV": both("quartier prioritaire (QPV)", "priority neighbourhood (QPV)"),
        "TH": both("handicap reconnu au travail (RQTH)", "disability recognised at work (RQTH)"),
    },
    "sex": {"F": both("femme", "woman"), "M": both("homme", "man")},
    "access_needs": {
        "step-free": both("sans marche", "step-free"),
        "more-time": both("plus de temps", "more time"),
        "interpreter": both("interprète", "interpreter"),
        "sign-language": both("langue des signes", "sign language"),
    },
    "purpose": _PURPOSES,
    "source": {
        "person": both("vous-même, par l’agence", "yourself, by the agency"),
        "import": both("un autre système", "another system"),
    },
    "way": {
        "oral": both("de vive voix", "by word of mouth"),
        "paper": both("sur papier", "on paper"),
        "reply-page": both("sur la page de réponse", "on the reply page"),
        "import": both("par un autre système", "through another system"),
    },
    "outcome": {
        "hired": both("embauche", "hired"),
        "trial": both("période d’essai ou immersion", "trial or work placement"),
        "second-meeting": both("deuxième entretien", "second meeting"),
        "training": both("formation", "training"),
        "none": both("pas de suite", "nothing came of it"),
    },
    "status": {
        "proposed": both("proposée", "proposed"),
        "in-force": both("validée", "in force"),
        "rejected": both("refusée par l’agence", "rejected by the agency"),
        "superseded": both("remplacée avant d’être validée", "replaced before it was approved"),
        "replaced": both("remplacée", "replaced"),
        "withdrawn": both("retirée", "withdrawn"),
    },
    "rule": {"pin": both("à garder", "keep"), "forbid": both("à éviter", "avoid")},
    "reason": {
        "first-pairing": both("première proposition", "first proposal"),
        "refusal": both("un refus", "a refusal"),
        "withdrawal": both("un départ", "somebody left"),
        "new-observations": both("de nouvelles observations", "new observations"),
        "need-changed": both("un besoin a changé", "a need changed"),
        "adviser-judgement": both("le jugement de l’agence", "the agency’s judgement"),
        "skills": both("d’autres savoir-être attendus", "other soft skills expected"),
        "hours": both("les horaires", "the hours"),
        "distance": both("la distance", "the distance"),
        "filled": both("le poste est pourvu", "the position is filled"),
        "other": _ANOTHER_REASON,
        "unsaid": _UNSAID,
    },
    "reply": {
        "none": both("pas de réponse", "no reply"),
        "accepted": both("oui", "yes"),
        "declined": both("non", "no"),
        "expired": both("délai passé", "too late"),
    },
    "decline_reason": {
        "not-available": both("pas disponible", "not available"),
        "not-interested": both("pas d’intérêt", "no interest"),
        "found-work": both("emploi trouvé", "found work"),
        "too-far": both("trop loin", "too far"),
        "other": _ANOTHER_REASON,
        "unsaid": _UNSAID,
    },
    "kind": {
        "invitation": both("invitation", "invitation"),
        "other-day": both("nouvelle date", "another day"),
        "update": both("changement", "change"),
        "cancellation": both("annulation", "cancellation"),
        "answer-reminder": both("rappel", "reminder"),
        "call": both("appel", "call"),
    },
    "channel": {
        "email": both("courriel", "e-mail"),
        "letter": both("lettre", "letter"),
        "phone": both("téléphone", "telephone"),
    },
    "state": {
        "queued": both("à envoyer", "to be sent"),
        "sending": both("envoi en cours", "being sent"),
        "sent": both("envoyé", "sent"),
        "failed": both("non remis", "not delivered"),
        "uncertain": both("envoi incertain", "perhaps sent"),
        "withdrawn": both("retiré avant l’envoi", "withdrawn before it was sent"),
        "not-contactable": both("non envoyé : aucun moyen de vous joindre", "not sent: no way to reach you"),
        "composed": both("à imprimer", "to be printed"),
        "printed": both("imprimée", "printed"),
        "posted": both("postée", "posted"),
    },
    "choice": {
        "meet-again": both("vous revoir", "meet you again"),
        "hire": both("vous embaucher", "hire you"),
        "not-now": both("pas pour l’instant", "not now"),
    },
    "role": _ROLES,
    "what": {
        "look": both("a consulté", "looked"),
        "insert": both("a noté", "wrote down"),
        "update": both("a modifié", "changed"),
        "delete": both("a effacé", "erased"),
    },
}
"""What a code of a column says."""
