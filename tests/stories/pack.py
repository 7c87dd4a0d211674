"""A small export of an invented group: its meetup, employers, needs, and people who were all seen doing well."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

AGENCY = "Agence de Lens"
MEDIATOR = "mediatrice@musees.example"
EXERCISE = "L'accrochage collectif"
SKILLS = ("autonomie", "esprit d'équipe")


@dataclass(frozen=True)
class Guest:
    """Somebody of the group; ``level`` (0 to 4) is what was seen of them in each skill."""

    number: int
    level: int = 3
    has_email: bool = True
    may_be_contacted: bool = True


@dataclass(frozen=True)
class Group:
    """A group with its meetup; ``seats`` holds how many people each employer's need can meet."""

    name: str
    day: date
    guests: Sequence[Guest]
    seats: Sequence[int]
    starts: str = "09:30"

    def guest_identifier(self, guest: Guest) -> str:
        """The identifier under which an export knows somebody."""
        return f"{self.name}-P{guest.number}"

    def need_identifier(self, number: int) -> str:
        """The identifier under which an export knows a need."""
        return f"{self.name}-B{number}"

    def write(self, folder: Path) -> Path:
        """Write the group's export into a new folder."""
        folder.mkdir()
        _write(folder / "ateliers.csv", [self._workshop()])
        _write(folder / "participants.csv", [self._participant(guest) for guest in self.guests])
        _write(folder / "inscriptions.csv", [self._enrolled_in_workshop(guest) for guest in self.guests])
        _write(folder / "observations.csv", [row for guest in self.guests for row in self._observations(guest)])
        _write(folder / "employeurs.csv", [self._employer(number) for number in range(len(self.seats))])
        _write(folder / "besoins.csv", [self._need(number) for number in range(len(self.seats))])
        _write(folder / "rencontres.csv", [self.meetup()])
        _write(
            folder / "rencontre_besoins.csv",
            [{"rencontre": self.name, "besoin": self.need_identifier(n)} for n in range(len(self.seats))],
        )
        _write(
            folder / "rencontre_participants.csv",
            [{"rencontre": self.name, "participant": self.guest_identifier(guest)} for guest in self.guests],
        )
        return folder

    def meetup(self) -> dict[str, str]:
        """The meetup's row."""
        return {
            "identifiant": self.name,
            "titre": f"Rencontre {self.name}",
            "lieu": "Louvre-Lens",
            "commune": "Lens",
            "date": f"{self.day:%d/%m/%Y}",
            "heure_debut": self.starts,
            "duree_creneau_min": "12",
            "creneaux": "10",
            "agence": AGENCY,
        }

    def _workshop(self) -> dict[str, str]:
        return {
            "identifiant": f"{self.name}-A",
            "titre": f"Atelier {self.name}",
            "lieu": "Louvre-Lens",
            "commune": "Lens",
            "date_debut": "02/11/2026",
            "date_fin": "20/11/2026",
            "agence": AGENCY,
            "mediateurs": MEDIATOR,
            "conseiller": "conseillere@agence.example",
        }

    def _participant(self, guest: Guest) -> dict[str, str]:
        identifier = self.guest_identifier(guest)
        return {
            "identifiant": identifier,
            "nom": f"Lamvisier{self.name}{guest.number}".translate(_LETTERS),
            "prenom": "Inès",
            "courriel": f"{identifier.lower()}@courriel.example" if guest.has_email else "",
            "telephone": f"06 39 98 {guest.number // 100:02d} {guest.number % 100:02d}",
            "langue": "fr",
            "agence": AGENCY,
            "commune": "Lens",
            "mobilite_km": "30",
            "transport": "voiture",
            "disponible_des": "01/11/2026",
            "horaires": "jour",
            "permis": "B",
            "consentement_appariement": "oui",
            "consentement_contact": "oui" if guest.may_be_contacted else "non",
        }

    def _enrolled_in_workshop(self, guest: Guest) -> dict[str, str]:
        return {"atelier": f"{self.name}-A", "participant": self.guest_identifier(guest)}

    def _observations(self, guest: Guest) -> list[dict[str, str]]:
        return [
            {
                "atelier": f"{self.name}-A",
                "date": "10/11/2026",
                "participant": self.guest_identifier(guest),
                "observateur": MEDIATOR,
                "exercice": EXERCISE,
                "competence": skill,
                "niveau": str(guest.level),
            }
            for skill in SKILLS
        ]

    def _employer(self, number: int) -> dict[str, str]:
        return {
            "identifiant": f"{self.name}-E{number}",
            "raison_sociale": f"Société {self.name} {number}",
            "contact": "Contact d’essai",
            "courriel": f"rh.{self.name.lower()}.{number}@entreprise.example",
            "telephone": "03 21 99 00 00",
            "commune": "Lens",
        }

    def _need(self, number: int) -> dict[str, str]:
        return {
            "identifiant": self.need_identifier(number),
            "employeur": f"{self.name}-E{number}",
            "intitule": "Préparateur de commandes",
            "rome": "N1103",
            "commune": "Lens",
            "postes": "1",
            "places_entretien": str(self.seats[number]),
            "horaires": "jour",
            "competences": f"{SKILLS[0]}:2:50|{SKILLS[1]}:2:50",
        }


_LETTERS = {ord(digit): letter for digit, letter in zip("0123456789", "abcdefghij", strict=True)}


def _write(path: Path, rows: Sequence[Mapping[str, str]]) -> None:
    lines = [";".join(rows[0]), *(";".join(row.values()) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
