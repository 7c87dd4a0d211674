"""The forms about employers, their contacts and their sites."""

from __future__ import annotations

from services.registration.intake.bodies import EmployerBody, EmployerPatch
from services.registration.intake.employer_bodies import ContactBody, SiteBody, SitePatch
from services.registration.pages.common_fields import (
    ACCESS,
    ADDRESS,
    AGENCY,
    COMMUNE,
    EMAIL,
    IDENTIFIER,
    LANGUAGE,
    PHONE,
)
from services.registration.pages.filling import Field, FieldTexts, PageForm, Section
from services.registration.pages.form_page import FormHeading
from services.registration.pages.record_codes import both

_SIRET = Field("siret", both("SIRET", "SIRET"), hint=both("Quatorze chiffres.", "Fourteen digits."))
_WHO = Section(None, (Field("name", both("Nom de l’entreprise", "Name of the firm"), required=True), COMMUNE, _SIRET))
_MAIN_CONTACT = Section(
    both("Contact principal", "Main contact"),
    (Field("contact_name", both("Nom du contact", "Name of the contact")), EMAIL, PHONE, LANGUAGE),
    hint=both(
        "La liste des personnes à rencontrer lui est envoyée après chaque rencontre.",
        "The list of people to meet is sent there after each meetup.",
    ),
)
_KNOWN_ELSEWHERE = Section(None, (IDENTIFIER,))

NEW_EMPLOYER = PageForm(EmployerBody, (AGENCY, _WHO, _MAIN_CONTACT, _KNOWN_ELSEWHERE))
KNOWN_EMPLOYER = PageForm(EmployerBody, (_WHO, _MAIN_CONTACT, _KNOWN_ELSEWHERE))
PROPOSED_EMPLOYER = PageForm(EmployerPatch, (_WHO,))
"""What another agency may say should change."""

CONTACT = PageForm(
    ContactBody,
    (
        Section(
            None,
            (
                Field("name", both("Nom", "Name"), required=True),
                Field("function", both("Fonction", "Function")),
                EMAIL,
                PHONE,
                LANGUAGE,
                IDENTIFIER,
            ),
        ),
    ),
)
_SITE_FIELDS = (
    Field(
        "name",
        both("Nom du site", "Name of the site"),
        hint=both("Par exemple « Entrepôt nord ».", "For example “North warehouse”."),
        required=True,
    ),
    COMMUNE,
    ADDRESS,
    ACCESS,
    _SIRET,
)
SITE = PageForm(SiteBody, (Section(None, (*_SITE_FIELDS, IDENTIFIER)),))
PROPOSED_SITE = PageForm(SitePatch, (Section(None, _SITE_FIELDS),))

IN_FRENCH: FieldTexts = {"language": "fr"}
"""What stands in the form about somebody new at first."""

_SAVE = both("Enregistrer", "Save")
_PROPOSE = both("Proposer", "Propose")
_DECIDED_THERE = both(
    "L’agence qui suit cet employeur décide. Rien ne change avant.",
    "The agency that looks after this employer decides. Nothing changes before that.",
)

REGISTER_EMPLOYER = FormHeading(
    both("Nouvel employeur", "New employer"), both("Enregistrer l’employeur", "Save the employer")
)
CHANGE_EMPLOYER = FormHeading(both("Modifier l’employeur", "Change the employer"), _SAVE)
REGISTER_CONTACT = FormHeading(both("Nouveau contact", "New contact"), _SAVE)
CHANGE_CONTACT = FormHeading(
    both("Modifier le contact", "Change the contact"),
    _SAVE,
    both(
        "Si une liste est sur le point de partir, l’ancienne adresse apprend qu’elle ne sert plus.",
        "While a list is about to leave, the former address is told that it is used no more.",
    ),
)
REGISTER_SITE = FormHeading(both("Nouveau site", "New site"), _SAVE)
CHANGE_SITE = FormHeading(
    both("Modifier le site", "Change the site"),
    _SAVE,
    both("Les besoins ouverts de ce site le suivent.", "The open needs of this site follow it."),
)
PROPOSE_EMPLOYER = FormHeading(both("Proposer un changement", "Propose a change"), _PROPOSE, _DECIDED_THERE)
PROPOSE_SITE = FormHeading(
    both("Proposer un changement du site", "Propose a change of the site"), _PROPOSE, _DECIDED_THERE
)
PROPOSE_NEW_SITE = FormHeading(both("Proposer un site", "Propose a site"), _PROPOSE, _DECIDED_THERE)
PROPOSE_NEW_CONTACT = FormHeading(both("Proposer un contact", "Propose a contact"), _PROPOSE, _DECIDED_THERE)
