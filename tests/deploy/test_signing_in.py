"""Signed in at registration, let in at its neighbours: three real web processes, each with a secret of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AsyncExitStack, ExitStack

import httpx
import pytest

from deploy.clients.service_client import OPERATOR, ServiceRefused, SignedFor
from deploy.clients.session_tokens import TokensOfSession
from deploy.demo.browser import Browser
from deploy.embedded.ports import free_port
from deploy.embedded.program import wait_until, when_page_answers
from deploy.services import READY_SECONDS, prefix_of
from shared.migrations import upgrade
from shared.tokens import TokenSigner
from shared.travel.topics import SERVICES, Service
from tests.support.databases import Databases

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

ASKED: dict[Service, tuple[str, int]] = {
    "matching": ("/api/v1/meetups", 200),
    "notification": ("/api/v1/meetups/00000000-0000-0000-0000-000000000001/messages", 404),
}
"""What is asked of the others, and what they answer to whoever is let in."""


def secret_of(service: Service) -> str:
    """What a service keeps to itself."""
    return f"a secret of {service} alone, of course"


@pytest.fixture
def urls(postgres: Databases) -> Iterator[dict[Service, str]]:
    """Where each service's web process answers."""
    ports = {service: free_port() for service in SERVICES}
    addresses = {service: f"http://127.0.0.1:{port}" for service, port in ports.items()}
    with ExitStack() as closing:
        for service in SERVICES:
            name = postgres.create_database(postgres.template_of(service, upgrade))
            closing.callback(postgres.drop_database, name)
            told = {
                "DATABASE_URL": postgres.url(name),
                "SEAL_SECRET": secret_of(service),
                "WEB_PORT": str(ports[service]),
                "PUBLIC_URL": addresses[service],
                "DEMO_SIGN_IN": "true",
                "REGISTRATION_URL": addresses["registration"],
                "NOTIFICATION_URL": addresses["notification"],
            }
            process = subprocess.Popen(
                [sys.executable, "-m", f"services.{service}.web"],
                env=os.environ | {prefix_of(service) + variable: value for variable, value in told.items()},
            )
            closing.callback(process.wait)
            closing.callback(process.terminate)
        for address in addresses.values():
            assert wait_until(when_page_answers(f"{address}/health"), READY_SECONDS)
        yield addresses


async def test_who_is_signed_in_at_registration_is_let_in_by_the_others_and_gets_no_token_once_they_are_out(
    urls: dict[Service, str],
) -> None:
    async with AsyncExitStack() as closing:
        clients = {
            service: await closing.enter_async_context(httpx.AsyncClient(base_url=url, trust_env=False, timeout=30))
            for service, url in urls.items()
        }
        signer = TokenSigner("registration", [secret_of("registration")])
        for service, (path, answer) in ASKED.items():
            assert (await clients[service].get(path)).status_code == 401
            commanded = await clients[service].get(path, auth=SignedFor(OPERATOR, service, signer))
            assert commanded.status_code == answer
        browser = Browser(clients["registration"])
        page = await browser.open("/sign-in")
        home = await browser.open(await browser.press(page, page.form_with("manager"), "manager"))
        for service, (path, answer) in ASKED.items():
            clients[service].auth = TokensOfSession(clients["registration"], service)
            assert (await clients[service].get(path)).status_code == answer
        [out] = [form for form in home.forms if form.action == "/sign-out"]
        await clients["registration"].post(out.action, data=out.fields)
        for service, (path, _) in ASKED.items():
            clients[service].auth = TokensOfSession(clients["registration"], service)
            with pytest.raises(ServiceRefused):
                await clients[service].get(path)
