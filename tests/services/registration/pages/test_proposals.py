"""Proposals on pages: another agency says what should change, the one that vouches decides."""

from __future__ import annotations

from typing import Any

import pytest

from tests.services.registration import bodies
from tests.services.registration.office import Office
from tests.services.registration.pages.conftest import somebody, visitor_as
from tests.support.visiting import Visitor


@pytest.fixture
def other(office: Office) -> Visitor:
    """An adviser of the agency of Lille."""
    return visitor_as(office, office.other_adviser)


async def test_a_change_of_an_employer_waits_for_its_agency(office: Office, adviser: Visitor, other: Visitor) -> None:
    employer = (await office.post("/api/v1/employers", bodies.employer()))["id"]
    page = await other.open(f"/employers/{employer}")
    assert f'href="/employers/{employer}/propose"' in page.text
    await other.open(f"/employers/{employer}/propose")
    form = other.form("Proposer")
    for _ in range(2):
        page = await other.post(form, form.filled({"commune": "Lens"}, "Proposer"))
    assert "Proposition envoyée" in page.text
    (waiting,) = await _waiting(office)
    assert waiting["changes"] == {"commune": "Lens"}
    assert (await _employer(office, employer))["commune"] == "62119"
    assert "à décider par" in (await other.open("/proposals")).text
    assert "Accepter" not in (await other.open("/proposals")).text
    assert "attendent une réponse" in (await adviser.open("/employers")).text
    page = await adviser.open("/proposals")
    assert "<del>Béthune (62)</del> → <strong>Lens</strong>" in page.text
    assert "Proposition acceptée" in (await adviser.send("Accepter")).text
    assert (await _employer(office, employer))["commune"] == "62498"
    assert "Rien n’attend" in (await adviser.open("/proposals")).text


async def test_what_is_refused_changes_nothing(office: Office, adviser: Visitor, other: Visitor) -> None:
    employer = (await office.post("/api/v1/employers", bodies.employer()))["id"]
    before = await _employer(office, employer)
    await other.open(f"/employers/{employer}/propose")
    await other.send("Proposer", {"siret": ""})
    assert (await _waiting(office))[0]["changes"] == {"siret": None}
    await adviser.open("/proposals")
    assert "rien n’a changé" in (await adviser.send("Refuser")).text
    assert await _employer(office, employer) == before


async def test_a_form_in_which_nothing_changed_proposes_nothing(office: Office, other: Visitor) -> None:
    employer = (await office.post("/api/v1/employers", bodies.employer()))["id"]
    site = (await office.post("/api/v1/sites", bodies.site(employer)))["id"]
    need = (await office.post("/api/v1/needs", bodies.need(employer, site_id=site, access=None)))["id"]
    for path in (f"/employers/{employer}", f"/sites/{site}", f"/needs/{need}"):
        await other.open(f"{path}/propose")
        assert (await other.send("Proposer")).status_code == 200
    assert await _waiting(office) == []


async def test_a_wrong_proposal_is_told_at_its_field(office: Office, other: Visitor) -> None:
    employer = (await office.post("/api/v1/employers", bodies.employer()))["id"]
    await other.open(f"/employers/{employer}/propose")
    page = await other.send("Proposer", {"commune": "Nulle-Part", "name": ""})
    assert page.status_code == 422
    assert 'id="error-name"' in page.text
    assert await _waiting(office) == []


