"""Marks of a seal, and who is let in."""

from __future__ import annotations

from uuid import UUID

import pytest
from fastapi import Request

from shared.identity import (
    NotSignedIn,
    Person,
    Role,
    Seal,
    bearer_token,
    current_person,
    identify,
    person_or_none,
)

SEAL = Seal("a secret that only tests share, long enough")
AGENCY = UUID(int=8)
ADVISER = Person(UUID(int=7), Role.ADVISER, AGENCY)


def test_a_short_secret_is_no_secret() -> None:
    with pytest.raises(ValueError, match="32 characters"):
        Seal("short")


def test_a_mark_is_of_one_purpose_and_one_value() -> None:
    mark = SEAL.mark("form", "visitor")
    assert SEAL.has_marked("form", "visitor", mark)
    assert not SEAL.has_marked("address", "visitor", mark)
    assert not SEAL.has_marked("form", "another", mark)
    assert not SEAL.has_marked("form", "visitor", mark[:-1])


def a_request(person: Person | None, **headers: str) -> Request:
    """A request that shows who asks."""

    class Application:
        """What the dependencies read of the application."""

        class state:  # noqa: N801 - as Starlette names it
            """Its state."""

            @staticmethod
            async def identify(_request: Request) -> Person | None:
                """Find out who asks."""
                return person

    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "app": Application, "headers": raw, "method": "GET", "path": "/"})


async def test_who_asks_is_found_out_once_and_known_from_then_on() -> None:
    request = a_request(ADVISER)
    assert person_or_none(request) is None
    await identify(request)
    assert current_person(request) == ADVISER


async def test_nobody_valid_is_nobody() -> None:
    request = a_request(None)
    await identify(request)
    with pytest.raises(NotSignedIn):
        current_person(request)


@pytest.mark.parametrize(
    ("header", "token"), [("Bearer x", "x"), ("bearer  x ", "x"), ("Basic eDp5", None), ("Bearer ", None), ("", None)]
)
def test_a_program_shows_its_token_as_a_bearer(header: str, token: str | None) -> None:
    assert bearer_token(a_request(None, authorization=header)) == token
