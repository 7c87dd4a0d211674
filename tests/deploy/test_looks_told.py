"""What a person is told of who looked at their data: plain French, roles and agencies, nobody's name."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib import import_module
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from deploy.looks_told import NOBODY_LOOKED, THINGS, looks_told
from shared.auditing.migrating import Noted

LENS = UUID(int=7)
AT = datetime(2026, 12, 1, 8, 30, tzinfo=UTC)


def line(what: str, kind: str, role: str, route: str = "", after: int = 0, agency: UUID | None = None) -> Any:
    """A line of an audit."""
    at = AT + timedelta(minutes=after)
    return SimpleNamespace(at=at, what=what, kind=kind, role=role, route=route, agency_id=agency, person_id=UUID(int=9))


def test_each_look_and_change_is_a_sentence_by_role_and_agency_the_latest_first() -> None:
    told = looks_told(
        [
            line("look", "participants", "adviser", "GET /api/v1/participants/{participant_id}", agency=LENS),
            line("look", "participants", "adviser", "GET /api/v1/participants", agency=LENS),
            line("update", "invitations", "", "POST /r/{token}", after=90),
            line("look", "shortlists", "", "GET /e/{token}", after=91),
            line("update", "messages", "service", "worker", after=92),
        ],
        {LENS: "Agence de Lens"},
    )
    assert told.replace("\N{NO-BREAK SPACE}", " ").replace("Mardi 1er décembre 2026, ", "").splitlines()[2:] == [
        "11 h 02 : le service lui-même a modifié un message pour vous.",
        "11 h 01 : un employeur par son lien a consulté la liste d’un employeur où vous figurez.",
        "11 h : quelqu’un par votre lien a modifié votre invitation.",
        "9 h 30 : une conseillère ou un conseiller (Agence de Lens) a consulté votre fiche.",
    ]
    assert "Mardi 1er\N{NO-BREAK SPACE}décembre 2026" in told
    assert looks_told([], {}) == NOBODY_LOOKED


def test_every_table_whose_changes_speak_of_people_has_words() -> None:
    def tables() -> Iterator[str]:
        for service, version in (("registration", "0012"), ("matching", "0006"), ("notification", "0004")):
            noted: dict[str, Noted] = import_module(f"services.{service}.migrations.versions.{version}_audit").TABLES
            yield from (table for table, each in noted.items() if each.participant != Noted().participant)

    assert set(tables()) <= THINGS.keys()
