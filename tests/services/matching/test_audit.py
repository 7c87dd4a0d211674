"""What advisers decide in matching and whom they are shown there leaves lines that nobody can take back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from services.matching.tables import Base
from services.matching.use_cases import standing
from shared.database import unit_of_work
from shared.sql import run
from tests.services.matching.conftest import ADVISER, NEEDS, PEOPLE, Stage
from tests.services.matching.test_api import MANAGER, MEETUP, OWN, STRANGER, app, client, pair, proposed
from tests.support.events import an_id

__all__ = ["app", "client"]

NOTED = {"rematch_requests", "pair_rules", "pairings", "refit_requests"}
NOT_NOTED = {
    "participants": "registration notes it",
    "consents": "registration notes it",
    "observations": "registration notes it",
    "needs": "registration notes it",
    "meetups": "registration notes it",
    "enrolments": "registration notes it",
    "replies": "notification notes it",
    "limits": "how often somebody asked",
    "idempotency_keys": "answers that were given",
    "components": "worked out by the service",
    "profiles": "worked out by the service",
    "pairing_runs": "worked out by the service, recorded whole",
    "pairing_people": "a copy of what pairings say",
    "seatings": "worked out by the service",
    "standing_shortlists": "worked out by the service",
    "shortlists_due": "what the service has to do",
    "exposures": "worked out by the service",
}
"""Tables whose changes are no deeds of people at work here, and why."""


async def lines(client: httpx.AsyncClient, **wanted: Any) -> Sequence[Any]:
    """What a manager finds, the latest first."""
    answer = await client.get("/api/v1/audit", params={"size": 200, **wanted}, headers=MANAGER)
    assert answer.status_code == 200, answer.text
    items: Sequence[Any] = answer.json()["items"]
    return items


async def test_changes_of_every_table_are_noted_or_left_out_for_a_reason(gallery: Stage) -> None:
    async with unit_of_work(gallery.sessions) as session:
        triggers = text("SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE tgname LIKE 'notes_%'")
        noted = set((await run(session, triggers)).scalars())
    assert noted == NOTED
    assert noted | NOT_NOTED.keys() == set(Base.metadata.tables)


async def test_what_an_adviser_decides_is_theirs_with_its_reason(client: httpx.AsyncClient, gallery: Stage) -> None:
    await client.post(f"/api/v1/meetups/{MEETUP}/rematches", json={"reason": "first-pairing"}, headers=OWN)
    pairing = await proposed(gallery)
    await client.post(f"/api/v1/pairings/{pairing}/approve", json={}, headers=OWN)
    await client.put(f"/api/v1/meetups/{MEETUP}/rules", json={**pair(0, 0), "rule": "pin"}, headers=OWN)
    done = {(line["what"], line["kind"], line["why"]) for line in await lines(client, person=str(ADVISER))}
    assert ("insert", "rematch_requests", "first-pairing") in done
    assert ("insert", "pair_rules", "pin") in done
    assert ("update", "pairings", "in-force") in done


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/api/v1/pairings/{pairing}", "pairings"),
        ("/api/v1/pairings/{pairing}/difference", "pairings"),
        ("/api/v1/participants/{person}/profile", "profiles"),
        ("/api/v1/needs/{need}/shortlist", "standing_shortlists"),
        ("/api/v1/meetups/{meetup}/rules", "pair_rules"),
    ],
)
async def test_whoever_is_shown_people_looks_at_each_of_them(
    client: httpx.AsyncClient, gallery: Stage, path: str, kind: str
) -> None:
    await standing.make_pool(gallery.sessions, gallery.policy, moment=gallery.moment())
    pairing = await gallery.propose()
    person = pairing.pairing.meetings[0].participant_id
    rule = {"participant_id": str(person), "need_id": str(an_id(NEEDS[0])), "rule": "pin"}
    await client.put(f"/api/v1/meetups/{MEETUP}/rules", json=rule, headers=OWN)
    path = path.format(pairing=pairing.id, person=person, need=an_id(NEEDS[0]), meetup=MEETUP)
    assert (await client.get(path, headers=OWN)).status_code == 200
    [look] = await lines(client, participant=str(person), what="look")
    assert (look["person_id"], look["role"], look["kind"]) == (str(ADVISER), "adviser", kind)
    if kind == "pairings":
        looked_at = {UUID(line["participant_id"]) for line in await lines(client, record=str(pairing.id), what="look")}
        assert looked_at <= {an_id(name) for name in PEOPLE}
        assert len(looked_at) > 1


async def test_who_looked_is_for_the_persons_own_agency(client: httpx.AsyncClient, gallery: Stage) -> None:
    person = an_id(PEOPLE[0])
    await client.get(f"/api/v1/participants/{person}/profile", headers=OWN)
    own = await client.get(f"/api/v1/audit/participants/{person}", headers=OWN)
    assert [line["kind"] for line in own.json()["items"]] == ["profiles"]
    assert (await client.get(f"/api/v1/audit/participants/{person}", headers=STRANGER)).status_code == 404
    assert (await client.get("/api/v1/audit", headers=OWN)).status_code == 403


@pytest.mark.parametrize("statement", ["UPDATE audit.lines SET what = ''", "DELETE FROM audit.lines"])
async def test_the_service_cannot_take_a_line_back(gallery: Stage, statement: str) -> None:
    with pytest.raises(DBAPIError, match="permission denied"):
        async with unit_of_work(gallery.sessions) as session:
            await run(session, text(statement))
