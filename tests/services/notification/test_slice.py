"""The thin way through the service: approved pairing → mail with calendar file → reply page → event."""

import re

import httpx

from tests.services.notification.events import in_force, meeting
from tests.services.notification.mail_catcher import MailCatcher
from tests.services.notification.story import Story, link_in


async def test_from_approval_to_acceptance(story: Story, catcher: MailCatcher, client: httpx.AsyncClient) -> None:
    await story.begin("zephyrine")
    await story.hear(in_force(meeting("zephyrine")))
    assert await story.send(catcher) == {"sent": 1}
    [mail] = catcher.box.messages
    page = await client.get(link_in(mail))
    assert page.status_code == 200
    proof = re.search(r'name="proof" value="([^"]+)"', page.text)
    assert proof
    answered = await client.post(link_in(mail), data={"proof": proof[1], "choice": "accept"})
    assert answered.status_code == 303
    assert "Vous venez" in (await client.get(answered.headers["location"])).text
    assert await story.event_names() == ["invitation.sent", "invitation.accepted"]
