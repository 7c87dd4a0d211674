"""Makes a service's web application: pages and API with one way to refuse, one look, and the same protections."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

from asyncpg import PostgresError
from fastapi import APIRouter, Depends, FastAPI
from fastapi.exceptions import RequestValidationError
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, ProcessCollector, generate_latest
from pydantic import SecretStr
from sqlalchemy import Table, text
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.staticfiles import StaticFiles

from shared.identity import Clock, Identify, NotAllowed, NotSignedIn, Seal, identify, wall_clock
from shared.limits import LimitReached
from shared.loop_gap import LoopGap
from shared.tokens import KeysUnavailable
from shared.web import pieces
from shared.web.asking import nobody
from shared.web.describing import DescribedAPI, Examples
from shared.web.forms import ExpiredForm
from shared.web.hosts import KnownHost, known_names
from shared.web.limiting import ToldLimits, count_bearer_guess, too_many
from shared.web.methods import AnswersHead, methods_of
from shared.web.naming import NamedRequest, request_id_of
from shared.web.one_meaning import OneMeaning
from shared.web.parameters import only_known_parameters
from shared.web.problem_pages import add_problem_pages
from shared.web.problems import (
    NOT_ALLOWED,
    NOT_SIGNED_IN,
    NOT_VERIFIABLE,
    Problem,
    from_http_exception,
    from_validation,
    json_answer,
)
from shared.web.protection import BodyLimit, CrossOriginGuard, KeepableAddress, LastResort, SecurityHeaders
from shared.web.sending_again import ask_to_send_again
from shared.web.templating import HERE, Filters, Frame, Pages, language_of, pages_of

BODY_LIMIT = 2_000_000
"""How many bytes a request's body may have where nothing else is said."""

READY_DEADLINE = 5.0
"""Seconds in which PostgreSQL must have answered."""

API_PREFIXES = ("/api/", "/internal/", "/health", "/metrics")

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[Any]]


class WebSettings(Protocol):
    """What the common pieces need to know of a service's settings."""

    @property
    def seal_secret(self) -> SecretStr:
        """What keys the marks of its forms."""

    @property
    def public_url(self) -> str:
        """The address under which people reach this service."""

    @property
    def other_names(self) -> str:
        """Further host names under which it is asked, separated by commas."""

    @property
    def demo_sign_in(self) -> bool:
        """Whether anybody may sign in as anybody: for trying out, on loopback only."""


def create_web_app(
    *,
    title: str,
    settings: WebSettings,
    templates: Path | None = None,
    routers: Sequence[APIRouter] = (),
    lifespan: Lifespan | None = None,
    examples: Examples | None = None,
    answered: Mapping[str, Any] | None = None,
    problems: Sequence[Problem] = (),
    body_limit: int = BODY_LIMIT,
    body_limits: Mapping[str, int] | None = None,
    identified_by: Identify = nobody,
    sign_in_url: str | None = None,
    limits: Table | None = None,
    answers: Table | None = None,
    forms_lead_to: str = "",
    frame: Frame | None = None,
    filters: Filters | None = None,
    clock: Clock = wall_clock,
) -> FastAPI:
    """The application with everything common in place.

    ``app.state`` holds ``identify``, ``seal``, ``pages``, ``clock``, ``settings`` and the registry ``metrics``; the
    service adds ``sessions`` of its database.

    ``examples`` are those of the bodies that its API takes, ``answered`` the values of fields of its answers, for its
    document; ``problems`` are those that it tells beside every service's;
    ``templates`` is the service's own template folder; ``body_limits`` gives other limits to address prefixes;
    ``identified_by`` finds out who asks; ``sign_in_url`` is where somebody unknown who asks for a page is sent, and
    comes back from by ``?next=``; ``limits`` is the service's table of limits, where any of its routes has one, and
    ``answers`` that of answers given under an ``Idempotency-Key``;
    ``forms_lead_to`` is the one other site to which a form may send somebody on; ``frame`` says what stands around
    every page for whoever asks, and ``filters`` are further ones of the templates.
    """
    https = str(settings.public_url).startswith("https:")
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    app = DescribedAPI(
        title=title,
        examples=examples or {},
        answered=answered or {},
        lifespan=_measured(LoopGap(registry), lifespan),
        docs_url=None,
        redoc_url=None,
        dependencies=[Depends(identify), Depends(only_known_parameters)],
    )
    app.state.metrics = registry
    app.state.settings = settings
    app.state.clock = clock
    app.state.limits = limits
    app.state.answers = answers
    app.state.identify = identified_by
    app.state.seal = Seal(settings.seal_secret.get_secret_value())
    app.state.pages = Pages(title=title, templates=templates, frame=frame, filters=filters)
    _answer_errors(app, sign_in_url)
    # The last one added is the outermost.
    app.add_middleware(AnswersHead)
    app.add_middleware(ToldLimits)
    app.add_middleware(OneMeaning, answer=answer)
    app.add_middleware(BodyLimit, limit=body_limit, limits=body_limits or {}, answer=answer)
    app.add_middleware(KeepableAddress, answer=answer)
    app.add_middleware(CrossOriginGuard, answer=answer)
    app.add_middleware(KnownHost, names=known_names(settings.public_url, settings.other_names), answer=answer)
    app.add_middleware(LastResort, answer=answer)
    app.add_middleware(SecurityHeaders, https=https, forms_lead_to=forms_lead_to)
    app.add_middleware(NamedRequest)
    for path in ("/health", "/health/live"):
        app.add_api_route(path, _live, include_in_schema=False)
    app.add_api_route("/health/ready", _ready, include_in_schema=False)
    app.add_api_route("/metrics", _metrics, include_in_schema=False)
    add_problem_pages(app, problems)
    app.mount("/static", KeptFiles(directory=HERE / "static"), name="static")
    if settings.demo_sign_in:
        app.include_router(pieces.router)
    for router in routers:
        app.include_router(router)
    return app


