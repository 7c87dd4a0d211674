"""Standing shortlists follow every change, and only tell of what is new."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.matching.domain.pool import Pool
from services.matching.domain.profiles import profile_of
from services.matching.domain.profiling import Profile
from services.matching.repository import pool, profiles, shortlists
from services.matching.repository.pool import KnownMember
from services.matching.repository.shortlists import StandingShortlist
from services.matching.tables import ProfileRow
from services.matching.use_cases import keeping_profiles, standing
from services.matching.use_cases.fitting import refit
from services.matching.use_cases.standing import PoolOutdated
from shared.contracts.employers import NeedClosed
from shared.contracts.participants import ConsentWithdrawn, ParticipantErased
from shared.database import unit_of_work
from shared.ids import new_id
from shared.moment import Moment
from shared.reference.licences import travelling_codes
from shared.sql import run
from shared.travel.tables import outbox
from tests.services.matching.conftest import NEEDS, PEOPLE, Stage
from tests.support.events import (
    NICE,
    NOW,
    an_id,
    consent_granted,
    need_published,
    participant_registered,
    skill_observed,
)

MOMENT = Moment(NOW, new_id)


class Keeper:
    """Keeps the shortlists as matching's worker does."""

    def __init__(self, stage: Stage, pool: Pool) -> None:
        self.stage = stage
        self.pool = pool

    async def refresh(self) -> None:
        """Follow what changed."""
        await standing.refresh_due(self.stage.sessions, self.pool, moment=MOMENT)

    async def begin_anew(self) -> None:
        """Make the pool anew."""
        self.pool = await standing.make_pool(self.stage.sessions, self.stage.policy, moment=MOMENT)

    async def shortlist(self, need: str) -> StandingShortlist:
        """A need's standing shortlist."""
        async with unit_of_work(self.stage.sessions) as session:
            found = await shortlists.find(session, an_id(need))
        assert found is not None, f"{need} has no shortlist"
        return found

    async def people(self, need: str) -> list[UUID]:
        """Who stands on it, the best first."""
        return [place.participant_id for place in (await self.shortlist(need)).places]

    async def told(self) -> int:
        """How many changes were told."""
        async with unit_of_work(self.stage.sessions) as session:
            types = await session.exec(select(outbox.c.type))
            return list(types).count("vernissage.shortlist.changed.v1")


@pytest.fixture
async def keeper(gallery: Stage) -> Keeper:
    return Keeper(gallery, await standing.make_pool(gallery.sessions, gallery.policy, moment=MOMENT))


async def test_everybody_who_can_come_stands_on_each_list(keeper: Keeper) -> None:
    assert sorted(await keeper.people(NEEDS[0])) == sorted(an_id(name) for name in PEOPLE)
    assert await keeper.told() == len(NEEDS)


async def test_somebody_who_moved_away_leaves_the_lists_and_the_reason_is_counted(keeper: Keeper) -> None:
    await keeper.stage.hear(participant_registered(PEOPLE[0], revision=2, home=NICE))
    await keeper.refresh()
    assert an_id(PEOPLE[0]) not in await keeper.people(NEEDS[0])
    assert (await keeper.shortlist(NEEDS[0])).dropped == {"commute": 1}


async def test_somebody_whom_no_list_holds_is_counted_all_the_same(keeper: Keeper) -> None:
    await keeper.stage.hear(participant_registered("far away", home=NICE), consent_granted("far away"))
    await keeper.refresh()
    assert [(await keeper.shortlist(need)).dropped for need in NEEDS] == [{"commute": 1}] * len(NEEDS)


async def test_counts_of_more_needs_than_are_written_at_once_follow_in_turns(
    keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standing, "COUNTED_AT_ONCE", 2)
    await keeper.stage.hear(participant_registered("far away", home=NICE), consent_granted("far away"))
    await keeper.refresh()
    assert [(await keeper.shortlist(need)).dropped for need in NEEDS].count({"commute": 1}) == 2
    await keeper.refresh()
    assert [(await keeper.shortlist(need)).dropped for need in NEEDS] == [{"commute": 1}] * len(NEEDS)


