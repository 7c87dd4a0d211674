"""What the database keeps apart when the code forgets to: agencies from each other, and all from who says nothing.

Every question here is as raw as a forgotten filter: ``SELECT * FROM table``, asked in the name of somebody.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

import pytest
from fastapi import Request
from sqlalchemy import Table, text
from sqlalchemy.exc import DBAPIError
from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.repository import meetups, observations, participant_lists, participants, workshops
from services.registration.repository.meetups import MeetupFilter
from services.registration.repository.observations import ObservationFilter
from services.registration.repository.participant_lists import ParticipantFilter
from services.registration.tables import Base
from shared.asking import AT_THE_DOOR, THE_SERVICE, UNTOLD, Asker, as_the_service, told
from shared.database import create_engine, create_sessions, unit_of_work
from shared.identity import identify
from shared.ids import new_id
from shared.paging import Paging
from shared.protected_role import as_protected_role
from shared.rights import EVERYTHING
from shared.sql import run
from shared.travel import tables as travel_tables
from shared.web.edge import asker_of
from tests.services.registration import bodies
from tests.services.registration.office import NOW, OPERATOR, Office
from tests.support.databases import Databases

WITHOUT_WALLS: Mapping[str, str] = {
    "limits": "how often an address or a person asked, by digests, counted before it is known who asks",
    "alembic_version": "the revision of the tables",
    "seals": "the chain of the audit: hashes and positions",
    "to_seal": "how far the audit is sealed next",
    **dict.fromkeys(travel_tables.metadata.tables, "events on their way, by ids: relay and consumers speak for nobody"),
}
"""Tables without policies, and what is in them; whatever is not named here has to have some."""

READ_BY_ADVISERS = {"agencies", "employers", "needs", "sites", "venues"}

AT_DOOR = {"signed_in", "sign_in_links", "sign_in_attempts"}
"""What only signing in reads; not even an operator does."""

OF_THE_SERVICE = {"owed_mails"}
"""What the service works off by itself."""
OF_WHOEVER_ASKED = {"exports", "export_pieces"}
"""What even colleagues do not see."""

PAST_THE_WALLS = {
    *("held_workshops", "held_people", "was_met", "is_own_person", "is_enrolled"),  # what policies ask
    *("seal", "let_go"),  # the chain of the audit
}
"""The functions that work as the owner of the tables, whoever calls them."""

BY_HAND: Mapping[str, str] = {
    "duplicate_suspicions": "(participant_id, resembles_id, noticed_at) VALUES (:person, :twin, now())",
    "venues": "(id, revision, field_revisions, name, folded_name, commune) VALUES (:any, 1, '{}', 'V', 'v', '62498')",
    "operations": "(id, revision, agency_id, name, venue_id, starts_on, ends_on)"
    " SELECT uuidv7(), 1, :agency, 'O', id, current_date, current_date FROM venues LIMIT 1",
    "workshop_sessions": "(id, revision, workshop_id, held_on) VALUES (:any, 1, :workshop, '2026-11-03')",
    "workshop_presences": "(session_id, participant_id, workshop_id, is_present, noted_at)"
    " VALUES (:any, :person, :workshop, true, now())",
    "meetup_departures": "(meetup_id, participant_id) VALUES (:meetup, :person)",
    "meetup_outcomes": "(meetup_id, participant_id, need_id, outcome, revision, recorded_at)"
    " VALUES (:meetup, :person, :need, 'hired', 1, now())",
    "pairing_states": "(meetup_id, step, pairing_id, state, meetings) VALUES (:meetup, 1, :any, 'proposed', 1)",
    "pairings_in_force": "(meetup_id, step) VALUES (:meetup, 1)",
    "paired_participants": "(meetup_id, participant_id, meetings) VALUES (:meetup, :person, 1)",
    "invitation_states": "(meetup_id, participant_id, revision, state) VALUES (:meetup, :person, 1, 'sent')",
    "employer_answers": "(meetup_id, need_id, participant_id, revision, answer, reason)"
    " VALUES (:meetup, :need, :person, 1, 'yes', '')",
    "erasures": "(id, participant_id, revision, agency_id, erased_at, gone)"
    " VALUES (:any, :any, 1, :agency, now(), '{}')",
    "naming_notes": "(erasure_id, observation_id) VALUES (:any, :observation)",
    "planned_erasures": "(participant_id, noticed_at, erases_on) VALUES (:person, now(), current_date)",
    "former_contacts": "(id, employer_id, language, changed_at) VALUES (:any, :employer, 'fr', now())",
    "sites": "(id, revision, employer_id, name, commune) VALUES (:any, 1, :employer, 'S', '62498')",
    "proposals": "(id, employer_id, changes, agency_id, proposing_agency_id, proposed_at)"
    " VALUES (:any, :employer, '{}', :agency, :agency, now())",
    "accounts": "(staff_id, role, agency_id, language, revision, invited_at)"
    " SELECT id, role, :agency, 'fr', 1, now() FROM staff WHERE role = 'mediator'",
    "credentials": "(id, secret_digest, name, agency_id, made_at, ends_at)"
    " VALUES (:any, '', '', :agency, now(), now())",
    "merges": "(id, participant_id, merged_id, merged_at, moved) VALUES (:any, :person, :twin, now(), '{}')",
    "imports": "(id, person_id, role, agency_id, vouched, asked_at, state, attempts, is_dry, progress)"
    " VALUES (:any, :any, 'adviser', :agency, false, now(), 'done', 1, false, '{}')",
    "import_pieces": "(import_id, file, number, name, content) VALUES (:any, 0, 0, 'p.csv', '')",
    "import_parts": "(import_id, number, file, verdicts, findings) VALUES (:any, 0, 'p.csv', '', '[]')",
    "exports": "(id, person_id, role, agency_id, vouched, asked_at, state, attempts, form, rows)"
    " VALUES (:any, :any, 'adviser', :agency, false, now(), 'done', 1, 'csv', 0)",
    "export_pieces": "(export_id, number, content) VALUES (:any, 0, '')",
    "objections": "(id, participant_id, purpose, objected_at) VALUES (:any, :person, 'contact', now())",
    "owed_mails": "(id, account_id, owed_since, try_after, tries)"
    " SELECT uuidv7(), staff_id, now(), now(), 0 FROM accounts",
    "signed_in": "(id, token_digest, staff_id, role, agency_id, name, is_demo, started_at, seen_at, ends_at)"
    " SELECT uuidv7(), 'digest', staff_id, role, agency_id, '', false, now(), now(), now() FROM accounts",
    "sign_in_links": "(token_digest, staff_id, goes_on_to, ends_at)"
    " SELECT 'digest', staff_id, '/', now() FROM accounts",
    "sign_in_attempts": "(state_digest, visitor_digest, nonce, verifier, goes_on_to, ends_at)"
    " VALUES ('state', 'visitor', 'nonce', 'verifier', '/', now())",
}
"""What the API does not write at once: as an operator's hand would."""


