"""Every word of a reference table that an event holds is found, and judged by the table."""

from __future__ import annotations

import subprocess
import sys

import pytest

from shared.contracts.envelope import Event
from shared.contracts.words import Word, words_in
from shared.reference.known import is_known
from tests.support.events import meetup_scheduled, need_published, participant_registered, skill_observed

UNKNOWN: list[tuple[Event, str]] = [
    (skill_observed("Anne", "ZZ9", 3), "skill"),
    (skill_observed("Anne", "6D102", 3, framework="a-newer-framework"), "framework"),
    (participant_registered("Anne", wishes=("N1103", "Z9999")), "occupation"),
    (participant_registered("Anne", refused_occupations=("Z9999",)), "occupation"),
    (participant_registered("Anne", licences=("a-new-licence",)), "licence"),
    (
        participant_registered("Anne", home={"commune": "99999", "latitude": None, "longitude": None}),
        "commune",
    ),
    (need_published("need", {"6D102": (3, 0.5), "ZZ9": (2, 0.5)}), "skill"),
    (need_published("need", occupation="Z9999"), "occupation"),
    (need_published("need", licences=("a-new-licence",)), "licence"),
    (need_published("need", place={"commune": "99999", "latitude": 50.0, "longitude": 3.0}), "commune"),
    (meetup_scheduled("meetup", [], place={"commune": "99999", "latitude": 50.0, "longitude": 3.0}), "commune"),
]
KNOWN: list[Event] = [
    participant_registered("Anne", wishes=("N1103",), licences=("b", "caces-1")),
    need_published("need"),
    meetup_scheduled("meetup", ["need"]),
    skill_observed("Anne", "6D102", 3),
]


@pytest.mark.parametrize(("event", "table"), UNKNOWN)
def test_a_word_that_no_table_holds_is_found_wherever_it_stands(event: Event, table: str) -> None:
    assert {word.table for word in words_in(event) if not is_known(word)} >= {table}


@pytest.mark.parametrize("event", KNOWN, ids=lambda event: event.type)
def test_the_words_of_the_tables_are_known(event: Event) -> None:
    words = list(words_in(event))
    assert words
    assert all(map(is_known, words))


def test_a_skill_is_known_in_its_own_framework_only() -> None:
    assert is_known(Word("skill", "6D102", "rome-4"))
    assert not is_known(Word("skill", "6D102", "savoir-etre-2018"))


WITHOUT_FILES = """
from pathlib import Path
from shared.contracts.words import words_in
from shared.reference import known
from tests.shared.contracts.test_words import KNOWN
known.load()
del Path.read_text
assert all(known.is_known(word) for event in KNOWN for word in words_in(event))
"""


def test_tables_once_loaded_are_not_read_again() -> None:
    subprocess.run([sys.executable, "-c", WITHOUT_FILES], check=True)
