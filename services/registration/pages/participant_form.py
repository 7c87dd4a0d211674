"""The form about a participant."""

from __future__ import annotations

from services.registration.intake.bodies import ParticipantBody
from services.registration.pages.common_fields import AGENCY, COMMUNE, LANGUAGE, PHONE, licence_name, options_of
from services.registration.pages.filling import EnteredAs, Field, PageForm, Section
from services.registration.pages.record_codes import CODES, both
from shared.reference.occupations import occupation

WHO = Section(
    None,
    (
        Field("first_name", both("Prénom", "First name"), required=True),
        Field("last_name", both("Nom", "Last name"), required=True),
        COMMUNE,
        PHONE,
        Field(
            "email",
            both("Courriel", "E-mail"),
            EnteredAs.EMAIL,
            hint=both("Sans courriel, les messages deviennent des lettres.", "Without one, messages become letters."),
        ),
        Field("postal_address", both("Adresse postale", "Postal address"), EnteredAs.AREA),
        LANGUAGE,
    ),
)
CONSENTS = Section(
    both("Ce que la personne accepte", "What the person agrees to"),
    (
        Field(
            "consents.pairing",
            both("Être proposée pour des entretiens", "To be proposed for meetings"),
            EnteredAs.YES_NO,
            hint=both(
                "Sans cet accord, la personne n’est jamais proposée.", "Without it the person is never proposed."
            ),
        ),
        Field(
            "consents.contact",
            both("Recevoir des messages et des appels", "To be written to and called"),
            EnteredAs.YES_NO,
        ),
        Field(
            "consents.way",
            both("Comment l’a-t-elle dit ?", "How did they say so?"),
            EnteredAs.ONE,
            options=tuple((way, CODES["way"][way]) for way in ("oral", "paper")),
        ),
    ),
)
SITUATION = Section(
    both("Travail et trajets", "Work and travel"),
    (
        Field(
            "wishes",
            both("Métiers souhaités", "Occupations wished for"),
            EnteredAs.LINES,
            hint=both(
                "Un métier par ligne, en toutes lettres ou par son code ROME.",
                "One on each line, by name or ROME code.",
            ),
            in_words=lambda code: occupation(code).label,
        ),
        Field(
            "refused_occupations",
            both("Métiers refusés", "Occupations refused"),
            EnteredAs.LINES,
            in_words=lambda code: occupation(code).label,
        ),
        Field("hours", both("Horaires possibles", "Possible hours"), EnteredAs.SEVERAL, options=options_of("hours")),
        Field("available_from", both("Disponible à partir du", "Available from"), EnteredAs.DAY),
        Field(
            "transport",
            both("Moyen de transport", "Means of transport"),
            EnteredAs.ONE,
            options=options_of("transport"),
        ),
        Field("travel_limit_km", both("Trajet au plus, en kilomètres", "Longest way, in kilometres"), EnteredAs.NUMBER),
        Field(
            "licences",
            both("Permis et certificats", "Licences and certificates"),
            EnteredAs.LINES,
            hint=both("Un par ligne, par exemple « B » ou « CACES 1A ».", "One on each line, such as “B”."),
            in_words=licence_name,
        ),
        Field(
            "identifier",
            both("Identifiant dans un autre système", "Identifier in another system"),
            hint=both(
                "S’il y en a un : les imports retrouvent ainsi la personne.", "If any: imports find the person by it."
            ),
        ),
    ),
)
PROTECTED = Section(
    both("Données protégées, qui ne comptent jamais", "Protected data, which never count"),
    (
        Field(
            "protected.access_needs",
            both("Besoins d’accès", "Access needs"),
            EnteredAs.SEVERAL,
            options=options_of("access_needs"),
        ),
        Field("protected.publics", both("Publics", "Groups"), EnteredAs.SEVERAL, options=options_of("publics")),
        Field("protected.born_on", both("Date de naissance", "Date of birth"), EnteredAs.DAY),
        Field("protected.sex", both("Sexe", "Sex"), EnteredAs.ONE, options=options_of("sex")),
    ),
    is_folded=True,
)

NEW_PARTICIPANT = PageForm(ParticipantBody, (AGENCY, WHO, CONSENTS, SITUATION, PROTECTED))
KNOWN_PARTICIPANT = PageForm(ParticipantBody, (WHO, SITUATION, PROTECTED))
KNOWN_PARTICIPANT_UNPROTECTED = PageForm(ParticipantBody, (WHO, SITUATION))
"""For those who do not see what is protected."""

AT_FIRST = {
    "language": "fr",
    "hours": ["day"],
    "transport": "transit",
    "travel_limit_km": "20",
}
"""What stands in a new participant's form at first: what is meant where nothing is said."""
