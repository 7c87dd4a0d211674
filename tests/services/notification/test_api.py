"""The JSON API: who may see and do what, and clear refusals."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from shared.identity import Person, Role
from tests.services.notification.events import AGENCY, MEETUP, STARTS_AT, an_id, in_force, meeting
from tests.services.notification.mail_catcher import MailCatcher
from tests.services.notification.story import Story
from tests.support.tokens import token_for

SignedIn = Callable[..., dict[str, str]]
ELSEWHERE = an_id("another agency")


@pytest.fixture
def signed_in(story: Story) -> SignedIn:
    """Headers of somebody with a role, by default an adviser of the meetup's agency."""

    def headers(role: Role = Role.ADVISER, agency: Any = AGENCY) -> dict[str, str]:
        token = token_for(Person(an_id("adviser"), role, agency), "notification", story.now)
        return {"authorization": f"Bearer {token}", "accept": "application/json"}

    return headers


async def invited(story: Story, catcher: MailCatcher, *names: str) -> None:
    """These participants were invited."""
    await story.begin(*names)
    await story.hear(in_force(*(meeting(name, slot=slot) for slot, name in enumerate(names))))
    await story.send(catcher)


def routes() -> list[tuple[str, str, dict[str, Any] | None]]:
    """All routes with an id that exists or not."""
    some = UUID("0192f000-0000-7000-8000-000000000001")
    return [
        ("GET", f"/api/v1/meetups/{MEETUP}/messages", None),
        ("POST", f"/api/v1/meetups/{MEETUP}/shortlists", None),
        ("POST", f"/api/v1/messages/{some}/resolve", {"outcome": "sent"}),
        ("POST", f"/api/v1/invitations/{some}/replies", {"choice": "accept"}),
        ("POST", f"/api/v1/invitations/{some}/told", None),
        ("POST", f"/api/v1/shortlists/{some}/told", None),
        ("GET", f"/api/v1/letters/{some}", None),
        ("POST", f"/api/v1/letters/{some}/printed", None),
        ("POST", f"/api/v1/letters/{some}/posted", None),
    ]


@pytest.mark.parametrize(("method", "path", "body"), routes())
async def test_nobody_unknown_comes_in(
    client: httpx.AsyncClient, method: str, path: str, body: dict[str, Any] | None
) -> None:
    for headers in ({}, {"authorization": "Bearer forged"}, {"cookie": "vernissage_session=forged"}):
        response = await client.request(method, path, json=body, headers=headers)
        assert response.status_code == 401
        assert response.json()["code"] == "not-signed-in"
        assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(("method", "path", "body"), routes())
@pytest.mark.parametrize("role", [Role.MEDIATOR, Role.SERVICE])
async def test_other_roles_are_refused(
    client: httpx.AsyncClient, signed_in: SignedIn, method: str, path: str, body: dict[str, Any] | None, role: Role
) -> None:
    response = await client.request(method, path, json=body, headers=signed_in(role))
    assert (response.status_code, response.json()["code"]) == (403, "not-allowed")


async def test_an_adviser_sees_their_agency_only(
    story: Story, catcher: MailCatcher, client: httpx.AsyncClient, signed_in: SignedIn
) -> None:
    await invited(story, catcher, "zephyrine", "colette")
    path = f"/api/v1/meetups/{MEETUP}/messages"
    assert (await client.get(path, headers=signed_in(agency=ELSEWHERE))).status_code == 404
    assert (await client.get(path, headers=signed_in(Role.MANAGER, None))).status_code == 200
    assert (await client.get(path, headers=signed_in(Role.OPERATOR, None))).status_code == 200
    shown = (await client.get(path, headers=signed_in())).json()
    assert {each["participant_id"]: each["delivery"] for each in shown["invitations"]} == {
        str(an_id("zephyrine")): "sent",
        str(an_id("colette")): "waiting",
    }
    assert {each["channel"] for each in shown["messages"]} == {"email", "letter"}
    letter = next(each for each in shown["messages"] if each["channel"] == "letter")
    assert (
        await client.get(f"/api/v1/letters/{letter['message_id']}", headers=signed_in(agency=ELSEWHERE))
    ).status_code == 404
    for action, body in (
        (f"/api/v1/messages/{letter['message_id']}/resolve", {"outcome": "sent"}),
        (f"/api/v1/invitations/{shown['invitations'][0]['invitation_id']}/replies", {"choice": "accept"}),
        (f"/api/v1/meetups/{MEETUP}/shortlists", None),
    ):
        refused = await client.post(action, json=body, headers=signed_in(agency=ELSEWHERE))
        assert refused.status_code == 404


