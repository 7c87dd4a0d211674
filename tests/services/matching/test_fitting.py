"""Components are fitted anew apart from all else: a fit that fails changes nothing and stops nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from services.matching.repository import components
from services.matching.repository.components import RefitRequest, StoredFit
from services.matching.use_cases import fitting
from services.matching.use_cases.fitting import MOST_ATTEMPTS, RefitFailed, meet_requests, refit
from shared.database import unit_of_work
from shared.ids import new_id
from shared.moment import Moment
from tests.services.matching.conftest import PEOPLE, Stage
from tests.support.events import NOW, an_id, skill_observed

MOMENT = Moment(NOW, new_id)
UNKNOWN = "a-newer-framework"
"""A framework that no table of this version holds: fitting it fails."""


async def ask(stage: Stage, framework: str = "rome-4") -> None:
    async with unit_of_work(stage.sessions) as session:
        await components.ask_for_refit(session, RefitRequest(new_id(), framework, an_id("manager"), NOW))


async def last_request(stage: Stage, framework: str) -> RefitRequest:
    async with unit_of_work(stage.sessions) as session:
        found = await components.newest_request(session, framework)
    assert found is not None, "nobody asked"
    return found


async def fit_in_use(stage: Stage) -> StoredFit | None:
    async with unit_of_work(stage.sessions) as session:
        return await components.newest(session, "rome-4")


async def test_what_is_asked_for_is_fitted_from_all_observations(gallery: Stage) -> None:
    await ask(gallery)
    await meet_requests(gallery.sessions, moment=MOMENT)
    fitted = await fit_in_use(gallery)
    assert fitted is not None
    assert fitted.observations == len(PEOPLE) * 6
    assert (await last_request(gallery, "rome-4")).done_at == NOW


async def test_a_fit_is_the_same_however_many_people_are_read_at_a_time(
    gallery: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = []
    for at_once in (1_000, 3):
        monkeypatch.setattr(fitting, "READ_AT_ONCE", at_once)
        await refit(gallery.sessions, "rome-4", moment=MOMENT)
        async with unit_of_work(gallery.sessions) as session:
            fitted = await components.newest(session, "rome-4")
            assert fitted is not None
            found.append(await components.payload_of(session, fitted.id))
    assert found[0] == found[1]


async def test_a_fit_that_fails_is_tried_again_given_up_and_says_why(gallery: Stage) -> None:
    await ask(gallery, UNKNOWN)
    for attempt in range(1, MOST_ATTEMPTS + 1):
        with pytest.raises(RefitFailed):
            await meet_requests(gallery.sessions, moment=MOMENT)
        request = await last_request(gallery, UNKNOWN)
        assert (request.attempts, request.failed_at is not None) == (attempt, attempt == MOST_ATTEMPTS)
    assert request.error
    await meet_requests(gallery.sessions, moment=MOMENT)


async def test_a_fit_that_fails_keeps_the_former_components_and_lets_others_be_fitted(gallery: Stage) -> None:
    await refit(gallery.sessions, "rome-4", moment=MOMENT)
    await ask(gallery, UNKNOWN)
    await ask(gallery)
    with pytest.raises(RefitFailed):
        await meet_requests(gallery.sessions, moment=Moment(NOW + timedelta(hours=1), new_id))
    fitted = await fit_in_use(gallery)
    assert fitted is not None
    assert fitted.fitted_at == NOW + timedelta(hours=1)


async def test_pairings_go_on_where_the_first_fit_fails(gallery: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(self: fitting.Columns) -> None:
        raise ArithmeticError

    monkeypatch.setattr(fitting.Columns, "fit", failing)
    proposal = await gallery.propose()
    assert proposal.pairing.meetings
    assert await fit_in_use(gallery) is None
    request = await last_request(gallery, "rome-4")
    assert (request.attempts, request.error) == (1, "ArithmeticError")


async def test_a_fit_that_was_given_up_stays_in_view_until_one_succeeds(
    gallery: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await fitting.lasting_trouble(gallery.sessions) is None
    with monkeypatch.context() as patched:
        patched.setattr(fitting.Columns, "fit", fail)
        await ask(gallery)
        for attempt in range(MOST_ATTEMPTS):
            assert await fitting.lasting_trouble(gallery.sessions) is None, attempt
            with pytest.raises(RefitFailed):
                await meet_requests(gallery.sessions, moment=MOMENT)
    assert await fitting.lasting_trouble(gallery.sessions) == "gave up fitting rome-4"
    await refit(gallery.sessions, "rome-4", moment=Moment(NOW + timedelta(minutes=1), new_id))
    assert await fitting.lasting_trouble(gallery.sessions) is None


def fail(_columns: fitting.Columns) -> None:
    raise ArithmeticError


async def test_a_new_fit_is_asked_for_when_it_is_time_and_something_was_seen(gallery: Stage) -> None:
    later, day = Moment(NOW + timedelta(days=2), new_id), timedelta(days=1)
    await refit(gallery.sessions, "rome-4", moment=MOMENT)
    await fitting.ask_when_due(gallery.sessions, day, moment=later)
    async with unit_of_work(gallery.sessions) as session:
        assert await components.open_requests(session) == []
    await gallery.hear(skill_observed(PEOPLE[0], "6D103", 2, "late rater"))
    for _ in range(2):
        await fitting.ask_when_due(gallery.sessions, day, moment=later)
    async with unit_of_work(gallery.sessions) as session:
        assert [request.requested_by for request in await components.open_requests(session)] == [None]


async def test_observations_of_skills_that_nobody_knows_are_left_out_of_a_fit(gallery: Stage) -> None:
    before = await refit(gallery.sessions, "rome-4", moment=MOMENT)
    async with gallery.engine.begin() as connection:
        await connection.execute(text("UPDATE observations SET skill = 'ZZ9' WHERE skill = '6D109'"))
    assert await refit(gallery.sessions, "rome-4", moment=MOMENT) == before
