"""Addresses with NUL, lone surrogates and very long texts are answered clearly, links with tokens included."""

from __future__ import annotations

import httpx
from asgi_lifespan import LifespanManager

from services.notification.settings import Settings
from services.notification.web import create_app
from shared.identity import Person, Role
from tests.services.notification.events import AGENCY, an_id
from tests.services.notification.story import Story
from tests.support.extremes import extreme_addresses
from tests.support.tokens import KEYS, token_for


async def test_no_address_of_a_get_route_breaks_the_service(story: Story, settings: Settings) -> None:
    app = create_app(settings, directory=story.directory, keys=KEYS, clock=story.clock)
    person = Person(an_id("adviser"), Role.ADVISER, AGENCY)
    sealed = token_for(person, "notification", story.now)
    transport = httpx.ASGITransport(app)
    async with LifespanManager(app), httpx.AsyncClient(transport=transport, base_url=settings.public_url) as client:
        addresses = list(extreme_addresses(app))
        assert len(addresses) > 100
        for address, holds_nul in addresses:
            for accept in ("application/json", "text/html"):
                headers = {"authorization": f"Bearer {sealed}", "accept": accept}
                answer = await client.get(address, headers=headers)
                assert answer.status_code < 500, address
                assert answer.status_code == 422 or not holds_nul, address
