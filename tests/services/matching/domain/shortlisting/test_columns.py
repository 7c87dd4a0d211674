"""Columns say the same as the records they are made from, and refuse what cannot be."""

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from services.matching.domain.commute import Transport
from services.matching.domain.constraints import Hours, Opening, Seeker
from services.matching.domain.likings import known_likings, liking
from services.matching.domain.profiling import exceedance
from services.matching.domain.scoring import RequiredSkill, mutual_utility, score
from services.matching.domain.shortlisting import (
    Codebook,
    Coding,
    Likings,
    Needs,
    Participants,
    ShortlistPolicy,
    shortlist,
)

VOCABULARY = Codebook(("6D102", "6D110"), ("G1602", "G1603", "N1103"), tuple(f"licence-{n}" for n in range(130)))
ALL_HOURS = frozenset(Hours)


def near(occupation: str) -> list[tuple[str, int]]:
    return [("G1603", 1)] if occupation == "G1602" else []


def candidate(name: str, **changed: Any) -> Seeker:
    known = Seeker(
        name,
        50.43,
        2.83,
        20.0,
        Transport.CAR,
        ALL_HOURS,
        wishes=frozenset({"G1602"}),
        licences=frozenset({"licence-129", "not-listed"}),
        consent=True,
    )
    return replace(known, **changed)


def opening(**changed: Any) -> Opening:
    hours, licences = frozenset({Hours.NIGHT}), frozenset({"licence-129"})
    return replace(Opening("need", 50.44, 2.84, "G1603", hours, date(2026, 12, 7), licences), **changed)


ASKED = (RequiredSkill("6D110", 2, 0.25), RequiredSkill("6D102", 3, 0.75))
MEAN, DEVIATION = np.array([[2.9, 1.2], [1.1, 3.0]]), np.array([[0.5, 0.4], [0.3, 0.6]])


def test_a_list_holds_the_score_the_liking_and_the_utility_of_the_rules_on_pairs() -> None:
    people = [candidate("a"), candidate("b", wishes=frozenset())]
    pool = Participants.of(people, exceedance(MEAN, DEVIATION).reshape(2, 8).astype(np.float32), VOCABULARY, near)
    lists = shortlist(pool, Needs.of([opening()], [ASKED], VOCABULARY), policy=ShortlistPolicy(near_tie=0.0))
    entries = {entry.participant: entry for entry in lists.of(0).places}
    for number, person in enumerate(people):
        expected = score(MEAN[number], np.diag(DEVIATION[number] ** 2), VOCABULARY.skills, ASKED).value
        liked = liking(person.wishes, person.refused, "G1603", near)
        assert entries[number].score == pytest.approx(expected, abs=1e-6)
        assert entries[number].utility == pytest.approx(mutual_utility(expected, liked), abs=1e-6)


@pytest.mark.parametrize(
    "changed",
    [
        {"licences": frozenset({"licence-1"})},
        {"hours": frozenset({Hours.DAY})},
        {"available_from": date(2026, 12, 8)},
        {"refused": frozenset({"G1603"})},
        {"consent": False},
        {"latitude": None},
        {"travel_limit_km": 1.0},
    ],
    ids=str,
)
def test_who_cannot_meet_the_need_is_on_no_list(changed: dict[str, Any]) -> None:
    pool = Participants.of(
        [candidate("can"), candidate("cannot", **changed)], np.full((2, 8), 0.5, np.float32), VOCABULARY, near
    )
    lists = shortlist(pool, Needs.of([opening()], [ASKED], VOCABULARY))
    assert [entry.participant for entry in lists.of(0).places] == [0]


def test_likings_put_together_wish_by_wish_are_those_of_all_wishes_at_once() -> None:
    def chain(occupation: str) -> list[tuple[str, int]]:
        return {"G1602": [("G1603", 2), ("N1103", 1)], "N1103": [("G1603", 1)]}.get(occupation, [])

    coding, numbers = Coding(VOCABULARY, chain), {code: number for number, code in enumerate(VOCABULARY.occupations)}
    told = [
        (wishes, refused)
        for wishes in (("G1602",), ("G1602", "N1103"), ("N1103", "not-listed"), ())
        for refused in ((), ("G1603",), ("N1103", "not-listed"))
    ]
    made = Likings.told([wishes for wishes, _ in told], [refused for _, refused in told], coding)
    for (wishes, refused), start, end in zip(told, made.starts[:-1], made.starts[1:], strict=True):
        known = known_likings(wishes, refused, chain)
        expected = {numbers[code]: value for code, value in known.items() if code in numbers}
        assert dict(zip(made.occupations[start:end].tolist(), made.values[start:end].tolist(), strict=True)) == expected


@pytest.mark.parametrize("unknown", [{"occupation": "Z9999"}, {"licences": frozenset({"wings"})}], ids=str)
def test_a_need_outside_the_codebook_is_refused(unknown: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="Unknown"):
        Needs.of([opening(**unknown)], [ASKED], VOCABULARY)


def test_impossible_columns_are_refused() -> None:
    features = np.full((2, 8), 0.5, np.float32)
    with pytest.raises(ValueError, match="latitude"):
        Participants.build(features, [50.0], [2.8, 2.9], 30)
    with pytest.raises(ValueError, match="travel_limit_km"):
        Participants.build(features, 50.0, 2.8, -1)
    with pytest.raises(ValueError, match="exceedance"):
        Participants.build(features * 3, 50.0, 2.8, 30)
    with pytest.raises(ValueError, match="weights"):
        Needs.build([[(0, 0.5)]], [50.0], [2.8])
    with pytest.raises(ValueError, match="feature"):
        shortlist(Participants.build(features, 50.0, 2.8, 30), Needs.build([[(8, 1.0)]], [50.0], [2.8]))


@pytest.mark.parametrize("policy", [{"size": 0}, {"reserve": -1}, {"alpha": 0.0}, {"near_tie": -0.1}], ids=str)
def test_an_impossible_policy_is_refused(policy: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="give"):
        ShortlistPolicy(**policy)
