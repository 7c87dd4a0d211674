"""A small folder of exports that is all right, and ways to make its files in other shapes."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence

Rows = Sequence[Mapping[str, str]]

PARTICIPANT = {
    "identifiant": "P1",
    "nom": "BRUNEL",
    "prenom": "Maurice",
    "courriel": "maurice.brunel@courriel.example",
    "telephone": "06 57 01 87 62",
    "langue": "fr",
    "agence": "Agence de Lens",
    "commune": "Liévin",
    "mobilite_km": "25",
    "transport": "voiture",
    "disponible_des": "30/11/2026",
    "horaires": "jour|soir",
    "permis": "B",
    "certificats": "CACES 1",
    "publics": "DELD|TH",
    "date_naissance": "08/08/1991",
    "sexe": "H",
    "consentement_appariement": "oui",
    "consentement_contact": "oui",
    "metiers_souhaites": "N1103",
    "metiers_exclus": "",
}
SECOND = {
    **PARTICIPANT,
    "identifiant": "P2",
    "nom": "Berthelot",
    "prenom": "Laurence",
    "courriel": "laurence@courriel.example",
    "telephone": "07 85 74 73 98",
    "sexe": "F",
}
WORKSHOP = {
    "identifiant": "AT1",
    "titre": "L'Art d'accéder à l'emploi, Lens",
    "lieu": "Louvre-Lens",
    "commune": "Lens",
    "date_debut": "07/09/2026",
    "date_fin": "02/10/2026",
    "agence": "Agence de Lens",
    "mediateurs": "georges.julien@musees.example | constance.blanchet@musees.example",
    "conseiller": "madeleine.henry@agence.example",
}
OBSERVATION = {
    "atelier": "AT1",
    "date": "25/09/2026",
    "participant": "P1",
    "observateur": "georges.julien@musees.example",
    "exercice": "Le dessin dicté",
    "competence": "perseverance",
    "niveau": "3",
    "commentaire": "",
}
EMPLOYER = {
    "identifiant": "E1",
    "raison_sociale": "Rossi",
    "siret": "12388345625821",
    "contact": "Audrey Jacob",
    "courriel": "recrutement@entreprise.example",
    "telephone": "03 37 20 74 61",
    "commune": "Béthune",
}
NEED = {
    "identifiant": "B1",
    "employeur": "E1",
    "intitule": "Hôte / Hôtesse de caisse",
    "rome": "D1505",
    "commune": "Béthune",
    "postes": "4",
    "places_entretien": "4",
    "horaires": "jour",
    "permis": "",
    "competences": "Avoir l'esprit d'équipe:3:27|autonomie:2:40|sens du service:3:33",
}
MEETUP = {
    "identifiant": "R1",
    "titre": "Rencontre à la galerie, Lens",
    "lieu": "Louvre-Lens",
    "commune": "Lens",
    "date": "01/12/2026",
    "heure_debut": "09:30",
    "duree_creneau_min": "12",
    "creneaux": "10",
    "agence": "Agence de Lens",
}

FOLDER: Mapping[str, Rows] = {
    "participants.csv": [PARTICIPANT, SECOND],
    "ateliers.csv": [WORKSHOP],
    "inscriptions.csv": [{"atelier": "AT1", "participant": "P1"}, {"atelier": "AT1", "participant": "P2"}],
    "observations.csv": [OBSERVATION, {**OBSERVATION, "participant": "P2", "niveau": "1"}],
    "employeurs.csv": [EMPLOYER],
    "besoins.csv": [NEED],
    "rencontres.csv": [MEETUP],
    "rencontre_besoins.csv": [{"rencontre": "R1", "besoin": "B1"}],
    "rencontre_participants.csv": [
        {"rencontre": "R1", "participant": "P1"},
        {"rencontre": "R1", "participant": "P2"},
    ],
}


def written(rows: Rows, separator: str = ";", end: str = "\r\n") -> str:
    """The text of a file with these rows."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]), delimiter=separator, lineterminator=end)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def folder(**changes: Rows) -> dict[str, str]:
    """The texts of the folder's files, some with other rows: ``folder(participants=[…])``."""
    return {name: written(changes.get(name.removesuffix(".csv"), rows)) for name, rows in FOLDER.items()}
