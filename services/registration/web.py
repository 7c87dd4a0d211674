"""Registration's web process: the JSON API and the pages. It opens no connection to Kafka."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import APIRouter, FastAPI

from services.registration import api, pages
from services.registration.adapters.provider import OpenIdProvider
from services.registration.adapters.records_elsewhere import RecordsElsewhere, RecordsOfServices
from services.registration.adapters.staff_mail import StaffMail, mail_by_notification
from services.registration.api.asking import by_session_or_token
from services.registration.api.credentials import secret_was_given
from services.registration.api.exports import NOT_THERE
from services.registration.api.imports import NO_FILE
from services.registration.api.problems import answer_clashes, problems_told, tell_refusal
from services.registration.desk.asking import Neighbours
from services.registration.pages import (
    meetup_messages,
    pairing,
    signing_in_at_provider,
    signing_in_by_mail,
    signing_in_for_show,
)
from services.registration.pages.framing import frame
from services.registration.pages.naming_codes import FILTERS
from services.registration.settings import SIGN_IN, Settings
from services.registration.tables import IdempotencyRow, LimitRow
from services.registration.warming import warm
from shared.database import create_engine, create_sessions
from shared.identity import Clock, Seal, wall_clock
from shared.sql import table_of
from shared.tokens import Keys, PublishedKeys, TokenReader
from shared.web import create_web_app, serve_service
from shared.web.asking import publish_keys
from shared.web.edge import answer_refusals

IMPORTS = ("/api/v1/imports", "/imports")
CONNECTIONS = 10
PROBLEMS_OF_PAGES = (
    pairing.MATCHING_AWAY,
    meetup_messages.NOTIFICATION_AWAY,
    pairing.UNKNOWN_PAIRING,
    signing_in_at_provider.PROVIDER_AWAY,
    signing_in_at_provider.NOT_BEGUN_HERE,
    signing_in_at_provider.LOGOUT_REFUSED,
    signing_in_by_mail.link_over(),
    signing_in_for_show.UNKNOWN_PERSON,
)


def create_app(
    settings: Settings,
    *,
    keys: Keys | None = None,
    staff_mail: StaffMail | None = None,
    records_elsewhere: RecordsElsewhere | None = None,
    neighbours: Neighbours | None = None,
    clock: Clock = wall_clock,
) -> FastAPI:
    """The application on the database that the settings name; what is not given is asked of the others."""
    signer = settings.signer("registration")
    by_notification = mail_by_notification(settings)
    by_services = RecordsOfServices(settings, signer, wall_clock)
    at_desk = neighbours or Neighbours(settings)
    provider = _provider_of(settings)
    published = PublishedKeys({"notification": settings.notification_url}, signer)
    engine = create_engine(settings.database_url, pool_size=CONNECTIONS, patience=settings.patience)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with published, by_notification, by_services, at_desk, provider or nullcontext():
            yield
        await engine.dispose()

    app = create_web_app(
        title="Inscriptions",
        settings=settings,
        templates=Path(__file__).parent / "templates",
        routers=(*api.ROUTERS, *pages.ROUTERS, *_ways_in(settings)),
        lifespan=lifespan,
        examples=api.EXAMPLES,
        answered=api.ANSWERED,
        problems=(*problems_told(), NO_FILE, NOT_THERE, secret_was_given(UUID(int=0)), *PROBLEMS_OF_PAGES),
        body_limits=dict.fromkeys(IMPORTS, settings.import_limit_bytes),
        identified_by=by_session_or_token(settings, TokenReader("registration", keys or published)),
        sign_in_url=SIGN_IN,
        limits=table_of(LimitRow),
        answers=table_of(IdempotencyRow),
        forms_lead_to=_origin_of(settings.provider_issuer),
        frame=frame,
        filters=FILTERS,
        clock=clock,
    )
    app.state.sessions = create_sessions(engine, seal=Seal(settings.seal_secret.get_secret_value()))
    app.state.signer = signer
    app.state.provider = provider
    app.state.neighbours = at_desk
    app.state.records_elsewhere = records_elsewhere or by_services
    app.state.staff_mail = staff_mail or by_notification
    publish_keys(app, signer)
    answer_refusals(app, tell_refusal)
    answer_clashes(app)
    return app


def _ways_in(settings: Settings) -> list[APIRouter]:
    """The pages by which somebody signs in here."""
    ways = (
        (signing_in_at_provider, bool(settings.provider_issuer)),
        (signing_in_by_mail, settings.mail_sign_in),
        (signing_in_for_show, settings.demo_sign_in),
    )
    return [way.router for way, is_open in ways if is_open]


def _origin_of(address: str) -> str:
    """The scheme, host and port of an address."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""


def _provider_of(settings: Settings) -> OpenIdProvider | None:
    """Where the organisation's staff sign in, if it has such a place."""
    if not settings.provider_issuer:
        return None
    return OpenIdProvider(
        settings.provider_issuer,
        settings.provider_client_id,
        settings.provider_client_secret.get_secret_value(),
        settings.public_url.rstrip("/") + signing_in_at_provider.COMES_BACK_TO,
        verifies_addresses=settings.provider_verifies_addresses,
    )


def main() -> None:
    """Serve registration's web process, configured by the environment."""
    serve_service(create_app, "registration", Settings(), warm=warm)


if __name__ == "__main__":
    main()
