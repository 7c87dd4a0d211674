"""Which commune is meant: certain, doubtful, asked about or unknown, and never silently another town."""

import pytest

from services.registration.adapters.choosing_communes import Digits, DigitsOfColumn, FoundCommune, choose
from shared.reference.communes import all_communes, code_meanings, commune

PAS_DE_CALAIS, NORD, NOWHERE = frozenset({"62"}), frozenset({"59"}), frozenset[str]()
INSEE_BY_POSTAL_CODE: dict[str, set[str]] = {}
for each in all_communes():
    for postal_code in each.postal_codes:
        INSEE_BY_POSTAL_CODE.setdefault(postal_code, set()).add(each.code)


def _names(choice: FoundCommune) -> list[str]:
    return [each.full_name for each in choice.asked]


def _taken(choice: FoundCommune) -> str | None:
    return choice.commune.full_name if choice.commune else None


def test_no_postal_code_is_ever_taken_for_a_commune_of_another_one() -> None:
    assert len(INSEE_BY_POSTAL_CODE) == 6_310
    for postal_code, served in INSEE_BY_POSTAL_CODE.items():
        for digits in (Digits.UNTOLD, Digits.POSTAL):
            found = choose(postal_code, PAS_DE_CALAIS, digits).commune
            assert found is None or found.code in served, (postal_code, digits)


def test_digits_that_mean_two_things_are_asked_about_with_both() -> None:
    in_two_ways = 0
    for code in INSEE_BY_POSTAL_CODE:
        meanings = code_meanings(code)
        if meanings and meanings.differ:
            in_two_ways += 1
            asked = choose(code, PAS_DE_CALAIS, Digits.UNTOLD).asked
            assert set(asked) == {*meanings.postal, *meanings.insee}
    assert in_two_ways > 3_000


@pytest.mark.parametrize(
    ("cells", "digits"),
    [
        (["62300", "59000"], Digits.POSTAL),  # 59000 is nobody's INSEE code
        (["62300", "62498"], Digits.INSEE),  # 62498 (Lens) is no postal code
        (["62300", "59100"], Digits.UNTOLD),
        (["62300", "59000", "62498"], Digits.UNTOLD),
        (["62300", "59160 Lomme", "62300 Lens"], Digits.POSTAL),
        (["62300", "62300 Équihen-Plage"], Digits.INSEE),
        (["Lens", "Béthune", ""], Digits.UNTOLD),
    ],
)
def test_a_column_tells_what_its_digits_are_by_those_that_can_be_only_one_thing(
    cells: list[str], digits: Digits
) -> None:
    column = DigitsOfColumn()
    for cell in cells:
        column.see(cell)
    assert column.digits is digits
    assert column.is_settling is ("62300" in cells)


@pytest.mark.parametrize(
    ("written", "digits", "name"),
    [
        ("59100", Digits.POSTAL, "Roubaix (59)"),
        ("59100", Digits.INSEE, "Bousignies (59)"),
        ("62498", Digits.POSTAL, "Lens (62)"),
        ("59512", Digits.UNTOLD, "Roubaix (59)"),
        ("2691", Digits.INSEE, "Saint-Quentin (02)"),
        ("2A004", Digits.UNTOLD, "Ajaccio (2A)"),
        ("75013", Digits.UNTOLD, "Paris 13e Arrondissement (75)"),
    ],
)
def test_codes_are_read_as_their_column_says(written: str, digits: Digits, name: str) -> None:
    assert _taken(choose(written, PAS_DE_CALAIS, digits)) == name


@pytest.mark.parametrize(
    "written",
    [
        "Lens",
        "LENS",
        "62300 Lens",
        "Lens 62300",
        "Lens (62300)",
        "Lens (62)",
        "62498 Lens",
        "Lens Cedex",
        "62307 LENS CEDEX",
        "Lens cedex 62307",
        "62300 Lens Cedex 2",
    ],
)
def test_a_name_may_stand_as_on_an_envelope(written: str) -> None:
    assert choose(written, NOWHERE) == FoundCommune(commune("62498"))


