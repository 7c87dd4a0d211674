"""What of a record a letter shows, and under which headings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from services.registration.pages.record_codes import both
from shared.language import Bilingual


@dataclass(frozen=True, slots=True)
class InLetter:
    """A table of a service in the letter: its heading, and its columns with their labels."""

    service: str
    table: str
    heading: Bilingual
    columns: Mapping[str, Bilingual]
    told_if_unknown: frozenset[str] = frozenset()
    """Columns of which the letter says, too, that nothing is known."""


_WORKSHOP, _MEETUP, _NEED = both("Atelier", "Workshop"), both("Rencontre", "Meetup"), both("Besoin", "Need")
_WHEN, _BY, _STATE = both("Date", "Date"), both("Par", "By"), both("État", "State")
_REASON = both("Raison", "Reason")

SHOWN: tuple[InLetter, ...] = (
    InLetter(
        "registration",
        "participant_contacts",
        both("Votre nom et vos coordonnées", "Your name and how we reach you"),
        {
            "first_name": both("Prénom", "First name"),
            "last_name": both("Nom", "Last name"),
            "email": both("Courriel", "E-mail"),
            "phone": both("Téléphone", "Telephone"),
            "postal_address": both("Adresse", "Address"),
            "language": both("Langue", "Language"),
        },
    ),
    InLetter(
        "registration",
        "participants",
        both("Votre situation et vos souhaits", "Your situation and your wishes"),
        {
            "identifier": both("Identifiant dans un autre système", "Identifier in another system"),
            "agency_id": both("Agence", "Agency"),
            "commune": both("Commune", "Commune"),
            "travel_limit_km": both("Trajet au plus, en kilomètres", "Longest way, in kilometres"),
            "transport": both("Moyen de transport", "Means of transport"),
            "available_from": both("Disponible à partir du", "Available from"),
            "hours": both("Horaires possibles", "Possible hours"),
            "licences": both("Permis et habilitations", "Licences"),
            "wishes": both("Métiers souhaités", "Occupations wished for"),
            "refused_occupations": both("Métiers refusés", "Occupations refused"),
            "registered_at": both("Inscription", "Registered"),
            "changed_at": both("Dernier changement", "Last change"),
            "heard_at": both("Vous avez dit rester le", "You said that you stay on"),
        },
    ),
    InLetter(
        "registration",
        "criteria",
        both("Vos données protégées, qui ne comptent jamais", "Your protected data, which never count"),
        {
            "publics": both("Publics", "Groups"),
            "born_on": both("Date de naissance", "Date of birth"),
            "sex": both("Sexe", "Sex"),
            "access_needs": both("Besoins d’accès", "Access needs"),
        },
    ),
    InLetter(
        "registration",
        "consents",
        both("Vos accords et vos refus", "What you agreed to and refused"),
        {
            "purpose": both("Pour", "For"),
            "is_granted": both("Accord", "Agreed"),
            "decided_at": _WHEN,
            "source": both("Reçu par", "Received by"),
            "decided_by": both("Noté par", "Written down by"),
            "way": both("Comment", "How"),
            "text_version": both("Version du texte montré", "Version of the text shown"),
        },
        told_if_unknown=frozenset({"way", "text_version"}),
    ),
    InLetter(
        "registration",
        "objections",
        both("Vos oppositions", "What you object to"),
        {
            "purpose": both("À quoi", "To what"),
            "objected_at": _WHEN,
            "noted_by": both("Noté par", "Written down by"),
            "way": both("Comment", "How"),
            "lifted_at": both("Levée le", "Lifted on"),
            "lifted_by": both("Levée par", "Lifted by"),
            "lifted_because": _REASON,
        },
    ),
    InLetter("registration", "workshop_enrolments", both("Vos ateliers", "Your workshops"), {"workshop_id": _WORKSHOP}),
    InLetter(
        "registration",
        "workshop_presences",
        both("Votre présence aux séances des ateliers", "At which sessions of workshops you were"),
        {
            "workshop_id": _WORKSHOP,
            "session_id": both("Séance", "Session"),
            "is_present": both("Présence", "Present"),
            "noted_by": both("Noté par", "Written down by"),
        },
    ),
    InLetter(
        "registration",
        "observations",
        both("Ce qui a été vu de vous", "What was seen of you"),
        {
            "seen_on": _WHEN,
            "workshop_id": _WORKSHOP,
            "exercise": both("Exercice", "Exercise"),
            "skill": both("Savoir-être", "Soft skill"),
            "level": both("Niveau", "Level"),
            "note": both("Note", "Note"),
            "rater_id": both("Vu par", "Seen by"),
            "written_by": both("Noté par", "Written down by"),
            "recorded_at": both("Noté le", "Written down on"),
            "retracted_at": both("Retiré le", "Taken back on"),
        },
    ),
    InLetter(
        "registration",
        "meetup_enrolments",
        both("Vos rencontres", "Your meetups"),
        {"meetup_id": _MEETUP, "is_present": both("Présence", "Present")},
    ),
    InLetter(
        "registration",
        "meetup_departures",
        both("Les rencontres que vous avez quittées", "Meetups that you left"),
        {"meetup_id": _MEETUP},
    ),
    InLetter(
        "registration",
        "meetup_outcomes",
        both("Ce qui a suivi vos entretiens", "What came of your meetings"),
        {"meetup_id": _MEETUP, "need_id": _NEED, "outcome": both("Suite", "Outcome"), "recorded_at": _WHEN},
    ),
    InLetter(
        "registration",
        "planned_erasures",
        both("L’effacement prévu de vos données", "The erasure of your data that is planned"),
        {"erases_on": both("Effacement le", "Erased on"), "told_at": both("Vous l’avez su le", "You were told on")},
    ),
    InLetter(
        "registration",
        "owed_mails",
        both("Courriels qui vont vous parvenir", "E-mails on their way to you"),
        {"owed_since": both("Depuis", "Since")},
    ),
    InLetter(
        "matching",
        "pairings",
        both("Les propositions d’entretiens où vous figurez", "Proposals of meetings in which you stand"),
        {"meetup_id": _MEETUP, "created_at": _WHEN, "status": _STATE, "decided_by": both("Décidé par", "Decided by")},
    ),
    InLetter(
        "matching",
        "pair_rules",
        both("Les consignes sur vos entretiens", "What was asked for your meetings"),
        {"meetup_id": _MEETUP, "need_id": _NEED, "rule": both("Consigne", "Rule"), "set_by": _BY, "set_at": _WHEN},
    ),
    InLetter(
        "matching",
        "rematch_requests",
        both("Les demandes de nouvelle proposition qui vous nomment", "Requests for another proposal that name you"),
        {"meetup_id": _MEETUP, "requested_at": _WHEN, "requested_by": _BY, "reason": _REASON},
    ),
    InLetter(
        "matching",
        "standing_shortlists",
        both("Les besoins pour lesquels vous avez été comparé", "Needs for which you were compared"),
        {"need_id": _NEED, "refreshed_at": _WHEN},
    ),
    InLetter(
        "matching",
        "exposures",
        both("Combien de fois vous avez figuré sur une liste", "How often you stood on a shortlist"),
        {"times": both("Fois", "Times")},
    ),
    InLetter(
        "notification",
        "invitations",
        both("Vos invitations et vos réponses", "Your invitations and your replies"),
        {
            "meetup_id": _MEETUP,
            "reply": both("Réponse", "Reply"),
            "decline_reason": _REASON,
            "answer_by": both("À répondre avant le", "To be answered by"),
        },
    ),
    InLetter(
        "notification",
        "meetings",
        both("Vos entretiens, et pourquoi", "Your meetings, and why"),
        {"meetup_id": _MEETUP, "need_id": _NEED, "for_participant": both("Pourquoi", "SeatReasons")},
    ),
    InLetter(
        "notification",
        "messages",
        both("Les messages pour vous", "Messages to you"),
        {
            "kind": both("Message", "Message"),
            "meetup_id": _MEETUP,
            "written_at": _WHEN,
            "channel": both("Voie", "Way"),
            "state": _STATE,
        },
    ),
    InLetter(
        "notification",
        "links",
        both("Les liens faits pour vous", "Links made for you"),
        {"made_at": _WHEN},
    ),
    InLetter(
        "notification",
        "answers",
        both("Ce que des employeurs ont répondu", "What employers answered"),
        {"need_id": _NEED, "choice": both("Réponse", "Answer"), "reason": _REASON, "answered_at": _WHEN},
    ),
    InLetter(
        "notification",
        "silences",
        both("Vous ne voulez plus de messages", "You want no more messages"),
        {"since": both("Depuis", "Since")},
    ),
)

ONLY_IN_THE_FILE: Mapping[tuple[str, str], str] = {
    ("registration", "paired_participants"): "how many meetings: they stand in the letter one by one",
    ("registration", "invitation_states"): "the invitations stand in the letter",
    ("registration", "employer_answers"): "the answers stand in the letter",
    ("registration", "import_parts"): "what an import found is about its rows; the records stand in the letter",
    ("matching", "participants"): "the situation stands in the letter",
    ("matching", "consents"): "the consents stand in the letter",
    ("matching", "observations"): "the observations stand in the letter",
    ("matching", "enrolments"): "the enrolments stand in the letter",
    ("matching", "meetups"): "the enrolments stand in the letter",
    ("matching", "needs"): "needs are no one person's",
    ("matching", "replies"): "the replies stand in the letter",
    ("matching", "pairing_people"): "the proposals stand in the letter",
    ("notification", "participants"): "whether somebody may be written to is what they agreed to",
}
"""What stands in the file alone, and why."""
