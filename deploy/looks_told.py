"""What a person is told of who looked at their data and changed them: in French, by role and agency, without names.

Roles and not names: the person learns who had reason to look; whoever looked has a right to work without being named to
everybody (CJEU C-579/21). Whoever follows up on a complaint finds in the audit who it was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from shared.web.typography import NO_BREAK_SPACE, french_moment

AgencyNames = Mapping[UUID, str]

ROLES: Mapping[str, str] = {
    "mediator": "une médiatrice ou un médiateur",
    "adviser": "une conseillère ou un conseiller",
    "manager": "une personne qui pilote le programme",
    "operator": "une personne qui exploite le service",
    "service": "le service lui-même",
}

LINKS: Mapping[str, str] = {"/r/": "quelqu’un par votre lien", "/e/": "un employeur par son lien"}
"""Who comes by a link, by the beginning of its address."""

SOMEBODY = "une personne non connectée"

DEEDS: Mapping[str, str] = {"look": "a consulté", "insert": "a noté", "update": "a modifié", "delete": "a effacé"}

THINGS: Mapping[str, str] = {
    "participants": "votre fiche",
    "participant_contacts": "votre nom et vos coordonnées",
    "participant_protected": "vos données protégées",
    "records": "la copie complète de vos données",
    "consents": "vos accords",
    "objections": "vos oppositions",
    "duplicate_suspicions": "un doublon possible de votre fiche",
    "observations": "ce qui a été vu de vous en atelier",
    "naming_notes": "une note qui vous nomme peut-être",
    "workshop_presences": "votre présence à une séance d’atelier",
    "workshop_enrolments": "votre inscription à un atelier",
    "meetup_enrolments": "votre inscription à une rencontre",
    "meetup_departures": "votre départ d’une rencontre",
    "meetup_outcomes": "la suite d’un entretien",
    "invitation_states": "où en sont vos invitations",
    "erasures": "l’effacement de vos données",
    "planned_erasures": "l’effacement prévu de vos données",
    "profiles": "votre profil",
    "pairings": "une proposition d’entretiens où vous figurez",
    "pair_rules": "une consigne sur un entretien",
    "pairing_runs": "un calcul d’entretiens où vous figurez",
    "standing_shortlists": "une liste pour un besoin où vous figurez",
    "invitations": "votre invitation",
    "messages": "un message pour vous",
    "letters": "une lettre pour vous",
    "shortlists": "la liste d’un employeur où vous figurez",
    "answers": "la réponse d’un employeur à votre sujet",
}
"""What was looked at or changed, by the kind that its line says."""

HEAD = "Qui a consulté ou modifié vos données, et quand, du plus récent au plus ancien\n"
NOBODY_LOOKED = "Personne n’a consulté ni modifié vos données depuis que c’est noté.\n"


def looks_told(lines: Sequence[Any], agencies: AgencyNames) -> str:
    """The lines about somebody as sentences, the latest first; what was done at once stands once."""
    latest_first = sorted(lines, key=lambda line: line.at, reverse=True)
    sentences = dict.fromkeys(_sentence(line, agencies) for line in latest_first)
    return "\n".join([HEAD, *sentences]) if sentences else NOBODY_LOOKED


def _sentence(line: Any, agencies: AgencyNames) -> str:
    thing = THINGS.get(line.kind, "une donnée sur vous")
    return f"{french_moment(line.at).capitalize()}{NO_BREAK_SPACE}: {_who(line, agencies)} {DEEDS[line.what]} {thing}."


def _who(line: Any, agencies: AgencyNames) -> str:
    if line.role == "":
        address = line.route.partition(" ")[2]
        return next((who for beginning, who in LINKS.items() if address.startswith(beginning)), SOMEBODY)
    who, agency = ROLES.get(line.role, SOMEBODY), agencies.get(line.agency_id)
    return f"{who} ({agency})" if agency else who
