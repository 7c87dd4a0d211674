"""Runs a web application as its own process."""

from __future__ import annotations

import logging
import signal
import sys
from collections.abc import Callable
from typing import Any, TypeVar

import uvicorn
from fastapi import FastAPI

from shared.revisions import refuse_other_revisions
from shared.settings import ServiceSettings
from shared.settling import settle
from shared.travel.topics import Service
from shared.web.templating import Pages

SomeSettings = TypeVar("SomeSettings", bound=ServiceSettings)

KEEP_ALIVE_SECONDS = 30
"""Longer than clients keep an idle connection: then it is they who close it, and no request meets a closing one."""


def serve_service(
    make_app: Callable[[SomeSettings], FastAPI],
    service: Service,
    settings: SomeSettings,
    *,
    warm: Callable[[], None] | None = None,
) -> None:
    """Serve a service's pages, unless its database is too old or too new for this code.

    Before it serves, ``warm`` does once what would hold the event loop up when first needed. The application is made
    after that, in the memory that reading tables took on its way.
    """
    refuse_other_revisions(service, settings.database_url)
    if warm is not None:
        warm()
    app = make_app(settings)
    lay_out(app)
    settle()
    serve(app, host=settings.host, port=settings.web_port, trusted_proxies=settings.trusted_proxies)


def lay_out(app: FastAPI) -> None:
    """Work out all routes and compile all templates now: else the first requests do, for 0.2 s of the event loop."""
    nowhere = {"type": "http", "method": "GET", "path": "/", "root_path": "", "headers": []}
    for route in app.routes:
        route.matches(dict(nowhere))
    pages: Pages = app.state.pages
    pages.compile_all()


def serve(app: FastAPI, *, host: str, port: int, trusted_proxies: str = "") -> None:
    """Serve until the process is told to stop. Addresses are not logged: they may hold a token.

    Of ``trusted_proxies``, addresses or networks separated by commas, it is believed for whom they ask; of nobody else.
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    # The server hands a signal on when it has stopped; what has stopped cleanly ends with 0.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    uvicorn.run(app, **how_to_serve(host, port, trusted_proxies))


def how_to_serve(host: str, port: int, trusted_proxies: str) -> dict[str, Any]:
    """What uvicorn is told."""
    return {
        "host": host,
        "port": port,
        "access_log": False,
        "server_header": False,
        "date_header": True,
        "log_config": None,
        "timeout_keep_alive": KEEP_ALIVE_SECONDS,
        # Where nothing is said, uvicorn believes whoever asks from this machine.
        "proxy_headers": bool(trusted_proxies),
        "forwarded_allow_ips": trusted_proxies,
    }
