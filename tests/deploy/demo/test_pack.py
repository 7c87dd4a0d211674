"""The demo pack: clean, of the shape of a real export, reachable for most, and dated for the day it is used."""

import csv
import math
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.fr import siret

from deploy.demo import dates, make_pack
from services.matching.domain.profiling import Rating, SkillProfiler
from shared.reference.communes import Commune, resolve
from shared.reference.exercises import find_exercise
from shared.reference.licences import find_licence
from shared.reference.occupations import find_occupation, occupation
from shared.reference.skills import framework

PACK = Path(make_pack.__file__).parent / "pack"
DETOUR = 1.3

Row = dict[str, str]


def read(name: str, folder: Path = PACK) -> list[Row]:
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def keyed(name: str, column: str = "identifiant") -> dict[str, Row]:
    rows = read(name)
    by_key = {row[column]: row for row in rows}
    assert len(by_key) == len(rows), f"{name} holds a key twice"
    return by_key


def day(text: str) -> date:
    number, month, year = text.split("/")
    return date(int(year), int(month), int(number))


def items(cell: str) -> list[str]:
    return cell.split("|") if cell else []


def road_km(here: Commune, there: Commune) -> float:
    """Great circle by the haversine formula, with the detour that roads make."""
    assert None not in (here.latitude, here.longitude, there.latitude, there.longitude)
    a, b, c, d = (math.radians(x or 0) for x in (here.latitude, here.longitude, there.latitude, there.longitude))
    half = math.sin((c - a) / 2) ** 2 + math.cos(a) * math.cos(c) * math.sin((d - b) / 2) ** 2
    return 2 * 6371.0 * math.asin(math.sqrt(half)) * DETOUR


def test_the_kept_files_are_what_the_script_makes() -> None:
    for name, (header, rows) in make_pack.make_pack().items():
        with (PACK / name).open(encoding="utf-8", newline="") as file:
            assert list(csv.reader(file, delimiter=";")) == [header, *rows]
    assert {path.name for path in PACK.iterdir()} == set(make_pack.HEADERS)


def test_profiles_from_the_pack_hold_what_is_true_of_its_people() -> None:
    truth = make_pack.hidden_levels()
    codes = [skill.code for skill in framework()]
    levels = np.array([[truth[person][code] for code in codes] for person in sorted(truth)])
    together = np.corrcoef((levels - levels.mean(axis=0)).T)[np.triu_indices(len(codes), 1)].mean()
    assert 0.2 < together < 0.6
    notes = [
        Rating(row["participant"], known.code, row["observateur"], float(row["niveau"]))
        for row in read("observations")
        if (known := framework().find(row["competence"])) is not None
    ]
    profiler = SkillProfiler(codes).fit(notes)
    book = profiler.profiles_
    assert list(book.participants) == sorted(truth)
    assert 0.87 < np.mean(np.abs(book.mean - levels) <= 1.6448536 * np.sqrt(book.variance)) < 0.93
    assert profiler.variance_components_.person == pytest.approx(make_pack.OVERALL_SPREAD**2, rel=0.4)


def test_the_script_writes_into_a_folder(tmp_path: Path) -> None:
    make_pack.main([str(tmp_path / "pack")])
    for name in make_pack.HEADERS:
        assert (tmp_path / "pack" / name).read_bytes() == (PACK / name).read_bytes()


def test_eight_groups_of_fifteen() -> None:
    assert len(read("participants")) == 120
    assert len(read("ateliers")) == len(read("rencontres")) == 8
    assert len(read("employeurs")) == 24
    assert len(read("besoins")) == 40
    assert 3000 <= len(read("observations")) <= 3300
    assert set(Counter(row["atelier"] for row in read("inscriptions")).values()) == {15}
    assert set(Counter(row["rencontre"] for row in read("rencontre_participants")).values()) == {15}


def test_tables_refer_only_to_what_there_is() -> None:
    people, needs, workshops = keyed("participants"), keyed("besoins"), keyed("ateliers")
    meetups, employers = keyed("rencontres"), keyed("employeurs")
    assert {row["participant"] for row in read("inscriptions")} == set(people)
    assert {row["participant"] for row in read("rencontre_participants")} == set(people)
    assert {row["besoin"] for row in read("rencontre_besoins")} == set(needs)
    assert {row["rencontre"] for row in read("rencontre_besoins")} == set(meetups)
    assert {row["employeur"] for row in needs.values()} == set(employers)
    assert {row["atelier"] for row in read("observations")} == set(workshops)


