"""Bodies of requests that are right; a test changes what it is about."""

from __future__ import annotations

from typing import Any


def participant(**changes: Any) -> dict[str, Any]:
    """Somebody who can be paired and written to."""
    return {
        "first_name": "Maurice",
        "last_name": "Brunel",
        "email": "maurice.brunel@courriel.example",
        "phone": "06 57 01 87 62",
        "commune": "Liévin",
        "travel_limit_km": 25,
        "transport": "car",
        "available_from": "2026-11-30",
        "hours": ["evening", "day"],
        "licences": ["Permis D", "CACES 1"],
        "wishes": ["Préparateur de commandes"],
        "refused_occupations": ["M1601"],
        "protected": {"publics": ["DELD"], "born_on": "1991-08-08", "sex": "M"},
        "consents": {"pairing": True, "contact": True},
        **changes,
    }


def workshop(**changes: Any) -> dict[str, Any]:
    """A workshop of a month."""
    return {
        "title": "L'Art d'accéder à l'emploi, Lens",
        "venue": "Louvre-Lens",
        "commune": "Lens",
        "starts_on": "2026-10-26",
        "ends_on": "2026-11-20",
        "mediators": ["georges.julien@musees.example"],
        "adviser": "madeleine.henry@agence.example",
        **changes,
    }


def workshop_session(**changes: Any) -> dict[str, Any]:
    """A session of that workshop."""
    return {
        "held_on": "2026-11-03",
        "begins": "09:30",
        "ends": "12:00",
        "exercise": "Le dessin dicté",
        "title": "Décrire une œuvre",
        **changes,
    }


def observation(workshop_id: str, participant_id: str, **changes: Any) -> dict[str, Any]:
    """What was seen once."""
    return {
        "workshop_id": workshop_id,
        "participant_id": participant_id,
        "exercise": "Le dessin dicté",
        "skill": "persévérance",
        "level": 3,
        "seen_on": "2026-11-12",
        "note": "Est allé au bout.",
        "observer": "georges.julien@musees.example",
        **changes,
    }


def employer(**changes: Any) -> dict[str, Any]:
    """An employer."""
    return {
        "name": "Rossi",
        "siret": "123 883 456 25821",
        "contact_name": "Audrey Jacob",
        "email": "recrutement@entreprise.example",
        "phone": "03 37 20 74 61",
        "commune": "Béthune",
        **changes,
    }


def site(employer_id: str, **changes: Any) -> dict[str, Any]:
    """A site of an employer."""
    return {
        "employer_id": employer_id,
        "name": "Entrepôt nord",
        "siret": "123 883 456 25839",
        "address": "Zone des Hauts",
        "commune": "Liévin",
        "access": "Bus 10, arrêt Mairie",
        **changes,
    }


def contact(employer_id: str, **changes: Any) -> dict[str, Any]:
    """Somebody else at an employer."""
    return {
        "employer_id": employer_id,
        "name": "Nadia Lefebvre",
        "function": "Responsable de l’entrepôt",
        "email": "nord@entreprise.example",
        "phone": "03 21 00 00 13",
        "language": "en",
        **changes,
    }


def need(employer_id: str, **changes: Any) -> dict[str, Any]:
    """A need of three skills."""
    return {
        "employer_id": employer_id,
        "title": "Hôte / Hôtesse de caisse",
        "occupation": "D1505",
        "commune": "Béthune",
        "posts": 2,
        "seats": 4,
        "hours": ["day"],
        "skills": [
            {"skill": "autonomie", "level": 2, "weight": 50},
            {"skill": "6D102", "level": 3, "weight": 30},
            {"skill": "Avoir le sens du service", "level": 3, "weight": 20},
        ],
        **changes,
    }


def venue(**changes: Any) -> dict[str, Any]:
    """Where the meetup of these bodies is held."""
    return {
        "name": "Louvre-Lens",
        "commune": "Lens",
        "address": "99, rue Paul-Bert",
        "access": "Entrée par le parc.",
        "contact": "Accueil, 03 21 18 62 62",
        **changes,
    }


def operation(venue_id: str, **changes: Any) -> dict[str, Any]:
    """What joins the venue, workshop and meetup of these bodies."""
    return {
        "name": "L’Art d’accéder à l’emploi, Lens",
        "venue_id": venue_id,
        "starts_on": "2026-10-26",
        "ends_on": "2026-12-01",
        **changes,
    }


def meetup(**changes: Any) -> dict[str, Any]:
    """A meetup ahead."""
    return {
        "title": "Rencontre à la galerie, Lens",
        "venue": "Louvre-Lens",
        "commune": "Lens",
        "starts_at": "2026-12-01T09:30:00+01:00",
        "slot_minutes": 12,
        "slots": 10,
        **changes,
    }


def credential(**changes: Any) -> dict[str, Any]:
    """Another system that may read meetups for a year."""
    return {"name": "Agenda régional", "rights": ["read meetups"], "ends_at": "2027-11-22T10:00:00Z", **changes}
