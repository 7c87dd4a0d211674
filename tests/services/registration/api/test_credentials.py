"""Other systems have access by credentials: named, bounded, shown once, ended at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from joserfc import jws

from services.registration.use_cases.credentials import grantable
from shared.identity import Role
from shared.rights import FOR_PEOPLE_ALONE, RIGHTS, Reach
from shared.tokens import KnownKeys, TokenReader
from tests.services.registration import bodies
from tests.services.registration.office import MANAGER, NOW, OPERATOR, Office


async def given(office: Office, *rights: str, agency: UUID | None = None, **changes: Any) -> dict[str, Any]:
    """A credential as its operator sees it once."""
    body = bodies.credential(rights=list(rights), agency_id=str(agency) if agency else None, **changes)
    return await office.post("/api/v1/credentials", body, OPERATOR)


async def asking(office: Office, made: dict[str, Any], method: str, path: str, **how: Any) -> httpx.Response:
    """What the other system is answered."""
    return await office.client.request(method, path, headers={"authorization": f"Bearer {made['secret']}"}, **how)


async def listed(office: Office) -> dict[str, Any]:
    [one] = (await office.ask("GET", "/api/v1/credentials", OPERATOR)).json()["items"]
    return dict(one)


async def test_another_system_does_what_it_was_given_and_nothing_else(office: Office) -> None:
    person = (await office.post("/api/v1/participants", bodies.participant()))["id"]
    made = await given(office, "read participants", agency=office.lens)
    assert (await asking(office, made, "GET", f"/api/v1/participants/{person}")).status_code == 200
    for method, path in (
        ("GET", "/api/v1/meetups"),
        ("DELETE", f"/api/v1/participants/{person}"),
        ("GET", "/api/v1/credentials"),
    ):
        assert (await asking(office, made, method, path)).status_code == 403, path


async def test_it_sees_its_agency_alone(office: Office) -> None:
    theirs = bodies.participant(agency_id=str(office.lille))
    person = (await office.post("/api/v1/participants", theirs, office.other_adviser))["id"]
    made = await given(office, "read participants", "count participants", agency=office.lens)
    assert (await asking(office, made, "GET", f"/api/v1/participants/{person}")).status_code in {403, 404}
    assert len((await asking(office, made, "GET", "/api/v1/participants")).json()["items"]) == 0


async def test_its_secret_is_shown_once_and_kept_nowhere(office: Office) -> None:
    made = await given(office, "read meetups", agency=office.lens)
    assert made["secret"].startswith("vernissage_")
    [row] = await office.rows("SELECT * FROM credentials")
    assert made["secret"] not in str(row)
    assert "secret" not in str(await listed(office))


async def test_it_is_listed_with_who_made_it_and_when_it_was_last_used(office: Office) -> None:
    made = await given(office, "read meetups", agency=office.lens)
    before = await listed(office)
    assert (before["name"], before["made_by"], before["used_at"]) == ("Agenda régional", str(OPERATOR.id), None)
    await asking(office, made, "GET", "/api/v1/meetups")
    assert (await listed(office))["used_at"] == NOW.isoformat().replace("+00:00", "Z")


@pytest.fixture
def later(office: Office) -> Iterator[Callable[[timedelta], None]]:
    """Moves the application's clock on."""
    yield lambda by: setattr(office.app.state, "clock", lambda: NOW + by)
    office.app.state.clock = lambda: NOW


async def test_once_it_has_ended_it_opens_nothing(office: Office, later: Callable[[timedelta], None]) -> None:
    made = await given(office, "read meetups", agency=office.lens, ends_at="2026-11-23T10:00:00Z")
    later(timedelta(hours=23))
    assert (await asking(office, made, "GET", "/api/v1/meetups")).status_code == 200
    later(timedelta(hours=24))
    assert (await asking(office, made, "GET", "/api/v1/meetups")).status_code == 401


async def test_once_revoked_it_opens_nothing(office: Office) -> None:
    made = await given(office, "read meetups", agency=office.lens)
    assert (await asking(office, made, "GET", "/api/v1/meetups")).status_code == 200
    assert (await office.ask("DELETE", f"/api/v1/credentials/{made['id']}", OPERATOR)).status_code == 204
    assert (await asking(office, made, "GET", "/api/v1/meetups")).status_code == 401
    assert (await office.ask("DELETE", f"/api/v1/credentials/{made['id']}", OPERATOR)).status_code == 204
    assert (await listed(office))["revoked_by"] == str(OPERATOR.id)
    assert (await asking(office, {"secret": made["secret"] + "x"}, "GET", "/api/v1/meetups")).status_code == 401


async def test_the_other_services_hear_what_it_may_do(office: Office) -> None:
    made = await given(office, "read pairings", agency=office.lens)
    token = (await asking(office, made, "POST", "/api/v1/tokens", json={"service": "matching"})).json()["token"]
    claims = await TokenReader("matching", KnownKeys(office.app.state.signer)).read(token, now=NOW)
    assert (claims.person.role, claims.person.agency_id) == (Role.ADVISER, office.lens)
    assert claims.person.rights is not None
    assert {"read pairings"} <= claims.person.rights
    assert "decide pairings" not in claims.person.rights
    assert jws.extract_compact(token.encode()).payload.find(b"Agenda") < 0
    assert (
        await office.client.post("/api/v1/tokens", json={"service": "matching"}, headers=bearing(token))
    ).status_code == 401


def bearing(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"rights": ["decide pairings"]}, "rights"),
        ({"rights": ["write accounts"]}, "rights"),
        ({"rights": ["fly"]}, "rights"),
        ({"rights": []}, "rights"),
        ({"name": " "}, "name"),
        ({"ends_at": "2026-11-22T10:00:00Z"}, "ends_at"),
        ({"ends_at": "2029-01-01T00:00:00Z"}, "ends_at"),
        ({"agency_id": str(UUID(int=9))}, "agency_id"),
    ],
)
async def test_what_cannot_be_given_is_refused_at_its_place(office: Office, changes: dict[str, Any], path: str) -> None:
    body = bodies.credential(**{"agency_id": str(office.lens), **changes})
    refused = await office.ask("POST", "/api/v1/credentials", OPERATOR, json=body)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["path"].split("/")[0] == path
    assert await office.rows("SELECT id FROM credentials") == []


async def test_what_can_be_given_is_listed(office: Office) -> None:
    region = (await office.ask("GET", "/api/v1/credentials/grantable", MANAGER)).json()["rights"]
    agency = (await office.ask("GET", f"/api/v1/credentials/grantable?agency_id={office.lens}")).json()["rights"]
    assert "read participants" in agency
    assert "read participants" not in region
    assert not FOR_PEOPLE_ALONE & {*region, *agency}


@pytest.mark.parametrize(("agency_id", "role"), [(UUID(int=1), Role.ADVISER), (None, Role.MANAGER)])
def test_nothing_is_given_that_a_person_in_that_place_does_not_have(agency_id: UUID | None, role: Role) -> None:
    held = {right.name for right in RIGHTS if right.reach_of(role) is not Reach.NO}
    assert grantable(agency_id) <= held
    assert {right.name for right in RIGHTS} >= FOR_PEOPLE_ALONE
