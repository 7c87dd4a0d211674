"""What is said to people, what they answer and who is shown it leaves lines that nobody can take back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from services.notification.tables import Base
from shared.database import unit_of_work
from shared.identity import Role
from shared.sql import run
from tests.services.notification.events import AGENCY, MEETUP, an_id, in_force, meeting
from tests.services.notification.mail_catcher import MailCatcher
from tests.services.notification.story import Story
from tests.services.notification.test_reply_page import answer, invited
from tests.services.notification.test_rights import headers
from tests.services.notification.test_shortlists import met

NOTED = {"invitations", "messages", "shortlists", "answers", "silences"}
NOT_NOTED = {
    "participants": "registration notes it",
    "needs": "registration notes it",
    "meetups": "registration notes it",
    "pairings": "matching notes it",
    "meetings": "matching notes it",
    "links": "goes with its message",
    "limits": "how often somebody asked",
    "idempotency_keys": "answers that were given",
}
"""Tables whose changes are no deeds here, and why."""


async def lines(client: httpx.AsyncClient, story: Story, **wanted: Any) -> Sequence[Any]:
    """What a manager finds, the latest first."""
    manager = headers(Role.MANAGER, AGENCY, story)
    found = await client.get("/api/v1/audit", params={"size": 200, **wanted}, headers=manager)
    assert found.status_code == 200, found.text
    items: Sequence[Any] = found.json()["items"]
    return items


async def test_changes_of_every_table_are_noted_or_left_out_for_a_reason(story: Story) -> None:
    async with unit_of_work(story.sessions) as session:
        triggers = text("SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE tgname LIKE 'notes_%'")
        noted = set((await run(session, triggers)).scalars())
    assert noted == NOTED
    assert noted | NOT_NOTED.keys() == set(Base.metadata.tables)


async def test_an_answer_by_link_is_noted_with_its_reason_and_without_the_link(
    story: Story, catcher: MailCatcher, client: httpx.AsyncClient
) -> None:
    link = await invited(story, catcher)
    assert (await answer(client, link, choice="decline", reason="found-work")).status_code == 303
    changed = await lines(client, story, participant=str(an_id("zephyrine")), kind="invitations", what="update")
    assert ("", "POST /r/{token}", "found-work") in {(line["role"], line["route"], line["why"]) for line in changed}
    token = link.rpartition("/")[2]
    async with unit_of_work(story.sessions) as session:
        assert token not in str((await run(session, text("SELECT * FROM audit.lines"))).all())


async def test_an_employer_who_opens_the_shortlist_looks_at_everybody_on_it(
    story: Story, catcher: MailCatcher, client: httpx.AsyncClient
) -> None:
    before = len(await lines(client, story, kind="shortlists", what="look"))
    await client.get(await met(story, catcher))
    looks = await lines(client, story, kind="shortlists", what="look")
    new = looks[: len(looks) - before]
    assert {line["participant_id"] for line in new} == {str(an_id("zephyrine")), str(an_id("barnabe"))}
    assert {line["route"] for line in new} == {"GET /e/{token}"}
    assert len({line["record_id"] for line in new}) == 1


async def test_an_adviser_looks_at_whom_invitations_and_letters_show(
    story: Story, catcher: MailCatcher, client: httpx.AsyncClient
) -> None:
    await story.begin("colette")
    await story.hear(in_force(meeting("colette", slot=0)))
    await story.send(catcher)
    adviser = headers(Role.ADVISER, AGENCY, story)
    shown = (await client.get(f"/api/v1/meetups/{MEETUP}/messages", headers=adviser)).json()
    letter = next(each["message_id"] for each in shown["messages"] if each["channel"] == "letter")
    assert (await client.get(f"/api/v1/letters/{letter}", headers=adviser)).status_code == 200
    looks = (await lines(client, story, participant=str(an_id("colette")), what="look"))[:2]
    assert [(line["kind"], line["record_id"], line["role"]) for line in looks] == [
        ("letters", letter, "adviser"),
        ("invitations", str(MEETUP), "adviser"),
    ]


@pytest.mark.parametrize("statement", ["UPDATE audit.lines SET what = ''", "DELETE FROM audit.lines"])
async def test_the_service_cannot_take_a_line_back(story: Story, statement: str) -> None:
    with pytest.raises(DBAPIError, match="permission denied"):
        async with unit_of_work(story.sessions) as session:
            await run(session, text(statement))
