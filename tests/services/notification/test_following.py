"""What happens when a meetup changes after people were told: everybody concerned hears of it, or an adviser does."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from services.notification.domain.replying import Choice
from services.notification.use_cases import replying
from shared.contracts.employers import NeedChanged, NeedClosed
from shared.contracts.meetups import InvitedNeed, MeetupCancelled
from shared.contracts.participants import ParticipantChanged
from shared.database import unit_of_work
from shared.web.typography import french_date
from tests.services.notification.events import MEETUP, STARTS_AT, an_id, in_force, meeting, registered, scheduled
from tests.services.notification.mail_catcher import MailCatcher
from tests.services.notification.story import Story, link_in
from tests.services.notification.test_api import SignedIn, signed_in
from tests.services.notification.test_hearing import published
from tests.services.notification.test_mails import calendar_in, text_of
from tests.services.notification.test_reply_page import proof_in

__all__ = ["signed_in"]

WEEK = timedelta(days=7)
MOVED = scheduled(2, changed=True, starts_at=STARTS_AT + WEEK)
CANCELLED = MeetupCancelled(meetup_id=MEETUP, revision=5)


async def concerns(client: httpx.AsyncClient, headers: dict[str, str]) -> dict[str, str | None]:
    """Whom an adviser has to see to, and why."""
    shown = (await client.get(f"/api/v1/meetups/{MEETUP}/messages", headers=headers)).json()
    people = {each["participant_id"]: each["concern"] for each in shown["invitations"] if each["needs_adviser"]}
    hosts = {each["employer_id"]: each["concern"] for each in shown["shortlists"] if each["needs_adviser"]}
    names = ("zephyrine", "barnabe", "colette", "bakery", "garage")
    return {name: found for name in names if (found := {**people, **hosts}.get(str(an_id(name)))) is not None}


async def accepted(story: Story, catcher: MailCatcher) -> None:
    """Zéphyrine accepts by link, Barnabé stopped messages after it, Colette has a letter and accepts on the phone."""
    await story.begin("zephyrine", "barnabe", "colette")
    await story.hear(
        in_force(meeting("zephyrine"), meeting("barnabe", slot=1), meeting("colette", "mechanic", table=2))
    )
    await story.send(catcher)
    for name in ("zephyrine", "barnabe", "colette"):
        await story.reply_by_phone(name, Choice.ACCEPT)
    async with unit_of_work(story.sessions) as session:
        await replying.stop_messages(session, an_id("barnabe"), moment=story.moment(), rules=story.rules)
    catcher.box.messages.clear()


async def test_a_moved_day_asks_everybody_again(
    story: Story, catcher: MailCatcher, client: httpx.AsyncClient, signed_in: SignedIn
) -> None:
    await accepted(story, catcher)
    await story.hear(MOVED)
    await story.send(catcher)
    [mail] = [mail for mail in catcher.box.messages if "zephyrine" in mail["To"]]
    assert mail["Subject"] == f"La rencontre change de jour\u00a0: {french_date(STARTS_AT + WEEK)}"
    assert french_date(STARTS_AT) in text_of(mail)
    assert "Vous aviez dit oui pour l’ancien jour." in text_of(mail)
    entry = calendar_in(mail)[1]
    assert (entry["dtstart"].dt, int(entry["sequence"])) == (STARTS_AT + WEEK, 2)
    assert (await story.invitation())["reply"] == "none"
    told = [name for name, body in await story.events() if body.get("participant_id") == str(an_id("zephyrine"))]
    assert told[-2:] == ["invitation.asked-again", "invitation.sent"]
    page = (await client.get(link_in(mail))).text
    assert french_date(STARTS_AT + WEEK) in page
    assert "Vous aviez dit oui pour" in page
    assert await concerns(client, signed_in()) == {"barnabe": "other-day", "colette": "other-day"}


async def test_a_moved_hour_or_place_keeps_the_yes_and_corrects_the_calendar(
    story: Story, catcher: MailCatcher, client: httpx.AsyncClient, signed_in: SignedIn
) -> None:
    await accepted(story, catcher)
    two_hours = timedelta(hours=2)
    await story.hear(scheduled(2, changed=True, starts_at=STARTS_AT + two_hours, directions=2))
    await story.send(catcher)
    [mail] = [mail for mail in catcher.box.messages if "zephyrine" in mail["To"]]
    assert "11\u00a0h\u00a015" in mail["Subject"]
    assert "vous n’avez rien à faire" in text_of(mail)
    assert calendar_in(mail)[1]["dtstart"].dt == STARTS_AT + two_hours
    assert (await story.invitation())["reply"] == "accepted"
    assert "Vous venez" in (await client.get(link_in(mail))).text
    assert await concerns(client, signed_in()) == {"barnabe": "changed", "colette": "changed"}


async def test_a_meetup_changed_otherwise_tells_nobody_anything(story: Story, catcher: MailCatcher) -> None:
    await accepted(story, catcher)
    await story.hear(scheduled(2, changed=True, front_tables=2))
    assert await story.send(catcher) == {}


async def test_a_cancelled_meetup_is_told_by_mail_or_by_an_adviser_who_says_so(
    story: Story, catcher: MailCatcher, client: httpx.AsyncClient, signed_in: SignedIn
) -> None:
    await accepted(story, catcher)
    await story.hear(CANCELLED)
    await story.send(catcher)
    assert [mail["Subject"] for mail in catcher.box.messages if "zephyrine" in mail["To"]] == [
        f"La rencontre est annulée\u00a0: {french_date(STARTS_AT)}"
    ]
    assert await concerns(client, signed_in()) == {"barnabe": "cancelled", "colette": "cancelled"}
    for name in ("barnabe", "colette"):
        told = f"/api/v1/invitations/{(await story.invitation(name))['id']}/told"
        assert (await client.post(told, headers=signed_in())).status_code == 204
        again = await client.post(told, headers=signed_in())
        assert (again.status_code, again.json()["code"]) == (409, "already-settled")
    assert await concerns(client, signed_in()) == {}
    calls = await story.rows("SELECT channel, settled_by, settled_at FROM messages WHERE kind = 'call'")
    assert calls == [{"channel": "phone", "settled_by": an_id("adviser"), "settled_at": story.now}] * 2


@pytest.mark.parametrize("holds_a_list", [True, False])
async def test_employers_hear_that_a_meetup_moves_and_is_cancelled(
    story: Story, catcher: MailCatcher, client: httpx.AsyncClient, holds_a_list: bool
) -> None:
    await accepted(story, catcher)
    if holds_a_list:
        await story.request_shortlists()
        await story.send(catcher)
    catcher.box.messages.clear()
    await story.hear(MOVED)
    await story.send(catcher)
    moved = {mail["To"]: mail for mail in catcher.box.messages if "canal" in mail["To"] or "dupain" in mail["To"]}
    subjects = sorted(mail["Subject"].split(":")[0].strip() for mail in moved.values())
    assert subjects == ["La rencontre change de jour", "The meetup has another day"]
    link = link_in(next(mail for to, mail in moved.items() if "dupain" in to))
    assert french_date(STARTS_AT + WEEK) in (await client.get(link)).text
    catcher.box.messages.clear()
    await story.hear(CANCELLED)
    await story.send(catcher)
    assert sorted(mail["Subject"] for mail in catcher.box.messages if "mail.example" not in mail["To"]) == [
        f"La rencontre du {french_date(STARTS_AT + WEEK)} est annulée",
        "The meetup on Tuesday 15\u00a0December 2026 is cancelled",
    ]
    page = (await client.get(link)).text
    assert "Cette rencontre est annulée" in page
    assert "Personne n’est encore sur votre liste" not in page


async def test_an_employer_who_cannot_be_mailed_is_listed(
    story: Story, catcher: MailCatcher, client: httpx.AsyncClient, signed_in: SignedIn
) -> None:
    await story.begin("zephyrine")
    await story.hear(in_force(meeting("zephyrine")))
    await story.send(catcher)
    catcher.box.reply_to_recipient = "550 no"
    await story.hear(CANCELLED)
    await story.send(catcher)
    assert await concerns(client, signed_in()) == {"zephyrine": "cancelled", "bakery": "cancelled"}
    id_ = await story.value("SELECT id FROM shortlists")
    assert (await client.post(f"/api/v1/shortlists/{id_}/told", headers=signed_in())).status_code == 204
    assert await concerns(client, signed_in()) == {"zephyrine": "cancelled"}


WITHDRAWN = [
    NeedClosed(employer_id=an_id("bakery"), need_id=an_id("baker"), revision=2),
    scheduled(2, changed=True, needs=(InvitedNeed(need_id=an_id("mechanic")),)),
]


@pytest.mark.parametrize("withdrawn", WITHDRAWN, ids=["closed", "uninvited"])
async def test_an_employer_who_withdrew_gets_no_list(story: Story, catcher: MailCatcher, withdrawn: NeedClosed) -> None:
    await story.hear(published(1))
    await accepted(story, catcher)
    await story.hear(withdrawn)
    assert await story.request_shortlists() == (1, 0)
    await story.send(catcher)
    assert not any("dupain" in mail["To"] for mail in catcher.box.messages)


@pytest.mark.parametrize("withdrawn", WITHDRAWN, ids=["closed", "uninvited"])
async def test_a_list_sent_before_shows_that_the_need_is_closed(
    story: Story, catcher: MailCatcher, client: httpx.AsyncClient, withdrawn: NeedClosed
) -> None:
    await story.hear(published(1))
    await accepted(story, catcher)
    await story.request_shortlists()
    await story.send(catcher)
    link = link_in(next(mail for mail in catcher.box.messages if "dupain" in mail["To"]))
    assert "Zéphyrine" in (await client.get(link)).text
    await story.hear(withdrawn)
    page = (await client.get(link)).text
    assert "Votre offre n’est plus à cette rencontre" in page
    assert "Zéphyrine" not in page


async def test_an_employer_added_after_the_lists_left_gets_one_by_itself(story: Story, catcher: MailCatcher) -> None:
    await story.begin("zephyrine", "colette")
    await story.hear(in_force(meeting("zephyrine")))
    await story.send(catcher)
    assert await story.request_shortlists() == (1, 0)
    await story.hear(in_force(meeting("zephyrine"), meeting("colette", "mechanic"), revision=2))
    assert ("shortlist", "queued") in await story.keep_deadlines()


async def test_a_yes_on_a_page_from_before_the_move_does_not_count(
    story: Story, catcher: MailCatcher, client: httpx.AsyncClient
) -> None:
    await story.begin("zephyrine")
    await story.hear(in_force(meeting("zephyrine")))
    await story.send(catcher)
    link = link_in(catcher.box.messages[0])
    old_page = await client.get(link)
    await story.hear(MOVED)
    fields = {"proof": proof_in(old_page), "choice": "accept", "day": STARTS_AT.date().isoformat()}
    refused = await client.post(link, data=fields)
    assert refused.status_code == 409
    assert "La rencontre a changé de jour" in refused.text
    assert (await story.invitation())["reply"] == "none"


async def test_whoever_changes_before_anything_left_gets_one_mail_that_is_true(
    story: Story, catcher: MailCatcher
) -> None:
    await story.begin("zephyrine")
    await story.hear(in_force(meeting("zephyrine")), MOVED, scheduled(3, changed=True), MOVED)
    assert await story.send(catcher) == {"sent": 1}
    assert french_date(STARTS_AT) in catcher.box.messages[0]["Subject"]


async def test_a_question_takes_back_a_waiting_cancellation_and_is_asked(story: Story, catcher: MailCatcher) -> None:
    await story.begin("zephyrine")
    await story.hear(in_force(meeting("zephyrine")))
    await story.send(catcher)
    await story.hear(in_force(revision=2), in_force(meeting("zephyrine"), revision=3))
    assert await story.send(catcher) == {"sent": 1}
    assert await story.states() == [("invitation", "sent"), ("cancellation", "withdrawn"), ("invitation", "sent")]


async def test_a_cancellation_takes_back_a_waiting_question_and_nobody_is_mailed(
    story: Story, catcher: MailCatcher
) -> None:
    await story.begin("zephyrine")
    await story.hear(in_force(meeting("zephyrine")), in_force(revision=2))
    assert await story.send(catcher) == {}


async def test_another_profile_or_need_tells_nobody_anything(story: Story, catcher: MailCatcher) -> None:
    await accepted(story, catcher)
    changed = registered("zephyrine", 7).model_dump()
    need = published(4).model_dump()
    await story.hear(ParticipantChanged(**changed), NeedChanged(**need))
    assert await story.send(catcher) == {}
