"""Words as people use them become codes, or are noted."""

import pytest

from services.registration.adapters.known_words import (
    department_of_agency,
    in_french,
    read_exercise,
    read_licences,
    read_occupations,
    read_place,
    read_skill,
)
from services.registration.domain.findings import Notes


@pytest.mark.parametrize(
    ("name", "department"),
    [
        ("Agence de Lens", "62"),
        ("Agence de Amiens", "80"),
        ("Agence d’Arras", "62"),
        ("agence de Villeneuve-d'Ascq", "59"),
        ("France Travail Roubaix", "59"),
        ("Agence de Saint-Denis", None),
        ("Siège", None),
    ],
)
def test_an_agency_is_in_the_departement_of_the_commune_in_its_name(name: str, department: str | None) -> None:
    assert department_of_agency(name) == department


def test_a_namesake_is_settled_by_one_departement_only() -> None:
    for departments, codes in (({"59"}, []), ({"59", "90"}, ["ambiguous-commune"]), (set(), ["ambiguous-commune"])):
        notes = Notes()
        place = read_place("Croix", departments, notes, "commune")
        assert [finding.code for finding in notes.findings] == codes
        assert (place is None) is bool(codes)


@pytest.mark.parametrize("text", ["persévérance", "PERSEVERANCE", "6D109", "Faire preuve de persévérance"])
def test_a_skill_is_known_by_code_label_and_everyday_name(text: str) -> None:
    notes = Notes()
    assert read_skill(text, notes, "competence") == "6D109"
    assert notes.findings == []


def test_what_is_unknown_is_left_aside_with_a_warning_and_the_rest_kept_once() -> None:
    notes = Notes()
    assert read_occupations(["N1103", "licorne", "préparateur de commandes"], notes, "w") == ("N1103",)
    assert read_licences(["permis B", "b", "pêche"], notes, "l") == ("B",)
    assert read_exercise("le saut", notes, "e") == "other"
    assert [finding.code for finding in notes.warnings] == ["unknown-wish", "unknown-licence", "unknown-exercise"]
    assert [finding.value for finding in notes.findings] == ["licorne", "pêche", "le saut"]


def test_numbers_are_written_as_french_does() -> None:
    assert (in_french(150.0), in_french(97.5)) == ("150", "97,5")
