"""What remains of a document without somebody."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.travel.redaction import GONE, about, bytes_without, without

ANNE, BASTIEN = str(UUID(int=1)), str(UUID(int=2))
NEED = str(UUID(int=9))
PEOPLE = [UUID(ANNE)]


@pytest.mark.parametrize(
    ("document", "left"),
    [
        ([ANNE, BASTIEN], [BASTIEN]),
        ([[ANNE, NEED], [BASTIEN, NEED]], [[BASTIEN, NEED]]),
        ({"replies": {ANNE: "accepted", BASTIEN: "declined"}}, {"replies": {BASTIEN: "declined"}}),
        (
            {"meetings": [{"pair": {"participant_id": ANNE}, "slot": 1}, {"pair": {"participant_id": BASTIEN}}]},
            {"meetings": [{"pair": {"participant_id": BASTIEN}}]},
        ),
        ({"conflicts": [{"pairs": [[ANNE, NEED]], "limit": 3}]}, {"conflicts": [{"pairs": [], "limit": 3}]}),
        ({"participant_id": ANNE, "level": 3}, GONE),
        ({"note": f"parle de {ANNE}", "level": 3}, GONE),
        ({"level": 3, "there": True, "nobody": None}, {"level": 3, "there": True, "nobody": None}),
    ],
)
def test_the_smallest_record_that_names_somebody_goes(document: Any, left: Any) -> None:
    assert without(document, PEOPLE) == left


@pytest.mark.parametrize(
    ("document", "parts"),
    [
        ([[ANNE, NEED], [BASTIEN, NEED]], [[ANNE, NEED]]),
        ({"replies": {ANNE: "accepted", BASTIEN: "declined"}}, [{ANNE: "accepted"}]),
        ({"meetings": [{"pair": {"id": ANNE}}, {"pair": {"id": BASTIEN}}], "of": 2}, [{"pair": {"id": ANNE}}]),
        ({"participant_id": ANNE, "level": 3}, [{"participant_id": ANNE, "level": 3}]),
        ({"level": 3}, []),
    ],
)
def test_what_goes_is_what_is_said_of_somebody(document: Any, parts: list[Any]) -> None:
    assert about(document, PEOPLE) == parts


def test_bytes_that_are_no_json_go_as_a_whole() -> None:
    assert bytes_without(b'{"participant_id": "' + ANNE.encode(), PEOPLE) is GONE
    assert bytes_without(b"\xff\xfe" + ANNE.encode(), PEOPLE) is GONE
    assert bytes_without(json.dumps([ANNE, "\u00e9t\u00e9"]).encode(), PEOPLE) == '["été"]'.encode()


leaves = st.none() | st.booleans() | st.integers() | st.sampled_from([ANNE, BASTIEN, NEED, "text"])
documents = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from([ANNE, BASTIEN, "a", "b"]), inner),
    max_leaves=20,
)


@given(documents)
def test_nothing_of_somebody_remains_and_doing_it_twice_changes_nothing(document: Any) -> None:
    left = without(document, PEOPLE)
    if left is not GONE:
        assert ANNE not in json.dumps(left)
        assert without(left, PEOPLE) == left


@given(documents)
def test_a_document_that_does_not_name_them_stays_as_it_is(document: Any) -> None:
    nobody = [UUID(int=77)]
    assert without(document, nobody) == document


@given(documents)
def test_what_is_said_of_somebody_names_them_and_nothing_where_nothing_goes(document: Any) -> None:
    parts = about(document, PEOPLE)
    assert all(ANNE in json.dumps(part) for part in parts)
    assert bool(parts) is (ANNE in json.dumps(document))
