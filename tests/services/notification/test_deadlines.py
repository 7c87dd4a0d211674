"""What happens because time passes: reminders leave, and places that nobody answers for become free."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from services.notification.domain.replying import Choice
from services.notification.use_cases import deadlines, replying
from shared.database import unit_of_work
from tests.services.notification.events import STARTS_AT, an_id, in_force, meeting, scheduled, unconsented
from tests.services.notification.mail_catcher import MailCatcher
from tests.services.notification.story import Story, link_in
from tests.services.notification.test_api import SignedIn, signed_in

__all__ = ["signed_in"]

REMINDED = ("answer-reminder", "queued")


async def invited(story: Story, catcher: MailCatcher, *names: str) -> None:
    """These participants were invited, each with an e-mail address."""
    known = story.directory.entries.participants[an_id("zephyrine")]
    story.directory.entries.participants.update({an_id(name): known for name in names})
    await story.begin(*names)
    await story.hear(in_force(*(meeting(name, slot=slot) for slot, name in enumerate(names))))
    await story.send(catcher)


async def test_all_due_reminders_leave_however_many(
    story: Story, catcher: MailCatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deadlines, "AT_ONCE", 3)
    await invited(story, catcher, *(f"person {number}" for number in range(8)))
    story.now += timedelta(days=4)
    assert await story.keep_deadlines() == [REMINDED] * 8
    assert await story.keep_deadlines() == []


async def test_each_question_is_reminded_once(story: Story, catcher: MailCatcher) -> None:
    await invited(story, catcher, "zephyrine")
    story.now += timedelta(days=4)
    assert await story.keep_deadlines() == [REMINDED]
    await story.send(catcher)
    await story.hear(scheduled(2, changed=True, starts_at=STARTS_AT + timedelta(days=7)))
    await story.send(catcher)
    assert await story.keep_deadlines() == []
    story.now += timedelta(days=4)
    assert await story.keep_deadlines() == [REMINDED]


async def test_whoever_asked_for_a_call_after_a_reminder_was_written_gets_none(
    story: Story, catcher: MailCatcher
) -> None:
    await invited(story, catcher, "zephyrine")
    story.now += timedelta(days=4)
    assert await story.keep_deadlines() == [REMINDED]
    await story.reply_by_phone("zephyrine", Choice.CALL)
    assert await story.send(catcher) == {"withdrawn": 1}
    story.now += timedelta(days=5)
    assert REMINDED not in await story.keep_deadlines()
    assert (await story.invitation())["reply"] == "none", "whoever asked for a call keeps the place"


async def test_those_who_may_not_be_written_to_are_not_reminded(story: Story, catcher: MailCatcher) -> None:
    await invited(story, catcher, "zephyrine", "barnabe")
    await story.hear(unconsented("zephyrine"))
    story.now += timedelta(days=4)
    assert await story.keep_deadlines() == [REMINDED]


@pytest.mark.parametrize("trouble", ["refused", "not contactable", "too late", "never left"])
async def test_places_of_those_whom_nobody_reached_become_free(
    story: Story, catcher: MailCatcher, client: httpx.AsyncClient, signed_in: SignedIn, trouble: str
) -> None:
    if trouble == "refused":
        catcher.box.reply_to_recipient = "550 no"
    if trouble == "too late":
        story.now = STARTS_AT - timedelta(hours=23)
    if trouble == "never left":
        catcher.box.reply_to_recipient = "451 later"
    await invited(story, catcher, "zephyrine")
    if trouble == "not contactable":
        await story.hear(in_force(revision=2), unconsented("zephyrine"), in_force(meeting("zephyrine"), revision=3))
    if trouble == "never left":
        story.now += timedelta(days=5)
        await story.keep_deadlines()
    listed = (
        await client.get(f"/api/v1/meetups/{(await story.invitation())['meetup_id']}/messages", headers=signed_in())
    ).json()
    assert [each["concern"] for each in listed["invitations"]] == ["ask"]
    assert "appelez avant" in listed["invitations"][0]["say"]
    within = (await story.invitation())["deadline"]
    assert story.now < within <= min(story.now + timedelta(hours=48), STARTS_AT - timedelta(hours=12))
    story.now = within
    await story.keep_deadlines()
    assert (await story.invitation())["reply"] == "expired"
    assert (await story.event_names())[-1] == "invitation.expired"


async def test_a_letter_has_left_when_somebody_posted_it(
    story: Story, catcher: MailCatcher, client: httpx.AsyncClient, signed_in: SignedIn
) -> None:
    await story.begin("colette")
    await story.hear(in_force(meeting("colette")))
    await story.send(catcher)
    id_ = await story.value("SELECT id FROM messages")
    before = await story.whole_database()
    first, second = [(await client.get(f"/api/v1/letters/{id_}", headers=signed_in())).text for _ in (1, 2)]
    assert first == second, "printed again, a letter has the same link"
    assert await story.whole_database() == before, "looking at a letter writes nothing"
    posted = f"/api/v1/letters/{id_}/posted"
    early = await client.post(posted, headers=signed_in())
    assert (early.status_code, early.json()["code"]) == (409, "not-printed")
    assert (await client.post(f"/api/v1/letters/{id_}/printed", headers=signed_in())).status_code == 204
    await story.hear(scheduled(2, changed=True, venue="Palais des Beaux-Arts"))
    stale = await client.post(posted, headers=signed_in())
    assert (stale.status_code, stale.json()["code"]) == (409, "not-printed")
    await client.post(f"/api/v1/letters/{id_}/printed", headers=signed_in())
    story.now += timedelta(days=1)
    assert (await client.post(posted, headers=signed_in())).status_code == 204
    assert [(name, body["channel"]) for name, body in await story.events()] == [("invitation.sent", "letter")]
    assert (await story.invitation("colette"))["deadline"] == story.now + timedelta(days=4, hours=10)
    assert await story.value("SELECT settled_by FROM messages WHERE channel = 'letter'") == an_id("adviser")


async def test_links_open_their_pages_for_some_weeks_after_the_meetup(
    story: Story, catcher: MailCatcher, client: httpx.AsyncClient
) -> None:
    await invited(story, catcher, "zephyrine")
    await story.reply_by_phone("zephyrine", Choice.ACCEPT)
    await story.request_shortlists()
    await story.send(catcher)
    links = [link_in(mail) for mail in catcher.box.messages]
    story.now = STARTS_AT + timedelta(days=29)
    assert {(await client.get(link)).status_code for link in links} == {200}
    story.now = STARTS_AT + timedelta(days=31)
    for link in links:
        for path in (link, f"{link}/stop"):
            late = await client.get(path)
            assert late.status_code == 404
            assert "trop ancien" in late.text


async def test_a_mail_programs_one_click_is_answered_without_a_redirect(
    story: Story, catcher: MailCatcher, client: httpx.AsyncClient
) -> None:
    await invited(story, catcher, "zephyrine")
    await story.request_shortlists()
    await story.send(catcher)
    for mail in catcher.box.messages:
        answered = await client.post(f"{link_in(mail)}/stop", data={"List-Unsubscribe": "One-Click"})
        assert answered.status_code == 200


async def test_one_worker_at_a_time_keeps_the_deadlines(story: Story, catcher: MailCatcher) -> None:
    await invited(story, catcher, "zephyrine")
    story.now += timedelta(days=6)
    async with unit_of_work(story.sessions) as first:
        await deadlines.keep_deadlines(first, moment=story.moment(), rules=story.rules)
        assert await story.keep_deadlines() == []
        assert (await story.invitation())["reply"] == "none", "the other one has not committed yet"
    assert (await story.invitation())["reply"] == "expired"


async def test_nobody_is_reminded_who_stopped_messages(story: Story, catcher: MailCatcher) -> None:
    await invited(story, catcher, "zephyrine")
    async with unit_of_work(story.sessions) as session:
        await replying.stop_messages(session, an_id("zephyrine"), moment=story.moment(), rules=story.rules)
    story.now += timedelta(days=4)
    assert await story.keep_deadlines() == []
