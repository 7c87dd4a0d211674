"""Whom a server believes of who asks: a proxy that it was told of, and nobody else."""

import httpx
import pytest
import uvicorn
from fastapi import FastAPI, Request

from shared.web.serving import how_to_serve

FORWARDED = {"x-forwarded-for": "203.0.113.7", "x-forwarded-proto": "https"}


@pytest.mark.parametrize(
    ("trusted", "seen"),
    [
        ("", ["127.0.0.1", "http"]),
        ("192.0.2.1", ["127.0.0.1", "http"]),
        ("127.0.0.1", ["203.0.113.7", "https"]),
        ("192.0.2.1, 127.0.0.0/8", ["203.0.113.7", "https"]),
    ],
    ids=["no proxy", "another proxy", "this proxy", "its network"],
)
async def test_only_a_proxy_that_a_setting_names_is_believed(trusted: str, seen: list[str]) -> None:
    app = FastAPI()

    @app.get("/who")
    def who(request: Request) -> list[str]:
        return [request.client.host if request.client else "", request.url.scheme]

    server = uvicorn.Config(app, **how_to_serve("127.0.0.1", 0, trusted))
    server.load()
    transport = httpx.ASGITransport(server.loaded_app, client=("127.0.0.1", 50_000))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        assert (await client.get("/who", headers=FORWARDED)).json() == seen
