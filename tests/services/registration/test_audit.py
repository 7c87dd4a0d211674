"""Every change of a record and every look at a person leave a line, which nobody can take back unnoticed."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from services.registration.settings import Settings
from services.registration.tables import Apart, Base
from services.registration.use_cases.retention import all_kept
from shared.auditing import Chain, Head, note_looks, seal_lines, verify_chain
from shared.database import create_engine, unit_of_work
from shared.retention import count_outlived, let_outlived_go
from shared.sql import run
from tests.services.registration import bodies
from tests.services.registration.office import MANAGER, NOW, OPERATOR, SERVICE, Office
from tests.support.auditing import seal_all, seal_four_years_earlier

NOT_NOTED: Mapping[str, str] = {
    "former_contacts": "a copy of what a change of the employer, which is noted, replaced",
    "idempotency_keys": "answers that were given",
    "limits": "how often somebody asked",
    "name_words": "made of the contacts, whose changes are noted",
    "signed_in": "that somebody asks is in each line",
    "sign_in_links": "goes when it is used",
    "sign_in_attempts": "goes when it is used",
    "owed_mails": "mails that wait to be sent; what they tell of is noted",
    "imports": "how far an import is; what it changes is noted in the name of whoever asked for it",
    "import_pieces": "files that wait to be imported",
    "import_parts": "what was found in them",
    "export_pieces": "the files of exports, which are noted; so is each look at a person that they hold",
    "pairing_states": "what matching told",
    "pairings_in_force": "what matching told",
    "paired_participants": "what matching told",
    "invitation_states": "what notification told",
    "employer_answers": "what notification told",
}
"""Tables that are no records of people at work here, and why."""


@pytest.fixture
async def person(office: Office) -> UUID:
    """Somebody of Lens."""
    return UUID((await office.post("/api/v1/participants", bodies.participant()))["id"])


async def lines(office: Office, **wanted: Any) -> Sequence[Any]:
    """What an operator finds, the latest first."""
    answer = await office.ask("GET", "/api/v1/audit", OPERATOR, params={"size": 200, **wanted})
    assert answer.status_code == 200, answer.text
    items: Sequence[Any] = answer.json()["items"]
    return items


async def test_a_look_is_noted_once_a_request_with_who_and_where(office: Office, person: UUID) -> None:
    before = len(await lines(office, participant=person))
    await office.ask("GET", f"/api/v1/participants/{person}")
    [look] = (await lines(office, participant=person))[: -before or None]
    assert {name: look[name] for name in ("person_id", "role", "agency_id", "route", "what", "kind")} == {
        "person_id": str(office.adviser.id),
        "role": "adviser",
        "agency_id": str(office.lens),
        "route": "GET /api/v1/participants/{participant_id}",
        "what": "look",
        "kind": "participants",
    }
    for path in ("/api/v1/participants", f"/api/v1/participants/{person}/consents"):
        await office.ask("GET", path, OPERATOR)
    await office.ask("POST", "/internal/directory", SERVICE, json={"participants": [str(person)]})
    looks = [line["role"] for line in await lines(office, participant=person) if line["what"] == "look"]
    assert looks == ["service", "operator", "operator", "adviser"]


async def test_the_people_of_a_meetup_and_of_a_workshop_are_looked_at_by_whoever_sees_them(
    office: Office, person: UUID
) -> None:
    workshop = (await office.post("/api/v1/workshops", bodies.workshop()))["id"]
    await office.enrol(workshop, str(person))
    noted = (await office.post("/api/v1/observations", bodies.observation(workshop, str(person))))["id"]
    meetup = (await office.post("/api/v1/meetups", bodies.meetup()))["id"]
    await office.ask("PUT", f"/api/v1/meetups/{meetup}/participants/{person}", json={})
    places = (f"/api/v1/meetups/{meetup}", f"/api/v1/observations/{noted}", f"/api/v1/observations?workshop={workshop}")
    for asks in (office.adviser, MANAGER):
        for path in places:
            await office.ask("GET", path, asks)
    # To managers, a meetup's people are a number.
    looks = [line["route"] for line in await lines(office, participant=person) if line["what"] == "look"]
    assert looks == [
        "GET /api/v1/observations",
        "GET /api/v1/observations/{observation_id}",
        "GET /api/v1/meetups/{meetup_id}",
    ]


async def test_a_refusal_that_shows_what_others_changed_is_a_look_though_it_changes_nothing(
    office: Office, person: UUID
) -> None:
    address = f"/api/v1/participants/{person}"
    await office.ask("PATCH", address, OPERATOR, json={"phone": "03 21 00 00 00"})
    refused = await office.ask("PATCH", address, json={"phone": "03 21 00 00 01"}, seen=1)
    assert refused.status_code == 412
    assert "phone" in refused.json()["changed"]
    [newest, *_] = await lines(office, participant=person)
    assert (newest["what"], newest["person_id"]) == ("look", str(office.adviser.id))
    assert newest["route"] == "PATCH /api/v1/participants/{participant_id}"


async def test_a_look_alone_waits_for_no_disk_and_a_change_does(office: Office, person: UUID) -> None:
    async def waits(*, before: Sequence[str] = (), after: Sequence[str] = ()) -> bool:
        async with unit_of_work(office.sessions) as session:
            for statement in ("SET LOCAL synchronous_commit = on", *before):
                await run(session, text(statement))
            await note_looks(session, "participants", [person])
            for statement in after:
                await run(session, text(statement))
            return bool((await run(session, text("SHOW synchronous_commit"))).scalar_one() == "on")

    change = "UPDATE participants SET transport = 'transit'"
    assert not await waits()
    assert await waits(before=[change])
    assert await waits(after=[change])


async def test_changes_of_every_table_are_noted_or_left_out_for_a_reason(office: Office) -> None:
    triggers = await office.rows(
        "SELECT tgrelid::regclass::text AS name, count(*) AS triggers FROM pg_trigger"
        " WHERE tgname IN ('notes_insert', 'notes_update', 'notes_delete') GROUP BY 1"
    )
    assert {row["triggers"] for row in triggers} == {3}
    noted = {row["name"] for row in triggers}
    assert noted | NOT_NOTED.keys() == {*Base.metadata.tables, *Apart.metadata.tables}
    assert not noted & NOT_NOTED.keys()


async def test_changes_are_noted_by_the_database_itself(office: Office, person: UUID) -> None:
    kinds = {(line["what"], line["kind"]) for line in await lines(office, participant=person)}
    assert {("insert", "participants"), ("insert", "participant_contacts"), ("insert", "consents")} <= kinds
    async with unit_of_work(office.sessions) as session:
        await run(session, text("UPDATE participants SET transport = 'transit' WHERE id = :id"), {"id": person})
    newest = (await lines(office, participant=person))[0]
    assert (newest["what"], newest["kind"], newest["role"]) == ("update", "participants", "service")


async def test_an_erasure_is_its_authors_and_leaves_opaque_ids_alone(office: Office, person: UUID) -> None:
    await office.ask("DELETE", f"/api/v1/participants/{person}")
    gone = [line for line in await lines(office, participant=person) if line["what"] == "delete"]
    assert {"participants", "participant_contacts", "consents"} <= {line["kind"] for line in gone}
    assert {line["person_id"] for line in gone} == {str(office.adviser.id)}
    everything = str(await office.rows("SELECT * FROM audit.lines"))
    assert "Brunel" not in everything
    assert "maurice" not in everything


async def test_who_looked_is_for_the_persons_own_agency_and_the_search_for_the_region(
    office: Office, person: UUID
) -> None:
    own = await office.ask("GET", f"/api/v1/audit/participants/{person}")
    assert len(own.json()["items"]) > 0
    assert (await office.ask("GET", f"/api/v1/audit/participants/{person}", office.other_adviser)).status_code == 404
    assert (await office.ask("GET", "/api/v1/audit")).status_code == 403
    assert await lines(office, person=office.adviser.id, participant=person)
    assert await lines(office, after="2100-01-01T00:00:00Z") == []


async def test_a_search_goes_on_where_it_ended(office: Office, person: UUID) -> None:
    whole = await lines(office, participant=person)
    found: list[Any] = []
    cursor: dict[str, int] = {}
    while True:
        wanted = {"participant": person, "size": 2, **cursor}
        part = (await office.ask("GET", "/api/v1/audit", MANAGER, params=wanted)).json()
        found += part["items"]
        if part["next"] is None:
            break
        cursor = {"cursor": part["next"]}
    assert found == whole
    assert len(whole) > 2


async def test_lines_are_found_by_kind_by_what_was_done_and_by_record(office: Office, person: UUID) -> None:
    workshop = (await office.post("/api/v1/workshops", bodies.workshop()))["id"]
    await office.enrol(workshop, str(person))
    [enrolled] = await lines(office, record=workshop, kind="workshop_enrolments")
    assert (enrolled["what"], enrolled["participant_id"]) == ("insert", str(person))
    assert {line["kind"] for line in await lines(office, participant=person, what="look")} <= {"participants"}


async def test_a_consent_says_through_whom_it_came(office: Office, person: UUID) -> None:
    await office.ask("DELETE", f"/api/v1/participants/{person}/consents/contact")
    [withdrawn, *_] = await lines(office, participant=person, kind="consents")
    assert (withdrawn["what"], withdrawn["why"]) == ("insert", "person")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit.lines SET what = 'nothing'",
        "DELETE FROM audit.lines",
        "TRUNCATE audit.lines",
        "INSERT INTO audit.lines (what, kind, participant_id, person_id) VALUES ('look', 'x', uuidv7(), uuidv7())",
        "INSERT INTO audit.lines (what, kind, participant_id, at) VALUES ('look', 'x', uuidv7(), '2020-01-01')",
        "INSERT INTO audit.seals (number, up_to, sealed_at, hash) VALUES (1, 1, now(), '')",
        "UPDATE audit.seals SET hash = ''",
        "DELETE FROM audit.seals",
        "DELETE FROM audit.to_seal",
        "ALTER TABLE participants DISABLE TRIGGER ALL",
        "SET LOCAL session_replication_role = replica",
        "DROP FUNCTION audit.note_participants CASCADE",
        "DROP TABLE audit.lines",
    ],
)
async def test_the_service_can_add_lines_and_do_nothing_else(office: Office, person: UUID, statement: str) -> None:
    assert person
    with pytest.raises(DBAPIError, match=r"permission denied|must be owner"):
        async with unit_of_work(office.sessions) as session:
            await run(session, text(statement))


async def sealed(office: Office) -> Chain:
    """The chain over all lines there are."""
    await seal_all(office.sessions)
    async with unit_of_work(office.sessions) as session:
        return await verify_chain(session)


TAMPERING: Mapping[str, Sequence[str]] = {
    "a changed line": ["UPDATE audit.lines SET role = 'nobody' WHERE position = {line}"],
    "a removed line": ["DELETE FROM audit.lines WHERE position = {line}"],
    "a line put in": [
        """
        INSERT INTO audit.lines (position, at, role, route, what, kind) OVERRIDING SYSTEM VALUE
        SELECT {line} - 2, at, role, route, what, kind FROM audit.lines WHERE position = {line}
        """
    ],
    "two lines that changed places": [
        "CREATE TEMP TABLE two ON COMMIT DROP AS SELECT * FROM audit.lines WHERE position IN ({line}, {line} - 1)",
        "DELETE FROM audit.lines WHERE position IN ({line}, {line} - 1)",
        "UPDATE two SET position = 2 * {line} - 1 - position",
        "INSERT INTO audit.lines OVERRIDING SYSTEM VALUE SELECT * FROM two",
    ],
    "a removed seal": ["DELETE FROM audit.seals WHERE number = {seal}"],
}


@pytest.mark.parametrize("how", TAMPERING)
async def test_the_chain_names_the_first_seal_that_was_tampered_with_even_by_the_owner(
    office: Office, person: UUID, owner_url: str, how: str
) -> None:
    """Only whoever owns the tables can reach a line that is there."""
    await sealed(office)
    async with office.sessions() as undone:  # leaves a position that no line has
        await note_looks(undone, "participants", [person])
    await office.ask("GET", f"/api/v1/participants/{person}")
    await office.ask("GET", f"/api/v1/participants/{person}/consents")
    before = await sealed(office)
    await office.ask("GET", f"/api/v1/participants/{person}")
    whole = await sealed(office)
    assert (whole.first_broken, whole.unsealed, whole.is_whole) == (None, 0, True)
    assert before.head
    assert whole.head
    seal = before.head.number
    engine = create_engine(owner_url, pool_size=1)
    async with engine.connect() as connection:
        of_seal = text("SELECT up_to FROM audit.seals WHERE number = :seal")
        line = (await connection.execute(of_seal, {"seal": seal})).scalar_one()
        for statement in TAMPERING[how]:
            await connection.execute(text(statement.format(line=line, seal=seal)))
        broken = (await connection.execute(text("SELECT audit.first_broken(0, 1000000)"))).scalar_one()
        assert broken == (seal + 1 if how == "a removed seal" else seal)
        await connection.rollback()
    await engine.dispose()


async def test_lines_that_outlived_their_time_go_and_the_chain_stays_whole_without_them(
    office: Office, person: UUID, owner_url: str, settings: Settings
) -> None:
    (kept,) = [each for each in all_kept(settings) if each.name == "lines of the audit"]
    old = (await sealed(office)).head
    await office.ask("GET", f"/api/v1/participants/{person}")
    assert old
    assert (await sealed(office)).head != old
    assert await count_outlived(office.sessions, [kept], now=NOW) == {kept.name: 0}
    await seal_four_years_earlier(owner_url, old.number)
    aged, counted = await sealed(office), await count_outlived(office.sessions, [kept], now=NOW)
    assert aged.is_whole
    assert counted[kept.name] > 0
    before = await office.rows("SELECT count(*) AS n FROM audit.lines")
    assert await let_outlived_go(office.sessions, [kept], now=NOW) == counted
    (after,) = await office.rows("SELECT count(*) AS n FROM audit.lines")
    assert after["n"] == before[0]["n"] - counted[kept.name] > 0
    whole = await sealed(office)
    assert (whole.is_whole, whole.head, whole.gone_until is not None) == (True, aged.head, True)
    async with unit_of_work(office.sessions) as session:
        assert (await verify_chain(session, aged.head)).is_whole
        assert (await verify_chain(session, Head(1, old.hash))).is_whole, "what is gone is looked for no longer"
    assert await let_outlived_go(office.sessions, [kept], now=NOW) == {kept.name: 0}
    await office.ask("GET", f"/api/v1/participants/{person}")
    assert (await sealed(office)).is_whole


@pytest.mark.parametrize("how", ["a line that stays changes", "lines in the middle go", "the last seal over them goes"])
async def test_a_chain_whose_first_lines_are_gone_shows_tampering_as_before(
    office: Office, person: UUID, owner_url: str, settings: Settings, how: str
) -> None:
    first = (await sealed(office)).head
    for _ in range(2):
        await office.ask("GET", f"/api/v1/participants/{person}")
        await sealed(office)
    assert first
    await seal_four_years_earlier(owner_url, first.number)
    await let_outlived_go(office.sessions, all_kept(settings), now=NOW)
    statement = {
        "a line that stays changes": "UPDATE lines SET role = 'x' WHERE position = (SELECT max(position) FROM lines)",
        "lines in the middle go": "UPDATE seals SET lines_gone = true WHERE number = (SELECT max(number) FROM seals)",
        "the last seal over them goes": "DELETE FROM seals WHERE lines_gone",
    }[how]
    engine = create_engine(owner_url, pool_size=1)
    async with engine.connect() as connection:
        await connection.execute(text("SET LOCAL search_path = audit"))
        assert (await connection.execute(text("SELECT audit.first_broken(0, 1000000)"))).scalar_one() is None
        await connection.execute(text(statement))
        assert (await connection.execute(text("SELECT audit.first_broken(0, 1000000)"))).scalar_one() is not None
        await connection.rollback()
    await engine.dispose()


async def test_the_service_cannot_have_lines_go_that_are_not_a_year_old(office: Office, person: UUID) -> None:
    assert person
    await sealed(office)
    async with unit_of_work(office.sessions) as session:
        gone = await run(session, text("SELECT audit.let_go(now() + interval '9 years', 1000)"))
    assert gone.scalar_one() == 0


async def test_an_end_that_was_cut_off_shows_by_a_head_noted_before(
    office: Office, person: UUID, owner_url: str
) -> None:
    assert person
    earlier = (await sealed(office)).head
    await office.ask("GET", f"/api/v1/participants/{person}")
    noted = (await sealed(office)).head
    assert earlier
    assert noted
    engine = create_engine(owner_url, pool_size=1)
    async with engine.begin() as connection:
        await connection.execute(
            text("DELETE FROM audit.lines WHERE position > (SELECT up_to FROM audit.seals WHERE number = :number)"),
            {"number": earlier.number},
        )
        await connection.execute(text("DELETE FROM audit.seals WHERE number > :number"), {"number": earlier.number})
    await engine.dispose()
    async with unit_of_work(office.sessions) as session:
        assert (await verify_chain(session)).is_whole
        assert (await verify_chain(session, earlier)).is_whole
        cut = await verify_chain(session, noted)
    assert (cut.first_broken, cut.holds_noted, cut.is_whole) == (None, False, False)


async def test_a_line_that_is_still_on_its_way_is_waited_for(office: Office, person: UUID) -> None:
    first = await sealed(office)
    async with unit_of_work(office.sessions) as slow:
        await note_looks(slow, "participants", [person])
        await office.ask("GET", f"/api/v1/participants/{person}")
        for _ in range(3):
            await seal_lines(office.sessions)
        async with unit_of_work(office.sessions) as session:
            waiting = await verify_chain(session)
        assert (waiting.head, waiting.unsealed) == (first.head, 1)
    through = await sealed(office)
    assert (through.unsealed, through.first_broken) == (0, None)
    assert through.head != first.head


async def test_numbers_of_another_server_do_not_keep_a_restored_audit_from_being_sealed(
    office: Office, person: UUID, owner_url: str
) -> None:
    assert person
    engine = create_engine(owner_url, pool_size=1)
    await seal_lines(office.sessions)
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE audit.to_seal SET before = '999999999999'"))
    await engine.dispose()
    assert (await sealed(office)).unsealed == 0


async def test_the_head_of_the_chain_is_shown_to_those_who_watch(office: Office, person: UUID) -> None:
    first = await sealed(office)
    assert (await office.ask("GET", "/api/v1/audit/head", OPERATOR)).json() == {"head": str(first.head), "unsealed": 0}
    assert Head.read(str(first.head)) == first.head
    await office.ask("GET", f"/api/v1/participants/{person}")
    assert (await office.ask("GET", "/api/v1/audit/head", MANAGER)).json() == {"head": str(first.head), "unsealed": 1}