def walled() -> dict[str, Table]:
    """The tables that hold people or an agency's matters."""
    return {name: table for name, table in Base.metadata.tables.items() if name not in WITHOUT_WALLS}


@pytest.fixture
async def lens(office: Office) -> Mapping[str, UUID]:
    """One row at least in every table, all of Lens; their ids."""
    person, twin = [
        UUID((await office.post("/api/v1/participants", bodies.participant(identifier=name)))["id"])
        for name in ("P1", "P2")
    ]
    workshop = UUID((await office.post("/api/v1/workshops", bodies.workshop()))["id"])
    meetup = UUID((await office.post("/api/v1/meetups", bodies.meetup()))["id"])
    employer = UUID((await office.post("/api/v1/employers", bodies.employer()))["id"])
    need = UUID((await office.post("/api/v1/needs", bodies.need(str(employer))))["id"])
    for path in (
        f"/api/v1/workshops/{workshop}/participants/{person}",
        f"/api/v1/meetups/{meetup}/participants/{person}",
    ):
        assert (await office.ask("PUT", path, json={})).status_code in (200, 201)
    await office.ask("PUT", f"/api/v1/meetups/{meetup}/needs/{need}", json={})
    noted = bodies.observation(str(workshop), str(person))
    headers = {"idempotency-key": "once"}
    answered = await office.ask("POST", "/api/v1/observations", json=noted, headers=headers)
    observation = UUID(answered.json()["id"])
    ids = {"person": person, "twin": twin, "workshop": workshop, "meetup": meetup, "need": need, "any": new_id()}
    ids |= {"observation": observation, "employer": employer, "agency": office.lens}
    async with unit_of_work(office.sessions) as session:
        for table, row in BY_HAND.items():
            named = {name: value for name, value in ids.items() if f":{name}" in row}
            await run(session, text(f"INSERT INTO {table} {row} ON CONFLICT DO NOTHING"), named)
    assert [name for name, rows in (await seen_by(office, THE_SERVICE)).items() if not rows] == []
    return ids


