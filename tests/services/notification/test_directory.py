"""Registration's directory over real HTTP."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi import FastAPI, Request
from starlette.responses import JSONResponse, Response

from services.notification.adapters.directory import DirectoryUnavailable, RegistrationDirectory
from shared.identity import Role
from shared.tokens import TokenReader
from tests.services.notification.events import AGENCY, NOW, an_id
from tests.support.serving import serving
from tests.support.tokens import KEYS, SIGNERS


class Registration:
    """What registration answers, and what it was asked."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.answer: Response | None = None
        self.app = FastAPI()
        self.app.add_api_route("/internal/directory", self.look_up, methods=["POST"])

    async def look_up(self, request: Request) -> Response:
        """Check the token and answer."""
        scheme, token = request.headers["authorization"].split()
        claims = await TokenReader("registration", KEYS).read(token, now=NOW)
        assert (scheme, claims.person.role, claims.issuer) == ("Bearer", Role.SERVICE, "notification")
        self.asked.append(await request.json())
        if self.answer is not None:
            return self.answer
        entry = {"name": "Agence de Lens", "phone": "03 21 00 00 00", "email": None, "later_field": 1}
        return JSONResponse({"participants": {}, "agencies": {str(AGENCY): entry}})


@pytest.fixture
def registration() -> Registration:
    """A registration that knows one agency."""
    return Registration()


def directory(url: str) -> RegistrationDirectory:
    """The client under test."""
    return RegistrationDirectory(url, SIGNERS["notification"], lambda: NOW)


async def test_the_directory_asks_with_a_service_token_and_reads_what_it_knows(registration: Registration) -> None:
    async with serving(registration.app) as url, directory(url) as asked:
        entries = await asked.look_up(agencies=[AGENCY, AGENCY], participants=[an_id("zephyrine")])
    assert entries.agencies[AGENCY].phone == "03 21 00 00 00"
    assert entries.participants == {}
    assert registration.asked == [
        {
            "participants": [str(an_id("zephyrine"))],
            "employers": [],
            "needs": [],
            "meetups": [],
            "agencies": [str(AGENCY)],
        }
    ]


@pytest.mark.parametrize(
    "answer",
    [
        Response("Quatrepommes", 500),
        Response("{", 200),
        JSONResponse({"participants": {"Quatrepommes": 1}}),
        Response("", 401),
    ],
)
async def test_an_answer_not_as_agreed_is_told_without_its_text(registration: Registration, answer: Response) -> None:
    registration.answer = answer
    async with serving(registration.app) as url, directory(url) as asked:
        with pytest.raises(DirectoryUnavailable) as refused:
            await asked.look_up(agencies=[AGENCY])
    assert "Quatrepommes" not in str(refused.value)
    assert refused.value.__cause__ is None


async def test_nobody_there_is_told(unused_tcp_port: int) -> None:
    async with directory(f"http://127.0.0.1:{unused_tcp_port}") as asked:
        with pytest.raises(DirectoryUnavailable):
            await asked.look_up(agencies=[AGENCY])
