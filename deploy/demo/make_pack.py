"""Makes the demo pack: eight invented groups of fifteen, the same on every run.

    python -m deploy.demo.make_pack [FOLDER]

Each person has hidden levels: an overall one and one a skill, so that a person's skills go together (they correlate by
0.4); some skills are low and some high on the scale. Each rater is severe or mild, and has an overall impression of
each person (halo) that colours all that they note of them. What is noted is the sum, rounded to 0..4; so the profiles
that come out of the pack can be compared with something true: `hidden_levels`.
"""

import sys
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random

from deploy.demo.dates import REFERENCE_DAY, french, meetup_days, write_table
from deploy.demo.pack_words import (
    ADVISERS,
    EMPLOYERS,
    EXERCISES,
    FAMILIES,
    MEDIATORS,
    MEN,
    REMARKS,
    TOWNS,
    WOMEN,
    PackEmployer,
    Town,
)
from shared.reference.normalise import fold
from shared.reference.occupations import near, occupation
from shared.reference.skills import framework

SEED = 20260601
GROUP_SIZE = 15
OVERALL_SPREAD, SKILL_SPREAD, SEVERITY_SPREAD, HALO_SPREAD, NOISE = 0.49, 0.60, 0.45, 0.35, 0.55
LOWEST_MEAN, HIGHEST_MEAN = 1.4, 3.2
"""Mean levels of the skills, spread evenly between these."""

_PACK = Path(__file__).parent / "pack"
_REACH_KM = {
    "à pied": ("4", "5", "6"),
    "vélo": ("8", "10", "12,5"),
    "transports en commun": ("15", "20", "25"),
    "voiture": ("20", "30", "40"),
}

HEADERS = {
    "participants.csv": (
        "identifiant;nom;prenom;courriel;telephone;langue;agence;commune;mobilite_km;transport;disponible_des;horaires;"
        "permis;certificats;publics;date_naissance;sexe;consentement_appariement;consentement_contact;metiers_souhaites;"
        "metiers_exclus"
    ),
    "ateliers.csv": "identifiant;titre;lieu;commune;date_debut;date_fin;agence;mediateurs;conseiller",
    "inscriptions.csv": "atelier;participant",
    "observations.csv": "atelier;date;participant;observateur;exercice;competence;niveau;commentaire",
    "employeurs.csv": "identifiant;raison_sociale;siret;contact;courriel;telephone;commune",
    "besoins.csv": "identifiant;employeur;intitule;rome;commune;postes;places_entretien;horaires;permis;competences",
    "rencontres.csv": "identifiant;titre;lieu;commune;date;heure_debut;duree_creneau_min;creneaux;agence",
    "rencontre_besoins.csv": "rencontre;besoin",
    "rencontre_participants.csv": "rencontre;participant",
}

_NO_MATCHING = (33, 94)
_NO_CONTACT = (18, 33, 63, 109)
_AVAILABLE_LATE = (47, 101)

PackTable = tuple[list[str], list[list[str]]]


@dataclass(frozen=True, slots=True)
class PackParticipant:
    """A participant as far as other tables need to know them: identifier and hidden levels by skill code."""

    identifier: str
    levels: dict[str, float]


def make_pack() -> dict[str, PackTable]:
    """Return the tables of the pack by file name, each as header and rows, written for `REFERENCE_DAY`."""
    return _invent()[0]


def hidden_levels() -> dict[str, dict[str, float]]:
    """What is true of everybody in the pack: by participant, the level of each skill before anybody noted it."""
    return {person.identifier: person.levels for person in _invent()[1]}


