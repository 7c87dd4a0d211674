"""A real conversation with a real mail server, and what is known after each way it can end."""

from __future__ import annotations

import asyncio
import socket
from datetime import timedelta
from typing import Any

import pytest

from services.notification.adapters.directory import DirectoryUnavailable
from services.notification.adapters.transport import MailServer
from services.notification.repository import messages
from services.notification.use_cases import sender as postman
from services.notification.use_cases import sending
from services.notification.use_cases.refusals import AlreadySettled
from shared.database import unit_of_work
from tests.services.notification.events import an_id, in_force, meeting, unconsented
from tests.services.notification.mail_catcher import MailCatcher
from tests.services.notification.story import Story


async def invited(story: Story, *names: str) -> None:
    """These participants have an invitation that waits to be sent."""
    await story.begin(*names)
    await story.hear(in_force(*(meeting(name, slot=slot) for slot, name in enumerate(names))))


async def message(story: Story) -> dict[str, Any]:
    """The only message."""
    [row] = await story.rows("SELECT * FROM messages")
    return row


async def test_a_message_that_was_taken_is_sent_once(story: Story, catcher: MailCatcher) -> None:
    await invited(story, "zephyrine")
    assert await story.send(catcher) == {"sent": 1}
    assert await story.send(catcher) == {}
    row = await message(story)
    assert (row["state"], row["attempts"], row["channel"]) == ("sent", 1, "email")
    assert row["smtp_id"] == catcher.box.messages[0]["Message-ID"]
    assert len(str(row["address_mark"])) > 30
    assert await story.event_names() == ["invitation.sent"]
    assert (await story.invitation())["delivery"] == "sent"


async def test_connections_are_kept_for_many_messages(story: Story, catcher: MailCatcher) -> None:
    names = [f"person {number}" for number in range(20)]
    known = story.directory.entries.participants[an_id("zephyrine")]
    story.directory.entries.participants.update({an_id(name): known for name in names})
    await invited(story, *names)
    assert await story.send(catcher) == {"sent": 20}
    assert catcher.box.connections <= 2


async def test_a_refusal_for_good_fails_and_is_told(story: Story, catcher: MailCatcher) -> None:
    catcher.box.reply_to_recipient = "550 5.1.1 <zephyrine.quatrepommes@mail.example> unknown"
    await invited(story, "zephyrine", "barnabe")
    assert await story.send(catcher) == {"failed": 2}
    rows = await story.rows("SELECT state, error FROM messages")
    assert rows == [{"state": "failed", "error": "550"}] * 2
    assert await story.event_names() == ["invitation.failed"] * 2


async def test_a_refusal_of_the_text_fails_too(story: Story, catcher: MailCatcher) -> None:
    catcher.box.reply_to_data = "554 5.7.1 no"
    await invited(story, "zephyrine")
    assert await story.send(catcher) == {"failed": 1}
    assert (await message(story))["error"] == "554"


@pytest.mark.parametrize("moment", ["reply_to_recipient", "reply_to_data"])
async def test_a_temporary_refusal_is_tried_again_later(story: Story, catcher: MailCatcher, moment: str) -> None:
    setattr(catcher.box, moment, "451 4.3.0 busy")
    await invited(story, "zephyrine")
    assert await story.send(catcher) == {"postponed": 1}
    assert await story.event_names() == []
    setattr(catcher.box, moment, "250 OK")
    assert await story.send(catcher) == {}
    story.now += timedelta(minutes=1)
    assert await story.send(catcher) == {"sent": 1}
    assert len(catcher.box.messages) == 1


async def test_a_server_that_is_away_for_a_day_means_failure(story: Story, catcher: MailCatcher) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        nobody = MailServer("127.0.0.1", taken.getsockname()[1], timeout=1)
        await invited(story, "zephyrine")
        sender = story.sender(nobody)
        assert await sender.send_due() == {"postponed": 1}
        assert (await message(story))["error"] == "unreachable"
        story.now += timedelta(hours=25)
        assert await sender.send_due() == {"failed": 1}
    assert await story.event_names() == ["invitation.failed"]


async def test_a_connection_lost_while_the_text_left_is_uncertain_and_never_repeated(
    story: Story, catcher: MailCatcher
) -> None:
    catcher.box.drops_after_data = True
    await invited(story, "zephyrine")
    assert await story.send(catcher) == {"uncertain": 1}
    catcher.box.drops_after_data = False
    story.now += timedelta(days=2)
    assert await story.send(catcher) == {}
    row = await message(story)
    assert row["state"] == "uncertain"
    assert str(row["smtp_id"]).endswith("@vernissage.example>")
    assert await story.event_names() == ["invitation.uncertain"]
    assert catcher.box.messages == []