async def seen_by(office: Office, asker: Asker) -> dict[str, int]:
    """How many rows of each table somebody sees who asks for all."""
    async with unit_of_work(office.sessions, asker) as session:
        return {
            name: len((await run(session, text(f"SELECT * FROM {name}"))).all())  # noqa: S608 - names of our own
            for name in walled()
        }


async def read_by_managers(office: Office) -> set[str]:
    """The tables of which managers see rows."""
    return {name for name, rows in (await seen_by(office, Asker("manager", UUID(int=2)))).items() if rows}


async def asker_with(office: Office, secret: str) -> Asker:
    """In whose name a request with a credential's secret works."""
    headers = [(b"authorization", f"Bearer {secret}".encode())]
    request = Request({"type": "http", "method": "GET", "app": office.app, "headers": headers})
    await identify(request)
    return asker_of(request)


async def test_a_forgotten_filter_shows_nothing_of_another_agency(office: Office, lens: Mapping[str, UUID]) -> None:
    del lens
    lille = await seen_by(office, Asker("adviser", office.other_adviser.id, office.lille))
    assert {name for name, rows in lille.items() if rows} == READ_BY_ADVISERS
    own = await seen_by(office, Asker("adviser", office.adviser.id, office.lens))
    assert {name for name, rows in own.items() if not rows} == AT_DOOR | OF_THE_SERVICE | OF_WHOEVER_ASKED


async def test_a_forgotten_filter_shows_another_system_no_more_than_the_people_of_its_agency(
    office: Office, lens: Mapping[str, UUID]
) -> None:
    del lens
    of_lille = READ_BY_ADVISERS | {"credentials"}  # its own
    for agency, expected in ((office.lille, of_lille), (None, await read_by_managers(office))):
        rights = {"rights": ["read workshops"], "ends_at": (NOW + timedelta(days=30)).isoformat()}
        body = {"name": "Un autre système", "agency_id": str(agency) if agency else None, **rights}
        secret = (await office.post("/api/v1/credentials", body, OPERATOR))["secret"]
        asker = await asker_with(office, secret)
        assert asker.agency == agency
        assert {name for name, rows in (await seen_by(office, asker)).items() if rows} == expected


async def test_whoever_says_nothing_sees_and_changes_nothing(
    office: Office, lens: Mapping[str, UUID], database_url: str
) -> None:
    del lens
    assert set((await seen_by(office, UNTOLD)).values()) == {0}
    engine = create_engine(database_url, pool_size=1)
    async with engine.begin() as connection:
        for name in walled():
            assert (await connection.execute(text(f"DELETE FROM {name}"))).rowcount == 0  # noqa: S608 - our own
    await engine.dispose()
    assert min((await seen_by(office, THE_SERVICE)).values()) > 0


async def test_an_agency_changes_and_removes_nothing_of_another(office: Office, lens: Mapping[str, UUID]) -> None:
    del lens
    before = await seen_by(office, THE_SERVICE)
    lille = Asker("adviser", office.other_adviser.id, office.lille)
    for name, table in walled().items():
        if name in ("agencies", "venues"):  # every agency's: its own shown name, and places that all use
            continue
        key = next(iter(table.primary_key)).name
        for statement in (f"UPDATE {name} SET {key} = {key}", f"DELETE FROM {name}"):  # noqa: S608 - names of our own
            async with unit_of_work(office.sessions, lille) as session:
                assert (await run(session, text(statement))).rowcount == 0, statement
    assert await seen_by(office, THE_SERVICE) == before


@pytest.mark.parametrize("table", sorted({*walled()} - {"agencies", "idempotency_keys", "venues"}))
async def test_an_agency_writes_nothing_that_is_anothers(office: Office, lens: Mapping[str, UUID], table: str) -> None:
    del lens
    lille = Asker("adviser", office.other_adviser.id, office.lille)
    columns = ", ".join(column.name for column in walled()[table].columns if column.computed is None)
    async with unit_of_work(office.sessions) as session:
        await run(session, text(f"CREATE TEMPORARY TABLE copied AS SELECT {columns} FROM {table}"))  # noqa: S608 - our own
        await (await session.connection()).execute(told(lille))
        with pytest.raises(DBAPIError, match="row-level security"):
            async with session.begin_nested():
                await run(session, text(f"INSERT INTO {table} ({columns}) SELECT * FROM copied"))  # noqa: S608 - our own


