"""Who asks too often is told how long to wait, each for themselves."""

from __future__ import annotations

from sqlalchemy import text

from services.registration.limits import IMPORTS, SEARCHES, SIGN_INS
from services.registration.settings import SIGN_IN
from shared.database import unit_of_work
from shared.sql import run
from tests.services.registration.office import Office


async def fill_all(office: Office) -> None:
    """Whoever was counted has done all that they may."""
    async with unit_of_work(office.sessions) as session:
        await run(session, text("UPDATE limits SET empty_at = clock_timestamp() + interval '1 hour'"))


async def test_every_answer_tells_what_is_left_and_the_last_one_how_long_to_wait(office: Office) -> None:
    found = await office.ask("GET", "/api/v1/communes?q=lens")
    assert found.headers["ratelimit-policy"] == f'"searches";q={SEARCHES.times};w=60'
    assert found.headers["ratelimit"] == f'"searches";r={SEARCHES.times - 1};t=1'
    await fill_all(office)
    refused = await office.ask("GET", "/api/v1/occupations?q=vente")
    assert (refused.status_code, refused.json()["code"]) == (429, "too-many-requests")
    assert refused.headers["content-type"] == "application/problem+json"
    assert int(refused.headers["retry-after"]) >= 1
    assert refused.headers["ratelimit"].startswith('"searches";r=0;t=')
    assert "Attendez" in refused.json()["detail"]
    assert (await office.ask("GET", "/api/v1/communes?q=lens", office.other_adviser)).status_code == 200


async def test_sign_ins_are_counted_by_network_address_whether_they_succeed_or_not(office: Office) -> None:
    answers = [await office.client.post(SIGN_IN, data={}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [403, 403]
    assert answers[1].headers["ratelimit"].startswith(f'"sign-ins";r={SIGN_INS.times - 2};')
    await fill_all(office)
    page = await office.client.post(SIGN_IN, data={}, headers={"accept": "text/html"})
    assert page.status_code == 429
    assert "Trop de demandes" in page.text
    assert int(page.headers["retry-after"]) >= 1


async def test_what_is_counted_stays_counted_though_it_fails(office: Office) -> None:
    answer = await office.ask("POST", "/api/v1/imports", files={"note": (None, "no file")})
    assert answer.status_code == 422
    assert answer.headers["ratelimit"].startswith(f'"imports";r={IMPORTS.times - 1};')
