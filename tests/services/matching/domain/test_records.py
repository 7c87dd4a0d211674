"""Records are taken as callers have them, once through; what is none is refused with what to give instead."""

import re
from collections import namedtuple
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pytest

from services.matching.domain import (
    Codebook,
    Hours,
    Needs,
    Opening,
    Participants,
    PlanProblem,
    Rating,
    RequiredSkill,
    Seeker,
    SkillProfiler,
    TimetableProblem,
    Transport,
    plan,
    posterior,
    score,
    shortlist,
    timetable,
    what_would_change,
)

NOTES = [("P1", "a", "R1", 3), ("P1", "b", "R2", 1), ("P2", "a", "R1", 2), ("P2", "b", "R1", 4), ("P3", "a", "R2", 0)]
FIELDS = ("participant", "skill", "rater", "level")
Noted = namedtuple("Noted", ("workshop", "level", "rater", "skill", "participant"))


@dataclass
class Note:
    """Somebody else's record of a note, with more in it."""

    level: int
    participant: str
    skill: str
    rater: str
    comment: str = "seen twice"


def nothing_near(_: str) -> tuple[tuple[str, int], ...]:
    return ()


def mappings() -> list[dict[str, Any]]:
    return [dict(zip(FIELDS, note, strict=True)) for note in NOTES]