@pytest.mark.parametrize("leaving", [ConsentWithdrawn, ParticipantErased])
async def test_somebody_who_withdrew_or_was_erased_leaves_the_lists(
    keeper: Keeper, leaving: type[ConsentWithdrawn | ParticipantErased]
) -> None:
    said = {"participant_id": an_id(PEOPLE[0]), "revision": 5, "purpose": "pairing", "erased_at": NOW}
    await keeper.stage.hear(leaving.model_validate(said))
    await keeper.refresh()
    assert an_id(PEOPLE[0]) not in await keeper.people(NEEDS[0])


async def test_what_was_newly_seen_moves_somebody_up(keeper: Keeper) -> None:
    last = (await keeper.shortlist(NEEDS[0])).places[-1]
    name = next(name for name in PEOPLE if an_id(name) == last.participant_id)
    await keeper.stage.hear(
        *(skill_observed(name, skill, 4, f"rater {n}") for n in range(6) for skill in ("6D102", "6D109"))
    )
    await keeper.refresh()
    now = {place.participant_id: place for place in (await keeper.shortlist(NEEDS[0])).places}
    assert now[last.participant_id].score > last.score


async def test_a_new_need_has_a_list_and_a_closed_one_has_none(keeper: Keeper) -> None:
    closed = NeedClosed(employer_id=an_id(f"employer of {NEEDS[0]}"), need_id=an_id(NEEDS[0]), revision=2)
    await keeper.stage.hear(need_published("a new need"), closed)
    await keeper.refresh()
    assert len(await keeper.people("a new need")) == len(PEOPLE)
    async with unit_of_work(keeper.stage.sessions) as session:
        assert await shortlists.find(session, an_id(NEEDS[0])) is None


async def test_following_changes_gives_what_making_anew_gives(keeper: Keeper) -> None:
    await keeper.stage.hear(
        participant_registered(PEOPLE[1], revision=2, home=NICE),
        skill_observed(PEOPLE[2], "6D102", 4, "late rater"),
        need_published(NEEDS[1], revision=2, skills={"6D101": (2, 1.0)}),
    )
    await keeper.refresh()
    followed = [await keeper.people(need) for need in NEEDS]
    anew = await standing.make_pool(keeper.stage.sessions, keeper.stage.policy, moment=MOMENT)
    assert followed == [[place.participant_id for place in anew.shortlist_of(an_id(need))] for need in NEEDS]


