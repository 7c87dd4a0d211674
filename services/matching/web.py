"""Matching's web process: the JSON API. It opens no connection to Kafka."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from services.matching import api
from services.matching.api.problems import problems_told, tell_refusal
from services.matching.api.runs import ANOTHER_REPLAYS, MOST_FOLLOWERS, TOO_MANY_FOLLOWERS
from services.matching.settings import Settings
from services.matching.tables import IdempotencyRow, LimitRow
from shared.database import create_engine, create_sessions
from shared.identity import Clock, wall_clock
from shared.sql import table_of
from shared.tokens import Keys, PublishedKeys, TokenReader
from shared.web import create_web_app, serve_service
from shared.web.asking import by_token
from shared.web.edge import answer_refusals


def create_app(settings: Settings, *, keys: Keys | None = None, clock: Clock = wall_clock) -> FastAPI:
    """The application on the database that the settings name; without ``keys`` it asks registration for them."""
    published = PublishedKeys({"registration": settings.registration_url})
    engine = create_engine(settings.database_url, patience=settings.patience)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with published:
            yield
        await engine.dispose()

    app = create_web_app(
        title="Appariement",
        settings=settings,
        routers=api.ROUTERS,
        lifespan=lifespan,
        examples=api.EXAMPLES,
        answered=api.ANSWERED,
        problems=(*problems_told(), ANOTHER_REPLAYS, TOO_MANY_FOLLOWERS),
        limits=table_of(LimitRow),
        answers=table_of(IdempotencyRow),
        identified_by=by_token(TokenReader("matching", keys or published)),
        clock=clock,
    )
    app.state.sessions = create_sessions(engine)
    app.state.replaying = asyncio.Lock()
    app.state.following = asyncio.Semaphore(MOST_FOLLOWERS)
    answer_refusals(app, tell_refusal)
    return app


def main() -> None:
    """Serve matching's web process, configured by the environment."""
    serve_service(create_app, "matching", Settings())


if __name__ == "__main__":
    main()
