"""Whoever tries bearers is told to wait, over all processes of each service; whoever has a good one goes on."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from uuid import UUID

import httpx
import pytest
from sqlalchemy import Connection, event
from sqlalchemy.ext.asyncio import AsyncEngine

from services.registration.domain.credentials import PREFIX
from shared.identity import Person, Role
from shared.travel.topics import Service
from shared.web.limiting import BEARER_GUESSES
from tests.services.test_documents_hold import APPS
from tests.support.tokens import token_for

ASKED = "/api/v1/audit"
OPERATOR = Person(UUID(int=1), Role.OPERATOR)
Processes = list[httpx.AsyncClient]


@pytest.fixture(params=APPS)
def service(request: pytest.FixtureRequest) -> Service:
    """Each of the services."""
    named: Service = request.param
    return named


@pytest.fixture
async def processes(service: Service, service_database: Callable[[str], str]) -> AsyncIterator[Processes]:
    """Two processes of the service on one database."""
    url = service_database(service)
    async with AsyncExitStack() as opened:
        clients = []
        for _ in range(2):
            app = APPS[service](url)
            await opened.enter_async_context(app.router.lifespan_context(app))
            transport = httpx.ASGITransport(app)
            clients.append(
                await opened.enter_async_context(httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1"))
            )
        yield clients


def bearer(token: str) -> dict[str, str]:
    """What a request says of who asks."""
    return {"authorization": f"Bearer {token}"}


def good(service: Service) -> dict[str, str]:
    """What somebody says whom the service knows."""
    return bearer(token_for(OPERATOR, service, datetime.now(UTC)))


def guess(service: Service, number: int) -> str:
    """A bearer that opens nothing: of no credential, past its time, or for nobody."""
    past = datetime.now(UTC) - timedelta(days=number)
    return (f"{PREFIX}{number:043}", token_for(OPERATOR, service, past), f"e30.e30.{number}")[number % 3]


async def test_two_hundred_guesses_over_two_processes_end_in_waiting_and_a_good_bearer_still_opens(
    service: Service, processes: Processes
) -> None:
    answers = [
        await processes[number % 2].get(ASKED, headers=bearer(guess(service, number))) for number in range(1, 201)
    ]
    refused = [answer.status_code for answer in answers[: BEARER_GUESSES.times]]
    assert refused == [401] * BEARER_GUESSES.times
    assert {answer.status_code for answer in answers[-50:]} == {429}
    last = answers[-1]
    assert last.json()["limit"] == "bearer-guesses"
    assert 1 <= int(last.headers["retry-after"]) <= BEARER_GUESSES.pace.total_seconds()
    for process in processes:
        assert (await process.get(ASKED, headers=good(service))).status_code == 200
        assert (await process.get(ASKED)).status_code == 401


async def test_a_good_bearer_costs_no_question_about_limits_and_a_bad_one_tells_what_is_left(
    service: Service, processes: Processes
) -> None:
    asked: list[str] = []

    def note(_connection: Connection, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    transport = processes[0]._transport
    assert isinstance(transport, httpx.ASGITransport)
    engine: AsyncEngine = transport.app.state.sessions.kw["bind"]  # type: ignore[attr-defined]  # httpx knows ASGI alone
    event.listen(engine.sync_engine, "before_cursor_execute", note)
    assert (await processes[0].get(ASKED, headers=good(service))).status_code == 200
    assert asked
    assert not [each for each in asked if "limits" in each]
    wrong = await processes[0].get(ASKED, headers=bearer("nothing"))
    assert wrong.headers["ratelimit"].startswith(f'"bearer-guesses";r={BEARER_GUESSES.times - 1};')
    assert [each for each in asked if "limits" in each]


async def test_whatever_is_shown_where_nobody_need_say_who_they_are_is_not_counted(processes: Processes) -> None:
    answer = await processes[0].get("/health/live", headers=bearer("nothing"))
    assert answer.status_code == 200
    assert "ratelimit" not in answer.headers
