"""Occupations by code and by job title, near ones, and search as people type."""

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.reference.normalise import fold
from shared.reference.occupations import (
    find_occupation,
    job_titles,
    near,
    occupation,
    occupations,
    search,
    titles,
)
from shared.reference.occupations.table import everyday_names
from shared.reference.occupations.titles import forms
from shared.reference.skills import framework

PACK = Path(__file__).parents[2] / "data" / "lens-2026"


def test_every_occupation_is_found_by_its_code_and_its_label() -> None:
    assert len(occupations()) == 1584
    for code, found in occupations().items():
        assert find_occupation(code.lower()) is found
        assert find_occupation(found.label) is found


def test_every_job_title_finds_its_occupation() -> None:
    """Two titles of 13,120 are also the label of another occupation or stand twice in ROME with different codes."""
    codes_of: dict[str, set[str]] = {}
    for title, code in job_titles():
        codes_of.setdefault(fold(title), set()).add(code)
    elsewhere = 0
    for title, code in job_titles():
        found = find_occupation(title)
        assert found is not None
        if found.code != code:
            elsewhere += 1
            assert len(codes_of[fold(title)]) > 1 or fold(found.label) == fold(title)
    assert elsewhere <= 2


def test_titles_are_given_as_rome_writes_them() -> None:
    assert "Préparateur / Préparatrice de commandes" in titles("N1103")
    assert sum(len(titles(code)) for code in occupations()) == len(list(job_titles()))


@pytest.mark.parametrize(
    ("title", "masculine", "feminine"),
    [
        ("Abatteur / Abatteuse de carrière", "Abatteur de carrière", "Abatteuse de carrière"),
        (
            "Agent administratif / Agente administrative de l'Etat",
            "Agent administratif de l'Etat",
            "Agente administrative de l'Etat",
        ),
        (
            "Accastilleur(se)-monteur(se) électronique de marine",
            "Accastilleur-monteur électronique de marine",
            "Accastilleuse-monteuse électronique de marine",
        ),
        ("Technicien(ne) de laboratoire", "Technicien de laboratoire", "Technicienne de laboratoire"),
        ("Conducteur(trice) de ligne", "Conducteur de ligne", "Conductrice de ligne"),
        ("Assistant(e) administratif(tive)", "Assistant administratif", "Assistante administrative"),
        ("Aide conducteur/conductrice de machines", "Aide conducteur de machines", "Aide conductrice de machines"),
        (
            "Gestionnaire administratif(ve) douane",
            "Gestionnaire administratif douane",
            "Gestionnaire administrative douane",
        ),
        ("Tourneur(euse)-fraiseur(euse)", "Tourneur-fraiseur", "Tourneuse-fraiseuse"),
        ("Conseiller(ère) de vente", "Conseiller de vente", "Conseillère de vente"),
    ],
)
def test_a_title_has_a_masculine_and_a_feminine_form(title: str, masculine: str, feminine: str) -> None:
    assert {title, masculine, feminine} <= set(forms(title))


def test_a_remark_in_brackets_may_be_left_out() -> None:
    assert "Expert en sécurité informatique" in forms("Expert / Experte en sécurité informatique (SSI)")
    assert forms("Cariste") == ("Cariste",)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("abatteuse de carriere", "F1402"),
        ("ACCASTILLEUSE MONTEUSE ELECTRONIQUE DE MARINE", "I1601"),
        ("n 1103", "N1103"),
        ("K2204 – Nettoyage", "K2204"),
        ("préparateur de commande", "N1103"),
        ("caissière", "D1505"),
        ("femme de ménage", "K1304"),
    ],
)
def test_titles_are_understood_as_people_write_them(written: str, code: str) -> None:
    found = find_occupation(written)
    assert found is not None
    assert found.code == code


@pytest.mark.parametrize("written", ["", "K22", "K22041", "Z9999", "A9999", "dompteur de nuages", "de la"])
def test_what_is_no_occupation_is_not_guessed(written: str) -> None:
    assert find_occupation(written) is None