def _invent() -> tuple[dict[str, PackTable], list[PackParticipant]]:
    rng = Random(SEED)  # noqa: S311 (invented people, no secrets)
    names = _names(rng)
    tables: dict[str, PackTable] = {name: (header.split(";"), []) for name, header in HEADERS.items()}
    days = list(meetup_days(REFERENCE_DAY, len(TOWNS)))
    everybody: list[PackParticipant] = []
    for number, town in enumerate(TOWNS, start=1):
        needs = _add_employers(tables, town, rng)
        group = _add_participants(tables, town, names, needs, rng)
        _add_workshop(tables, number, town, group, rng)
        _add_meetup(tables, number, town, group, needs, days[number - 1])
        everybody += group
    return tables, everybody


@dataclass(frozen=True, slots=True)
class PackNeed:
    """A need as far as other tables need to know it."""

    identifier: str
    occupation: str


def _names(rng: Random) -> list[tuple[str, str, str]]:
    """A first name, a family name and a sex for everybody: no two people of the pack are called alike."""
    count = GROUP_SIZE * len(TOWNS)
    first = [(name, "F") for name in WOMEN.split()] + [(name, "H") for name in MEN.split()]
    rng.shuffle(first)
    families = FAMILIES.split()
    rng.shuffle(families)
    return [(*first[place], families[place % len(families)]) for place in range(count)]


def _add_employers(tables: dict[str, PackTable], town: Town, rng: Random) -> list[PackNeed]:
    employers, needs = tables["employeurs.csv"][1], tables["besoins.csv"][1]
    added = []
    for employer in EMPLOYERS[town.name]:
        identifier = f"E{len(employers) + 1:03}"
        mail = f"recrutement@{_slug(employer.name)}.example"
        phone = f"03 53 01 {rng.randrange(100):02} {rng.randrange(100):02}"
        employers.append([identifier, employer.name, _siret(rng), employer.contact, mail, phone, employer.commune])
        for code in employer.occupations:
            need = PackNeed(f"B{len(needs) + 1:03}", code)
            needs.append([need.identifier, identifier, *_need_cells(employer, code, rng)])
            added.append(need)
    return added


def _need_cells(employer: PackEmployer, code: str, rng: Random) -> list[str]:
    hours = {
        "N1103": "jour|soir",
        "G1803": "jour|soir",
        "G1603": "jour|week-end",
        "G1501": "jour|week-end",
        "J1301": "jour|nuit",
        "N1106": "jour|nuit",
    }.get(code, "jour")
    licence = "B" if code in ("N4105", "A1203") else ""
    return [
        occupation(code).label,
        code,
        employer.commune,
        str(rng.randint(1, 4)),
        str(rng.randint(4, 8)),
        hours,
        licence,
        _asked_skills(code, rng),
    ]


