"""Communes by any of their names, and questions where a name is shared."""

import csv
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.reference.communes import (
    AmbiguousCommune,
    Commune,
    UnknownCommune,
    all_communes,
    commune,
    find_communes,
    resolve,
    suggest,
)

PACK = Path(__file__).parents[2] / "data" / "lens-2026"


def names(found: list[Commune]) -> list[str]:
    return [each.full_name for each in found]


def test_every_commune_is_found_by_its_code() -> None:
    count = 0
    for each in all_communes():
        count += 1
        assert commune(each.code).code == each.code
        if each.kind == "commune":
            assert commune(each.code) == each
            assert resolve(each.code) == each
    assert count == 37_590


def test_every_commune_of_today_is_found_by_its_name_and_settled_by_its_departement() -> None:
    namesakes = 0
    for each in all_communes():
        if each.kind != "former":
            assert each in find_communes(each.name)
            try:
                found = resolve(each.name, department=each.department)
            except AmbiguousCommune:
                namesakes += 1
            else:
                assert found == each
    assert namesakes == 0, "no two communes of one département share a name"


def test_every_former_commune_leads_to_one_of_today() -> None:
    for each in all_communes():
        if each.kind == "former":
            today = commune(each.current_code)
            assert today.kind == "commune"
            assert find_communes(each.name)


@pytest.mark.parametrize(
    ("written", "full_name"),
    [
        ("béthune", "Béthune (62)"),
        ("BETHUNE", "Béthune (62)"),
        ("villeneuve d ascq", "Villeneuve-d'Ascq (59)"),
        ("Mons en Baroeul", "Mons-en-Barœul (59)"),
        ("Lys-les-Lannoy", "Lys-lez-Lannoy (59)"),
        ("bassee", "La Bassée (59)"),
        ("Bassée (La)", "La Bassée (59)"),
        ("le Lens", "Lens (62)"),
        ("Boulogne s/ Mer", "Boulogne-sur-Mer (62)"),
        ("Boulogne/Mer", "Boulogne-sur-Mer (62)"),
        ("Lille Cedex 9", "Lille (59)"),
        ("59000 Lille", "Lille (59)"),
        ("Ste Marie Cappel", "Sainte-Marie-Cappel (59)"),
        ("st omer (62)", "Saint-Omer (62)"),
        ("saint omer 14", "Saint-Omer (14)"),
        ("lomme", "Lille (59)"),
        ("Arbignieu", "Arboys en Bugey (01)"),
        ("62498", "Lens (62)"),
        ("2a004", "Ajaccio (2A)"),
        ("75013", "Paris 13e Arrondissement (75)"),
        ("Paris 13", "Paris 13e Arrondissement (75)"),
        ("lyon 3ème", "Lyon 3e Arrondissement (69)"),
        ("Marseille 1er arrondissement", "Marseille 1er Arrondissement (13)"),
        ("Paris", "Paris (75)"),
    ],
)
def test_one_commune_is_meant_however_it_is_written(written: str, full_name: str) -> None:
    assert names(find_communes(written)) == [full_name]
    assert resolve(written).full_name == full_name


def test_a_postal_code_gives_all_it_serves_and_the_insee_code() -> None:
    found = names(find_communes("62300"))
    assert {"Lens (62)", "Éleu-dit-Leauwette (62)"} <= set(found)
    assert found[0] == "Lens (62)"
    assert set(names(find_communes("59350"))) == {"Lille (59)", "Saint-André-lez-Lille (59)"}


def test_five_digits_are_an_insee_code_first() -> None:
    assert resolve("59350").name == "Lille"
    assert resolve("59000").name == "Lille"
    with pytest.raises(AmbiguousCommune):
        resolve("62910")


def test_a_shared_name_is_asked_about() -> None:
    with pytest.raises(AmbiguousCommune) as several:
        resolve("St Denis")
    assert names(list(several.value.choices)) == [
        "Saint-Denis (974)",
        "Saint-Denis (93)",
        "Saint-Denis (11)",
        "Saint-Denis (30)",
    ]
    assert "Denis" not in str(several.value), "the text may end in a log, and the name in somebody's address"


def test_the_departement_settles_a_shared_name() -> None:
    assert resolve("Saint-Denis", department="93").code == "93066"
    assert resolve("Croix", department="59").name == "Croix"
    assert resolve("Béthune", department="59").department == "62", "one commune alone needs no settling"
    with pytest.raises(AmbiguousCommune):
        resolve("Saint-Denis", department="62")


def test_the_departement_also_brings_back_a_former_commune() -> None:
    assert resolve("Méréville", department="91").code == "91390"
    assert resolve("Méréville").department == "54"
    assert names(find_communes("Méréville")) == ["Méréville (54)"], "a name of today goes first"


@pytest.mark.parametrize("written", ["Lanse-sur-Rien", "", "  ", "99999", "Lens (59)", "la", "le 62"])
def test_an_unknown_name_is_said_to_be_unknown(written: str) -> None:
    assert find_communes(written) == []
    with pytest.raises(UnknownCommune):
        resolve(written)


@pytest.mark.parametrize(
    ("written", "name"),
    [("Henin Baumont", "Hénin-Beaumont"), ("tourcoin", "Tourcoing"), ("Bethun", "Béthune"), ("Liéivn", "Liévin")],
)
def test_near_spellings_are_suggested(written: str, name: str) -> None:
    assert suggest(written)[0].name == name


def test_suggestions_are_few_and_each_once() -> None:
    found = suggest("saint martin", limit=3)
    assert len({each.code for each in found}) == len(found) == 3


@given(st.text(max_size=40))
def test_any_text_is_answered(text: str) -> None:
    for each in find_communes(text):
        assert each.kind != "former"


def test_nearly_all_communes_have_a_place_on_the_map() -> None:
    without = [each for each in all_communes() if each.latitude is None or each.longitude is None]
    assert len(without) == 115
    lens = commune("62498")
    assert lens.latitude == pytest.approx(50.43, abs=0.02)
    assert lens.longitude == pytest.approx(2.82, abs=0.02)
    assert lens.postal_codes == ("62300",)
    assert lens.population is not None
    assert lens.region == "32"


def test_the_index_is_small() -> None:
    """In a process of its own: the memory that the communes cost, in MB."""
    script = (
        "import shared.reference.communes as c\n"
        "pages = lambda: int(open('/proc/self/statm').read().split()[1])\n"
        "before = pages(); c.find_communes('Lens'); print((pages() - before) * 4096 / 1e6)"
    )
    if not sys.platform.startswith("linux"):
        pytest.skip("memory is read from /proc")
    cost = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert float(cost) < 30


def test_every_commune_of_the_example_pack_is_known_but_one() -> None:
    unknown = []
    with (PACK / "participants.csv").open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file, delimiter=";"):
            agency = resolve(row["agence"].removeprefix("Agence de "))
            try:
                found = resolve(row["commune"], department=agency.department)
            except UnknownCommune:
                unknown.append(row["commune"])
            else:
                assert found.region == "32"
    assert unknown == ["Lanse-sur-Rien"]
