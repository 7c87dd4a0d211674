"""Notification's cells of the table of rights through the real API: each role at their own agency and at another."""

from __future__ import annotations

from uuid import UUID, uuid5

import httpx
import pytest

from services.notification.api import ROUTERS
from shared.identity import Person, Role
from tests.services.notification.events import AGENCY, MEETUP, an_id, in_force, meeting
from tests.services.notification.mail_catcher import MailCatcher
from tests.services.notification.story import Story
from tests.support.rights import ROLES, may, rights_needed, routes_of
from tests.support.tokens import token_for

ELSEWHERE = an_id("another agency")

CASES = [
    ("read messages", "GET", "/api/v1/meetups/{meetup_id}/messages", None),
    ("read audit", "GET", "/api/v1/audit", None),
    ("read audit", "GET", "/api/v1/audit/head", None),
    ("send shortlists", "POST", "/api/v1/meetups/{meetup_id}/shortlists", None),
    ("settle messages", "POST", "/api/v1/messages/{message_id}/resolve", {"outcome": "sent"}),
    ("settle messages", "POST", "/api/v1/invitations/{invitation_id}/replies", {"choice": "accept"}),
    ("settle messages", "POST", "/api/v1/invitations/{invitation_id}/told", None),
    ("settle messages", "POST", "/api/v1/shortlists/{shortlist_id}/told", None),
    ("tell records", "GET", "/internal/participants/{participant_id}/record", None),
    ("print letters", "GET", "/api/v1/letters/{message_id}", None),
    ("print letters", "POST", "/api/v1/letters/{message_id}/printed", None),
    ("print letters", "POST", "/api/v1/letters/{message_id}/posted", None),
]


def headers(role: Role, agency: UUID, story: Story) -> dict[str, str]:
    """Those of a request by somebody with a role."""
    person = Person(uuid5(UUID(int=0), f"{role}{agency}"), role, agency)
    token = token_for(person, "notification", story.now)
    return {"authorization": f"Bearer {token}", "accept": "application/json"}


@pytest.mark.parametrize(("right", "method", "template", "body"), CASES)
async def test_a_right_goes_as_far_as_the_table_says_and_no_further(
    story: Story,
    catcher: MailCatcher,
    client: httpx.AsyncClient,
    right: str,
    method: str,
    template: str,
    body: object,
) -> None:
    await story.begin("colette")
    await story.hear(in_force(meeting("colette", slot=0)))
    await story.send(catcher)
    adviser = headers(Role.ADVISER, AGENCY, story)
    await client.post(f"/api/v1/meetups/{MEETUP}/shortlists", headers=adviser)
    shown = (await client.get(f"/api/v1/meetups/{MEETUP}/messages", headers=adviser)).json()
    path = template.format(
        meetup_id=MEETUP,
        participant_id=an_id("colette"),
        message_id=next(each["message_id"] for each in shown["messages"] if each["channel"] == "letter"),
        invitation_id=shown["invitations"][0]["invitation_id"],
        shortlist_id=shown["shortlists"][0]["shortlist_id"],
    )
    for agency in (ELSEWHERE, AGENCY):
        for role in ROLES:
            answer = await client.request(method, path, json=body, headers=headers(role, agency, story))
            # What is settled or not printed yet is told to those alone who may settle and print it.
            is_had = answer.is_success or answer.status_code == 409
            assert is_had or answer.status_code in (403, 404), answer.text
            assert is_had is may(right, role, is_own=agency == AGENCY), (role, agency, answer.text)


def test_every_route_needs_one_right_and_has_a_case_for_it() -> None:
    needed = {(method, path): rights_needed(route) for method, path, route in routes_of(ROUTERS)}
    tried = {(method, path): {right} for right, method, path, _ in CASES}
    # Who may have a link to sign in sent is tried beside the mail that leaves.
    tried["POST", "/internal/mails"] = {"have mails sent"}
    assert needed == tried
