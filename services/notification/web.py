"""Notification's web application: the pages behind links, and the API. It opens no Kafka connection."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from fastapi import FastAPI

from services.notification import api
from services.notification.directory import Directory, RegistrationDirectory
from services.notification.pages import employer, reply
from services.notification.parts import Parts
from services.notification.settings import NotificationSettings
from shared.database import create_engine, create_sessions
from shared.identity import Clock, Seal, wall_clock
from shared.ids import NewId, new_id
from shared.web import create_web_app, serve_service


def create_app(
    settings: NotificationSettings,
    *,
    directory: Directory | None = None,
    clock: Clock = wall_clock,
    new_id: NewId = new_id,
) -> FastAPI:
    """The application; without a ``directory`` it asks registration."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        engine = create_engine(settings.database_url, patience=settings.patience)
        async with AsyncExitStack() as closing:
            closing.push_async_callback(engine.dispose)
            names = directory
            if names is None:
                seal = Seal(settings.seal_secret.get_secret_value())
                registration = RegistrationDirectory(settings.registration_url, seal, clock)
                names = await closing.enter_async_context(registration)
            app.state.sessions = create_sessions(engine)
            app.state.parts = Parts(app.state.sessions, names, settings, settings.rules, clock, new_id)
            yield

    return create_web_app(
        title="Notification",
        settings=settings,
        templates=Path(__file__).parent / "templates",
        routers=(reply.router, employer.router, api.router),
        lifespan=lifespan,
        body_limit=100_000,
        clock=clock,
    )


if __name__ == "__main__":
    found = NotificationSettings()
    serve_service(create_app(found), "notification", found)
