"""What the codes of a pairing say to advisers."""

from __future__ import annotations

from collections.abc import Mapping

from services.registration.pages.record_codes import both
from shared.contracts.vocabulary import RematchReason
from shared.language import Bilingual

CAUSES: Mapping[str, Bilingual] = {
    "first-pairing": both("première proposition", "first proposal"),
    "pin": both("vous l’avez demandé", "you asked for it"),
    "forbid": both("vous l’avez écarté", "you ruled it out"),
    "refusal": both("la personne a dit non", "the person said no"),
    "withdrawal": both("la personne ne vient plus", "the person no longer comes"),
    "closed-need": both("le besoin est pourvu ou fermé", "the need is met or closed"),
    "uninvited-need": both("le besoin ne vient plus à la rencontre", "the need is no longer at the meetup"),
    "changed-need": both("le besoin a changé", "the need changed"),
    "changed-meetup": both("la rencontre a changé", "the meetup changed"),
    "constraint": both("une contrainte l’empêche", "a constraint forbids it"),
    "clash": both("la personne est attendue ailleurs", "the person is expected elsewhere"),
    "capacity": both("le nombre de places a changé", "the number of places changed"),
    "arrival": both("une personne ou un besoin s’est ajouté", "a person or a need joined"),
    "changed-participant": both("la situation de la personne a changé", "the person’s situation changed"),
    "observations": both("de nouvelles observations", "new observations"),
    "reserve": both("vient de la réserve", "comes from the reserve"),
    "follows": both("suit un autre changement", "follows another change"),
    "policy": both("les règles de proposition ont changé", "the rules of proposals changed"),
    "unexplained": both("meilleure répartition de l’ensemble", "a better plan as a whole"),
}
"""Why a meeting is new, gone or elsewhere."""

OBSTACLES: Mapping[str, Bilingual] = {
    "consent": both("n’a pas accepté d’être proposée", "did not agree to be proposed"),
    "need_closed": both("le besoin est fermé", "the need is closed"),
    "forbidden": both("écarté par l’agence", "ruled out by the agency"),
    "refused_occupation": both("refuse ce métier", "refuses this occupation"),
    "place_unknown": both("un lieu n’est pas connu", "a place is not known"),
    "commute": both("trop loin", "too far"),
    "availability": both("pas disponible à temps", "not available in time"),
    "hours": both("les horaires ne conviennent pas", "the hours do not suit"),
    "licence": both("il manque un permis ou un certificat", "a licence is missing"),
    "elsewhere": both("attendue ailleurs au même moment", "expected elsewhere at the same time"),
    "unknown_skills": both("aucun savoir-être demandé n’a encore été vu", "none of the skills asked was seen yet"),
}
"""Why somebody and a need cannot meet."""

REASONS: Mapping[RematchReason, Bilingual] = {
    RematchReason.NEW_OBSERVATIONS: both("De nouvelles observations", "New observations"),
    RematchReason.REFUSAL: both("Quelqu’un a dit non", "Somebody said no"),
    RematchReason.WITHDRAWAL: both("Quelqu’un ne vient plus", "Somebody no longer comes"),
    RematchReason.NEED_CHANGED: both("Un besoin a changé", "A need changed"),
    RematchReason.ADVISER_JUDGEMENT: both("Mon jugement", "My judgement"),
    RematchReason.OTHER: both("Autre raison", "Another reason"),
}
"""Why an adviser asks for another proposal."""
