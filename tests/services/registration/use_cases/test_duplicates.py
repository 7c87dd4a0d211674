"""Who is registered twice is found among many, by whatever they share, and quickly; what no longer holds is dropped."""

from __future__ import annotations

import importlib.util
from types import ModuleType
from uuid import UUID

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Connection, text
from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.domain.likeness import Likeness
from services.registration.domain.participants import ParticipantDraft
from services.registration.domain.places import Place
from services.registration.use_cases.participants import save_participants
from services.registration.use_cases.saving import Saved
from shared.database import Sessions, unit_of_work
from shared.ids import new_id
from shared.moment import Moment
from shared.revisions import migrations_folder
from shared.sql import run
from tests.services.registration import bodies
from tests.services.registration.office import NOW, OPERATOR, Office, open_agencies
from tests.support.slips import Crowd, crowd

ROWS_AT_ONCE = 500
TURNED_ROUND = """
    INSERT INTO duplicate_suspicions (participant_id, resembles_id, noticed_at)
    SELECT resembles_id, participant_id, noticed_at FROM duplicate_suspicions
"""


def draft_of(record: Likeness, agency_id: UUID) -> ParticipantDraft:
    return ParticipantDraft(
        agency_id=agency_id,
        home=Place(record.commune or "62498"),
        first_name=record.first_name,
        last_name=record.last_name,
        email=record.email,
        phone=record.phone,
        born_on=record.born_on,
    )


async def registered(session: AsyncSession, people: Crowd, agency_id: UUID) -> list[UUID]:
    """The records' ids, in the order in which they were registered."""
    moment = Moment(NOW, new_id)
    ids: list[UUID] = []
    for start in range(0, len(people.records), ROWS_AT_ONCE):
        drafts = [draft_of(each, agency_id) for each in people.records[start : start + ROWS_AT_ONCE]]
        saved = await save_participants(session, drafts, moment, "import")
        ids += [each.id for each in saved if isinstance(each, Saved)]
    return ids


async def pairs_kept(session: AsyncSession) -> set[frozenset[UUID]]:
    rows = await run(session, text("SELECT participant_id, resembles_id FROM duplicate_suspicions"))
    return {frozenset(row) for row in rows}


async def test_of_many_records_those_of_one_person_are_found_and_few_others(sessions: Sessions) -> None:
    lens, _ = await open_agencies(sessions)
    people = crowd(2_000, seed=11)
    async with unit_of_work(sessions) as session:
        ids = await registered(session, people, lens)
        found = await pairs_kept(session)
    true = {frozenset((ids[one], ids[other])) for one, other in people.same}
    assert len(found & true) / len(found) > 0.95
    assert len(found & true) / len(true) > 0.92


async def test_what_is_corrected_so_that_nothing_is_alike_waits_for_nobody(office: Office) -> None:
    await office.post("/api/v1/participants", bodies.participant())
    twin = await office.post("/api/v1/participants", bodies.participant(first_name="Morice"))
    assert len((await office.ask("GET", "/api/v1/duplicates")).json()["items"]) == 1
    other = {"first_name": "Odile", "protected": {"born_on": "1960-02-03"}}
    await office.ask("PATCH", f"/api/v1/participants/{twin['id']}", json=other)
    assert len((await office.ask("GET", "/api/v1/duplicates")).json()["items"]) == 0


async def test_a_pair_stands_once_whichever_of_the_two_is_changed_and_stays_settled(office: Office) -> None:
    first = await office.post("/api/v1/participants", bodies.participant())
    second = await office.post("/api/v1/participants", bodies.participant(first_name="Morice"))
    for each in (first, second):
        answer = await office.ask("PATCH", f"/api/v1/participants/{each['id']}", json={"travel_limit_km": 12})
        assert "probable-duplicate" in {warning["code"] for warning in answer.json()["warnings"]}
    assert len((await office.ask("GET", "/api/v1/duplicates")).json()["items"]) == 1
    settle = f"/api/v1/duplicates/{first['id']}/{second['id']}/settle"
    assert (await office.ask("POST", settle)).status_code == 204
    await office.ask("PATCH", f"/api/v1/participants/{first['id']}", json={"travel_limit_km": 13})
    assert len((await office.ask("GET", "/api/v1/duplicates")).json()["items"]) == 0


async def test_the_list_says_how_probably_and_why_in_both_languages(office: Office) -> None:
    await office.post("/api/v1/participants", bodies.participant(last_name="Brunel-Petit", email=None))
    await office.post("/api/v1/participants", bodies.participant(first_name="BRUNEL", last_name="maurice"))
    (pair,) = (await office.ask("GET", "/api/v1/duplicates")).json()["items"]
    assert 0.99 < pair["probability"] < 1
    assert [reason["french"] for reason in pair["reasons"]] == [
        "noms proches («\u00a0BRUNEL maurice\u00a0» / «\u00a0Maurice Brunel-Petit\u00a0»)",
        "même téléphone",
        "même date de naissance",
        "même commune",
    ]
    assert pair["reasons"][1]["english"] == "same telephone"


async def test_two_records_of_two_agencies_are_shown_to_operators_alone_and_settled_by_them(office: Office) -> None:
    first = await office.post("/api/v1/participants", bodies.participant(), office.other_adviser)
    second = await office.post("/api/v1/participants", bodies.participant())
    settle = f"/api/v1/duplicates/{second['id']}/{first['id']}/settle"
    for adviser in (office.adviser, office.other_adviser):
        assert (await office.ask("POST", settle, adviser)).status_code == 404
    (pair,) = (await office.ask("GET", "/api/v1/duplicates", OPERATOR)).json()["items"]
    assert {pair["participant_id"], pair["resembles_id"]} == {first["id"], second["id"]}
    assert (await office.ask("POST", settle, OPERATOR)).status_code == 204


@pytest.mark.parametrize("settled", [True, False])
async def test_a_database_from_before_knows_how_names_sound_and_each_pair_once(
    office: Office, *, settled: bool
) -> None:
    ids = [(await office.post("/api/v1/participants", bodies.participant()))["id"] for _ in range(2)]
    settling = "settled_at = noticed_at" if settled else "settled_at = NULL"
    async with unit_of_work(office.sessions) as session:
        for statement in (
            "UPDATE participant_contacts SET name_key = ''",
            TURNED_ROUND,
            f"UPDATE duplicate_suspicions SET {settling} WHERE participant_id < resembles_id",  # noqa: S608 - our own
        ):
            await run(session, text(statement))
        version = version_of_duplicates()
        await (await session.connection()).run_sync(fill, version)
        for statement in (version.PAIRS_TWICE, version.HIGHER_ID_FIRST):
            await run(session, text(statement))
    (row,) = await office.rows("SELECT * FROM duplicate_suspicions")
    assert [str(row["participant_id"]), str(row["resembles_id"])] == sorted(ids, reverse=True)
    assert (row["settled_at"] is not None) is settled
    keys = await office.rows("SELECT DISTINCT name_key FROM participant_contacts")
    assert [each["name_key"] for each in keys] == ["brunel moris"]


def version_of_duplicates() -> ModuleType:
    (path,) = (migrations_folder("registration") / "versions").glob("*_duplicates.py")
    spec = importlib.util.spec_from_file_location("duplicates", path)
    assert spec is not None
    assert spec.loader is not None
    version = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(version)
    return version


def fill(connection: Connection, version: ModuleType) -> None:
    with Operations.context(MigrationContext.configure(connection)):
        version.fill_name_keys()