def _asked_skills(code: str, rng: Random) -> str:
    """What ROME asks of the occupation, sometimes one more, each with a level, and weights in % that make 100."""
    asked = list(occupation(code).skills)
    if rng.random() < 0.4:
        asked.append(rng.choice([skill.code for skill in framework() if skill.code not in asked]))
    parts = [rng.randint(1, 5) for _ in asked]
    weights = [100 * part // sum(parts) for part in parts]
    weights[0] += 100 - sum(weights)
    levels = [rng.choices((1, 2, 3, 4), (1, 5, 5, 1))[0] for _ in asked]
    return "|".join(
        f"{framework().skill(skill).label}:{level}:{weight}"
        for skill, level, weight in zip(asked, levels, weights, strict=True)
    )


def _add_participants(
    tables: dict[str, PackTable], town: Town, names: list[tuple[str, str, str]], needs: list[PackNeed], rng: Random
) -> list[PackParticipant]:
    rows = tables["participants.csv"][1]
    group = []
    for place in range(GROUP_SIZE):
        first, sex, family = names[len(rows)]
        identifier = f"P{len(rows) + 1:04}"
        reachable_by_mail = place != 7
        email = f"{_slug(first)}.{_slug(family)}@courriel.example" if reachable_by_mail else ""
        transport, reach = _travel(rng)
        in_town = rng.random() < (0.75 if transport == "à pied" else 0.4)
        born, publics = _protected(rng)
        wanted, refused = _wishes(needs, rng)
        rows.append(
            [
                identifier,
                family,
                first,
                email,
                f"06 39 98 {rng.randrange(100):02} {rng.randrange(100):02}",
                "en" if place == 11 else "fr",
                f"Agence de {town.name}",
                town.name if in_town else rng.choice(town.nearby),
                reach,
                transport,
                french(_available_from(len(rows), rng)),
                _hours(rng),
                "B" if transport == "voiture" or rng.random() < 0.25 else "",
                rng.choices(("", "CACES 1", "PSC1", "SST", "HACCP", "CACES 3|PSC1"), (60, 12, 12, 6, 6, 4))[0],
                publics,
                french(born),
                sex,
                "non" if len(rows) in _NO_MATCHING else "oui",
                "non" if len(rows) in _NO_CONTACT else "oui",
                wanted,
                refused,
            ]
        )
        group.append(PackParticipant(identifier, _hidden_levels(rng)))
    return group


def _travel(rng: Random) -> tuple[str, str]:
    transport = rng.choices(tuple(_REACH_KM), (15, 25, 30, 30))[0]
    return transport, rng.choice(_REACH_KM[transport])


def _available_from(place: int, rng: Random) -> date:
    """Nearly everybody before the meetups; two people only long after."""
    days = rng.randint(55, 60) if place in _AVAILABLE_LATE else rng.choice((-20, -10, -5, 0, 0, 3, 7))
    return REFERENCE_DAY + timedelta(days)


def _hours(rng: Random) -> str:
    others = [hour for hour, chance in (("soir", 0.5), ("nuit", 0.3), ("week-end", 0.45)) if rng.random() < chance]
    return "|".join(["jour", *others])


def _protected(rng: Random) -> tuple[date, str]:
    """A date of birth and the groups of public that fit it."""
    born = date(1966, 1, 1) + timedelta(days=rng.randrange(41 * 365))
    publics = [
        group for group, chance in (("DELD", 0.4), ("RSA", 0.3), ("QPV", 0.3), ("TH", 0.15)) if rng.random() < chance
    ]
    if REFERENCE_DAY.year - born.year < 26:
        publics.insert(0, "JEUNE")
    return born, "|".join(publics)


def _wishes(needs: list[PackNeed], rng: Random) -> tuple[str, str]:
    """Occupations wanted (some of the meetup's needs, some near them, some far off) and, rarely, one refused."""
    offered = [need.occupation for need in needs]
    wanted: list[str] = []
    if rng.random() < 0.75:
        wanted.append(rng.choice(offered))
        if rng.random() < 0.5:
            wanted.append(near(rng.choice(offered))[0][0])
        if rng.random() < 0.2:
            wanted.append(rng.choice(("B1101", "E1103", "N4103", "K1207")))
    refused = [code for code in rng.sample(offered, 1) if rng.random() < 0.15 and code not in wanted]
    return "|".join(dict.fromkeys(wanted)), "|".join(refused)


def _hidden_levels(rng: Random) -> dict[str, float]:
    overall = rng.gauss(0, OVERALL_SPREAD)
    return {code: mean + overall + rng.gauss(0, SKILL_SPREAD) for code, mean in _mean_levels().items()}


def _mean_levels() -> dict[str, float]:
    """Low and high ones in turn, so that what an occupation asks is of both."""
    codes = [skill.code for skill in framework()]
    step = (HIGHEST_MEAN - LOWEST_MEAN) / (len(codes) - 1)
    return {code: LOWEST_MEAN + step * (5 * place % len(codes)) for place, code in enumerate(codes)}


def _add_workshop(
    tables: dict[str, PackTable], number: int, town: Town, group: list[PackParticipant], rng: Random
) -> None:
    identifier = f"AT-{number:02}"
    last_day = REFERENCE_DAY - timedelta(days=3 + 7 * ((len(TOWNS) - number) // 2))
    first_day = last_day - timedelta(days=25)
    mediators = [_mail(name, "musee.example") for name in MEDIATORS[2 * number - 2 : 2 * number]]
    adviser = _mail(ADVISERS[number - 1], "agence.example")
    title = f"L’Art d’accéder à l’emploi, {town.name}"
    place = [town.museum, town.name, french(first_day), french(last_day), f"Agence de {town.name}"]
    tables["ateliers.csv"][1].append([identifier, title, *place, "|".join(mediators), adviser])
    tables["inscriptions.csv"][1].extend([identifier, person.identifier] for person in group)
    severities = {rater: rng.gauss(0, SEVERITY_SPREAD) for rater in (*mediators, adviser)}
    exercise_days = [first_day + timedelta(days) for days in (1, 8, 10, 15, 22)]
    for person in group:
        halos = {rater: rng.gauss(0, HALO_SPREAD) for rater in severities}
        for exercise, day in zip(EXERCISES, exercise_days, strict=True):
            for rater in rng.sample(sorted(severities), rng.choices((1, 2, 3), (35, 45, 20))[0]):
                colour = severities[rater] + halos[rater]
                notes = _noted(person, exercise, colour, rng)
                tables["observations.csv"][1].extend(
                    [identifier, french(day), person.identifier, rater, exercise, *note] for note in notes
                )


def _noted(person: PackParticipant, exercise: str, colour: float, rng: Random) -> list[list[str]]:
    """What one rater notes of one person in one exercise: skill, level and, more often than not, a remark."""
    notes = []
    for code in sorted(rng.sample(EXERCISES[exercise], rng.choices((2, 3, 4), (35, 45, 20))[0])):
        level = min(4, max(0, round(person.levels[code] + colour + rng.gauss(0, NOISE))))
        remark = (
            rng.choice(REMARKS[exercise][0 if level < 2 else 1 if level == 2 else 2]) if rng.random() < 0.55 else ""
        )
        skill = framework().skill(code)
        name = rng.choice((skill.label, skill.label, skill.also_called[0]))
        notes.append([name, str(level), remark])
    return notes


def _add_meetup(
    tables: dict[str, PackTable],
    number: int,
    town: Town,
    group: list[PackParticipant],
    needs: list[PackNeed],
    day: date,
) -> None:
    identifier = f"RE-{number:02}"
    start = "09:30" if number % 2 else "14:00"
    title = f"Rencontre à la galerie, {town.name}"
    cells = [identifier, title, town.museum, town.name, french(day), start, "12", "10", f"Agence de {town.name}"]
    tables["rencontres.csv"][1].append(cells)
    tables["rencontre_besoins.csv"][1].extend([identifier, need.identifier] for need in needs)
    tables["rencontre_participants.csv"][1].extend([identifier, person.identifier] for person in group)


def _siret(rng: Random) -> str:
    """Fourteen digits with both check digits right, in a range that no establishment has."""
    siren = _with_check_digit(f"00{rng.randrange(10**6):06}")
    return _with_check_digit(f"{siren}{rng.randint(1, 9):04}")


def _with_check_digit(digits: str) -> str:
    """Append the digit that makes the sum right (Luhn 1960: from the right, every second digit counts double)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return f"{digits}{-total % 10}"


def _mail(name: tuple[str, str], domain: str) -> str:
    return f"{_slug(name[0])}.{_slug(name[1])}@{domain}"


def _slug(text: str) -> str:
    return fold(text).replace(" ", "-")


def main(arguments: list[str]) -> None:
    """Write the pack into the folder named, or where it is kept."""
    folder = Path(arguments[0]) if arguments else _PACK
    folder.mkdir(parents=True, exist_ok=True)
    for name, (header, rows) in make_pack().items():
        write_table(folder / name, header, rows)


if __name__ == "__main__":
    main(sys.argv[1:])
