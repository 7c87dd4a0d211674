"""How softly a level counts is policy: recorded with a run, replayed with it; records that do not know it are hard."""

from __future__ import annotations

import json
from dataclasses import replace

from sqlalchemy import select, update

from services.matching.domain.pairing import Pairing
from services.matching.domain.scoring import Term
from services.matching.domain.situation import Policy
from services.matching.repository import runs
from services.matching.repository.runs import RunRecord
from services.matching.tables import PairingRow
from services.matching.use_cases import replaying
from services.matching.use_cases.computing import Computer
from services.matching.use_cases.gathering import inputs_of
from shared.database import unit_of_work
from shared.ids import new_id
from shared.sql import run, table_of
from tests.services.matching.conftest import Stage

_pairings = table_of(PairingRow)


def terms_in(pairing: Pairing) -> list[Term]:
    """Every term of every pair."""
    reasons = [meeting.reasons for meeting in pairing.meetings] + [place.reasons for place in pairing.reserve]
    return [term for one in reasons for term in one.score.terms]


async def newest_record(stage: Stage) -> RunRecord:
    async with unit_of_work(stage.sessions) as session:
        record = await runs.record_of(session, (await stage.newest_run()).id)
    assert record is not None
    return record


async def test_a_run_keeps_its_softness_and_is_replayed_with_it(gallery: Stage) -> None:
    gallery.computer = Computer(gallery.sessions, Policy(softness=0.0), lambda: gallery.now, new_id)
    hard = terms_in((await gallery.propose()).pairing)
    assert hard
    assert all(term.share == term.probability for term in hard)
    assert inputs_of((await newest_record(gallery)).inputs).policy.softness == 0.0
    gallery.computer = Computer(gallery.sessions, gallery.policy, lambda: gallery.now, new_id)
    soft = terms_in((await gallery.propose()).pairing)
    assert any(term.share != term.probability for term in soft)
    record = await newest_record(gallery)
    assert inputs_of(record.inputs).policy.softness == 0.25
    assert await replaying.replay(record)


async def test_a_record_that_says_nothing_of_softness_was_hard(gallery: Stage) -> None:
    await gallery.propose()
    known = (await newest_record(gallery)).inputs
    older = json.loads(known)
    del older["policy"]["softness"]
    read = inputs_of(known)
    assert inputs_of(json.dumps(older).encode()) == replace(read, policy=replace(read.policy, softness=0.0))


async def test_a_pairing_kept_when_every_step_was_hard_can_be_read(gallery: Stage) -> None:
    kept = await gallery.propose()
    async with unit_of_work(gallery.sessions) as session:
        query = select(_pairings.c.content).where(_pairings.c.id == kept.id)
        content = (await run(session, query)).scalar_one()
        for place in (*content["meetings"], *content["reserve"]):
            for term in place["reasons"]["score"]["terms"]:
                del term["share"]
        await run(session, update(_pairings).where(_pairings.c.id == kept.id).values(content=content))
    read = (await gallery.proposal()).pairing
    assert [term.share for term in terms_in(read)] == [term.probability for term in terms_in(kept.pairing)]
