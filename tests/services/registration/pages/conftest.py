"""Somebody of each role in front of the pages."""

from __future__ import annotations

import pytest

from shared.identity import Person, Role
from shared.ids import new_id
from tests.services.registration.office import MANAGER, OPERATOR, Office, token_of
from tests.support.visiting import Visitor


def visitor_as(office: Office, person: Person, language: str = "fr") -> Visitor:
    """Somebody signed in, who reads a language."""
    headers = {"authorization": f"Bearer {token_of(person)}", "accept-language": language}
    return Visitor(office.client, headers)


def somebody(office: Office, role: str) -> Person:
    """Somebody of this role; ``other`` is an adviser of another agency."""
    people = {
        "adviser": office.adviser,
        "other": office.other_adviser,
        "manager": MANAGER,
        "operator": OPERATOR,
        "mediator": Person(new_id(), Role.MEDIATOR, office.lens),
    }
    return people[role]


@pytest.fixture
def adviser(office: Office) -> Visitor:
    """An adviser of the agency of Lens."""
    return visitor_as(office, office.adviser)
