"""What migrations do with data that are there: forwards and back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from uuid import uuid4

import pytest

from tests.support.databases import Databases
from tests.support.migrating import Migrating

AGENCY, PERSON = uuid4(), uuid4()


@pytest.fixture
def owned_url(postgres: Databases) -> Iterator[str]:
    """The address of an empty database, with the role that owns it."""
    name = postgres.create_database()
    yield postgres.url(name)
    postgres.drop_database(name)


def _open_agency(database: Migrating) -> None:
    database.rows(
        "INSERT INTO agencies (id, name, folded_name, revision) VALUES (:id, 'Agence de Lens', 'agence de lens', 1)",
        id=AGENCY,
    )


def _register(database: Migrating) -> None:
    """A participant as kept before any of these migrations, who is written to in English."""
    _open_agency(database)
    database.rows(
        "INSERT INTO participants (id, revision, agency_id, language, commune, travel_limit_km, transport,"
        " available_from, registered_at, changed_at)"
        " VALUES (:id, 1, :agency, 'en', '62498', 20, 'car', '2026-12-01', now(), now())",
        id=PERSON,
        agency=AGENCY,
    )
    database.rows(
        "INSERT INTO participant_contacts (participant_id, first_name, last_name, folded_name)"
        " VALUES (:id, 'Ann', 'Noble', 'ann noble')",
        id=PERSON,
    )


def _tell(database: Migrating, type_: str, **said: object) -> None:
    database.rows(
        "INSERT INTO outbox (event_id, topic, key, type, headers, body)"
        " VALUES (:event, 'told', :key, :type, '{}', :body)",
        event=uuid4(),
        key=PERSON,
        type=type_,
        body=json.dumps(said).encode(),
    )


def _told(database: Migrating) -> list[dict[str, object]]:
    return [json.loads(row["body"]) for row in database.rows("SELECT body FROM outbox ORDER BY position")]


def test_the_language_moves_to_the_contact_and_leaves_what_is_kept_to_be_sent_again(owned_url: str) -> None:
    database = Migrating("registration", owned_url, "language")
    database.begin()
    _register(database)
    _tell(database, "vernissage.participant.registered.v1", travel_limit_km=20.0, language="en")
    _tell(database, "vernissage.participant.erased.v1", revision=2)
    database.forwards()
    assert database.rows("SELECT language FROM participant_contacts") == [{"language": "en"}]
    assert _told(database) == [{"travel_limit_km": 20.0}, {"revision": 2}]
    database.back()
    assert database.rows("SELECT language FROM participants") == [{"language": "en"}]
    assert _told(database) == [{"travel_limit_km": 20.0, "language": "en"}, {"revision": 2}]


def test_what_the_timetable_must_respect_is_named_neutrally(owned_url: str) -> None:
    database = Migrating("registration", owned_url, "neutral")
    database.begin()
    _tell(database, "vernissage.meetup.scheduled.v1", ground_floor_tables=2)
    _tell(database, "vernissage.meetup.participant-enrolled.v1", longer_slot=True, ground_floor=False)
    _open_agency(database)
    database.rows(
        "INSERT INTO meetups (id, revision, field_revisions, agency_id, title, venue, commune, starts_at, slot_minutes,"
        " slots, breaks, ground_floor_tables, is_cancelled, directions)"
        " VALUES (:id, 3, CAST(:changed AS jsonb), :id, 'Rencontre', 'Musée', '62498', now(), 12, 10, '[]', 2, false,"
        " 1)",
        id=AGENCY,
        changed='{"ground_floor_tables": 3}',
    )
    database.forwards()
    assert _told(database) == [{"front_tables": 2}, {"double_slot": True, "front_table": False}]
    kept = database.rows("SELECT front_tables, field_revisions FROM meetups")
    assert kept == [{"front_tables": 2, "field_revisions": {"front_tables": 3}}]
    assert database.rows("SELECT double_slot, front_table FROM meetup_enrolments") == []
    database.back()
    assert _told(database) == [{"ground_floor_tables": 2}, {"longer_slot": True, "ground_floor": False}]
    kept = database.rows("SELECT ground_floor_tables, field_revisions FROM meetups")
    assert kept == [{"ground_floor_tables": 2, "field_revisions": {"ground_floor_tables": 3}}]


def test_what_is_protected_moves_into_its_schema_with_what_is_in_it(owned_url: str) -> None:
    database = Migrating("registration", owned_url, "protected")
    database.begin()
    _open_agency(database)
    database.rows(
        "INSERT INTO participants (id, revision, agency_id, commune, travel_limit_km, transport, available_from,"
        " registered_at, changed_at, field_revisions)"
        " VALUES (:id, 5, :agency, '62498', 20, 'car', '2026-12-01', now(), now(), CAST(:changed AS jsonb))",
        id=PERSON,
        agency=AGENCY,
        changed='{"home": 2, "born_on": 3, "sex": 4}',
    )
    kept = {"participant_id": PERSON, "publics": ["TH"], "born_on": date(1977, 4, 23), "sex": "F"}
    database.rows("INSERT INTO participant_protected VALUES (:participant_id, :publics, :born_on, :sex)", **kept)
    database.forwards()
    assert database.rows("SELECT * FROM protected.criteria") == [kept]
    changed = database.rows("SELECT field_revisions FROM participants")[0]["field_revisions"]
    assert changed == {"home": 2, "protected": 4}
    database.back()
    assert database.rows("SELECT * FROM participant_protected") == [kept]
    changed = database.rows("SELECT field_revisions FROM participants")[0]["field_revisions"]
    assert changed == {"home": 2, "publics": 4, "born_on": 4, "sex": 4}


def test_the_contact_of_an_employer_becomes_its_main_one_and_is_found_there_again(owned_url: str) -> None:
    database = Migrating("registration", owned_url, "sites")
    database.begin()
    reached, silent = uuid4(), uuid4()
    for employer, name, language in ((reached, "Audrey Jacob", "en"), (silent, None, "fr")):
        database.rows(
            "INSERT INTO employers (id, revision, name, contact_name, language, commune)"
            " VALUES (:id, 3, 'Rossi', :name, :language, '62498')",
            id=employer,
            name=name,
            language=language,
        )
    database.rows(
        "INSERT INTO former_contacts (id, employer_id, email, changed_at) VALUES (:id, :id, 'a@b.example', now())",
        id=reached,
    )
    database.forwards()
    assert database.rows("SELECT employer_id, name, language, is_main, revision FROM employer_contacts") == [
        {"employer_id": reached, "name": "Audrey Jacob", "language": "en", "is_main": True, "revision": 1}
    ]
    assert database.rows("SELECT language FROM former_contacts") == [{"language": "en"}]
    database.back()
    assert database.rows("SELECT contact_name, language FROM employers ORDER BY language") == [
        {"contact_name": "Audrey Jacob", "language": "en"},
        {"contact_name": None, "language": "fr"},
    ]


def test_contacts_and_notes_say_whose_they_are_and_ask_the_person_again(owned_url: str) -> None:
    database = Migrating("registration", owned_url, "own_agency")
    database.begin()
    _open_agency(database)
    workshop, note = uuid4(), uuid4()
    database.rows(
        "INSERT INTO participants (id, revision, agency_id, commune, travel_limit_km, transport, available_from,"
        " registered_at, changed_at) VALUES (:id, 1, :agency, '62498', 20, 'car', '2026-12-01', now(), now())",
        id=PERSON,
        agency=AGENCY,
    )
    database.rows(
        "INSERT INTO participant_contacts (participant_id, first_name, last_name, folded_name, name_key, language)"
        " VALUES (:id, 'Ann', 'Noble', 'ann noble', '', 'en')",
        id=PERSON,
    )
    database.rows(
        "INSERT INTO workshops (id, revision, agency_id, title, venue, commune, starts_on, ends_on)"
        " VALUES (:id, 1, :agency, 'Atelier', 'Musée', '62498', '2026-09-01', '2026-09-30')",
        id=workshop,
        agency=AGENCY,
    )
    database.rows(
        "INSERT INTO observations (id, revision, workshop_id, participant_id, rater_id, seen_on, exercise, framework,"
        " skill, ordinal, level, note, recorded_at)"
        " VALUES (:id, 1, :workshop, :person, :id, '2026-09-02', 'e', 'f', 's', 0, 3, 'Vu.', now())",
        id=note,
        workshop=workshop,
        person=PERSON,
    )
    kept_at = database.rows("SELECT kept_at FROM observations")
    database.forwards()
    for table in ("participant_contacts", "observations"):
        assert database.rows(f"SELECT participant_id, agency_id FROM {table}") == [  # noqa: S608 - a name of our own
            {"participant_id": PERSON, "agency_id": AGENCY}
        ]
    assert database.rows("SELECT kept_at FROM observations") == kept_at
    assert database.rows("SELECT what FROM audit.lines WHERE what = 'update'") == []
    database.back()
    assert len(database.rows("SELECT * FROM participant_contacts JOIN observations USING (participant_id)")) == 1
    database.rows("DELETE FROM participants")
    assert database.rows("SELECT participant_id FROM observations") == []


def test_names_that_are_kept_become_words(owned_url: str) -> None:
    database = Migrating("registration", owned_url, "name_words")
    database.begin()
    _open_agency(database)
    database.rows(
        "INSERT INTO participants (id, revision, agency_id, commune, travel_limit_km, transport, available_from,"
        " registered_at, changed_at) VALUES (:id, 1, :agency, '62498', 20, 'car', '2026-12-01', now(), now())",
        id=PERSON,
        agency=AGENCY,
    )
    database.rows(
        "INSERT INTO participant_contacts (participant_id, agency_id, first_name, last_name, folded_name, name_key,"
        " language) VALUES (:id, :agency, 'Jean', 'Noël-Jean', 'jean jean noel', '', 'fr')",
        id=PERSON,
        agency=AGENCY,
    )
    database.forwards()
    words = database.rows("SELECT word, agency_id, sorted_last_name, folded_name FROM name_words ORDER BY word")
    same = {"agency_id": AGENCY, "sorted_last_name": "noël-jean", "folded_name": "jean jean noel"}
    assert words == [{"word": "jean", **same}, {"word": "noel", **same}]
    database.back()
    assert len(database.rows("SELECT * FROM participant_contacts")) == 1
