"""Names and addresses leave in mails and stand on pages; nothing of them stays, travels or is logged."""

from __future__ import annotations

import logging

import httpx
import pytest

from tests.services.notification.directory import PLANTED
from tests.services.notification.events import STARTS_AT, in_force, meeting
from tests.services.notification.mail_catcher import MailCatcher
from tests.services.notification.story import Story, link_in
from tests.services.notification.test_reply_page import proof_in


async def test_planted_names_are_nowhere_but_in_mails_and_on_pages(
    story: Story, catcher: MailCatcher, client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await story.begin("zephyrine", "barnabe", "colette")
    await story.hear(in_force(*(meeting(name, slot=i) for i, name in enumerate(("zephyrine", "barnabe", "colette")))))
    catcher.box.reply_to_recipient = "550 <zephyrine.quatrepommes@mail.example> Zéphyrine Quatrepommes: unknown here"
    await story.send(catcher)
    catcher.box.reply_to_recipient = "250 OK"
    await story.hear(in_force(revision=2))
    await story.hear(in_force(meeting("zephyrine"), meeting("barnabe", slot=1), revision=3))
    await story.send(catcher)
    await story.request_shortlists()
    await story.send(catcher)
    links = [link_in(mail) for mail in catcher.box.messages]
    for link in sorted(links, key=lambda link: link.startswith("/e/")):
        if link.startswith("/e/"):
            story.now = STARTS_AT
        page = await client.get(link)
        await client.post(link, data={"proof": proof_in(page), "choice": "accept"})
        await client.get(f"{link}/stop")
    shown = [(await client.get(link)).text for link in links if link.startswith("/e/")]
    assert "Quatrepommes" in "".join(shown)

    kept = await story.whole_database()
    logged = "\n".join(record.getMessage() for record in caplog.records if not record.name.startswith(OUTSIDE))
    for secret in (*PLANTED, "Septvents", "Tisserands", "dupain.example", "Dupain"):
        assert secret not in kept, f"{secret} is kept"
        assert secret not in logged, f"{secret} is logged"
    for link in links:
        token = link.rsplit("/", 1)[1]
        assert token not in kept, "a token is kept in clear"
        assert token not in logged, "a token is logged"


OUTSIDE = ("mail.log", "httpx", "httpcore", "hypothesis")
"""The test's own mail server and browser."""


async def test_the_record_of_a_delivery_is_a_keyed_hash(story: Story, catcher: MailCatcher) -> None:
    await story.begin("zephyrine")
    await story.hear(in_force(meeting("zephyrine")))
    await story.send(catcher)
    mark = await story.value("SELECT address_mark FROM messages")
    assert mark == story.seal.mark("address", "zephyrine.quatrepommes@mail.example")
    assert mark != type(story.seal)("another secret, just as long as that one").mark(
        "address", "zephyrine.quatrepommes@mail.example"
    )
