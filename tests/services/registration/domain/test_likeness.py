"""Whether two records are of one person: what speaks for it, what against, and that order matters nowhere."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.registration.domain.likeness import (
    BORN_ON,
    COMMUNE,
    EMAIL,
    FIRST_NAME,
    LAST_NAME,
    PHONE,
    Likeness,
    compare,
    dates_to_look_at,
)
from services.registration.domain.names import Agreement, agreement_of, compare_names, name_key
from services.registration.domain.reasons import in_french, quoting_names, reasons_of
from shared.reference.normalise import fold
from tests.support.slips import crowd

PERSON = Likeness("Maurice", "Brunel", "maurice.brunel@x.fr", "+33657018762", date(1990, 3, 1), "62510")
NAME_ALONE = replace(PERSON, email=None, phone=None, born_on=None, commune=None)
PEOPLE = st.sampled_from(crowd(300, seed=5, twice=0.5, at_home=0.3).records)


@pytest.mark.parametrize(
    ("one", "other", "agreement"),
    [
        ("Lefèvre", "LEFEVRE", Agreement.SAME),
        ("Le Goff", "Legoff", Agreement.SAME),
        ("Jean-Pierre", "jean pierre", Agreement.SAME),
        ("de Souza", "Souza", Agreement.NEAR),
        ("Brunel", "Burnel", Agreement.NEAR),
        ("Philippe", "Filippe", Agreement.NEAR),
        ("Bertheau", "Berthot", Agreement.NEAR),
        ("Dupont", "Dupond", Agreement.NEAR),
        ("Quentin", "Kantin", Agreement.NEAR),
        ("M.", "Maurice", Agreement.PART),
        ("Brunel-Petit", "Petit", Agreement.PART),
        ("Marie", "Marie-Claude", Agreement.PART),
        ("Ali", "Ari", Agreement.DIFFERENT),
        ("Martin", "Durand", Agreement.DIFFERENT),
        ("de la", "du", Agreement.DIFFERENT),
    ],
)
def test_names_are_near_without_accents_hyphens_and_particles_by_hand_and_ear(
    one: str, other: str, agreement: Agreement
) -> None:
    assert agreement_of(fold(one), fold(other)) is agreement
    assert agreement_of(fold(other), fold(one)) is agreement


@pytest.mark.parametrize(
    "other",
    [("brunel", "maurice"), ("maurice brunel", "petit"), ("petit", "brunel maurice"), ("brunel petit", "maurice")],
)
def test_names_are_compared_in_any_order(other: tuple[str, str]) -> None:
    mine = ("maurice", "brunel") if "petit" not in " ".join(other) else ("maurice", "brunel petit")
    assert compare_names(mine, other) == (Agreement.SAME, Agreement.SAME)


@pytest.mark.parametrize(
    ("changes", "is_probable"),
    [
        ({"phone": None, "born_on": None, "commune": None}, True),
        ({"email": None, "born_on": None, "commune": None}, True),
        ({"email": None, "phone": None, "commune": None}, True),
        ({"first_name": "BRUNEL", "last_name": "maurice", "phone": None, "born_on": None}, True),
        ({"last_name": "Burnel", "email": None, "phone": None}, True),
        ({"first_name": "M.", "phone": None, "born_on": None}, True),
        ({"last_name": "Brunel-Petit", "phone": "+33600000000", "email": None}, True),
        ({"last_name": "Durand"}, True),
        ({"born_on": date(1990, 1, 3), "email": None, "phone": None}, True),
        ({"phone": "+33657018761", "email": None, "born_on": None}, True),
        ({"email": "maurice.brunel@y.fr", "phone": None, "born_on": None}, True),
        ({"email": None, "phone": None, "born_on": None}, False),
        ({"email": "n@x.fr", "phone": "+33600000000", "born_on": date(1975, 1, 1)}, False),
        ({"first_name": "Marie", "born_on": None}, False),
        ({"first_name": "Marie", "born_on": date(1988, 5, 4)}, False),
        ({"first_name": "Marie"}, False),
    ],
    ids=[
        "same e-mail", "same telephone", "same birth date", "names swapped", "a slip and the birth date", "an initial",
        "a name more", "another name after a marriage", "day and month swapped", "a digit of the telephone",
        "another provider", "namesakes of one commune", "namesakes otherwise different", "a couple with one mailbox",
        "a couple of two ages", "twins",
    ],
)  # fmt: skip
def test_one_person_is_told_from_namesakes_and_from_people_of_one_home(
    changes: dict[str, Any], is_probable: bool
) -> None:
    other = replace(PERSON, **changes)
    assert compare(PERSON, other).is_probable is is_probable
    assert compare(other, PERSON).is_probable is is_probable


def test_a_name_alone_is_no_reason() -> None:
    assert compare(NAME_ALONE, PERSON).probability < 0.1


@given(PEOPLE, PEOPLE)
@example(Likeness("MODELEAU", "Brigite"), Likeness("Vagicourt", "M."))
def test_it_does_not_matter_which_record_comes_first_nor_in_which_order_names_stand(
    one: Likeness, other: Likeness
) -> None:
    there = compare(one, other).probability
    assert there == compare(other, one).probability
    assert 0 < there < 1
    turned = replace(one, first_name=one.last_name, last_name=one.first_name)
    assert name_key(*turned.names) == name_key(*one.names)
    assert compare(turned, one) == compare(one, one)


@given(PEOPLE)
def test_a_record_is_its_own_likeness_the_more_it_says(one: Likeness) -> None:
    for silent in (replace(one, email=None), replace(one, phone=None), replace(one, born_on=None)):
        if silent != one:
            assert compare(one, one).probability > compare(silent, silent).probability


@pytest.mark.parametrize("table", [FIRST_NAME, LAST_NAME, EMAIL, PHONE, BORN_ON, COMMUNE])
def test_what_is_nearer_speaks_more_for_one_person(table: Any) -> None:
    gains = [odds.one_person / odds.strangers for _, odds in sorted(table.items())]
    assert gains[0] > 1 > gains[-1]
    assert sum(odds.one_person for odds in table.values()) == pytest.approx(1, abs=1e-6)
    assert sum(odds.one_home for odds in table.values()) == pytest.approx(1, abs=1e-6)


def test_the_day_is_also_looked_for_with_the_month_in_its_place() -> None:
    assert list(dates_to_look_at(date(1990, 3, 1))) == [date(1990, 3, 1), date(1990, 1, 3)]
    assert list(dates_to_look_at(date(1990, 3, 3))) == [date(1990, 3, 3)]
    assert list(dates_to_look_at(date(1990, 3, 31))) == [date(1990, 3, 31)]


def test_reasons_say_what_speaks_for_and_what_against_and_quote_names_only_where_asked() -> None:
    other = replace(PERSON, first_name="BRUNEL", last_name="Mauriice", born_on=date(1971, 1, 1), email=None)
    reasons = reasons_of(compare(PERSON, other))
    sentence = in_french(reasons)
    assert sentence == (
        "noms proches\u00a0; même téléphone\u00a0; même commune\u00a0; mais dates de naissance différentes"
    )
    (names, *_) = quoting_names(reasons, PERSON, other)
    assert names.french == "noms proches («\u00a0Maurice Brunel\u00a0» / «\u00a0BRUNEL Mauriice\u00a0»)"
    assert names.english == "names alike (“Maurice Brunel” / “BRUNEL Mauriice”)"
    assert [each.speaks_for for each in reasons] == [True, True, True, False]


@given(PEOPLE, PEOPLE)
def test_no_reason_holds_a_value(one: Likeness, other: Likeness) -> None:
    said = " ".join(f"{each.french} {each.english}" for each in reasons_of(compare(one, other)))
    values = (one.email, one.phone, one.born_on, one.commune, other.email, other.phone)
    assert not any(str(value) in said for value in values if value is not None)