def test_what_two_occupations_are_called_is_not_guessed() -> None:
    """« Moniteur de natation » and « moniteur en natation » are two occupations; without the small word, neither."""
    assert find_occupation("moniteur de natation") is not None
    assert find_occupation("moniteur natation") is None


def test_everyday_names_lead_to_known_occupations() -> None:
    for name, code in everyday_names():
        found = find_occupation(name)
        assert found is not None
        assert found.code == code or find_occupation(occupation(code).label) is not None


def test_occupations_ask_for_soft_skills_of_rome() -> None:
    asked = [found.skills for found in occupations().values()]
    assert {code for skills in asked for code in skills} <= set(framework().codes)
    assert sum(not skills for skills in asked) == 2
    assert all(3 <= len(skills) <= 5 for skills in asked if skills)
    assert occupation("A1201").regulated is False
    assert occupation("A1101").regulated is None
    assert occupation("A1101").hours[0] == "Travail en horaires décalés"


def test_near_occupations_come_by_rank() -> None:
    assert near("A1101")[0] == ("A1414", 1)
    for code in occupations():
        ranks = [rank for _, rank in near(code)]
        assert ranks == sorted(ranks)
        assert all(other in occupations() and other != code for other, _ in near(code))


def test_there_is_no_occupation_of_that_code() -> None:
    for ask in (occupation, titles):
        with pytest.raises(KeyError):
            ask("Z9999")
    assert near("Z9999") == ()


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("prepa comm", "N1103"),
        ("commandes préparateur", "N1103"),
        ("cariste", "N1101"),
        ("boulangr", "D1102"),
        ("plomier", "F1603"),
        ("serveuse", "G1803"),
        ("femme de menage", "K1304"),
        ("aide soignant", "J1501"),
        ("caissiere", "D1505"),
        ("chauffeur poids lou", "N4101"),
        ("électricein bâtiment", "F1602"),
        ("jardinier", "A1203"),
    ],
)
def test_search_finds_what_was_meant_among_the_first_three(typed: str, code: str) -> None:
    assert code in [found.occupation.code for found in search(typed, limit=3)]


def test_the_exact_title_comes_first() -> None:
    for code in ("N1101", "D1505", "F1704", "K1302", "J1301"):
        assert search(occupation(code).label, limit=1)[0].occupation.code == code


def test_search_gives_each_occupation_once_best_first() -> None:
    found = search("agent", limit=50)
    assert len({each.occupation.code for each in found}) == len(found) == 50
    assert [each.score for each in found] == sorted((each.score for each in found), reverse=True)
    assert all(each.score <= 1 for each in found)


def test_a_title_that_lacks_a_word_typed_is_left_out_when_another_has_them_all() -> None:
    found = search("conducteur de bus")
    assert found
    assert all("bus" in fold(each.title).split() for each in found)


def test_nothing_is_found_for_nothing() -> None:
    assert search("") == []
    assert search("!!") == []
    assert search("xqzwv") == []
    assert search("cariste", limit=0) == []


@settings(deadline=None)  # the first one reads the tables
@given(st.text(max_size=30))
def test_any_typing_is_answered(typed: str) -> None:
    assert len(search(typed, limit=5)) <= 5


def test_every_occupation_of_the_example_pack_is_known() -> None:
    for title, code in _needs():
        found = find_occupation(title)
        assert found is not None
        assert found.code == code
    for wish in _wishes():
        assert find_occupation(wish) is not None


def _needs() -> Iterator[tuple[str, str]]:
    with (PACK / "besoins.csv").open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            if row["identifiant"] not in ("B998", "B999"):  # the two needs that are wrong on purpose
                yield row["intitule"], row["rome"]


def _wishes() -> Iterator[str]:
    with (PACK / "participants.csv").open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file, delimiter=";"):
            yield from filter(None, f"{row['metiers_souhaites']}|{row['metiers_exclus']}".split("|"))
