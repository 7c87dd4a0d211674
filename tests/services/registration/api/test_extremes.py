"""Addresses with NUL, lone surrogates, very long texts and dates at the ends of the calendar are answered clearly."""

from __future__ import annotations

import pytest

from tests.services.registration import bodies
from tests.services.registration.office import OPERATOR, SERVICE, Office
from tests.support.extremes import extreme_addresses


async def test_no_address_of_a_get_route_breaks_the_service(office: Office) -> None:
    addresses = list(extreme_addresses(office.app))
    assert len(addresses) > 200
    for address, holds_nul in addresses:
        answer = await office.ask_blindly("GET", address, SERVICE if "/internal/" in address else OPERATOR)
        assert answer.status_code < 500, address
        assert answer.status_code == 422 or not holds_nul, address


@pytest.mark.parametrize("name", ["q", "identifier"])
async def test_a_nul_in_a_query_is_told_by_the_name_of_its_parameter(office: Office, name: str) -> None:
    answer = await office.ask("GET", f"/api/v1/participants?{name}=Za%00d")
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert [(each["in"], each["path"], each["code"]) for each in answer.json()["errors"]] == [
        ("query", name, "nul-character")
    ]
    assert "Za" not in answer.text


@pytest.mark.parametrize("starts_at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2200-01-01T00:00Z"])
async def test_a_meetup_at_the_end_of_the_calendar_is_refused(office: Office, starts_at: str) -> None:
    answer = await office.ask("POST", "/api/v1/meetups", json=bodies.meetup(starts_at=starts_at))
    assert answer.status_code == 422
    assert [(each["path"], each["code"]) for each in answer.json()["errors"]] == [("starts_at", "instant-out-of-range")]


@pytest.mark.parametrize("name", ["after", "before"])
async def test_a_list_of_meetups_wants_an_hour_with_its_offset(office: Office, name: str) -> None:
    answer = await office.ask("GET", f"/api/v1/meetups?{name}=2026-12-15T00:00:00")
    assert [(each["path"], each["code"]) for each in answer.json()["errors"]] == [(name, "timezone-aware")]
