"""Values of requests are what JSON says they are, and within what can be kept."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Annotated, Any

import pytest
from fastapi import FastAPI
from pydantic import StringConstraints, TypeAdapter, ValidationError

from shared.web.values import MANY_LINES, ONE_LINE, SAYS_SOMETHING, Day, Decimal, Instant, Whole, YesNo
from tests.support.attacks import BROKEN_LINES, CONTROLS, NO_CHARACTERS, NOTHING, UNSEEN

NAME: TypeAdapter[str] = TypeAdapter(
    Annotated[str, StringConstraints(min_length=1, max_length=20), SAYS_SOMETHING, ONE_LINE]
)
NOTE: TypeAdapter[str] = TypeAdapter(Annotated[str, StringConstraints(max_length=40), MANY_LINES])


@pytest.mark.parametrize(
    ("kind", "taken", "refused"),
    [
        (Whole, [0, -3], [True, "1", 1.0, 1.5, None]),
        (Decimal, [0, 1.5], [True, "1.5", None]),
        (YesNo, [True, False], [1, 0, "yes", "true", None]),
        (Day, ["2026-11-30"], [0, "0", 1.5, "2026-11-30T00:00:00", "30/11/2026", "0001-01-01", "9999-12-31"]),
        (
            Instant,
            ["2026-11-30T10:00:00+01:00", "2026-11-30T10:00Z"],
            [0, "1764460800", "2026-11-30", "2026-11-30T10:00", "9999-12-31T23:59:59-14:00"],
        ),
        (Instant, ["2026-11-30t10:00z"], ["0001-01-01T00:00:00+14:00", "2026-02-30T10:00Z"]),
    ],
)
def test_a_value_is_what_json_says(kind: Any, taken: list[Any], refused: list[Any]) -> None:
    reader: TypeAdapter[Any] = TypeAdapter(kind)
    for value in taken:
        assert isinstance(reader.validate_python(value), (int, float, bool, date, datetime))
    for value in refused:
        with pytest.raises(ValidationError):
            reader.validate_python(value)


@pytest.mark.parametrize("typed", [*BROKEN_LINES, *CONTROLS, *NO_CHARACTERS, *NOTHING, "…", "x" * 21])
def test_a_name_that_is_no_line_of_words_is_refused(typed: str) -> None:
    with pytest.raises(ValidationError):
        NAME.validate_python(typed)


@pytest.mark.parametrize(("typed", "kept"), UNSEEN.items())
def test_a_name_is_kept_without_what_nobody_sees(typed: str, kept: str) -> None:
    assert NAME.validate_python(typed) == NOTE.validate_python(typed) == kept


def test_the_length_is_that_of_what_is_kept() -> None:
    assert NAME.validate_python("\u200b" * 100 + "x" * 20) == "x" * 20


@pytest.mark.parametrize("twice", ['{"level": 1, "level": 2}', '{"level": 1, "parts": [], "a": {"b": 1, "b": 1}}'])
async def test_a_member_that_is_named_twice_is_refused_by_its_name(app: FastAPI, twice: str, client: Any) -> None:
    answer = await client.post("/api/v1/notes", content=twice, headers={"content-type": "application/json"})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert [(error["path"], error["code"]) for error in answer.json()["errors"]] in (
        [("level", "named-twice")],
        [("b", "named-twice")],
    )


@pytest.mark.parametrize("body", ["{", "[" * 900, '{"level": ' + "9" * 900 + "}", "\ufeff{}", '{"level": NaN}', ""])
async def test_what_is_no_json_is_told_as_such(client: Any, body: str) -> None:
    answer = await client.post("/api/v1/notes", content=body.encode(), headers={"content-type": "application/json"})
    assert answer.status_code in (400, 422)


async def test_a_body_that_is_too_large_is_refused_though_it_is_not_announced(client: Any) -> None:
    async def pieces() -> Any:
        for _ in range(40):
            yield json.dumps("x" * 100_000).encode()

    answer = await client.post("/api/v1/notes", content=pieces(), headers={"content-type": "application/json"})
    assert answer.status_code == 413
