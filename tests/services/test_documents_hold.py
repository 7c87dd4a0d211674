"""What each service's OpenAPI document says holds, for every role: Schemathesis asks whatever it allows, and more."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr
from schemathesis.checks import CheckFunction
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from services.matching import settings as matching_settings
from services.matching import web as matching
from services.notification import settings as notification_settings
from services.notification import web as notification
from services.registration import settings as registration_settings
from services.registration import web as registration
from shared.identity import Person, Role
from shared.limits import Limit
from shared.travel.topics import Service
from shared.web import limiting
from tests.services.notification.directory import a_directory
from tests.services.registration.caught_mail import CaughtMail
from tests.support.serving import serving
from tests.support.tokens import KEYS, token_for

SECRET = "a secret that only tests share, long enough"
AGENCY = UUID(int=7)
ROLES = [None, *Role]
Operation = APIOperation[Any, Any, Any, Any]
EXAMPLES = 3

MANY = {
    "/api/v1/participants/bulk",
    "/api/v1/observations/bulk",
    "/api/v1/needs/bulk",
    "/api/v1/workshops/{workshop_id}/participants",
}
"""Where many records come in one request."""

MANY_GUESSES = Limit("bearer-guesses", times=100_000, within=timedelta(minutes=10))
"""Schemathesis tries more bearers than anybody may."""


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
    service: Service, role: Role | None, service_database: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limiting, "BEARER_GUESSES", MANY_GUESSES)
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


def modes_of(operation: Operation) -> list[GenerationMode]:
    """Whether only what is allowed is asked, or what is not allowed too: where nothing is sent, nothing is wrong."""
    sends = operation.body or operation.path_parameters or operation.query or operation.headers
    return list(GenerationMode) if sends else [GenerationMode.POSITIVE]


def unfit_for(operation: Operation) -> list[CheckFunction]:
    """The checks that an operation cannot pass, though its document is true."""
    unfit: list[CheckFunction] = []
    if operation.body or operation.query or operation.method != "get":
        # No document says which communes, occupations, cursors and revisions there are: others are refused.
        unfit.append(positive_data_acceptance)
    if operation.path in MANY:
        # Each item has a status of its own: one that is not as described is refused inside a 200.
        unfit.append(negative_data_rejection)
    return unfit


def troubles_met(address: str, service: Service, role: Role | None) -> dict[str, str]:
    """What an answer was not as the document says, by operation."""
    authorization = authorization_of(service, role)
    schema = schemathesis.openapi.from_url(f"{address}/openapi.json")
    troubles = {}
    for found in schema.get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()
        try:
            ask_much(operation, address, authorization)
        except BaseException as error:
            troubles[operation.label] = str(error)
    return troubles


def ask_much(operation: Operation, address: str, authorization: dict[str, str]) -> None:
    """Ask for an operation what its document allows, and what it does not. Raises where an answer is otherwise."""
    unfit = unfit_for(operation)

    @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=st.one_of([operation.as_strategy(generation_mode=mode) for mode in modes_of(operation)]))
    def ask(case: schemathesis.Case[Any]) -> None:
        response = case.call(base_url=address, headers=authorization)
        case.validate_response(response, excluded_checks=unfit)

    ask()
