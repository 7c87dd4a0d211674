"""Mails to staff: sent at once for registration alone, in plain words, and nothing of them is kept."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from html import unescape
from typing import Any

import httpx
import pytest
from asgi_lifespan import LifespanManager

from services.notification.settings import Settings
from services.notification.web import create_app
from shared.identity import Person, Role
from tests.services.notification.events import an_id
from tests.services.notification.mail_catcher import MailCatcher
from tests.services.notification.story import Story
from tests.support.tokens import KEYS, SIGNERS, token_for

LINK = "https://registration.test/sign-in/mail/a-token-that-nobody-guesses"
BODY = {"kind": "sign-in", "email": "aline.morel@francetravail.example", "link": LINK, "language": "fr"}


@pytest.fixture
async def client(story: Story, settings: Settings, catcher: MailCatcher) -> AsyncIterator[httpx.AsyncClient]:
    """The application beside a mail server."""
    server = catcher.server
    told = settings.model_copy(update={"smtp_host": server.host, "smtp_port": server.port})
    app = create_app(told, directory=story.directory, keys=KEYS, clock=story.clock)
    transport = httpx.ASGITransport(app)
    async with LifespanManager(app), httpx.AsyncClient(transport=transport, base_url=settings.public_url) as client:
        yield client


async def send(client: httpx.AsyncClient, story: Story, token: str = "", **changes: Any) -> httpx.Response:
    token = token or SIGNERS["registration"].sign_for_itself("notification", now=story.now)
    headers: Mapping[str, str] = {"authorization": f"Bearer {token}"}
    return await client.post("/internal/mails", json={**BODY, **changes}, headers=headers)


@pytest.mark.parametrize(
    ("language", "subject", "once"),
    [
        ("fr", "Se connecter à Vernissage", "une seule fois"),
        ("en", "Sign in to Vernissage", "works once"),
    ],
)
async def test_a_link_leaves_at_once_in_the_language_asked_for(
    client: httpx.AsyncClient, story: Story, catcher: MailCatcher, language: str, subject: str, once: str
) -> None:
    assert (await send(client, story, language=language)).status_code == 204
    [mail] = catcher.box.messages
    assert (mail["To"], mail["Subject"]) == (BODY["email"], subject)
    assert mail["List-Unsubscribe"] is None
    for kind in ("plain", "html"):
        part = mail.get_body((kind,))
        assert part is not None
        content = part.get_content()
        assert LINK in content
        assert once in content
        assert "unsubscribe" not in content.lower()
    assert BODY["email"] not in await story.whole_database()


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.ADVISER])
async def test_nobody_but_a_service_has_mails_sent(client: httpx.AsyncClient, story: Story, role: Role) -> None:
    person = token_for(Person(an_id("adviser"), role), "notification", story.now)
    assert (await send(client, story, person)).status_code == 403
    assert (await send(client, story, "forged")).status_code == 401


async def test_a_mail_that_nobody_takes_is_said_to_have_stayed(
    client: httpx.AsyncClient, story: Story, catcher: MailCatcher
) -> None:
    catcher.box.reply_to_data = "451 later"
    refused = await send(client, story)
    assert (refused.status_code, refused.json()["code"]) == (503, "mail-not-sent")


@pytest.mark.parametrize("email", ["x", "a@b@c", "a\r\nBcc: x@y.example", "é@exemple.example"])
async def test_an_address_that_no_server_takes_is_refused(client: httpx.AsyncClient, story: Story, email: str) -> None:
    assert (await send(client, story, email=email)).status_code == 422


INVITATION = {"kind": "staff-invitation", "email": BODY["email"], "link": "https://registration.test/sign-in"}
ERASURE = {"kind": "erasure-notice", "email": BODY["email"], "erases_on": "2028-12-23"}
CHANGE = {"kind": "contact-changed", "email": BODY["email"], "employer": "Rossi & fils", "phone": "03 21 00 00 00"}


@pytest.mark.parametrize(
    ("told", "language", "subject", "says"),
    [
        (
            {**INVITATION, "role": "adviser", "agency": "Lens"},
            "fr",
            "Votre accès à Vernissage",
            ["Vous y êtes conseillère ou conseiller, pour l’agence Lens.", INVITATION["link"]],
        ),
        (
            {**INVITATION, "role": "operator", "agency": None},
            "en",
            "Your access to Vernissage",
            ["sign in to Vernissage, as operator.", INVITATION["link"]],
        ),
        (
            {**CHANGE, "agency": "Lens"},
            "fr",
            "Rossi & fils\u00a0: le contact a changé",
            ["nous vous écrivions pour Rossi & fils", "Appelez l’agence Lens au 03 21 00 00 00."],
        ),
        (
            {**CHANGE, "agency": None, "phone": None},
            "en",
            "Rossi & fils: the contact has changed",
            ["we wrote to you for Rossi & fils", "Call your agency."],
        ),
        (
            {**ERASURE, "agency": "Lens", "phone": "03 21 00 00 00"},
            "fr",
            "Vos données seront effacées le samedi 23\u00a0décembre 2028",
            ["nous les effacerons le samedi 23\u00a0décembre 2028", "appelez l’agence Lens au 03 21 00 00 00."],
        ),
        (
            {**ERASURE, "agency": None, "phone": None},
            "en",
            "Your data will be erased on Saturday 23\u00a0December 2028",
            ["we will erase them on Saturday 23\u00a0December 2028", "call your agency. You may also"],
        ),
    ],
    ids=[
        "invited",
        "invited as operator",
        "another contact",
        "another contact, no agency",
        "to be erased",
        "to be erased, no agency",
    ],
)
async def test_mails_that_registration_owes_say_what_happened(
    client: httpx.AsyncClient,
    story: Story,
    catcher: MailCatcher,
    told: dict[str, str | None],
    language: str,
    subject: str,
    says: list[str],
) -> None:
    headers = {"authorization": f"Bearer {SIGNERS['registration'].sign_for_itself('notification', now=story.now)}"}
    answer = await client.post("/internal/mails", json={**told, "language": language}, headers=headers)
    assert answer.status_code == 204, answer.text
    [mail] = catcher.box.messages
    assert (mail["To"], mail["Subject"]) == (told["email"], subject)
    for kind in ("plain", "html"):
        part = mail.get_body((kind,))
        assert part is not None
        text = unescape(part.get_content())
        for words in says:
            assert words in text
