"""Skill frameworks, the scale, exercises and licences."""

from pathlib import Path

import pytest

from shared.reference.csv_tables import WrongTable
from shared.reference.exercises import OTHER, exercise, exercises, find_exercise
from shared.reference.levels import level, levels
from shared.reference.licences import find_licence, held_with, licences
from shared.reference.skills import (
    Framework,
    Skill,
    equivalents,
    framework,
    framework_names,
    load_framework,
)


def test_the_default_framework_is_the_sixteen_of_rome_4() -> None:
    assert framework().name == "rome-4"
    assert framework().codes == tuple(f"6D{number}" for number in range(101, 117))
    assert len(framework("savoir-etre-2018")) == 14


@pytest.mark.parametrize("name", framework_names())
def test_every_skill_is_found_by_each_of_its_names(name: str) -> None:
    skills = framework(name)
    for skill in skills:
        for text in (skill.code, skill.label, *skill.also_called):
            assert skills.find(text) is skill
            assert skills.find(f" {text.upper().replace(' ', '  ')} ") is skill


@pytest.mark.parametrize("name", framework_names())
def test_every_skill_has_an_english_label(name: str) -> None:
    for skill in framework(name):
        assert skill.name("en") not in ("", skill.name("fr"))


def test_every_skill_of_rome_4_has_a_definition_in_both_languages() -> None:
    for skill in framework():
        assert skill.meaning("fr")
        assert skill.meaning("en") != skill.meaning("fr")


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("perseverance", "6D109"),
        ("Persévérance", "6D109"),
        ("gérer son stress", "6D112"),
        ("6d101", "6D101"),
        ("respecter ses engagements, assumer ses responsabilités", "6D104"),
        ("Avoir l’esprit d’équipe", "6D102"),
    ],
)
def test_everyday_names_are_understood(written: str, code: str) -> None:
    found = framework().find(written)
    assert found is not None
    assert found.code == code


@pytest.mark.parametrize("written", ["beauté", "", "6D117", "sens de la communication"])
def test_what_is_not_a_skill_is_not_guessed(written: str) -> None:
    assert framework().find(written) is None


def test_the_map_between_the_frameworks_goes_both_ways() -> None:
    forward = equivalents("savoir-etre-2018")
    backward = equivalents("rome-4")
    assert len(forward) == len(backward) == 13
    assert forward["rigueur"].skill.code == "6D110"
    assert forward["rigueur"].nearness == "exact"
    assert forward["capacite-a-federer"].nearness == "close"
    assert "prise-de-recul" not in forward
    assert {each.framework for each in forward.values()} == {"rome-4"}
    assert equivalents("a framework of one's own") == {}
    for earlier, now in forward.items():
        assert backward[now.skill.code].skill.code == earlier


def test_an_unknown_framework_is_named() -> None:
    with pytest.raises(KeyError, match="savoir-etre-2018"):
        framework("rome-3")


def test_an_operator_adds_a_framework_as_a_file(tmp_path: Path) -> None:
    path = tmp_path / "maison.csv"
    path.write_text(
        "\ufeffcode;libelle;definition;aussi_appele;libelle_anglais;definition_anglaise\n"
        "M1;Soin;Prendre soin;soigneux|soigneuse;Care;Taking care\nM2;Élan;;;;\n",
        encoding="utf-8",
    )
    own = load_framework(path)
    assert own.name == "maison"
    assert own.codes == ("M1", "M2")
    found = own.find("SOIGNEUSE")
    assert found is not None
    assert (found.code, found.name("en"), found.meaning("en")) == ("M1", "Care", "Taking care")
    assert own.skill("M2").name("en") == "Élan"
    assert "M2" in own
    assert "M3" not in own


def test_a_framework_without_a_column_or_a_code_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "maison.csv"
    path.write_text("code;libelle\nM1;Soin\n", encoding="utf-8")
    with pytest.raises(WrongTable, match="missing column definition, aussi_appele"):
        load_framework(path)
    path.write_text("code;libelle;definition;aussi_appele\n;Soin;;\n", encoding="utf-8")
    with pytest.raises(WrongTable, match="needs a code"):
        load_framework(path)
    path.write_text("code;libelle;definition;aussi_appele\nM1;Soin\n", encoding="utf-8")
    with pytest.raises(WrongTable, match="line 2 has 2 cells"):
        load_framework(path)


def test_two_skills_cannot_share_a_name() -> None:
    with pytest.raises(ValueError, match="share a name: soin"):
        Framework("maison", (Skill("M1", "Soin"), Skill("M2", "Autre", also_called=("soin",))))


def test_the_scale_has_five_anchored_levels() -> None:
    assert [each.value for each in levels()] == [0, 1, 2, 3, 4]
    sentences = {each.anchor(language) for each in levels() for language in ("fr", "en")}
    assert len(sentences) == 10
    assert all(sentence.endswith(".") for sentence in sentences)
    assert level(3).name() == "bien montré"
    assert level(3).name("en") == "well shown"


@pytest.mark.parametrize("value", [-1, 5])
def test_there_is_no_level_outside_the_scale(value: int) -> None:
    with pytest.raises(ValueError, match="between 0 and 4"):
        level(value)


def test_every_exercise_is_found_by_its_titles_and_code() -> None:
    assert len(exercises()) == 5
    for each in exercises():
        for name in (each.code, each.title("fr"), each.title("en"), each.title().upper().replace("’", "'")):
            assert find_exercise(name) is each
        assert exercise(each.code) is each
        assert each.description("fr") != each.description("en")


def test_an_exercise_of_ones_own_is_other() -> None:
    assert find_exercise("Le jeu des sept familles") is None
    assert exercise("jeu-des-sept-familles") is OTHER
    assert exercise(OTHER.code) is OTHER


def test_every_licence_is_found_by_each_of_its_names() -> None:
    for each in licences():
        for name in (each.code, each.label("fr"), each.label("en"), *each.also_called):
            assert find_licence(name) is each, name


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("b", "B"),
        ("Permis B", "B"),
        ("caces 1", "CACES-1"),
        ("CACES n° 1", "CACES-1"),
        ("PSC1", "PSC1"),
        ("psc 1", "PSC1"),
    ],
)
def test_licences_are_understood_as_people_write_them(written: str, code: str) -> None:
    found = find_licence(written)
    assert found is not None
    assert found.code == code


def test_an_unknown_licence_is_not_guessed() -> None:
    assert find_licence("permis de chasse") is None


def test_a_licence_includes_lesser_ones() -> None:
    assert held_with(["D"]) >= {"D", "D1", "B", "AM"}
    assert held_with(["SST"]) == {"SST", "PSC1"}
    assert held_with(["CACES-3"]) == {"CACES-3"}
    assert held_with(["unheard of"]) == {"unheard of"}


def test_inclusions_name_known_licences_and_stay_within_their_kind() -> None:
    by_code = {each.code: each for each in licences()}
    for each in by_code.values():
        assert {by_code[code].kind for code in each.includes} <= {each.kind}
    assert {each.kind for each in licences("licence")} == {"licence"}
    assert len(licences("licence")) + len(licences("certificate")) == len(by_code)