@pytest.mark.parametrize("written", ["62000 Lens", "Lens (59)", "Lanse-sur-Rien", ""])
def test_a_name_and_a_code_that_contradict_each_other_are_no_place(written: str) -> None:
    assert choose(written, PAS_DE_CALAIS) == FoundCommune()


@pytest.mark.parametrize(
    ("written", "near", "name"),
    [
        ("Boulogne", PAS_DE_CALAIS, "Boulogne-sur-Mer (62)"),
        ("Boulogne", frozenset({"85"}), "Essarts-en-Bocage (85)"),
        ("St Pol", PAS_DE_CALAIS, "Saint-Pol-sur-Ternoise (62)"),
        ("Touquet", PAS_DE_CALAIS, "Le Touquet-Paris-Plage (62)"),
        ("Méréville", frozenset({"91"}), "Le Mérévillois (91)"),
        ("Lomme", PAS_DE_CALAIS, "Lille (59)"),
    ],
)
def test_a_short_or_former_name_near_by_is_taken_and_doubted(written: str, near: frozenset[str], name: str) -> None:
    choice = choose(written, near)
    assert (_taken(choice), choice.is_doubtful) == (name, True)


@pytest.mark.parametrize(
    ("written", "near", "name"),
    [
        ("Lomme", NORD, "Lille (59)"),
        ("Hellemmes-Lille", NORD, "Lille (59)"),
        ("Boulogne (62)", NORD, "Boulogne-sur-Mer (62)"),
        ("62200 Boulogne", NORD, "Boulogne-sur-Mer (62)"),
        ("Marseille", PAS_DE_CALAIS, "Marseille (13)"),
        ("Lille", PAS_DE_CALAIS, "Lille (59)"),
        ("Croix", NORD, "Croix (59)"),
        ("Cran-Gevrier (74)", NORD, "Annecy (74)"),
        ("Ste-Marie-Cappel", NORD, "Sainte-Marie-Cappel (59)"),
        ("lyon 3ème", NORD, "Lyon 3e Arrondissement (69)"),
    ],
)
def test_a_name_that_can_mean_one_place_only_is_certain(written: str, near: frozenset[str], name: str) -> None:
    choice = choose(written, near)
    assert (_taken(choice), choice.is_doubtful) == (name, False)


@pytest.mark.parametrize(
    ("written", "near", "among"),
    [
        ("Boulogne", NOWHERE, {"Boulogne-sur-Mer (62)", "Boulogne-Billancourt (92)", "Essarts-en-Bocage (85)"}),
        ("Boulogne", frozenset({"33"}), {"Boulogne-sur-Mer (62)", "Boulogne-Billancourt (92)"}),
        ("Aire", PAS_DE_CALAIS, {"Aire-sur-la-Lys (62)", "Aire (08)"}),
        ("Marseille", frozenset({"60"}), {"Marseille-en-Beauvaisis (60)", "Marseille (13)"}),
        ("Croix", PAS_DE_CALAIS, {"Croix (59)", "Croix (90)", "Croix-en-Ternois (62)"}),
        ("Hénin", PAS_DE_CALAIS, {"Hénin-Beaumont (62)", "Hénin-sur-Cojeul (62)"}),
        ("Cran-Gevrier", PAS_DE_CALAIS, {"Annecy (74)"}),
        ("Saint-Denis", PAS_DE_CALAIS, {"Saint-Denis (93)", "Saint-Denis (974)"}),
    ],
)
def test_what_may_mean_places_far_away_is_asked_about(written: str, near: frozenset[str], among: set[str]) -> None:
    choice = choose(written, near)
    assert choice.commune is None
    assert among <= set(_names(choice))


def test_every_commune_is_meant_by_its_name_with_its_departement() -> None:
    for each in all_communes():
        if each.kind == "commune":
            assert choose(each.full_name, NOWHERE) == FoundCommune(each), each.full_name


def test_a_name_of_today_near_by_is_never_doubted() -> None:
    for each in all_communes():
        if each.kind == "commune" and each.region == "32":
            assert choose(each.name, frozenset({each.department})) == FoundCommune(each), each.full_name
