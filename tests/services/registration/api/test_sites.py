"""Employers have sites: a need there is where its site is, unless it says otherwise."""

from __future__ import annotations

from typing import Any

import pytest

from shared.contracts.employers import NeedChanged, NeedPublished, NeedState
from tests.services.registration import bodies
from tests.services.registration.office import Office
from tests.services.registration.use_cases.importing.exports import EMPLOYER, NEED, written

LIEVIN, BETHUNE, ROUBAIX = "62510", "62119", "59512"

SITE = {
    "identifiant": "S1",
    "employeur": "E1",
    "nom": "Entrepôt nord",
    "siret": "12388345625839",
    "adresse": "Zone des Hauts",
    "commune": "Liévin",
    "acces": "Bus 10",
}


async def employer_of_lens(office: Office) -> str:
    return str((await office.post("/api/v1/employers", bodies.employer()))["id"])


async def site_of(office: Office, employer: str, **changes: Any) -> str:
    return str((await office.post("/api/v1/sites", bodies.site(employer, **changes)))["id"])


def there(employer: str, site: str, **changes: Any) -> dict[str, Any]:
    """A need at a site that says nothing else of its place."""
    body = bodies.need(employer, site_id=site, **changes)
    return body if "commune" in changes else {name: value for name, value in body.items() if name != "commune"}


async def whereabouts(office: Office, need: str) -> tuple[str, str]:
    shown = (await office.ask("GET", f"/api/v1/needs/{need}")).json()
    return shown["commune"], shown["access"]


async def told_places(office: Office, event: type[NeedState]) -> list[tuple[str, str]]:
    """Where needs are, as others were told, in order."""
    told = await office.events(event)
    return [(str(each.need_id), each.place.commune) for each in told if isinstance(each, NeedState)]


async def test_a_site_is_shown_as_it_was_registered_to_all_advisers(office: Office) -> None:
    employer = await employer_of_lens(office)
    site = await site_of(office, employer)
    for person in (office.adviser, office.other_adviser):
        shown = await office.ask("GET", f"/api/v1/sites/{site}", person)
        assert shown.headers["etag"] == '"1"'
        said = {"id": site, "revision": 1, "identifier": None, "commune": LIEVIN, "siret": "12388345625839"}
        assert shown.json() == {**bodies.site(employer), **said}
        (listed,) = (await office.ask("GET", f"/api/v1/sites?employer={employer}&q=nord", person)).json()["items"]
        assert listed["id"] == site
    assert (await office.ask("GET", f"/api/v1/sites?employer={site}")).json()["items"] == []


async def test_a_need_is_where_its_site_is_unless_it_says_otherwise(office: Office) -> None:
    employer = await employer_of_lens(office)
    site = await site_of(office, employer)
    need = (await office.post("/api/v1/needs", there(employer, site)))["id"]
    own = (await office.post("/api/v1/needs", there(employer, site, commune="Béthune", access="Parking")))["id"]
    assert await whereabouts(office, need) == (LIEVIN, "Bus 10, arrêt Mairie")
    assert await whereabouts(office, own) == (BETHUNE, "Parking")
    assert await told_places(office, NeedPublished) == [(need, LIEVIN), (own, BETHUNE)]
    await office.ask("PATCH", f"/api/v1/needs/{own}", json={"commune": None})
    assert await whereabouts(office, own) == (LIEVIN, "Parking")


async def test_needs_move_with_their_site_and_keep_what_they_say_themselves(office: Office) -> None:
    employer = await employer_of_lens(office)
    site = await site_of(office, employer)
    need = (await office.post("/api/v1/needs", there(employer, site)))["id"]
    own = (await office.post("/api/v1/needs", there(employer, site, commune="Béthune")))["id"]
    closed = (await office.post("/api/v1/needs", there(employer, site)))["id"]
    await office.ask("POST", f"/api/v1/needs/{closed}/close")
    moved = {"commune": "Roubaix", "access": "Métro Gare"}
    assert (await office.ask("PATCH", f"/api/v1/sites/{site}", json=moved)).json()["change"] == "changed"
    assert await whereabouts(office, need) == (ROUBAIX, "Métro Gare")
    assert await whereabouts(office, own) == (BETHUNE, "Métro Gare")
    assert await whereabouts(office, closed) == (LIEVIN, "Bus 10, arrêt Mairie")
    assert sorted(await told_places(office, NeedChanged)) == sorted([(need, ROUBAIX), (own, BETHUNE)])


