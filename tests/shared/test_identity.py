"""Tokens hold what they say until they end, and nobody can make one up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from fastapi import Request
from hypothesis import given
from hypothesis import strategies as st

from shared.identity import (
    InvalidToken,
    NotAllowed,
    NotSignedIn,
    Person,
    Role,
    Seal,
    check_agency,
    current_person,
    require,
)

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
SEAL = Seal("a secret that only tests share, long enough")
AGENCY = UUID(int=8)
ADVISER = Person(UUID(int=7), Role.ADVISER, AGENCY)

people = st.builds(Person, st.uuids(), st.sampled_from(Role), st.none() | st.uuids())


@given(people, st.integers(0, 30_000))
def test_a_token_stands_for_the_person_it_was_made_for(person: Person, days: int) -> None:
    now = NOW + timedelta(days=days)
    token = SEAL.sign(person, now=now, lifetime=HOUR)
    assert SEAL.read(token, now=now) == person
    assert SEAL.read(token, now=now + HOUR - timedelta(seconds=1)) == person


def test_a_token_ends() -> None:
    token = SEAL.sign(ADVISER, now=NOW, lifetime=HOUR)
    with pytest.raises(InvalidToken):
        SEAL.read(token, now=NOW + HOUR)


def test_any_changed_sign_makes_a_token_invalid() -> None:
    token = SEAL.sign(ADVISER, now=NOW, lifetime=HOUR)
    for place in range(0, len(token) - 1, 3):
        forged = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        with pytest.raises(InvalidToken):
            SEAL.read(forged, now=NOW)


@pytest.mark.parametrize("token", ["", ".", "a.b", "{}", "é", "x" * 10_000])
def test_nonsense_is_no_token_and_is_not_repeated(token: str) -> None:
    with pytest.raises(InvalidToken) as refused:
        SEAL.read(token, now=NOW)
    assert str(refused.value) == "the token is forged or damaged"


def test_another_secret_makes_other_tokens() -> None:
    token = SEAL.sign(ADVISER, now=NOW, lifetime=HOUR)
    with pytest.raises(InvalidToken):
        Seal("another secret that is just as long as it").read(token, now=NOW)


def test_a_short_secret_is_no_secret() -> None:
    with pytest.raises(ValueError, match="32 characters"):
        Seal("short")


def test_a_mark_is_of_one_purpose_and_one_value() -> None:
    mark = SEAL.mark("form", "visitor")
    assert SEAL.has_marked("form", "visitor", mark)
    assert not SEAL.has_marked("address", "visitor", mark)
    assert not SEAL.has_marked("form", "another", mark)
    assert not SEAL.has_marked("form", "visitor", mark[:-1])


def a_request(**headers: str) -> Request:
    """A request with these headers."""

    class Application:
        """What the dependencies read of the application."""

        class state:  # noqa: N801 - as Starlette names it
            """Its state."""

            seal = SEAL
            clock = staticmethod(lambda: NOW)

    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "app": Application, "headers": raw, "method": "GET", "path": "/"})


def test_who_asks_is_told_by_bearer_token_or_cookie() -> None:
    token = SEAL.sign(ADVISER, now=NOW, lifetime=HOUR)
    assert current_person(a_request(authorization=f"Bearer {token}")) == ADVISER
    assert current_person(a_request(authorization=f"bearer  {token} ")) == ADVISER
    assert current_person(a_request(cookie=f"vernissage_session={token}")) == ADVISER


@pytest.mark.parametrize(
    "headers", [{}, {"authorization": "Bearer x"}, {"authorization": "Basic eDp5"}, {"cookie": "vernissage_session="}]
)
def test_nobody_valid_is_nobody(headers: dict[str, str]) -> None:
    with pytest.raises(NotSignedIn):
        current_person(a_request(**headers))


def test_roles_are_required_by_name() -> None:
    assert require(Role.ADVISER, Role.MANAGER)(ADVISER) == ADVISER
    with pytest.raises(NotAllowed):
        require(Role.OPERATOR)(ADVISER)


def test_advisers_and_mediators_stay_within_their_agency() -> None:
    check_agency(ADVISER, AGENCY)
    check_agency(Person(UUID(int=1), Role.MANAGER), AGENCY)
    for person, agency in (
        (ADVISER, UUID(int=9)),
        (ADVISER, None),
        (Person(UUID(int=1), Role.MEDIATOR), AGENCY),
    ):
        with pytest.raises(NotAllowed):
            check_agency(person, agency)