async def test_who_needs_a_phone_call_is_said(
    story: Story, catcher: MailCatcher, client: httpx.AsyncClient, signed_in: SignedIn
) -> None:
    await invited(story, catcher, "zephyrine")
    shown = (await client.get(f"/api/v1/meetups/{MEETUP}/messages", headers=signed_in())).json()
    assert [each["needs_adviser"] for each in shown["invitations"]] == [False]
    entry = await story.invitation()
    called = await client.post(
        f"/api/v1/invitations/{entry['id']}/replies", json={"choice": "call"}, headers=signed_in()
    )
    assert called.status_code == 204
    shown = (await client.get(f"/api/v1/meetups/{MEETUP}/messages", headers=signed_in())).json()
    assert [each["needs_adviser"] for each in shown["invitations"]] == [True]


async def test_a_letter_is_printed_with_its_address_and_link(
    story: Story, catcher: MailCatcher, client: httpx.AsyncClient, signed_in: SignedIn
) -> None:
    await invited(story, catcher, "colette")
    id_ = await story.value("SELECT id FROM messages")
    letter = await client.get(f"/api/v1/letters/{id_}", headers=signed_in())
    assert letter.status_code == 200
    assert letter.headers["cache-control"] == "no-store"
    for fact in (
        "Colette Septvents",
        "3 rue des Tisserands<br>62300 Lens",
        "Bonjour Colette",
        "Agence de Lens<br>1, place Jean-Jaurès<br>62300 Lens<br>03\u00a021\u00a000\u00a000\u00a000<br>lens@agence",
        "Louvre-Lens, 99 rue Paul Bert, Lens",
        "Bus 41, arrêt Louvre-Lens",
        "Bus 18, arrêt Zone industrielle.",
    ):
        assert fact in letter.text, fact
    assert "fichier joint" not in letter.text
    [address] = {word.strip("<>br") for word in letter.text.split() if "/r/" in word}
    path = address.split(":8003")[1].split("<")[0]
    assert (await client.get(path)).status_code == 200
    assert "Septvents" not in await story.whole_database()


async def test_a_letter_without_object_is_not_printed(
    story: Story, catcher: MailCatcher, client: httpx.AsyncClient, signed_in: SignedIn
) -> None:
    await invited(story, catcher, "colette", "zephyrine")
    rows = {row["channel"]: row["id"] for row in await story.rows("SELECT id, channel FROM messages")}
    assert (await client.get(f"/api/v1/letters/{rows['email']}", headers=signed_in())).status_code == 404
    invitation = await story.invitation("colette")
    await client.post(
        f"/api/v1/invitations/{invitation['id']}/replies", json={"choice": "decline"}, headers=signed_in()
    )
    gone = await client.get(f"/api/v1/letters/{rows['letter']}", headers=signed_in())
    assert (gone.status_code, gone.json()["code"]) == (410, "obsolete-letter")


async def test_letters_wait_for_registration(
    story: Story, catcher: MailCatcher, client: httpx.AsyncClient, signed_in: SignedIn
) -> None:
    await invited(story, catcher, "colette")
    story.directory.is_down = True
    id_ = await story.value("SELECT id FROM messages")
    refused = await client.get(f"/api/v1/letters/{id_}", headers=signed_in())
    assert (refused.status_code, refused.json()["code"]) == (503, "no-directory")


async def test_an_uncertain_message_is_settled_by_a_person(
    story: Story, catcher: MailCatcher, client: httpx.AsyncClient, signed_in: SignedIn
) -> None:
    catcher.box.drops_after_data = True
    await invited(story, catcher, "zephyrine")
    id_ = await story.value("SELECT id FROM messages")
    path = f"/api/v1/messages/{id_}/resolve"
    assert (await client.post(path, json={"outcome": "sent"}, headers=signed_in())).status_code == 204
    assert await story.event_names() == ["invitation.uncertain", "invitation.sent"]
    again = await client.post(path, json={"outcome": "send-again"}, headers=signed_in())
    assert (again.status_code, again.json()["code"]) == (409, "already-settled")
    assert await story.value("SELECT settled_by FROM messages") == an_id("adviser")


async def test_replies_by_phone_count_until_the_meetup_begins(
    story: Story, catcher: MailCatcher, client: httpx.AsyncClient, signed_in: SignedIn
) -> None:
    await invited(story, catcher, "colette")
    path = f"/api/v1/invitations/{(await story.invitation('colette'))['id']}/replies"
    story.now = STARTS_AT - timedelta(minutes=1)
    assert (await client.post(path, json={"choice": "accept"}, headers=signed_in())).status_code == 204
    assert (await story.event_names())[-1] == "invitation.accepted"
    story.now = STARTS_AT
    late = await client.post(path, json={"choice": "decline", "reason": "other"}, headers=signed_in())
    assert (late.status_code, late.json()["code"]) == (409, "too-late")