def test_every_word_is_one_the_product_knows() -> None:
    for row in read("participants"):
        assert resolve(row["commune"]).kind == "commune"
        assert row["transport"] in ("à pied", "vélo", "transports en commun", "voiture")
        assert {*items(row["horaires"])} <= {"jour", "soir", "nuit", "week-end"}
        assert {*items(row["publics"])} <= {"DELD", "RSA", "JEUNE", "QPV", "TH"}
        assert all(find_occupation(wish) for wish in items(row["metiers_souhaites"]) + items(row["metiers_exclus"]))
        assert all(find_licence(held) for held in items(row["permis"]) + items(row["certificats"]))
        assert float(row["mobilite_km"].replace(",", ".")) > 0
        assert row["langue"] in ("fr", "en")
        assert day(row["date_naissance"]) < dates.REFERENCE_DAY - timedelta(days=18 * 365)
        assert {row["consentement_appariement"], row["consentement_contact"]} <= {"oui", "non"}


def test_nobody_is_twice_in_the_pack() -> None:
    people = read("participants")
    assert len({(row["nom"], row["prenom"]) for row in people}) == 120
    mails = [row["courriel"] for row in people if row["courriel"]]
    assert len(set(mails)) == len(mails)
    assert len({row["telephone"] for row in people}) == 120


def test_addresses_and_numbers_belong_to_nobody() -> None:
    """Mail domains that cannot exist (RFC 2606) and telephone numbers kept free for fiction by the regulator."""
    for row in read("participants"):
        assert not row["courriel"] or row["courriel"].endswith(".example")
        assert row["telephone"].startswith("06 39 98 ")
    for row in read("employeurs"):
        assert row["courriel"].endswith(".example")
        assert row["telephone"].startswith("03 53 01 ")
    for row in read("ateliers"):
        assert all(mail.endswith(".example") for mail in (row["conseiller"], *items(row["mediateurs"])))


def test_people_differ_in_what_matters_to_the_way_they_are_treated() -> None:
    people = read("participants")
    assert sum(not row["courriel"] for row in people) == 8
    assert sum(row["consentement_contact"] == "non" for row in people) == 4
    assert sum(row["consentement_appariement"] == "non" for row in people) == 2
    assert sum(row["langue"] == "en" for row in people) == 8
    assert {row["sexe"] for row in people} == {"F", "H"}


def test_establishment_numbers_are_valid() -> None:
    numbers = {row["siret"] for row in read("employeurs")}
    assert len(numbers) == 24
    assert all(siret.is_valid(number) for number in numbers)


def test_needs_are_whole() -> None:
    for row in read("besoins"):
        assert occupation(row["rome"]) == find_occupation(row["intitule"])
        assert resolve(row["commune"])
        assert int(row["postes"]) >= 1
        assert int(row["places_entretien"]) >= 1
        asked = [cell.rsplit(":", 2) for cell in items(row["competences"])]
        assert sum(int(weight) for _, _, weight in asked) == 100
        assert all(1 <= int(level) <= 4 and int(weight) > 0 for _, level, weight in asked)
        skills = [framework().find(name) for name, _, _ in asked]
        assert None not in skills
        assert len(set(skills)) == len(skills)


def test_observations_are_what_the_workshop_s_own_people_saw() -> None:
    workshops = keyed("ateliers")
    enrolled = {(row["atelier"], row["participant"]) for row in read("inscriptions")}
    seen = set()
    for row in read("observations"):
        workshop = workshops[row["atelier"]]
        assert (row["atelier"], row["participant"]) in enrolled
        assert row["observateur"] in (*items(workshop["mediateurs"]), workshop["conseiller"])
        assert day(workshop["date_debut"]) <= day(row["date"]) <= day(workshop["date_fin"])
        assert day(row["date"]).isoweekday() <= 5
        assert row["niveau"] in "01234"
        skill, exercise = framework().find(row["competence"]), find_exercise(row["exercice"])
        assert skill is not None
        assert exercise is not None
        seen.add((row["participant"], row["date"], row["observateur"], exercise.code, skill.code))
    assert len(seen) == len(read("observations")), "an observation is there twice"


