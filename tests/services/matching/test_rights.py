"""Matching's cells of the table of rights through the real API: each role at their own agency and at another."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID, uuid5

import httpx
import pytest

from services.matching.api import ROUTERS
from services.matching.use_cases import standing
from shared.identity import Person, Role
from tests.services.matching.conftest import NEEDS, PEOPLE, Stage
from tests.services.matching.test_api import MEETUP, app, client, pair
from tests.support.events import AGENCY, NOW, an_id
from tests.support.rights import ROLES, may, rights_needed, routes_of
from tests.support.tokens import token_for

__all__ = ["app", "client"]

ELSEWHERE = an_id("another agency")

CASES = [
    ("read pairings", "GET", "/api/v1/meetups/{meetup_id}", None),
    ("read pairings", "GET", "/api/v1/meetups/{meetup_id}/pairings", None),
    ("read pairings", "GET", "/api/v1/meetups/{meetup_id}/runs", None),
    ("read pairings", "GET", "/api/v1/meetups/{meetup_id}/rules", None),
    ("read pairings", "GET", "/api/v1/pairings/{pairing_id}", None),
    ("read pairings", "GET", "/api/v1/pairings/{pairing_id}/difference", None),
    ("read pairings", "GET", "/api/v1/runs/{run_id}", None),
    ("read pairings", "GET", "/api/v1/runs/{run_id}/progress", None),
    ("read pairings", "POST", "/api/v1/runs/{run_id}/replay", None),
    ("decide pairings", "POST", "/api/v1/meetups/{meetup_id}/rematches", {"reason": "other"}),
    ("decide pairings", "PUT", "/api/v1/meetups/{meetup_id}/rules", {**pair(0, 0), "rule": "pin"}),
    ("decide pairings", "DELETE", "/api/v1/meetups/{meetup_id}/rules/{participant_id}/{need_id}", None),
    ("decide pairings", "POST", "/api/v1/pairings/{pairing_id}/approve", {}),
    ("decide pairings", "POST", "/api/v1/pairings/{pairing_id}/reject", {}),
    ("read profiles", "GET", "/api/v1/participants/{participant_id}/profile", None),
    ("fit profiles", "GET", "/api/v1/profiles/refits", None),
    ("fit profiles", "POST", "/api/v1/profiles/refit", None),
    ("read participant audit", "GET", "/api/v1/audit/participants/{participant_id}", None),
    ("read audit", "GET", "/api/v1/audit", None),
    ("read audit", "GET", "/api/v1/audit/head", None),
    ("tell records", "GET", "/internal/participants/{participant_id}/record", None),
    ("read needs", "GET", "/api/v1/needs", None),
    ("read needs", "GET", "/api/v1/needs/{need_id}", None),
]
LISTS = {
    ("GET", "/api/v1/meetups"): {"read pairings"},
    ("GET", "/api/v1/needs/{need_id}/shortlist"): {"read shortlists"},
}
"""What answers everybody who has the right, and holds their own only."""


def callers() -> Iterator[tuple[Role, bool, dict[str, str]]]:
    """Each role at another agency and at the meetup's own, with the headers of a request; the own agency comes last."""
    for agency in (ELSEWHERE, AGENCY):
        for role in ROLES:
            person = Person(uuid5(UUID(int=0), f"{role}{agency}"), role, agency)
            token = token_for(person, "matching", NOW)
            yield role, agency == AGENCY, {"authorization": f"Bearer {token}"}


@pytest.mark.parametrize(("right", "method", "template", "body"), CASES)
async def test_a_right_goes_as_far_as_the_table_says_and_no_further(
    client: httpx.AsyncClient,
    gallery: Stage,
    right: str,
    method: str,
    template: str,
    body: object,
) -> None:
    rule = {"forbids": [(PEOPLE[0], NEEDS[0])]} if method == "DELETE" else {}
    proposal = await gallery.propose(**rule)
    path = template.format(
        meetup_id=MEETUP,
        pairing_id=proposal.id,
        run_id=(await gallery.newest_run()).id,
        participant_id=an_id(PEOPLE[0]),
        need_id=an_id(NEEDS[0]),
    )
    for role, is_own, headers in callers():
        answer = await client.request(method, path, json=body, headers=headers)
        assert answer.is_success or answer.status_code in (403, 404), answer.text
        assert answer.is_success is may(right, role, is_own=is_own), (role, is_own, answer.text)


async def test_lists_hold_what_is_ones_own(client: httpx.AsyncClient, gallery: Stage) -> None:
    await standing.make_pool(gallery.sessions, gallery.policy, moment=gallery.moment())
    for role, is_own, headers in callers():
        listed = await client.get("/api/v1/meetups", headers=headers)
        seen = listed.is_success and str(MEETUP) in {each["id"] for each in listed.json()["items"]}
        assert seen is may("read pairings", role, is_own=is_own), (role, is_own)
        shortlist = await client.get(f"/api/v1/needs/{an_id(NEEDS[0])}/shortlist", headers=headers)
        seen = shortlist.is_success and bool(shortlist.json()["places"])
        assert seen is may("read shortlists", role, is_own=is_own), (role, is_own)


def test_every_route_needs_one_right_and_has_a_case_for_it() -> None:
    needed = {(method, path): rights_needed(route) for method, path, route in routes_of(ROUTERS)}
    tried = {(method, path): {right} for right, method, path, _ in CASES} | LISTS
    assert needed == tried