async def test_a_reply_for_a_place_given_away_is_refused(
    story: Story, catcher: MailCatcher, client: httpx.AsyncClient, signed_in: SignedIn
) -> None:
    await invited(story, catcher, "zephyrine")
    await story.hear(in_force(revision=2))
    path = f"/api/v1/invitations/{(await story.invitation())['id']}/replies"
    refused = await client.post(path, json={"choice": "accept"}, headers=signed_in())
    assert (refused.status_code, refused.json()["code"]) == (409, "no-longer-planned")


async def test_shortlists_need_a_pairing_in_force(story: Story, client: httpx.AsyncClient, signed_in: SignedIn) -> None:
    path = f"/api/v1/meetups/{MEETUP}/shortlists"
    unknown = await client.post(path, headers=signed_in())
    assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown-meetup")
    await story.begin("zephyrine")
    early = await client.post(path, headers=signed_in())
    assert (early.status_code, early.json()["code"]) == (409, "no-pairing-in-force")
    await story.hear(in_force(meeting("zephyrine")))
    asked = await client.post(path, headers=signed_in())
    assert (asked.status_code, asked.json()) == (202, {"new": 1, "already": 0})
    asked = await client.post(path, headers=signed_in())
    assert asked.json() == {"new": 0, "already": 1}


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/api/v1/messages/{id}/resolve", {"outcome": "lost"}, "outcome"),
        ("/api/v1/messages/{id}/resolve", {"outcome": "sent", "address": "x@y.example"}, "address"),
        ("/api/v1/messages/{id}/resolve", {}, "outcome"),
        ("/api/v1/invitations/{id}/replies", {"choice": 9}, "choice"),
        ("/api/v1/invitations/{id}/replies", {"choice": "decline", "reason": "Quatrepommes"}, "reason"),
        ("/api/v1/invitations/{id}/replies", [], ""),
    ],
)
async def test_a_body_that_does_not_fit_is_explained_by_field_and_not_repeated(
    client: httpx.AsyncClient, signed_in: SignedIn, path: str, body: Any, field: str
) -> None:
    refused = await client.post(path.format(id=uuid4()), json=body, headers=signed_in())
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid-request")
    assert [error["path"] for error in refused.json()["errors"]] == [field]
    assert "Quatrepommes" not in refused.text
    assert "x@y.example" not in refused.text


async def test_unknown_ids_are_told(client: httpx.AsyncClient, signed_in: SignedIn) -> None:
    for method, path, body in routes():
        response = await client.request(method, path, json=body, headers=signed_in())
        assert response.status_code == 404
        assert response.json()["code"].startswith("unknown-")
    bad = await client.get("/api/v1/meetups/not-an-id/messages", headers=signed_in())
    assert (bad.status_code, bad.json()["errors"][0]["code"]) == (422, "uuid-parsing")


async def test_what_was_done_under_a_key_is_not_done_again(
    story: Story, catcher: MailCatcher, client: httpx.AsyncClient, signed_in: SignedIn
) -> None:
    await invited(story, catcher, "zephyrine")
    shown = (await client.get(f"/api/v1/meetups/{MEETUP}/messages", headers=signed_in())).json()
    replies = f"/api/v1/invitations/{shown['invitations'][0]['invitation_id']}/replies"

    async def ask(key: str, path: str, **body: Any) -> tuple[int, Any]:
        headers = {**signed_in(), "idempotency-key": key}
        answer = await client.post(path, json=body or None, headers=headers)
        return answer.status_code, answer.json() if answer.content else None

    assert await ask("call-1", replies, choice="accept") == (204, None)
    assert await ask("call-2", replies, choice="decline", reason="other") == (204, None)
    # The first one, late once more: it does not undo what was said since.
    assert await ask("call-1", replies, choice="accept") == (204, None)
    shown = (await client.get(f"/api/v1/meetups/{MEETUP}/messages", headers=signed_in())).json()
    assert shown["invitations"][0]["reply"] == "declined"
    status, problem = await ask("call-1", replies, choice="decline")
    assert (status, problem["code"]) == (409, "idempotency-key-reused")
    lists = f"/api/v1/meetups/{MEETUP}/shortlists"
    first = await ask("lists-1", lists)
    assert await ask("lists-1", lists) == first
    assert first[0] == 202
