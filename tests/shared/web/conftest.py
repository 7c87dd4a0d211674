"""A small application on the common pieces."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Literal
from uuid import UUID

import httpx
import pytest
from fastapi import APIRouter, FastAPI, Query, Request
from pydantic import BaseModel, Field, SecretStr
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from shared.identity import Person, Role
from shared.rights import Scope
from shared.tokens import TokenReader
from shared.web import Problem, VerifiedForm, create_web_app, pages_of
from shared.web.asking import by_token
from shared.web.edge import May, RequestPerson
from tests.support.tokens import KEYS, token_for

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
ANYBODY = by_token(TokenReader("registration", KEYS))
"""Let in whoever has a token of the tests."""

SECRET = "a secret that only tests share, long enough"
ADDRESS = "http://vernissage.localhost:8000"


@dataclass
class Settings:
    """What the pieces need to know."""

    seal_secret: SecretStr = field(default_factory=lambda: SecretStr(SECRET))
    public_url: str = ADDRESS
    other_names: str = "127.0.0.1"
    """Where a browser finds it."""
    demo_sign_in: bool = True


class Note(BaseModel):
    """A body with a few rules."""

    level: int = Field(le=4)
    kind: Literal["a", "b"] = "a"
    parts: list[UUID] = []


router = APIRouter()


@router.post("/api/v1/notes")
async def take_note(note: Note) -> Note:
    """Take a note."""
    return note


@router.post("/api/v1/large")
async def take_much(request: Request) -> int:
    """Count bytes."""
    return len(await request.body())


@router.get("/api/v1/boom/{name}")
async def boom(name: str) -> None:
    """Fail in a way that nobody foresaw."""
    raise ValueError(name)


@router.get("/boom-page")
async def boom_page() -> None:
    """Fail where a person looks."""
    raise ValueError


@router.get("/api/v1/gone")
async def gone() -> None:
    """Refuse."""
    raise Problem(
        410,
        "gone-away",
        "Parti",
        "Cherchez ailleurs.",
        where="elsewhere",
        english=("Gone", "Look elsewhere."),
    )


@router.get("/api/v1/found")
async def find(text: str = "", most: Annotated[int, Query(alias="at-most")] = 3) -> str:
    """Take two parameters."""
    return f"{text} {most}"


@router.delete("/api/v1/found")
async def forget() -> None:
    """Take another method."""


@router.get("/advisers")
async def for_advisers(person: RequestPerson, _scope: Annotated[Scope, May("print letters")]) -> PlainTextResponse:
    """Let advisers in."""
    return PlainTextResponse(person.role)


@router.get("/form", response_class=HTMLResponse)
async def show_form(request: Request) -> Response:
    """Show the layout, with a form token in it."""
    return pages_of(request).page(request, "form.html")


@router.post("/form")
async def take_form(form: VerifiedForm) -> PlainTextResponse:
    """Take the form."""
    return PlainTextResponse(str(form.get("word")))


@pytest.fixture
def app(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    """The application."""
    templates = tmp_path_factory.mktemp("templates")
    (templates / "form.html").write_text(
        '{% extends "layout.html" %}{% import "pieces.html" as pieces with context %}'
        '{% block main %}<form method="post">{{ pieces.form_token_input() }}</form>{% endblock %}'
    )
    return create_web_app(
        title="Essai",
        settings=Settings(),
        templates=templates,
        routers=[router],
        body_limit=1_000,
        body_limits={"/api/v1/large": 5_000},
        identified_by=ANYBODY,
        sign_in_url="http://vernissage.localhost:8001/sign-in",
        clock=lambda: NOW,
    )


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A client that asks as programs do."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=ADDRESS) as asking:
        yield asking


def bearer(role: Role) -> dict[str, str]:
    """The header of somebody with a role."""
    token = token_for(Person(UUID(int=1), role, UUID(int=2)), "registration", NOW)
    return {"authorization": f"Bearer {token}"}
