"""What each service's OpenAPI document says holds, for every role: Schemathesis asks whatever it allows, and more."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from pydantic import SecretStr
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import positive_data_acceptance

from services.matching import settings as matching_settings
from services.matching import web as matching
from services.notification import settings as notification_settings
from services.notification import web as notification
from services.registration import settings as registration_settings
from services.registration import web as registration
from shared.identity import Person, Role
from shared.travel.topics import Service
from tests.services.notification.directory import a_directory
from tests.services.registration.caught_mail import CaughtMail
from tests.support.serving import serving
from tests.support.tokens import KEYS, token_for

SECRET = "a secret that only tests share, long enough"
AGENCY = UUID(int=7)
ROLES = [None, *Role]
EXAMPLES = 3


def registration_app(url: str) -> FastAPI:
    return registration.create_app(
        registration_settings.Settings(database_url=url, seal_secret=SecretStr(SECRET), public_url="http://127.0.0.1"),
        keys=KEYS,
        staff_mail=CaughtMail(),
    )


def matching_app(url: str) -> FastAPI:
    return matching.create_app(
        matching_settings.Settings(database_url=url, seal_secret=SecretStr(SECRET), public_url="http://127.0.0.1"),
        keys=KEYS,
    )


def notification_app(url: str) -> FastAPI:
    return notification.create_app(
        notification_settings.Settings(database_url=url, seal_secret=SecretStr(SECRET), public_url="http://127.0.0.1"),
        directory=a_directory(),
        keys=KEYS,
    )


APPS = {"registration": registration_app, "matching": matching_app, "notification": notification_app}


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("service", APPS)
async def test_every_answer_is_as_the_document_says(
    service: Service, role: Role | None, service_database: Callable[[str], str]
) -> None:
    async with serving(APPS[service](service_database(service))) as address:
        troubles = await asyncio.to_thread(troubles_met, address, service, role)
    told = "\n\n".join(f"### {label}\n{trouble}" for label, trouble in troubles.items())
    assert not troubles, told


def authorization_of(service: Service, role: Role | None) -> dict[str, str]:
    """What somebody with a role sends along; nobody sends nothing."""
    if role is None:
        return {}
    person = Person(UUID(int=1), role, AGENCY if role in (Role.ADVISER, Role.MEDIATOR) else None)
    return {"Authorization": f"Bearer {token_for(person, service, datetime.now(UTC))}"}


def troubles_met(address: str, service: Service, role: Role | None) -> dict[str, str]:
    """What an answer was not as the document says, by operation."""
    authorization = authorization_of(service, role)
    schema = schemathesis.openapi.from_url(f"{address}/openapi.json")
    troubles = {}
    for found in schema.get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()

        @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy())
        def ask(case: schemathesis.Case[Any]) -> None:
            response = case.call(base_url=address, headers=authorization)
            # No document says which communes and occupations there are: bodies that name others are refused.
            case.validate_response(response, excluded_checks=[positive_data_acceptance])

        try:
            ask()
        except BaseException as error:
            troubles[operation.label] = str(error)
    return troubles