SHAPES: dict[str, Callable[[], Any]] = {
    "ratings": lambda: [Rating(*note) for note in NOTES],
    "mappings with more in them": lambda: [one | {"workshop": "W"} for one in mappings()],
    "other dataclasses": lambda: [Note(**one) for one in mappings()],
    "named tuples in another order": lambda: [Noted(workshop="W", **one) for one in mappings()],
    "rows": lambda: [list(note) for note in NOTES],
    "a generator": lambda: (Rating(*note) for note in NOTES),
    "of several kinds": lambda: [Rating(*NOTES[0]), mappings()[1], NOTES[2], Note(**mappings()[3]), NOTES[4]],
    "rows of a data frame": lambda: pd.DataFrame(mappings()).itertuples(),
    "texts, as a file has them": lambda: [{name: str(value) for name, value in one.items()} for one in mappings()],
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_observations_are_understood_in_every_form(shape: Callable[[], Any]) -> None:
    expected = SkillProfiler(("a", "b")).fit([Rating(*note) for note in NOTES]).update([Rating("P3", "b", "R1", 2)])
    found = SkillProfiler(("a", "b")).fit(shape()).update(iter([("P3", "b", "R1", 2)]))
    for participant in ("P1", "P2", "P3"):
        np.testing.assert_array_equal(found.profile(participant).mean, expected.profile(participant).mean)


@pytest.mark.parametrize(
    "notes",
    [[("P1", "a", "R1", 3)], mappings()[:1], iter(mappings()[:1]), pd.DataFrame(mappings()[:1])],
    ids=["rows", "mappings", "a generator", "a data frame"],
)
def test_one_persons_notes_are_understood_in_every_form(notes: Any) -> None:
    profiler = SkillProfiler(("a", "b")).fit(NOTES)
    expected = posterior([Rating("P1", "a", "R1", 3)], profiler.components_)
    np.testing.assert_array_equal(posterior(notes, profiler.components_).mean, expected.mean)


@pytest.mark.parametrize(
    ("observations", "error", "told"),
    [
        (None, TypeError, "observations must be a sequence of Rating, or of mappings or rows of FIELDS, not None"),
        (
            "notes.csv",
            TypeError,
            "observations must be a sequence of Rating, or of mappings or rows of FIELDS, not str",
        ),
        (["P1;a;R1;3"], TypeError, "observations[0] must be Rating, or a mapping or a row of FIELDS, not str"),
        (
            [Rating(*NOTES[0]), None],
            TypeError,
            "observations[1] must be Rating, or a mapping or a row of FIELDS, not None",
        ),
        ([{"participant": "P1", "skill": "a"}], ValueError, "observations[0] lacks rater, level: give FIELDS"),
        ([NOTES[0], ("P1", "a", 3)], ValueError, "observations[1] is a row of 3: give FIELDS, in this order"),
    ],
)
def test_what_is_no_observation_is_refused_with_what_to_give(
    observations: Any, error: type[Exception], told: str
) -> None:
    with pytest.raises(error, match=re.escape(told.replace("FIELDS", ", ".join(FIELDS)))):
        SkillProfiler(("a", "b")).fit(observations)


@pytest.mark.parametrize(
    "asked",
    [
        lambda: [("a", 3, 0.6), ("b", 2, 0.4)],
        lambda: [{"skill": "a", "level": 3, "weight": 0.6}, {"skill": "b", "level": 2, "weight": 0.4}],
        lambda: (RequiredSkill(*one) for one in [("a", 3, 0.6), ("b", 2, 0.4)]),
        lambda: pd.DataFrame({"skill": ["a", "b"], "level": [3, 2], "weight": [0.6, 0.4], "why": ["", ""]}),
    ],
    ids=["rows", "mappings", "a generator", "a data frame"],
)
def test_what_a_need_asks_is_understood_in_every_form(asked: Callable[[], Iterable[Any]]) -> None:
    levels = ([2.5, 1.9], np.diag([0.3, 0.4]), ("a", "b"))
    expected = [RequiredSkill("a", 3, 0.6), RequiredSkill("b", 2, 0.4)]
    assert score(*levels, asked()) == score(*levels, expected)  # type: ignore[arg-type]  # lists are arrays to NumPy
    assert what_would_change(*levels, asked()) == what_would_change(*levels, expected)  # type: ignore[arg-type]


def test_people_and_needs_are_understood_as_mappings() -> None:
    codebook = Codebook(("a", "b"), ("N1103",), ("B",))
    exceedance = np.full((2, 8), 0.5, dtype=np.float32)
    place = {"latitude": 50.43, "longitude": 2.83}
    somebody = {**place, "travel_limit_km": 20, "transport": "car", "hours": ["day"], "consent": True}
    given = [{"id": "P1", **somebody}, {"id": "P2", **somebody, "licences": ["B"]}]
    people = Participants.of(given, exceedance, codebook, near=nothing_near)
    need = {"id": "N1", **place, "occupation": "N1103", "hours": ["day"], "licences": ["B"]}
    needs = Needs.of(iter([need]), iter([[("a", 3, 0.6), ("b", 2, 0.4)]]), codebook)
    assert [one.participant for one in shortlist(people, needs).of(0).places] == [1]
    as_record = Seeker("P1", 50.43, 2.83, 20, Transport.CAR, frozenset({Hours.DAY}), consent=True)
    of_record = Participants.of([as_record], exceedance[:1], codebook, near=nothing_near)
    assert (of_record.keys[0], of_record.hours[0]) == (people.keys[0], people.hours[0])


def test_a_key_that_is_no_field_is_refused_where_it_may_be_one_misspelt() -> None:
    codebook = Codebook(("a",), ("N1103",), ("B",))
    need = {"id": "N1", "latitude": 50.4, "longitude": 2.8, "occupation": "N1103", "licence": ["B"]}
    with pytest.raises(ValueError, match=r"openings\[0\] holds licence: give id, .*licences, open"):
        Needs.of([need], [[("a", 3, 1.0)]], codebook)


def test_one_text_is_no_set_of_codes() -> None:
    with pytest.raises(TypeError, match="licences must be a collection of codes, not 'CACES'"):
        Opening("N1", 50.4, 2.8, "N1103", licences="CACES")  # type: ignore[arg-type]  # what is tried here


def test_a_pool_that_is_not_in_columns_is_refused() -> None:
    needs = Needs.build([[(2, 1.0)]], [50.4], [2.8])
    with pytest.raises(TypeError, match=r"participants must be in columns, not list: make them with Participants.of"):
        shortlist([{"id": "P1"}], needs)  # type: ignore[arg-type]  # what is tried here


def test_a_plan_and_a_timetable_take_what_can_be_walked_through_once() -> None:
    utility = np.array([[0.8], [0.6]])
    needs: Any = iter(["n"])
    people: Any = (f"p{number}" for number in range(2))
    pins: Any = [("p1", "n")]
    made = plan(PlanProblem(participants=people, needs=needs, utility=utility, seats=[2], maximum=1, pins=pins))
    assert {meeting.pair for meeting in made.meetings} == {("p0", "n"), ("p1", "n")}
    meetings: Any = (list(meeting.pair) for meeting in made.meetings)
    tables: Any = [{"id": "by the window", "is_front": False}]
    placed = timetable(TimetableProblem(meetings=meetings, slots=4, tables=tables))
    assert {meeting.table for meeting in placed.meetings} == {"by the window"}


@pytest.mark.parametrize(
    ("people", "told"),
    [([{"id": "p"}], "ids are expected, not dict; give the id of each"), ("p1", "not 'p1'"), (None, "not None")],
)
def test_a_plan_takes_ids_and_no_records(people: Any, told: str) -> None:
    with pytest.raises(TypeError, match=told):
        PlanProblem(participants=people, needs=["n"], utility=np.ones((1, 1)), seats=[1], maximum=1)


def test_a_timetable_takes_pairs_and_says_where_they_are_in_a_plan() -> None:
    made = plan(PlanProblem(participants=["p"], needs=["n"], utility=np.ones((1, 1)), seats=[1], maximum=1))
    assert timetable(TimetableProblem(meetings=made.pairs, slots=1)).slots_used == 1  # type: ignore[arg-type]  # a set
    with pytest.raises(ValueError, match=r"pairs .* are needed, like Plan.pairs, not PlannedMeeting"):
        TimetableProblem(meetings=made.meetings, slots=1)  # type: ignore[arg-type]  # what is tried here