def test_levels_tell_people_apart_and_raters_too() -> None:
    by_person: dict[str, list[int]] = {}
    by_rater: dict[str, list[int]] = {}
    for row in read("observations"):
        by_person.setdefault(row["participant"], []).append(int(row["niveau"]))
        by_rater.setdefault(row["observateur"], []).append(int(row["niveau"]))
    people = [sum(levels) / len(levels) for levels in by_person.values()]
    raters = [sum(levels) / len(levels) for levels in by_rater.values()]
    assert max(people) - min(people) > 1
    assert max(raters) - min(raters) > 0.5
    assert all(len(levels) >= 12 for levels in by_person.values())


def test_most_people_can_meet_somebody_and_some_cannot() -> None:
    needs, people = keyed("besoins"), keyed("participants")
    meetup_of = {row["participant"]: row["rencontre"] for row in read("rencontre_participants")}
    offered: dict[str, list[Row]] = {}
    for row in read("rencontre_besoins"):
        offered.setdefault(row["rencontre"], []).append(needs[row["besoin"]])
    possible = {key: sum(feasible(person, need) for need in offered[meetup_of[key]]) for key, person in people.items()}
    assert sum(count >= 1 for count in possible.values()) >= 105
    assert sum(count >= 3 for count in possible.values()) >= 70
    assert sum(count == 0 for count in possible.values()) >= 3
    for meetup, wanted in offered.items():
        group = [people[key] for key, place in meetup_of.items() if place == meetup]
        assert all(any(feasible(person, need) for person in group) for need in wanted)


def feasible(person: Row, need: Row) -> bool:
    return (
        person["consentement_appariement"] == "oui"
        and road_km(resolve(person["commune"]), resolve(need["commune"]))
        <= float(person["mobilite_km"].replace(",", "."))
        and {*items(need["horaires"])} <= {*items(person["horaires"])}
        and {*items(need["permis"])} <= {*items(person["permis"])}
        and need["rome"] not in items(person["metiers_exclus"])
    )


@pytest.mark.parametrize("today", [date(2026, 6, 1), date(2026, 11, 22), date(2028, 2, 29), date(2024, 12, 31)])
def test_the_dated_pack_fits_the_day(tmp_path: Path, today: date) -> None:
    folder = dates.dated_pack(tmp_path / "pack", today)
    assert folder == tmp_path / "pack"
    for row in read("rencontres", folder):
        assert timedelta(9) <= day(row["date"]) - today <= timedelta(16)
        assert day(row["date"]).isoweekday() <= 5
    ends = [today - day(row["date_fin"]) for row in read("ateliers", folder)]
    assert timedelta(3) <= min(ends) <= timedelta(9)
    assert max(ends) <= timedelta(31)
    spans = {row["identifiant"]: (day(row["date_debut"]), day(row["date_fin"])) for row in read("ateliers", folder)}
    for row in read("observations", folder):
        first, last = spans[row["atelier"]]
        assert first <= day(row["date"]) <= last
        assert day(row["date"]).isoweekday() <= 5
    first_meetup = min(day(row["date"]) for row in read("rencontres", folder))
    late = [row for row in read("participants", folder) if day(row["disponible_des"]) > first_meetup]
    assert len(late) == 2


def test_only_dates_are_changed(tmp_path: Path) -> None:
    dates.dated_pack(tmp_path, date(2027, 3, 3))
    for name in make_pack.HEADERS:
        table = name.removesuffix(".csv")
        for before, after in zip(read(table), read(table, tmp_path), strict=True):
            changed = {column for column in before if before[column] != after[column]}
            assert changed <= {"date", "date_debut", "date_fin", "disponible_des"}


def test_on_the_reference_day_nothing_changes(tmp_path: Path) -> None:
    dates.dated_pack(tmp_path, dates.REFERENCE_DAY)
    for name in make_pack.HEADERS:
        assert (tmp_path / name).read_bytes() == (PACK / name).read_bytes()


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(1, 30))
def test_meetups_lie_on_working_days_within_reach(today: date, count: int) -> None:
    days = list(dates.meetup_days(today, count))
    assert len(days) == count
    assert days == sorted(days)
    assert all(9 <= (each - today).days <= 16 and each.isoweekday() <= 5 for each in days)
    assert max(Counter(days).values()) - min(Counter(days).values()) <= 1