async def test_skills_of_a_need_are_proposed_together(office: Office, adviser: Visitor, other: Visitor) -> None:
    employer = (await office.post("/api/v1/employers", bodies.employer()))["id"]
    need = (await office.post("/api/v1/needs", bodies.need(employer)))["id"]
    await other.open(f"/needs/{need}/propose")
    page = await other.send("Proposer", {"asked.6D102.points": "20", "asked.6D109.level": "1"})
    assert page.status_code == 422
    assert 'id="error-asked.6D109.points"' in page.text
    page = await other.send("Proposer", {"asked.6D109.points": "10", "posts": "4"})
    assert "Proposition envoyée" in page.text
    page = await adviser.open("/proposals")
    assert "Faire preuve de persévérance" in page.text
    assert "Proposition acceptée" in (await adviser.send("Accepter")).text
    kept = (await office.ask("GET", f"/api/v1/needs/{need}")).json()
    assert {each["skill"]: each["weight"] for each in kept["skills"]}["6D109"] == 0.1
    assert kept["posts"] == 4


async def test_sites_and_contacts_are_proposed_and_kept_once_accepted(
    office: Office, adviser: Visitor, other: Visitor
) -> None:
    employer = (await office.post("/api/v1/employers", bodies.employer()))["id"]
    await other.open(f"/employers/{employer}/sites/propose")
    await other.send("Proposer", {"name": "Entrepôt sud", "commune": "Lens"})
    await other.open(f"/employers/{employer}/contacts/propose")
    await other.send("Proposer", {"name": "Nadia Lefebvre", "phone": "06 00 00 00 02"})
    for _ in range(2):
        await adviser.open("/proposals")
        assert "Proposition acceptée" in (await adviser.send("Accepter")).text
    page = await adviser.open(f"/employers/{employer}")
    assert "Entrepôt sud" in page.text
    assert "Nadia Lefebvre" in page.text
    (site,) = (await office.ask("GET", f"/api/v1/sites?employer={employer}")).json()["items"]
    await other.open(f"/sites/{site['id']}/propose")
    await other.send("Proposer", {"name": "Entrepôt est"})
    await adviser.open("/proposals")
    await adviser.send("Accepter")
    assert (await office.ask("GET", f"/api/v1/sites/{site['id']}")).json()["name"] == "Entrepôt est"


async def test_what_was_decided_is_not_decided_again(office: Office, adviser: Visitor, other: Visitor) -> None:
    employer = (await office.post("/api/v1/employers", bodies.employer()))["id"]
    await other.open(f"/employers/{employer}/propose")
    await other.send("Proposer", {"name": "Autre nom"})
    await adviser.open("/proposals")
    form = adviser.form("Accepter")
    await adviser.post(form, form.filled({}, "Accepter"))
    assert (await adviser.post(form, form.filled({}, "Accepter"))).status_code == 409


@pytest.mark.parametrize(
    ("path", "statuses"),
    [
        ("/proposals", (200, 200, 403, 403, 200)),
        ("/employers/{employer}/propose", (200, 200, 403, 403, 200)),
        ("/employers/{employer}/sites/propose", (200, 200, 403, 403, 200)),
        ("/employers/{employer}/contacts/propose", (200, 200, 403, 403, 200)),
        ("/needs/{need}/propose", (200, 200, 403, 403, 200)),
        ("/sites/{site}/propose", (200, 200, 403, 403, 200)),
    ],
)
async def test_each_role_sees_what_is_theirs(office: Office, path: str, statuses: tuple[int, ...]) -> None:
    employer = (await office.post("/api/v1/employers", bodies.employer()))["id"]
    need = (await office.post("/api/v1/needs", bodies.need(employer)))["id"]
    site = (await office.post("/api/v1/sites", bodies.site(employer)))["id"]
    found = []
    for role in ("adviser", "other", "mediator", "manager", "operator"):
        visitor = visitor_as(office, somebody(office, role))
        found.append((await visitor.open(path.format(employer=employer, need=need, site=site))).status_code)
    assert tuple(found) == statuses


async def _waiting(office: Office) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await office.ask("GET", "/api/v1/proposals?open=true")).json()["items"]
    return items


async def _employer(office: Office, employer_id: str) -> dict[str, Any]:
    shown: dict[str, Any] = (await office.ask("GET", f"/api/v1/employers/{employer_id}")).json()
    return shown
