"""Staff are invited, move and leave; a name typed anywhere gives nobody an account."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from shared.identity import Person, Role
from tests.services.registration import bodies
from tests.services.registration.office import MANAGER, OPERATOR, Office
from tests.services.registration.use_cases.importing.exports import folder

SEEN = {"if-match": '"1"'}
ALINE = "aline.morel@francetravail.example"


def somebody(role: str = "adviser", **more: Any) -> dict[str, Any]:
    return {"email": ALINE, "role": role, **more}


async def accounts(office: Office) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = (await office.ask("GET", "/api/v1/accounts", OPERATOR)).json()["items"]
    return listed


async def test_somebody_invited_is_listed_with_what_they_may_do_where(office: Office) -> None:
    invited = await office.post("/api/v1/accounts", somebody(agency_id=str(office.lens), name="Aline Morel"), OPERATOR)
    assert await accounts(office) == [
        {
            "id": invited["id"],
            "email": ALINE,
            "name": "Aline Morel",
            "role": "adviser",
            "agency_id": str(office.lens),
            "language": "fr",
            "revision": 1,
        }
    ]


async def test_an_address_is_read_as_everywhere(office: Office) -> None:
    await office.post(
        "/api/v1/accounts", {"email": " Aline.MOREL@FranceTravail.example ", "role": "operator"}, OPERATOR
    )
    assert [each["email"] for each in await accounts(office)] == [ALINE]
    refused = await office.ask("POST", "/api/v1/accounts", OPERATOR, json={"email": "nobody", "role": "operator"})
    assert (refused.status_code, refused.json()["code"]) == (422, "bad-email")


async def test_nobody_is_invited_twice_at_once(office: Office) -> None:
    await office.post("/api/v1/accounts", somebody("operator"), OPERATOR)
    again = await office.ask("POST", "/api/v1/accounts", OPERATOR, json=somebody("manager"))
    assert (again.status_code, again.json()["code"]) == (409, "already-invited")


@pytest.mark.parametrize(
    ("role", "has_agency"), [("adviser", False), ("mediator", False), ("manager", True), ("operator", True)]
)
async def test_a_role_has_an_agency_or_none(office: Office, role: str, has_agency: bool) -> None:
    body = somebody(role, agency_id=str(office.lens) if has_agency else None)
    refused = await office.ask("POST", "/api/v1/accounts", OPERATOR, json=body)
    assert (refused.status_code, refused.json()["errors"][0]["path"]) == (422, "agency_id")


async def test_an_agency_that_is_none_is_refused(office: Office) -> None:
    refused = await office.ask("POST", "/api/v1/accounts", OPERATOR, json=somebody(agency_id=str(uuid4())))
    assert (refused.status_code, refused.json()["code"]) == (422, "unknown-agency")


REACH = {
    Role.MEDIATOR: set[str](),
    Role.ADVISER: {"mediator"},
    Role.MANAGER: {"mediator", "adviser"},
    Role.OPERATOR: {"mediator", "adviser", "manager", "operator"},
}


@pytest.mark.parametrize("role", list(REACH))
async def test_who_may_invite_move_and_let_go_whom(office: Office, role: Role) -> None:
    asking = Person(uuid4(), role, office.lens if role in (Role.ADVISER, Role.MEDIATOR) else None)
    for number, other in enumerate(("mediator", "adviser", "manager", "operator")):
        agency = str(office.lens) if other in ("mediator", "adviser") else None
        body = {"email": f"{number}.{role}@francetravail.example", "role": other, "agency_id": agency}
        allowed = other in REACH[role]
        assert (await office.ask("POST", "/api/v1/accounts", asking, json=body)).status_code == (
            201 if allowed else 403
        )
        if not allowed:
            kept = await office.post("/api/v1/accounts", body, OPERATOR)
            duty = {"role": "mediator", "agency_id": str(office.lens)}
            moved = await office.ask("PUT", f"/api/v1/accounts/{kept['id']}/duty", asking, json=duty, headers=SEEN)
            gone = await office.ask("DELETE", f"/api/v1/accounts/{kept['id']}", asking)
            expected = 404 if role is Role.ADVISER and agency is None else 403
            assert (moved.status_code, gone.status_code) == (expected, expected)


async def test_an_adviser_reaches_their_own_agency_alone(office: Office) -> None:
    elsewhere = somebody("mediator", agency_id=str(office.lille))
    assert (await office.ask("POST", "/api/v1/accounts", office.adviser, json=elsewhere)).status_code == 403
    theirs = await office.post("/api/v1/accounts", elsewhere, office.other_adviser)
    assert (await office.ask("GET", "/api/v1/accounts", office.adviser)).json()["items"] == []
    away = {"role": "mediator", "agency_id": str(office.lens)}
    for asking, expected in ((office.adviser, 404), (office.other_adviser, 403)):
        moved = await office.ask("PUT", f"/api/v1/accounts/{theirs['id']}/duty", asking, json=away, headers=SEEN)
        assert moved.status_code == expected, "neither takes somebody from another agency nor hands them over"


async def test_whoever_moves_somebody_says_what_they_saw(office: Office) -> None:
    kept = await office.post("/api/v1/accounts", somebody(agency_id=str(office.lens)), MANAGER)
    path, duty = f"/api/v1/accounts/{kept['id']}/duty", {"role": "mediator", "agency_id": str(office.lille)}
    assert (await office.ask_blindly("PUT", path, MANAGER, json=duty)).status_code == 428
    assert (await office.ask("PUT", path, MANAGER, json=duty, headers={"if-match": '"1"'})).json()["revision"] == 2
    stale = await office.ask("PUT", path, MANAGER, json=duty, headers={"if-match": '"1"'})
    assert (stale.status_code, stale.json()["changed"]["role"]) == (412, "mediator")


async def test_nobody_changes_or_ends_their_own_account(office: Office) -> None:
    kept = await office.post("/api/v1/accounts", somebody("operator"), OPERATOR)
    own = Person(kept["id"], Role.OPERATOR)
    gone = await office.ask("DELETE", f"/api/v1/accounts/{kept['id']}", own)
    assert (gone.status_code, gone.json()["code"]) == (409, "own-account")
    assert len(await accounts(office)) == 1


async def test_whoever_left_is_unknown_until_invited_again(office: Office) -> None:
    kept = await office.post("/api/v1/accounts", somebody("operator"), OPERATOR)
    assert (await office.ask("DELETE", f"/api/v1/accounts/{kept['id']}", OPERATOR)).status_code == 204
    assert (await office.ask("DELETE", f"/api/v1/accounts/{kept['id']}", OPERATOR)).status_code == 404
    assert await accounts(office) == []
    again = await office.post("/api/v1/accounts", somebody("manager"), OPERATOR)
    assert (again["id"], [each["role"] for each in await accounts(office)]) == (kept["id"], ["manager"])


async def test_a_name_typed_into_a_workshop_or_a_file_gives_nobody_an_account(office: Office) -> None:
    workshop = await office.post("/api/v1/workshops", bodies.workshop(adviser=ALINE))
    await office.import_files(folder())
    assert await accounts(office) == []
    named = {each["email"]: each["id"] for each in (await office.ask("GET", "/api/v1/staff")).json()["items"]}
    assert ALINE in named
    invited = await office.post("/api/v1/accounts", somebody(agency_id=str(office.lens)), MANAGER)
    assert invited["id"] == named[ALINE], "a workshop goes on knowing its team"
    assert (await office.ask("GET", f"/api/v1/workshops/{workshop['id']}")).json()["adviser"] == named[ALINE]