async def test_a_need_that_goes_to_another_site_is_there(office: Office) -> None:
    employer = await employer_of_lens(office)
    need = (await office.post("/api/v1/needs", bodies.need(employer)))["id"]
    site = await site_of(office, employer)
    await office.ask("PATCH", f"/api/v1/needs/{need}", json={"site_id": site})
    assert await whereabouts(office, need) == (LIEVIN, "Bus 10, arrêt Mairie")
    await office.ask("PATCH", f"/api/v1/needs/{need}", json={"site_id": None})
    assert await whereabouts(office, need) == (LIEVIN, "Bus 10, arrêt Mairie")


@pytest.mark.parametrize("named", [{"site_id": "another's"}, {}])
async def test_a_need_names_a_site_of_its_employer_or_a_commune(office: Office, named: dict[str, str]) -> None:
    employer = await employer_of_lens(office)
    other = await site_of(office, str((await office.post("/api/v1/employers", bodies.employer()))["id"]))
    body = {**bodies.need(employer), **({"site_id": other} if named else {"commune": None})}
    refused = await office.ask("POST", "/api/v1/needs", json=body)
    expected = ("site_id", "unknown-site") if named else ("commune", "missing-value")
    assert refused.status_code == 422
    assert [(each["path"], each["code"]) for each in refused.json()["errors"]] == [expected]


async def test_a_site_is_its_own_agencys_to_change_and_stays_at_its_employer(office: Office) -> None:
    employer = await employer_of_lens(office)
    site = await site_of(office, employer, identifier="S1")
    stranger = office.other_adviser
    for answer in (
        await office.ask("POST", "/api/v1/sites", stranger, json=bodies.site(employer)),
        await office.ask("PATCH", f"/api/v1/sites/{site}", stranger, json={"name": "Ailleurs"}),
        await office.ask("PUT", "/api/v1/sites/by-identifier/S1", stranger, json=bodies.site(employer)),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "other-agency")
    other = (await office.post("/api/v1/employers", bodies.employer()))["id"]
    moved = await office.ask("PATCH", f"/api/v1/sites/{site}", json={"employer_id": other})
    assert (moved.status_code, moved.json()["code"]) == (409, "other-employers")


async def test_others_propose_sites_and_what_should_change_of_one(office: Office) -> None:
    employer = await employer_of_lens(office)
    site = await site_of(office, employer)
    stranger = office.other_adviser
    new = (await office.post("/api/v1/sites/proposals", bodies.site(employer, name="Entrepôt sud"), stranger))["id"]
    change = (await office.post(f"/api/v1/sites/{site}/proposals", {"commune": "Roubaix"}, stranger))["id"]
    wrong = await office.ask("POST", f"/api/v1/sites/{site}/proposals", stranger, json={"siret": "1"})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "bad-siret")
    assert (await office.ask("POST", f"/api/v1/proposals/{new}/accept")).status_code == 201
    assert (await office.ask("POST", f"/api/v1/proposals/{change}/accept")).json()["change"] == "changed"
    listed = (await office.ask("GET", f"/api/v1/sites?employer={employer}")).json()["items"]
    assert [(each["name"], each["commune"]) for each in listed] == [
        ("Entrepôt nord", ROUBAIX),
        ("Entrepôt sud", LIEVIN),
    ]


async def test_sites_are_imported_with_the_needs_there(office: Office) -> None:
    need = {name: cell for name, cell in NEED.items() if name != "commune"} | {"site": "S1"}
    files = {
        "besoins.csv": written([need]),
        "sites.csv": written(
            [SITE, {**SITE, "identifiant": "S2", "siret": "1"}, {**SITE, "identifiant": "S3", "employeur": "E9"}]
        ),
        "employeurs.csv": written([EMPLOYER]),
    }
    report = await office.import_files(files, office.adviser)
    assert [(each["code"], each["column"]) for each in report["findings"]] == [
        ("bad-siret", "siret"),
        ("unknown-employer", "employeur"),
    ]
    [kept] = await office.rows("SELECT needs.commune, needs.access FROM needs JOIN sites ON sites.id = site_id")
    assert kept == {"commune": LIEVIN, "access": "Bus 10"}
    again = await office.import_files({**files, "sites.csv": written([SITE])}, office.adviser)
    assert all(each["unchanged"] == each["read"] for each in again["files"].values()), again
    nowhere = await office.import_files({"besoins.csv": written([{**need, "site": "S9"}])}, office.adviser)
    assert [(each["code"], each["column"]) for each in nowhere["findings"]] == [("unknown-site", "site")]
    foreign = await office.import_files({"sites.csv": written([SITE])}, office.other_adviser)
    assert [each["code"] for each in foreign["findings"]] == ["other-agency"]
