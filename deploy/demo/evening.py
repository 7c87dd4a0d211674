"""The evening after the meetups, days ahead of the real clock: employers answer once they have met people.

Time comes into a service as an argument. So the pages behind links are served here once more, on the same database, by
a clock that stands where the last meetup ends; everything else of the stack stays in the present.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta

import httpx

from deploy.demo.browser import Browser
from deploy.demo.stage import Stage
from deploy.services import prefix_of
from services.notification.settings import Settings
from services.notification.web import create_app
from shared.identity import wall_clock


@asynccontextmanager
async def evening(stage: Stage, environment: Mapping[str, str]) -> AsyncIterator[Browser]:
    """The browser of somebody who opens links after the last meetup; `environment` is notification's."""
    prefix = prefix_of("notification")
    told = {name.removeprefix(prefix).lower(): value for name, value in environment.items() if name.startswith(prefix)}
    settings = Settings.model_validate(told)
    ends = max(each.starts_at + each.slots * timedelta(minutes=each.slot_minutes) for each in stage.meetups)
    ahead = ends - wall_clock()
    app = create_app(settings, clock=lambda: wall_clock() + ahead)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=settings.public_url) as client,
    ):
        yield Browser(client)