async def test_a_kept_connection_that_the_server_closed_is_opened_again(story: Story, catcher: MailCatcher) -> None:
    await story.begin("zephyrine", "barnabe")
    await story.hear(in_force(meeting("zephyrine")))
    sender = story.sender(catcher.server, connections=1)
    assert await sender.send_due() == {"sent": 1}
    await catcher.hang_up()
    await story.hear(in_force(meeting("zephyrine"), meeting("barnabe", slot=1), revision=2))
    assert await sender.send_due() == {"sent": 1}
    await sender.close()


async def test_a_person_settles_what_is_uncertain(story: Story, catcher: MailCatcher) -> None:
    catcher.box.drops_after_data = True
    await invited(story, "zephyrine")
    await story.send(catcher)
    catcher.box.drops_after_data = False
    id_ = (await message(story))["id"]
    async with unit_of_work(story.sessions) as session:
        await sending.settle_by_hand(session, id_, was_sent=False, moment=story.moment(), rules=story.rules)
    assert await story.send(catcher) == {"sent": 1}
    async with unit_of_work(story.sessions) as session:
        with pytest.raises(AlreadySettled):
            await sending.settle_by_hand(session, id_, was_sent=True, moment=story.moment(), rules=story.rules)
    assert await story.event_names() == ["invitation.uncertain", "invitation.sent"]
    revisions = [body["revision"] for _, body in await story.events()]
    assert revisions == [1, 2]


async def test_nobody_without_consent_is_written_to(story: Story, catcher: MailCatcher) -> None:
    await invited(story, "zephyrine")
    entry = story.directory.entries.participants[an_id("zephyrine")]
    story.directory.entries.participants[an_id("zephyrine")] = entry.model_copy(update={"contact_consent": False})
    assert await story.send(catcher) == {"not-contactable": 1}
    assert catcher.box.messages == []
    assert (await story.invitation())["delivery"] == "not-contactable"


async def test_consent_withdrawn_while_it_was_claimed_stops_it(story: Story, catcher: MailCatcher) -> None:
    await invited(story, "zephyrine")
    sender = story.sender(catcher.server)
    lease = an_id("lease")
    claimed = await sender._claim(lease)
    await story.hear(unconsented("zephyrine"))
    assert await sender._send_batch(claimed, lease) in ({"not-contactable": 1}, {"settled elsewhere": 1})
    assert catcher.box.messages == []
    assert await story.states() == [("invitation", "withdrawn")]


async def test_without_an_email_a_letter_waits_to_be_printed(story: Story, catcher: MailCatcher) -> None:
    await invited(story, "colette")
    assert await story.send(catcher) == {"letter": 1}
    assert await story.states() == [("invitation", "composed")]
    assert await story.events() == [], "a letter has left when somebody posted it"
    assert catcher.box.messages == []


async def test_while_registration_is_silent_messages_wait(story: Story, catcher: MailCatcher) -> None:
    await invited(story, "zephyrine")
    story.directory.is_down = True
    with pytest.raises(DirectoryUnavailable):
        await story.send(catcher)
    assert (await message(story))["attempts"] == 0
    assert (await message(story))["error"] == "no-directory"
    story.directory.is_down = False
    story.now += timedelta(minutes=1)
    assert await story.send(catcher) == {"sent": 1}


async def test_what_changes_before_it_leaves_is_sent_as_it_is_then(story: Story, catcher: MailCatcher) -> None:
    await invited(story, "zephyrine")
    await story.hear(in_force(meeting("zephyrine", slot=2, table=7), revision=2))
    assert await story.send(catcher) == {"sent": 1}
    [mail] = catcher.box.messages
    body = mail.get_body(("plain",))
    assert body is not None
    assert "table 7" in body.get_content()