async def test_those_who_changed_are_read_some_at_a_time(keeper: Keeper, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    members = pool.members

    async def counting(session: AsyncSession, ids: Collection[UUID]) -> list[KnownMember]:
        read.append(len(ids))
        return await members(session, ids)

    monkeypatch.setattr(pool, "members", counting)
    monkeypatch.setattr(keeping_profiles, "READ_AT_ONCE", 3)
    await keeper.stage.hear(*(participant_registered(name, revision=2, home=NICE) for name in PEOPLE))
    await keeper.refresh()
    assert await keeper.people(NEEDS[0]) == []
    assert read == [3, 3, 2]


async def test_nothing_is_told_when_nothing_material_changed(keeper: Keeper) -> None:
    before = await keeper.told()
    await keeper.stage.hear(participant_registered(PEOPLE[0], revision=2, travel_limit_km=29.0))
    await keeper.refresh()
    assert await keeper.told() == before


MANY = 33_000
"""More than the 32,767 parameters that one statement of PostgreSQL can take."""

COPIES_OF_A_PARTICIPANT = """
    INSERT INTO participants (id, revision, agency_id, state)
    SELECT copy, 1, agency_id, jsonb_set(state, '{id}', to_jsonb(copy))
    FROM participants, (SELECT gen_random_uuid() AS copy FROM generate_series(1, :many)) AS copies
    WHERE id = :original
    RETURNING id
"""

CONSENT_OF_THE_COPIES = """
    INSERT INTO consents (participant_id, purpose, revision, is_granted)
    SELECT id, 'pairing', 1, true FROM participants WHERE id = ANY(:copies)
"""


async def test_more_people_and_needs_than_a_statement_takes_parameters(keeper: Keeper) -> None:
    async with unit_of_work(keeper.stage.sessions) as session:
        said = {"many": MANY, "original": an_id(PEOPLE[0])}
        ids = set((await run(session, text(COPIES_OF_A_PARTICIPANT), said)).scalars())
        await run(session, text(CONSENT_OF_THE_COPIES), {"copies": list(ids)})
        await shortlists.mark_due(session, "participant", ids)
        await shortlists.mark_due(session, "need", ids)
        await shortlists.drop(session, ids)
        assert await shortlists.find_many(session, ids) == {}
    with pytest.raises(PoolOutdated):
        await keeper.refresh()
    anew = await standing.make_pool(keeper.stage.sessions, keeper.stage.policy, moment=MOMENT)
    assert len(anew) == MANY + len(PEOPLE)


async def test_after_a_fit_the_lists_follow_once_profiles_are_worked_out_by_it(keeper: Keeper) -> None:
    before = [place.score for place in (await keeper.shortlist(NEEDS[0])).places]
    await refit(keeper.stage.sessions, "rome-4", moment=MOMENT)
    await keeper.refresh()
    assert [place.score for place in (await keeper.shortlist(NEEDS[0])).places] == before
    await keeping_profiles.follow_fit(keeper.stage.sessions)
    with pytest.raises(PoolOutdated):
        await keeper.refresh()
    await keeper.begin_anew()
    assert [place.score for place in (await keeper.shortlist(NEEDS[0])).places] != before


async def test_whoever_keeps_the_lists_with_another_softness_ranks_and_follows_by_it(keeper: Keeper) -> None:
    """The softness is policy of a process, which makes the pool anew when it begins."""
    soft = [place.score for place in (await keeper.shortlist(NEEDS[0])).places]
    keeper.stage.policy = replace(keeper.stage.policy, softness=0.0)
    await keeper.begin_anew()
    hard = [place.score for place in (await keeper.shortlist(NEEDS[0])).places]
    assert hard != soft
    await keeper.stage.hear(skill_observed(PEOPLE[2], "6D102", 4, "late rater"))
    await keeper.refresh()
    followed = await keeper.shortlist(NEEDS[0])
    assert [place.score for place in followed.places] != hard
    await keeper.begin_anew()
    assert (await keeper.shortlist(NEEDS[0])).places == followed.places


async def test_while_profiles_follow_a_fit_the_lists_go_on_following_changes(
    keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    outdated_after = profiles.outdated_after
    heard: list[UUID | None] = []

    async def hearing(
        session: AsyncSession, framework: str, fit_id: UUID | None, after: UUID | None, at_most: int
    ) -> list[UUID]:
        if after and not heard:
            heard.append(after)
            await keeper.stage.hear(participant_registered(PEOPLE[0], revision=2, home=NICE))
            await keeper.refresh()
            assert an_id(PEOPLE[0]) not in await keeper.people(NEEDS[0])
        return await outdated_after(session, framework, fit_id, after, at_most)

    monkeypatch.setattr(profiles, "outdated_after", hearing)
    monkeypatch.setattr(keeping_profiles, "READ_AT_ONCE", 3)
    await refit(keeper.stage.sessions, "rome-4", moment=MOMENT)
    await keeping_profiles.follow_fit(keeper.stage.sessions)
    assert heard


async def test_profiles_that_nobody_kept_are_looked_for_some_at_a_time(
    keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping_profiles, "MISSING_AT_ONCE", 3)
    monkeypatch.setattr(keeping_profiles, "READ_AT_ONCE", 2)
    async with unit_of_work(keeper.stage.sessions) as session:
        await run(session, text("DELETE FROM profiles"))
    await keeper.begin_anew()
    assert await kept_profiles(keeper) == {an_id(name) for name in PEOPLE}
    assert sorted(await keeper.people(NEEDS[0])) == sorted(an_id(name) for name in PEOPLE)


async def test_who_hears_events_never_waits_for_whoever_works_profiles_out(keeper: Keeper) -> None:
    async with unit_of_work(keeper.stage.sessions) as working:
        await profiles.take_turns(working)
        await pool.members(working, [an_id(name) for name in PEOPLE])
        # Neither who learns of an observation nor who forgets somebody: this would not end.
        async with asyncio.timeout(10):
            await keeper.stage.hear(skill_observed(PEOPLE[0], "6D102", 4, "late rater"))
            await keeper.stage.hear(ParticipantErased(participant_id=an_id(PEOPLE[1]), revision=9, erased_at=NOW))


async def test_profiles_are_kept_of_those_who_agree_alone(keeper: Keeper) -> None:
    left = ConsentWithdrawn.model_validate({"participant_id": an_id(PEOPLE[0]), "revision": 5, "purpose": "pairing"})
    await keeper.stage.hear(left, participant_registered("never asked"))
    await keeper.refresh()
    assert await kept_profiles(keeper) == {an_id(name) for name in PEOPLE[1:]}
    await keeper.stage.hear(consent_granted(PEOPLE[0], revision=6))
    await keeper.refresh()
    assert an_id(PEOPLE[0]) in await keeper.people(NEEDS[0])


async def test_nothing_is_kept_of_somebody_who_is_erased_while_their_profile_is_worked_out(
    keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    work_out = profile_of

    def too_late(*told: Any) -> Profile:
        # In a thread: the event loop is free for the erasure.
        erasure = keeper.stage.hear(ParticipantErased(participant_id=an_id(PEOPLE[0]), revision=9, erased_at=NOW))
        asyncio.run_coroutine_threadsafe(erasure, loop).result(10)
        monkeypatch.setattr(keeping_profiles, "profile_of", work_out)
        return work_out(*told)

    loop = asyncio.get_running_loop()
    monkeypatch.setattr(keeping_profiles, "profile_of", too_late)
    async for members in keeping_profiles.renew(keeper.stage.sessions, [an_id(PEOPLE[0])]):
        assert members == []
    assert await kept_profiles(keeper) == {an_id(name) for name in PEOPLE[1:]}


async def kept_profiles(keeper: Keeper) -> set[UUID]:
    """Whose profiles are kept."""
    async with unit_of_work(keeper.stage.sessions) as session:
        return set(await session.exec(select(ProfileRow.participant_id)))


async def test_a_need_in_words_new_to_the_pool_has_a_list_once_the_pool_is_made_anew(keeper: Keeper) -> None:
    await keeper.stage.hear(need_published("a new need", licences=("a-new-licence",)))
    with pytest.raises(PoolOutdated):
        await keeper.refresh()
    await keeper.begin_anew()
    assert (await keeper.shortlist("a new need")).dropped == {"licence": len(PEOPLE)}


async def test_every_licence_that_registration_knows_is_known_to_the_pool(keeper: Keeper) -> None:
    await keeper.stage.hear(
        need_published("a driver is needed", licences=travelling_codes(["B", "CACES-1"])),
        participant_registered(PEOPLE[0], revision=2, licences=travelling_codes(["B", "CACES-1", "CE"])),
    )
    await keeper.refresh()
    assert await keeper.people("a driver is needed") == [an_id(PEOPLE[0])]


async def test_a_need_that_closed_while_nobody_kept_the_lists_has_none(keeper: Keeper) -> None:
    closed = NeedClosed(employer_id=an_id(f"employer of {NEEDS[0]}"), need_id=an_id(NEEDS[0]), revision=2)
    await keeper.stage.hear(closed)
    await keeper.begin_anew()
    async with unit_of_work(keeper.stage.sessions) as session:
        assert await shortlists.find(session, an_id(NEEDS[0])) is None


async def test_what_changes_while_the_lists_are_refreshed_is_due_again(keeper: Keeper) -> None:
    sessions, person = keeper.stage.sessions, an_id(PEOPLE[0])
    async with unit_of_work(sessions) as session:
        await shortlists.mark_due(session, "participant", [person])
    async with unit_of_work(sessions) as session:
        due = await shortlists.read_due(session)
        await shortlists.settle_due(session, due)
        # Nobody who hears of a change waits for the refreshing: this would not end.
        async with asyncio.timeout(10), unit_of_work(sessions) as other:
            await shortlists.mark_due(other, "participant", [person])
    async with unit_of_work(sessions) as session:
        assert (await shortlists.read_due(session)).participants == {person}


async def test_somebody_who_left_after_the_pool_was_read_is_on_no_list_that_is_kept(keeper: Keeper) -> None:
    left = ConsentWithdrawn.model_validate({"participant_id": an_id(PEOPLE[0]), "revision": 5, "purpose": "pairing"})
    await keeper.stage.hear(left)
    async with unit_of_work(keeper.stage.sessions) as session:
        await shortlists.settle_due(session, await shortlists.read_due(session))
    await keeper.stage.hear(need_published(NEEDS[0], revision=2))
    await keeper.refresh()
    assert an_id(PEOPLE[0]) not in await keeper.people(NEEDS[0])