async def test_managers_read_the_region_and_write_nothing_of_it(office: Office, lens: Mapping[str, UUID]) -> None:
    del lens
    manager = Asker("manager", UUID(int=2))
    assert await read_by_managers(office) == walled().keys() - AT_DOOR - OF_THE_SERVICE - {
        "consents",
        "duplicate_suspicions",
        "employer_contacts",
        "export_pieces",
        "exports",
        "former_contacts",
        "idempotency_keys",
        "import_parts",
        "import_pieces",
        "imports",
        "merges",
        "name_words",
        "objections",
        "observations",
        "participant_contacts",
        "proposals",
        "workshop_presences",
    }
    async with unit_of_work(office.sessions, manager) as session:
        for name in sorted({*walled()} - {"accounts"}):
            assert (await run(session, text(f"DELETE FROM {name}"))).rowcount == 0  # noqa: S608 - names of our own


async def test_mediators_see_the_people_of_their_workshops_alone(office: Office, lens: Mapping[str, UUID]) -> None:
    staff = (await office.ask("GET", "/api/v1/staff")).json()["items"]
    holder = next(UUID(each["id"]) for each in staff if each["role"] == "mediator")
    seen = await seen_by(office, Asker("mediator", holder, office.lens))
    assert {name: rows for name, rows in seen.items() if rows} == {
        "accounts": 1,
        "agencies": 2,
        "consents": 2,
        "objections": 1,
        "observations": 1,
        "participant_contacts": 1,
        "participants": 1,
        "signed_in": 1,
        "staff": 1,
        "workshop_enrolments": 1,
        "workshop_presences": 1,
        "workshop_sessions": 1,
        "workshop_staff": (await office.rows("SELECT count(*) AS n FROM workshop_staff"))[0]["n"],
        "workshops": 1,
    }
    stranger = await seen_by(office, Asker("mediator", new_id(), office.lens))
    assert {name for name, rows in stranger.items() if rows} == {"agencies"}
    async with unit_of_work(office.sessions, Asker("mediator", holder, office.lens)) as session:
        assert (await run(session, text("UPDATE participants SET transport = 'car'"))).rowcount == 0
    assert lens["person"]


async def test_contacts_and_notes_go_with_whoever_moves_to_another_agency(
    office: Office, lens: Mapping[str, UUID]
) -> None:
    long_ago = "1990-01-01T00:00:00Z"
    lists = ("participants", "observations", f"participants?changed-since={long_ago}", "participants?q=Brunel")
    before = (await office.ask("GET", f"/api/v1/observations?changed-since={long_ago}")).json()["items"][-1]
    for person in (lens["person"], lens["twin"]):
        to = {"agency_id": str(office.lille)}
        moved = await office.ask("PATCH", f"/api/v1/participants/{person}", OPERATOR, json=to)
        assert moved.status_code == 200, moved.text
    for path in lists:
        assert (await office.ask("GET", f"/api/v1/{path}")).json()["items"] == [], path
        assert (await office.ask("GET", f"/api/v1/{path}", office.other_adviser)).json()["items"], path
    seen = await seen_by(office, Asker("adviser", office.other_adviser.id, office.lille))
    assert (seen["participants"], seen["participant_contacts"], seen["observations"]) == (2, 2, 1)
    left = await seen_by(office, Asker("adviser", office.adviser.id, office.lens))
    assert (left["participants"], left["participant_contacts"]) == (0, 0)
    assert left["observations"] == 1, "what was noted in an agency's workshop"
    since = f"/api/v1/observations?changed-since={before['kept_at'].replace('+', '%2B')}"
    (told,) = (await office.ask("GET", since, office.other_adviser)).json()["items"]
    assert told["id"] == str(lens["observation"])


async def test_signing_in_sees_whom_one_can_sign_in_as_and_who_is_signed_in(
    office: Office, lens: Mapping[str, UUID]
) -> None:
    del lens
    seen = await seen_by(office, AT_THE_DOOR)
    assert {name for name, rows in seen.items() if rows} == AT_DOOR | {"accounts", "agencies", "credentials", "staff"}


async def test_nobody_gives_an_account_more_than_they_may(office: Office, lens: Mapping[str, UUID]) -> None:
    del lens
    for asker in (Asker("adviser", office.adviser.id, office.lens), Asker("manager", UUID(int=2))):
        async with unit_of_work(office.sessions, asker) as session:
            with pytest.raises(DBAPIError, match="row-level security"):
                async with session.begin_nested():
                    await run(session, text("UPDATE accounts SET role = 'operator'"))
            assert (await run(session, text("UPDATE accounts SET revision = revision + 1"))).rowcount == 1