async def test_what_changes_while_it_is_composed_is_composed_again(
    story: Story, catcher: MailCatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    await invited(story, "zephyrine")
    compose = sending.contents_of

    async def compose_then_change(*args: object) -> object:
        monkeypatch.setattr(sending, "contents_of", compose)
        contents = await compose(*args)  # type: ignore[arg-type]  # handed through as it came
        asyncio.get_running_loop().call_soon(changes.append, asyncio.ensure_future(change()))
        return contents

    async def change() -> None:
        await story.hear(in_force(meeting("zephyrine", table=9), revision=2))

    changes: list[asyncio.Future[None]] = []
    monkeypatch.setattr(sending, "contents_of", compose_then_change)
    slow_directory = story.directory.look_up

    async def look_up_after_the_change(**asked: object) -> object:
        await asyncio.gather(*changes)
        return await slow_directory(**asked)  # type: ignore[arg-type]  # handed through as it came

    monkeypatch.setattr(story.directory, "look_up", look_up_after_the_change)
    assert await story.send(catcher) == {"changed": 1, "sent": 1}
    [mail] = catcher.box.messages
    assert b"table 9" in mail.as_bytes()


async def test_two_senders_at_once_send_each_message_once(story: Story, catcher: MailCatcher) -> None:
    names = [f"person {number}" for number in range(12)]
    known = story.directory.entries.participants[an_id("zephyrine")]
    story.directory.entries.participants.update({an_id(name): known for name in names})
    await invited(story, *names)
    senders = [story.sender(catcher.server) for _ in range(2)]
    counts = await asyncio.gather(*(sender.send_due() for sender in senders))
    for sender in senders:
        await sender.close()
    assert sum(count["sent"] for count in counts) == 12
    assert len({mail["Message-ID"] for mail in catcher.box.messages}) == len(catcher.box.messages) == 12


@pytest.mark.parametrize(
    "address", ["no-at-sign", "a@b@", "acc\r\nBcc: other@x.example", "été@exemple.fr", "@x.example"]
)
async def test_an_address_that_cannot_be_written_to_fails_and_leaves_no_trace(
    story: Story, catcher: MailCatcher, address: str
) -> None:
    await invited(story, "zephyrine")
    entry = story.directory.entries.participants[an_id("zephyrine")]
    story.directory.entries.participants[an_id("zephyrine")] = entry.model_copy(update={"email": address})
    assert await story.send(catcher) == {"failed": 1}
    assert (await message(story))["error"] == "bad-address"
    assert catcher.box.messages == []


async def test_a_connection_lost_before_the_text_is_tried_again(story: Story, catcher: MailCatcher) -> None:
    catcher.box.hangs_up_at_data = True
    await invited(story, "zephyrine")
    assert await story.send(catcher) == {"postponed": 1}
    assert (await message(story))["error"] == "disconnected"
    catcher.box.hangs_up_at_data = False
    story.now += timedelta(minutes=1)
    assert await story.send(catcher) == {"sent": 1}
    assert len(catcher.box.messages) == 1


async def test_how_a_message_ended_is_kept_until_the_database_takes_it(
    story: Story, catcher: MailCatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    await invited(story, "zephyrine", "barnabe")
    settle, away = messages.settle, [ConnectionError(), ConnectionError(), TimeoutError()]

    async def settle_later(*args: Any, **options: Any) -> bool:
        if away:
            raise away.pop()
        return await settle(*args, **options)

    monkeypatch.setattr(messages, "settle", settle_later)
    assert await story.send(catcher) == {"sent": 2}
    assert await story.event_names() == ["invitation.sent"] * 2
    assert len(catcher.box.messages) == 2


async def test_a_sender_that_slept_past_its_lease_hands_nothing_over(
    story: Story, catcher: MailCatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    await invited(story, "zephyrine")
    ticks = iter([0.0, story.lease.total_seconds() + 1])
    monkeypatch.setattr(postman, "monotonic", lambda: next(ticks))
    assert await story.send(catcher) == {"postponed": 1}
    assert catcher.box.messages == []
    assert (await message(story))["error"] == "lease-over"


async def test_a_sender_that_lost_its_lease_settles_nothing(
    story: Story, catcher: MailCatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    await invited(story, "zephyrine")
    usual = catcher.box.handle_DATA

    async def somebody_else_takes_it(*args: Any) -> str:
        await story.change("UPDATE messages SET lease = :other", other=an_id("another sender"))
        return await usual(*args)

    monkeypatch.setattr(catcher.box, "handle_DATA", somebody_else_takes_it)
    assert await story.send(catcher) == {"settled elsewhere": 1}
    assert await story.states() == [("invitation", "sending")]
    assert await story.event_names() == []


async def test_a_sender_that_lost_its_lease_begins_nothing(story: Story) -> None:
    await invited(story, "zephyrine")
    mine, others, lasting = an_id("a sender"), an_id("another sender"), timedelta(seconds=90)
    async with unit_of_work(story.sessions) as session:
        [message] = await messages.claim(session, lease=mine, lasting=lasting, now=story.now, limit=1)
    await story.change("UPDATE messages SET lease = :other", other=others)
    async with unit_of_work(story.sessions) as session:
        assert not await messages.begin_sending(session, message.id, lease=mine, lasting=lasting, values={})
        assert await messages.begin_sending(session, message.id, lease=others, lasting=lasting, values={})


async def test_what_was_claimed_is_given_back_when_a_sender_breaks_off(
    story: Story, catcher: MailCatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    await invited(story, "zephyrine", "barnabe")

    async def break_off(*_args: Any, **_options: Any) -> None:
        raise RuntimeError

    with monkeypatch.context() as broken:
        broken.setattr(sending, "contents_of", break_off)
        with pytest.raises(RuntimeError):
            await story.send(catcher)
    assert await story.send(catcher) == {"sent": 2}
