"""Matching's API: who may do what, and how it answers when something cannot be."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import httpx
import pytest
from asgi_lifespan import LifespanManager
from fastapi import FastAPI, Request
from pydantic import SecretStr
from sqlalchemy import text

from services.matching.api import runs as runs_api
from services.matching.limits import REPLAYS
from services.matching.repository import runs
from services.matching.settings import Settings
from services.matching.use_cases import following, replaying, standing
from services.matching.use_cases.fitting import meet_requests
from services.matching.web import create_app
from shared import sql
from shared.contracts.invitations import InvitationAccepted
from shared.contracts.participants import ConsentWithdrawn
from shared.contracts.rematches import RematchRequested
from shared.contracts.vocabulary import RematchReason
from shared.database import unit_of_work
from shared.identity import Person, Role
from shared.ids import new_id
from shared.moment import Moment
from tests.services.matching.conftest import ADVISER, NEEDS, PEOPLE, Stage
from tests.support.documented import watching
from tests.support.events import AGENCY, NICE, NOW, an_id, participant_registered
from tests.support.tokens import KEYS, token_for

SECRET = "a secret of at least thirty-two characters"
ADDRESS = "http://matching.test"
MEETUP = an_id("meetup")


def token(role: Role, agency_id: UUID | None = None) -> dict[str, str]:
    sealed = token_for(Person(ADVISER, role, agency_id), "matching", NOW)
    return {"authorization": f"Bearer {sealed}"}


OWN = token(Role.ADVISER, AGENCY)
STRANGER = token(Role.ADVISER, an_id("another agency"))
MANAGER = token(Role.MANAGER)
MEDIATOR = token(Role.MEDIATOR, AGENCY)


@pytest.fixture
def app(gallery: Stage) -> FastAPI:
    url = gallery.engine.url.render_as_string(hide_password=False)
    return create_app(
        Settings(database_url=url, seal_secret=SecretStr(SECRET), public_url=ADDRESS), keys=KEYS, clock=lambda: NOW
    )


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with LifespanManager(app):
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url=ADDRESS, event_hooks=watching(app)) as client:
            yield client


async def proposed(gallery: Stage) -> str:
    return str((await gallery.propose()).id)


async def test_an_adviser_asks_reads_and_approves(client: httpx.AsyncClient, gallery: Stage) -> None:
    body = {"reason": "first-pairing", "note": "Pour le 2 décembre"}
    asked = await client.post(f"/api/v1/meetups/{MEETUP}/rematches", json=body, headers=OWN)
    assert asked.status_code == 202
    pairing_id = await proposed(gallery)
    read = (await client.get(f"/api/v1/pairings/{pairing_id}", headers=OWN)).json()
    assert read["status"] == "proposed"
    assert read["proof"]["plan_status"] == "optimal"
    approved = await client.post(f"/api/v1/pairings/{pairing_id}/approve", json={}, headers=OWN)
    assert approved.status_code == 200
    history = (await client.get(f"/api/v1/meetups/{MEETUP}/pairings", headers=OWN)).json()
    assert [(one["status"], one["decided_by"]) for one in history["items"]] == [("in-force", str(ADVISER))]


async def test_a_proposal_and_a_fit_are_asked_for_once_under_their_key(
    client: httpx.AsyncClient, gallery: Stage
) -> None:
    asking = {**OWN, "idempotency-key": "agenda-1"}
    path = f"/api/v1/meetups/{MEETUP}/rematches"
    first, second = [await client.post(path, json={"reason": "first-pairing"}, headers=asking) for _ in range(2)]
    assert (second.status_code, second.json()) == (202, first.json())
    other = await client.post(path, json={"reason": "first-pairing", "note": "Vite"}, headers=asking)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency-key-reused")
    fitting = {**MANAGER, "idempotency-key": "agenda-2"}
    fits = [await client.post("/api/v1/profiles/refit", headers=fitting) for _ in range(2)]
    assert fits[0].json() == fits[1].json()
    async with unit_of_work(gallery.sessions) as session:
        for table in ("rematch_requests", "refit_requests"):
            assert (await sql.run(session, text(f"SELECT count(*) FROM {table}"))).scalar_one() == 1  # noqa: S608


async def test_pairings_and_runs_come_a_page_at_a_time(client: httpx.AsyncClient, gallery: Stage) -> None:
    for _ in range(3):
        await gallery.propose()
    for path in (f"/api/v1/meetups/{MEETUP}/pairings", f"/api/v1/meetups/{MEETUP}/runs"):
        listed = (await client.get(path, headers=OWN)).json()
        assert (len(listed["items"]), listed["next"]) == (3, None)
        first = (await client.get(path, params={"size": 2}, headers=OWN)).json()
        rest = (await client.get(path, params={"size": 2, "cursor": first["next"]}, headers=OWN)).json()
        assert first["items"] + rest["items"] == listed["items"]
        gone = await client.get(path, params={"cursor": str(an_id("nowhere"))}, headers=OWN)
        assert (gone.status_code, gone.json()["code"]) == (422, "cursor-gone")


async def test_a_pairing_in_a_line_counts_its_meetings_and_what_changed(
    client: httpx.AsyncClient, gallery: Stage
) -> None:
    first = await gallery.approve(await gallery.propose())
    second = await gallery.propose(forbids=[(PEOPLE[0], NEEDS[0])])
    newest, oldest = (await client.get(f"/api/v1/meetups/{MEETUP}/pairings", headers=OWN)).json()["items"]
    for line, stored in ((newest, second), (oldest, first)):
        difference = stored.pairing.difference
        assert line["meetings"] == len(stored.pairing.meetings)
        for kind in ("added", "removed", "moved", "kept"):
            assert line[kind] == len(getattr(difference, kind))


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", f"/api/v1/meetups/{MEETUP}/pairings"),
        ("get", f"/api/v1/meetups/{MEETUP}/runs"),
        ("get", f"/api/v1/meetups/{MEETUP}/rules"),
        ("post", f"/api/v1/meetups/{MEETUP}/rematches"),
        ("put", f"/api/v1/meetups/{MEETUP}/rules"),
        ("get", f"/api/v1/participants/{an_id(PEOPLE[0])}/profile"),
        ("get", "/api/v1/pairings/{pairing}"),
        ("get", "/api/v1/pairings/{pairing}/difference"),
        ("post", "/api/v1/pairings/{pairing}/approve"),
        ("post", "/api/v1/pairings/{pairing}/reject"),
    ],
)
async def test_only_the_own_agency_and_the_right_role_come_in(
    client: httpx.AsyncClient, gallery: Stage, method: str, path: str
) -> None:
    address = path.format(pairing=await proposed(gallery)) if "{pairing}" in path else path
    bodies = {"rematches": {"reason": "other"}, "rules": {**pair(0, 0), "rule": "pin"}}
    body = bodies.get(address.rsplit("/", 1)[-1], {}) if method != "get" else None
    statuses = {}
    for who, headers in (("nobody", {}), ("mediator", MEDIATOR), ("stranger", STRANGER)):
        answer = await client.request(method, address, json=body, headers=headers)
        statuses[who] = answer.status_code
        assert answer.headers["content-type"] == "application/problem+json"
    assert statuses == {"nobody": 401, "mediator": 403, "stranger": 404}
    assert (await client.request(method, address, json=body, headers=OWN)).status_code < 300


def pair(person: int, need: int) -> dict[str, str]:
    return {"participant_id": str(an_id(PEOPLE[person])), "need_id": str(an_id(NEEDS[need]))}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"reason": "other", "pins": [pair(0, 0)], "forbids": [pair(0, 0)]}, "pin-contradicts-forbid"),
        ({"reason": "other", "pins": [{**pair(0, 0), "need_id": str(an_id("no need"))}]}, "pair-not-of-meetup"),
        ({"reason": "because"}, "invalid-request"),
        ({"reason": "other", "pins": "everybody"}, "invalid-request"),
        ({"reason": "other", "wish": "a pony"}, "invalid-request"),
    ],
)
async def test_a_bad_request_is_told_what_is_wrong(
    client: httpx.AsyncClient, body: dict[str, object], code: str
) -> None:
    answer = await client.post(f"/api/v1/meetups/{MEETUP}/rematches", json=body, headers=OWN)
    assert answer.status_code == 422
    assert answer.json()["code"] == code
    assert (await client.get(f"/api/v1/meetups/{MEETUP}/runs", headers=OWN)).json()["items"] == []


async def test_unknown_things_are_named(client: httpx.AsyncClient) -> None:
    nowhere = new_id()
    for path, code in (
        (f"/api/v1/meetups/{nowhere}/pairings", "unknown-meetup"),
        (f"/api/v1/pairings/{nowhere}", "unknown-pairing"),
        (f"/api/v1/runs/{nowhere}", "unknown-run"),
        (f"/api/v1/participants/{nowhere}/profile", "unknown-participant"),
        (f"/api/v1/needs/{nowhere}/shortlist", "unknown-need"),
    ):
        answer = await client.get(path, headers=OWN)
        assert (answer.status_code, answer.json()["code"]) == (404, code)


async def test_the_approval_of_a_superseded_proposal_names_the_newer_one(
    client: httpx.AsyncClient, gallery: Stage
) -> None:
    first, second = await proposed(gallery), await proposed(gallery)
    answer = await client.post(f"/api/v1/pairings/{first}/approve", json={}, headers=OWN)
    assert answer.status_code == 409
    assert answer.json()["code"] == "pairing-superseded"
    assert answer.json()["newer"] == second


async def test_a_pin_is_kept_until_it_is_taken_back(client: httpx.AsyncClient) -> None:
    address = f"/api/v1/meetups/{MEETUP}/rules"
    await client.put(address, json={**pair(0, 0), "rule": "pin"}, headers=OWN)
    await client.put(address, json={**pair(0, 0), "rule": "forbid"}, headers=OWN)
    assert (await client.get(address, headers=OWN)).json()["items"] == [{**pair(0, 0), "rule": "forbid"}]
    own = f"{address}/{an_id(PEOPLE[0])}/{an_id(NEEDS[0])}"
    assert (await client.delete(own, headers=OWN)).status_code == 204
    assert (await client.delete(own, headers=OWN)).json()["code"] == "unknown-rule"


async def test_a_profile_says_what_was_seen_and_what_was_not(client: httpx.AsyncClient) -> None:
    answer = (await client.get(f"/api/v1/participants/{an_id(PEOPLE[1])}/profile", headers=OWN)).json()
    skills = {one["skill"]: one for one in answer["skills"]}
    assert len(skills) == 16
    assert skills["6D102"]["seen"]
    assert skills["6D102"]["evidence"]["observations"] == 2
    assert not skills["6D116"]["seen"]
    widths = {code: one["high"] - one["low"] for code, one in skills.items()}
    assert widths["6D102"] < widths["6D116"]
    for one in skills.values():
        assert 0 <= one["low"] <= one["level"] <= one["high"] <= 4
        assert one["level"] == pytest.approx(one["usual"] + one["shared"] + one["own"])
    assert skills["6D102"]["own"] != 0
    assert skills["6D116"]["own"] == 0


async def test_a_runs_progress_can_be_followed_to_its_end(client: httpx.AsyncClient, gallery: Stage) -> None:
    await gallery.propose()
    run = await gallery.newest_run()
    answer = await client.get(f"/api/v1/runs/{run.id}/progress", headers=OWN)
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.text.startswith("event: done\ndata: {")
    replayed = (await client.post(f"/api/v1/runs/{run.id}/replay", headers=OWN)).json()
    assert replayed == {"same": True, "digest": run.digest}


async def test_whoever_loses_the_right_meanwhile_hears_no_more_of_a_run(
    client: httpx.AsyncClient, gallery: Stage, app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    await gallery.propose()
    run = (await gallery.newest_run()).id
    async with unit_of_work(gallery.sessions) as session:
        await sql.run(session, text("UPDATE pairing_runs SET status = 'running'"))
    monkeypatch.setattr(runs_api, "LOOK_EVERY", 0.001)
    known = app.state.identify
    asked = 0

    async def until_it_ends(request: Request) -> Person | None:
        nonlocal asked
        asked += 1
        return await known(request) if asked < 3 else None

    app.state.identify = until_it_ends
    followed = await client.get(f"/api/v1/runs/{run}/progress", headers=OWN)
    assert (followed.status_code, asked) == (200, 3), "it ended by itself: the run still waits"


async def test_only_so_many_follow_at_once(client: httpx.AsyncClient, gallery: Stage, app: FastAPI) -> None:
    await gallery.propose()
    run = await gallery.newest_run()
    app.state.following = asyncio.Semaphore(1)
    async with app.state.following:
        refused = await client.get(f"/api/v1/runs/{run.id}/progress", headers=OWN)
    followed = await client.get(f"/api/v1/runs/{run.id}/progress", headers=OWN)
    assert (refused.status_code, refused.json()["code"]) == (429, "too-many-followers")
    assert followed.status_code == 200


async def test_whoever_asks_for_a_new_fit_sees_how_it_ended(client: httpx.AsyncClient, gallery: Stage) -> None:
    asked = await client.post("/api/v1/profiles/refit", headers=MANAGER)
    assert asked.status_code == 202
    (waiting,) = (await client.get("/api/v1/profiles/refits", headers=MANAGER)).json()
    assert (waiting["request_id"], waiting["status"]) == (asked.json()["request_id"], "waiting")
    await meet_requests(gallery.sessions, moment=Moment(gallery.now, new_id))
    (met,) = (await client.get("/api/v1/profiles/refits", headers=MANAGER)).json()
    assert (met["status"], met["attempts_failed"], met["error"]) == ("done", 0, None)
    assert (await client.get("/api/v1/profiles/refits", headers=OWN)).status_code == 403


async def test_an_outdated_proposal_is_refused_with_what_changed_and_computed_again(
    client: httpx.AsyncClient, gallery: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    proposal = await gallery.propose()
    person = proposal.pairing.meetings[0].participant_id

    async def not_yet(*_: object) -> None:
        """The consumer learnt of it and has not followed yet."""

    with monkeypatch.context() as patched:
        patched.setattr(following, "follow", not_yet)
        await gallery.hear(ConsentWithdrawn(participant_id=person, revision=2, purpose="pairing"))
    answer = await client.post(f"/api/v1/pairings/{proposal.id}/approve", json={}, headers=OWN)
    assert (answer.status_code, answer.json()["code"]) == (409, "proposal-outdated")
    assert {(one["participant_id"], one["cause"]) for one in answer.json()["changed"]} == {(str(person), "withdrawal")}
    assert answer.json()["changed"][0]["sentence"].startswith("Une personne n’est plus inscrite")
    state = (await client.get(f"/api/v1/meetups/{MEETUP}", headers=OWN)).json()
    assert (state["waiting"], state["is_computing"]) == (None, True)
    assert await gallery.compute() == 1
    again = (await gallery.proposal()).id
    assert (await client.post(f"/api/v1/pairings/{again}/approve", json={}, headers=OWN)).status_code == 200


async def test_a_meetup_says_what_holds_what_waits_and_what_to_ask(client: httpx.AsyncClient, gallery: Stage) -> None:
    before = await gallery.approve(await gallery.propose())
    person = before.pairing.meetings[0].participant_id
    name = next(name for name in PEOPLE if an_id(name) == person)
    await gallery.hear(
        InvitationAccepted(meetup_id=MEETUP, participant_id=person, invitation_id=person, revision=2),
        participant_registered(name, revision=2, home=NICE),
    )
    state = (await client.get(f"/api/v1/meetups/{MEETUP}", headers=OWN)).json()
    assert (state["in_force"], state["waiting"], state["is_computing"]) == (str(before.id), None, False)
    assert {(one["participant_id"], *one["reasons"]) for one in state["asks"]} == {(str(person), "commute")}
    read = (await client.get(f"/api/v1/pairings/{before.id}", headers=OWN)).json()
    assert read["asks"] == state["asks"]


async def test_an_adviser_sees_only_the_people_of_their_agency_on_a_shortlist(
    client: httpx.AsyncClient, gallery: Stage
) -> None:
    await gallery.hear(participant_registered(PEOPLE[0], revision=2, agency_id=an_id("another agency")))
    await standing.make_pool(gallery.sessions, gallery.policy, moment=gallery.moment())
    address = f"/api/v1/needs/{an_id(NEEDS[0])}/shortlist"
    seen = {
        who: {place["participant_id"] for place in (await client.get(address, headers=headers)).json()["places"]}
        for who, headers in (("own", OWN), ("stranger", STRANGER), ("manager", MANAGER))
    }
    assert seen["manager"] == {str(an_id(name)) for name in PEOPLE}
    assert seen["stranger"] == {str(an_id(PEOPLE[0]))}
    assert seen["own"] == seen["manager"] - seen["stranger"]


async def test_lists_come_a_page_at_a_time(client: httpx.AsyncClient) -> None:
    first = (await client.get("/api/v1/needs?size=2", headers=MANAGER)).json()
    rest = (await client.get(f"/api/v1/needs?cursor={first['next']}", headers=MANAGER)).json()
    assert [len(first["items"]), len(rest["items"]), rest["next"]] == [2, 1, None]
    assert {one["id"] for one in (*first["items"], *rest["items"])} == {str(an_id(name)) for name in NEEDS}
    assert len((await client.get("/api/v1/meetups?size=1", headers=OWN)).json()["items"]) == 1
    assert (await client.get("/api/v1/needs?size=0", headers=MANAGER)).status_code == 422


async def test_a_run_whose_meetup_nobody_told_of_is_seen_to_wait(client: httpx.AsyncClient, gallery: Stage) -> None:
    event = RematchRequested(
        meetup_id=an_id("a meetup to come"), request_id=new_id(), requested_by=ADVISER, reason=RematchReason.OTHER
    )
    await gallery.hear(event)
    assert await gallery.compute() == 0
    async with unit_of_work(gallery.sessions) as session:
        (run,) = await runs.latest(session, 1)
    answer = (await client.get(f"/api/v1/runs/{run.id}", headers=MANAGER)).json()
    assert (answer["status"], answer["step"]) == ("queued", "waiting-for-meetup")
    assert [request["id"] for request in answer["requests"]] == [str(event.request_id)]
    assert (await client.get(f"/api/v1/runs/{run.id}", headers=OWN)).status_code == 404


async def test_runs_are_computed_again_one_at_a_time_and_not_too_often(
    client: httpx.AsyncClient, gallery: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    await gallery.propose()
    run = await gallery.newest_run()
    began, may_end = asyncio.Event(), asyncio.Event()

    async def wait_for_leave(_record: object) -> bool:
        began.set()
        await may_end.wait()
        return True

    monkeypatch.setattr(replaying, "replay", wait_for_leave)
    first = asyncio.create_task(client.post(f"/api/v1/runs/{run.id}/replay", headers=OWN))
    await began.wait()
    second = await client.post(f"/api/v1/runs/{run.id}/replay", headers=OWN)
    assert (second.status_code, second.json()["code"]) == (429, "another-replay")
    assert (await client.get(f"/api/v1/runs/{run.id}", headers=OWN)).status_code == 200
    may_end.set()
    assert (await first).status_code == 200
    answers = [await client.post(f"/api/v1/runs/{run.id}/replay", headers=OWN) for _ in range(REPLAYS.times)]
    assert [answer.status_code for answer in answers[-2:]] == [429, 429]
    assert answers[-1].json()["code"] == "too-many-requests"