async def test_every_table_has_policies_that_bind_its_owner_too_or_says_why_not(office: Office) -> None:
    rows = await office.rows(
        "SELECT relname, relforcerowsecurity AS binds_owner, relrowsecurity"
        " AND EXISTS (SELECT FROM pg_policies WHERE (schemaname, tablename) = (nspname, relname)) AS is_walled"
        " FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace"
        " WHERE relkind IN ('r', 'p', 'm', 'f') AND nspname NOT IN ('pg_catalog', 'information_schema')"
    )
    walls = {row["relname"] for row in rows if row["is_walled"]}
    assert {row["relname"] for row in rows if row["is_walled"] and not row["binds_owner"]} == {"lines"}, "of the audit"
    bare = {row["relname"] for row in rows} - walls
    told = (
        "has no row-level security: have a migration enable and force it and write its policies, as 0020_walls does, "
        "and say in BY_HAND how a row of it is made; or name it in WITHOUT_WALLS with the reason why anybody may see it"
    )
    assert sorted(bare - WITHOUT_WALLS.keys()) == [], told
    assert sorted(WITHOUT_WALLS.keys() - bare) == [], "has policies, or is gone: WITHOUT_WALLS need not name it"
    assert set(walled()) <= walls


async def test_the_role_of_the_service_can_put_no_wall_aside(
    office: Office, lens: Mapping[str, UUID], postgres: Databases, database_url: str
) -> None:
    del office, lens
    engine = create_engine(database_url, pool_size=1)
    table = "participants"

    async def refused(statement: str, *, because: str) -> None:
        with pytest.raises(DBAPIError, match=because):
            async with engine.begin() as connection:
                await connection.execute(text(statement))

    async with engine.connect() as connection:
        powers = "rolsuper OR rolbypassrls OR rolcreaterole OR rolreplication"
        members = "pg_has_role(current_user, member.oid, 'MEMBER')"
        might = text(f"SELECT rolname FROM pg_roles member WHERE ({powers}) AND {members}")  # noqa: S608 - our own
        assert (await connection.execute(might)).all() == []
        owned = text(f"SELECT relname FROM pg_class JOIN pg_roles member ON member.oid = relowner WHERE {members}")  # noqa: S608 - our own
        assert (await connection.execute(owned)).all() == []
        past = "SELECT proname FROM pg_proc WHERE prosecdef AND pronamespace::regnamespace::text NOT LIKE 'pg_%'"
        functions = set((await connection.execute(text(past))).scalars())
    assert functions == PAST_THE_WALLS, (
        "a function that works as the owner sees past the walls: what does it give away?"
    )
    for switched in ("DISABLE", "NO FORCE"):
        await refused(f"ALTER TABLE {table} {switched} ROW LEVEL SECURITY", because="must be owner")
    await refused(f"DROP POLICY reading ON {table}", because="must be owner")
    await refused(f"CREATE POLICY mine ON {table} USING (true)", because="must be owner")
    await refused(f"TRUNCATE {table} CASCADE", because="permission denied")
    await refused("ALTER FUNCTION asks_as(text[]) RENAME TO asked_as", because="must be owner")
    await refused(f"SET ROLE {postgres.server.owner}", because="permission denied")
    async with engine.begin() as connection:
        await connection.execute(text("SET row_security = off"))
        with pytest.raises(DBAPIError, match="would be affected by row-level security"):
            await connection.execute(text(f"SELECT * FROM {table}"))  # noqa: S608 - a name of our own
    await engine.dispose()


async def test_a_connection_shows_the_next_nothing_of_whoever_had_it_before(
    lens: Mapping[str, UUID], database_url: str
) -> None:
    engine = create_engine(database_url, pool_size=1)
    sessions = create_sessions(engine)
    adviser = Asker("adviser", UUID(int=4), lens["agency"])
    shown = text("SELECT pg_backend_pid() AS connection, count(*) AS people FROM participants")

    async def fail(session: AsyncSession) -> None:
        await run(session, text("SELECT 1 / 0"))

    async def fail_as_the_service(session: AsyncSession) -> None:
        async with as_the_service(session):
            await run(session, text("SELECT 1 / 0"))

    async def be_cancelled(_session: AsyncSession) -> None:
        raise asyncio.CancelledError

    async def end_well(_session: AsyncSession) -> None: ...

    for end in (end_well, fail, fail_as_the_service, be_cancelled):
        with suppress(DBAPIError, asyncio.CancelledError):
            async with unit_of_work(sessions, adviser) as session:
                before = (await run(session, shown)).one()
                await end(session)
        async with unit_of_work(sessions) as session:
            after = (await run(session, shown)).one()
        assert (before.people, after.people) == (2, 0)
        assert before.connection == after.connection
    await engine.dispose()