class AnswersInstead(Exception):
    """Takes back what a request did so far, and answers with a page: a form to be corrected, for one."""

    def __init__(self, response: Response) -> None:
        super().__init__()
        self.response = response


def wants_page(request: Request) -> bool:
    """Whether a person's browser asks, rather than a program."""
    return "text/html" in request.headers.get("accept", "") and not request.url.path.startswith(API_PREFIXES)


def answer(request: Request, trouble: Problem) -> Response:
    """A problem as a page for people, as problem details for programs."""
    if not wants_page(request):
        return json_answer(trouble, language_of(request), request.app.state.settings.public_url)
    page = pages_of(request).page(
        request, "problem.html", status=trouble.status_code, problem=trouble, request_id=request_id_of(request)
    )
    page.headers.update(trouble.headers or {})
    return page


class KeptFiles(StaticFiles):
    """Files whose address changes with their content, so that browsers may keep them."""

    def file_response(self, *args: Any, **options: Any) -> Response:
        """The file, with leave to keep it for a year."""
        response = super().file_response(*args, **options)
        response.headers["cache-control"] = "public, max-age=31536000, immutable"
        return response


def _answer_errors(app: FastAPI, sign_in_url: str | None) -> None:
    async def refuse(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class
        if isinstance(error, ExpiredForm) and wants_page(request):
            return await ask_to_send_again(request)
        if error.status_code != 405:
            return answer(request, from_http_exception(error))
        allow = {"allow": ", ".join(methods_of(request))}
        if request.method == "OPTIONS":
            return Response(status_code=204, headers=allow)
        return answer(request, from_http_exception(HTTPException(405, headers=allow)))

    async def refuse_invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this class
        return answer(request, from_validation(error.errors()))

    async def refuse_role(request: Request, _error: Exception) -> Response:
        return answer(request, NOT_ALLOWED)

    async def refuse_often(request: Request, error: Exception) -> Response:
        assert isinstance(error, LimitReached)  # noqa: S101 - registered for this class
        return answer(request, too_many(error))

    async def come_again(request: Request, _error: Exception) -> Response:
        return answer(request, NOT_VERIFIABLE)

    async def answer_instead(_request: Request, error: Exception) -> Response:
        assert isinstance(error, AnswersInstead)  # noqa: S101 - registered for this class
        return error.response

    app.add_exception_handler(AnswersInstead, answer_instead)
    app.add_exception_handler(KeysUnavailable, come_again)
    app.add_exception_handler(HTTPException, refuse)
    app.add_exception_handler(RequestValidationError, refuse_invalid)
    app.add_exception_handler(NotSignedIn, _asks_who(sign_in_url))
    app.add_exception_handler(NotAllowed, refuse_role)
    app.add_exception_handler(LimitReached, refuse_often)


def _asks_who(sign_in_url: str | None) -> Callable[[Request, Exception], Awaitable[Response]]:
    """Has whoever is unknown sign in, and whoever tries bearers wait."""

    async def ask_who(request: Request, _error: Exception) -> Response:
        try:
            await count_bearer_guess(request)
        except LimitReached as reached:
            return answer(request, too_many(reached))
        if sign_in_url is None or not wants_page(request):
            return answer(request, NOT_SIGNED_IN)
        if request.method == "POST":
            return await ask_to_send_again(request, sign_in_url)
        back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"{sign_in_url}?next={quote(back, safe='')}", 303)

    return ask_who


def _measured(gap: LoopGap, lifespan: Lifespan | None) -> Lifespan:
    """The service's own lifespan, with its event loop measured all the while."""

    @asynccontextmanager
    async def both(app: FastAPI) -> AsyncIterator[Any]:
        async with gap.measured(), lifespan(app) if lifespan else nullcontext() as state:
            yield state

    return both


async def _metrics(request: Request) -> Response:
    """Tell Prometheus how the process is; nothing about anybody."""
    return Response(generate_latest(request.app.state.metrics), media_type=CONTENT_TYPE_LATEST)


async def _live() -> JSONResponse:
    """Say that the process answers: whatever is wrong around it, ending it would not help."""
    return JSONResponse({"status": "ok"})


async def _ready(request: Request) -> JSONResponse:
    """Say whether the process can serve: whether its PostgreSQL answers."""
    try:
        async with asyncio.timeout(READY_DEADLINE), request.app.state.sessions() as session:
            await (await session.connection()).execute(text("SELECT 1"))
    except (SQLAlchemyError, OSError, TimeoutError, PostgresError):
        return JSONResponse({"ready": False, "parts": {"postgresql": False}}, 503)
    return JSONResponse({"ready": True, "parts": {"postgresql": True}})
