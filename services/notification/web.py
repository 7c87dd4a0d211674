"""Notification's web process: the JSON API, and the pages behind links. It opens no connection to Kafka."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from pathlib import Path

from fastapi import FastAPI, Request

from services.notification import api, pages
from services.notification.adapters.directory import Directory, RegistrationDirectory
from services.notification.api import problems as api_problems
from services.notification.api.internal import BAD_ADDRESS, NOT_SENT
from services.notification.pages import problems as page_problems
from services.notification.settings import Settings
from services.notification.tables import IdempotencyRow, LimitRow
from services.notification.warming import warm
from shared.database import create_engine, create_sessions
from shared.identity import Clock, wall_clock
from shared.refusals import Refusal
from shared.sql import table_of
from shared.tokens import Keys, PublishedKeys, TokenReader, TokenSigner
from shared.web import Problem, create_web_app, serve_service
from shared.web.asking import by_token, publish_keys
from shared.web.edge import answer_refusals


def create_app(
    settings: Settings, *, directory: Directory | None = None, keys: Keys | None = None, clock: Clock = wall_clock
) -> FastAPI:
    """The application on the database that the settings name; what is not given is asked of registration."""
    published = PublishedKeys({"registration": settings.registration_url})
    signer = settings.signer("notification")
    engine = create_engine(settings.database_url, patience=settings.patience)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with published, _opened(directory, settings, signer) as app.state.directory:
            yield
        await engine.dispose()

    app = create_web_app(
        title="Notification",
        settings=settings,
        templates=Path(__file__).parent / "templates",
        routers=(*api.ROUTERS, *pages.ROUTERS),
        lifespan=lifespan,
        examples=api.EXAMPLES,
        answered=api.ANSWERED,
        problems=(*api_problems.problems_told(), *page_problems.problems_told(), NOT_SENT, BAD_ADDRESS),
        body_limit=100_000,
        limits=table_of(LimitRow),
        answers=table_of(IdempotencyRow),
        identified_by=by_token(TokenReader("notification", keys or published)),
        clock=clock,
    )
    app.state.sessions = create_sessions(engine)
    answer_refusals(app, _tell_refusal)
    publish_keys(app, signer)
    return app


def _opened(
    directory: Directory | None, settings: Settings, signer: TokenSigner
) -> AbstractAsyncContextManager[Directory]:
    if directory is not None:
        return nullcontext(directory)
    return RegistrationDirectory(settings.registration_url, signer, wall_clock)


def _tell_refusal(refusal: Refusal, request: Request) -> Problem:
    """What is refused is told to programs and advisers, or to whoever holds a link."""
    if request.url.path.startswith("/api/"):
        return api_problems.tell_refusal(refusal, request)
    return page_problems.tell_refusal(refusal, request)


def main() -> None:
    """Serve notification's web process, configured by the environment."""
    serve_service(create_app, "notification", Settings(), warm=warm)


if __name__ == "__main__":
    main()