async def test_the_owner_sees_nothing_either_without_saying_who_asks(
    office: Office, lens: Mapping[str, UUID], postgres: Databases, database_url: str
) -> None:
    del office, lens
    engine = create_engine(postgres.owner_url(database_url.rpartition("/")[2]), pool_size=1)
    async with engine.begin() as connection:
        seen = {
            name: (await connection.execute(text(f"SELECT count(*) FROM {name}"))).scalar_one()  # noqa: S608 - our own
            for name in walled()
        }
    await engine.dispose()
    assert set(seen.values()) == {0}, seen


async def test_a_repository_that_forgets_whose_rows_it_asks_for_gives_an_agency_its_own_alone(
    office: Office, lens: Mapping[str, UUID]
) -> None:
    first = Paging()
    for asker, expected in (
        (Asker("adviser", office.adviser.id, office.lens), (2, 1, 1, 1, {lens["person"]})),
        (Asker("adviser", office.other_adviser.id, office.lille), (0, 0, 0, 0, set())),
    ):
        async with unit_of_work(office.sessions, asker) as session:
            found = (
                len((await participant_lists.list_participants(session, EVERYTHING, ParticipantFilter(), first)).items),
                len((await workshops.list_workshops(session, EVERYTHING, first)).items),
                len((await observations.list_observations(session, EVERYTHING, ObservationFilter(), first)).items),
                len((await meetups.list_meetups(session, EVERYTHING, MeetupFilter(), first)).items),
                set(await participants.participants_by_id(session, EVERYTHING, [lens["person"]])),
            )
        assert found == expected, asker


async def test_policies_let_a_key_be_found_by_its_index(office: Office, lens: Mapping[str, UUID]) -> None:
    asked = "EXPLAIN SELECT * FROM observations WHERE participant_id = :person AND retracted_at IS NULL"
    async with unit_of_work(office.sessions, Asker("adviser", office.adviser.id, office.lens)) as session:
        await run(session, text("SET LOCAL enable_seqscan = off"))
        plan = "\n".join(row[0] for row in await run(session, text(asked), {"person": lens["person"]}))
    assert plan.startswith("Index Scan using uq_observations_key"), plan
    assert "Seq Scan" not in plan, plan


async def test_who_looked_at_somebody_is_shown_to_their_agency_and_to_the_region(
    office: Office, lens: Mapping[str, UUID]
) -> None:
    about = text("SELECT count(*) FROM audit.lines WHERE participant_id = :person")
    seen = {}
    for asker in (
        Asker("adviser", office.adviser.id, office.lens),
        Asker("manager", UUID(int=2)),
        Asker("adviser", office.other_adviser.id, office.lille),
        Asker("mediator", new_id(), office.lens),
        UNTOLD,
    ):
        async with unit_of_work(office.sessions, asker) as session:
            seen[asker] = (await run(session, about, {"person": lens["person"]})).scalar_one()
    own, region, *others = seen.values()
    assert own == region > 0
    assert others == [0, 0, 0]


async def test_what_is_protected_of_somebody_is_shown_to_their_agency(office: Office, lens: Mapping[str, UUID]) -> None:
    del lens
    seen = []
    for asker in (
        Asker("adviser", office.adviser.id, office.lens),
        Asker("adviser", office.other_adviser.id, office.lille),
        Asker("manager", UUID(int=2)),
        Asker("mediator", new_id(), office.lens),
        UNTOLD,
    ):
        async with unit_of_work(office.sessions, asker) as session, as_protected_role(session):
            seen.append(len((await run(session, text("SELECT * FROM protected.criteria"))).all()))
    assert seen == [2, 0, 0, 0, 0]


async def test_an_operator_works_for_the_region(office: Office, lens: Mapping[str, UUID]) -> None:
    seen = await seen_by(office, Asker("operator", OPERATOR.id))
    assert {name for name, rows in seen.items() if not rows} == AT_DOOR
    assert lens
