"""An example of each body that the API takes, for its description; of nobody who exists."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from services.registration.api.tokens import TokenBody
from services.registration.intake import bodies, employer_bodies

AGENCY = "01931a2b-4c00-7000-8000-000000000001"
PERSON = "01931a2b-4c00-7000-8000-000000000002"
OTHER_PERSON = "01931a2b-4c00-7000-8000-000000000003"
WORKSHOP = "01931a2b-4c00-7000-8000-000000000004"
EMPLOYER = "01931a2b-4c00-7000-8000-000000000005"
NEED = "01931a2b-4c00-7000-8000-000000000006"
VENUE = "01931a2b-4c00-7000-8000-000000000007"

EXAMPLES: Mapping[type[BaseModel], Mapping[str, Any]] = {
    bodies.DutyBody: {"role": "adviser", "agency_id": AGENCY},
    bodies.AccountBody: {"email": "madeleine.henry@agence.example", "role": "adviser", "agency_id": AGENCY},
    bodies.CredentialBody: {
        "name": "Agenda régional",
        "rights": ["read participants", "read erasures"],
        "ends_at": "2027-12-31T00:00:00Z",
    },
    TokenBody: {"service": "matching"},
    bodies.AgencyContactBody: {"phone": "03 21 00 00 00", "email": "lens@agence.example", "address": None},
    bodies.AgencyContactPatch: {"phone": "03 21 00 00 00"},
    bodies.ParticipantBody: {
        "identifier": "P-0117",
        "first_name": "Maurice",
        "last_name": "Brunel",
        "email": "maurice.brunel@courriel.example",
        "phone": "06 57 01 87 62",
        "commune": "Liévin",
        "travel_limit_km": 25,
        "transport": "car",
        "hours": ["day", "evening"],
        "licences": ["B", "CACES 1"],
        "wishes": ["Préparateur de commandes"],
        "consents": {"pairing": True, "contact": True},
    },
    bodies.ParticipantPatch: {"email": None, "phone": "06 57 01 87 62"},
    bodies.ObjectionBody: {"purpose": "contact", "way": "paper"},
    bodies.LiftingBody: {"reason": "A rappelé le 3 mars pour revenir sur son refus."},
    bodies.MergeBody: {"merged_id": OTHER_PERSON},
    bodies.WorkshopBody: {
        "identifier": "AT-12",
        "title": "L’Art d’accéder à l’emploi, Lens",
        "venue": "Louvre-Lens",
        "commune": "Lens",
        "starts_on": "2027-03-01",
        "ends_on": "2027-03-26",
        "mediators": ["georges.julien@musees.example"],
        "adviser": "madeleine.henry@agence.example",
    },
    bodies.WorkshopPatch: {"ends_on": "2027-04-02"},
    bodies.SessionBody: {
        "identifier": "S-12-3",
        "held_on": "2027-03-12",
        "begins": "09:30",
        "ends": "12:00",
        "exercise": "Le dessin dicté",
        "title": "Dessiner à deux",
    },
    bodies.PresenceBody: {"present": True},
    bodies.ObservationBody: {
        "workshop_id": WORKSHOP,
        "participant_id": PERSON,
        "exercise": "Le dessin dicté",
        "skill": "persévérance",
        "level": 3,
        "seen_on": "2027-03-12",
        "note": "Est allé au bout.",
    },
    bodies.CorrectionBody: {"level": 2, "note": ""},
    bodies.CorrectionPatch: {"level": 2},
    bodies.EmployerBody: {
        "identifier": "E-31",
        "name": "Rossi",
        "siret": "123 883 456 25821",
        "contact_name": "Audrey Jacob",
        "email": "recrutement@entreprise.example",
        "commune": "Béthune",
    },
    bodies.EmployerPatch: {"phone": "03 37 20 74 61"},
    employer_bodies.SiteBody: {
        "employer_id": EMPLOYER,
        "name": "Entrepôt de Béthune",
        "siret": "123 883 456 25821",
        "commune": "Béthune",
    },
    employer_bodies.SitePatch: {"access": "Bus 41, arrêt du port."},
    employer_bodies.ContactBody: {
        "employer_id": EMPLOYER,
        "name": "Audrey Jacob",
        "email": "recrutement@entreprise.example",
        "is_main": True,
    },
    employer_bodies.ContactPatch: {"phone": "03 37 20 74 61"},
    bodies.NeedBody: {
        "identifier": "B-8",
        "employer_id": EMPLOYER,
        "title": "Hôte / Hôtesse de caisse",
        "occupation": "D1505",
        "commune": "Béthune",
        "posts": 2,
        "seats": 4,
        "skills": [
            {"skill": "autonomie", "level": 2, "weight": 60},
            {"skill": "6D102", "level": 3, "weight": 40},
        ],
    },
    bodies.NeedPatch: {"posts": 3},
    bodies.MeetupBody: {
        "identifier": "R-5",
        "title": "Rencontre à la galerie, Lens",
        "venue": "Louvre-Lens",
        "commune": "Lens",
        "starts_at": "2027-04-08T09:30:00+02:00",
        "slot_minutes": 12,
        "slots": 10,
        "breaks": [5],
    },
    bodies.MeetupPatch: {"starts_at": "2027-04-09T09:30:00+02:00"},
    bodies.InvitedNeedBody: {"interviewers": 2},
    bodies.ConstraintsBody: {"first_slot": 2, "double_slot": True},
    bodies.AttendanceBody: {"present": True},
    bodies.OutcomeBody: {
        "participant_id": PERSON,
        "need_id": NEED,
        "outcome": "hired",
        "happened_on": "2027-04-20",
    },
    bodies.VenueBody: {
        "name": "Louvre-Lens",
        "commune": "Lens",
        "address": "99, rue Paul-Bert",
        "access": "Entrée par le parc.",
    },
    bodies.VenuePatch: {"access": "Entrée par le parc."},
    bodies.OperationBody: {
        "name": "Louvre-Lens, printemps 2027",
        "venue_id": VENUE,
        "starts_on": "2027-03-01",
        "ends_on": "2027-04-09",
    },
    bodies.OperationPatch: {"ends_on": "2027-04-16"},
    bodies.ExportBody: {"lists": ["participants", "ateliers"], "form": "csv"},
    bodies.DirectoryBody: {"participants": [PERSON], "needs": [NEED]},
}
