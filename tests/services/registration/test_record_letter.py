"""Somebody's record as a letter in plain words: every table is in it or only in the file, and nothing is a code."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import get_args

import pytest
from sqlalchemy import text

from services.matching.repository.pairings import Status
from services.matching.tables import Base as MatchingBase
from services.matching.use_cases.record import UNTOLD as UNTOLD_BY_MATCHING
from services.notification.domain.delivery import Channel, MessageState
from services.notification.domain.inviting import Reply
from services.notification.domain.replying import DECLINE_REASONS, NOT_NOW_REASONS, EmployerChoice
from services.notification.domain.telling import MessageKind
from services.notification.tables import Base as NotificationBase
from services.notification.use_cases.record import UNTOLD as UNTOLD_BY_NOTIFICATION
from services.registration.domain.meetups import OutcomeKind
from services.registration.domain.participants import (
    ACCESS_NEEDS,
    PUBLICS,
    PURPOSES,
    ConsentWay,
    Hours,
    Origin,
    Sex,
    Transport,
)
from services.registration.pages.record_codes import CODES
from services.registration.pages.record_words import ONLY_IN_THE_FILE, SHOWN
from services.registration.settings import Settings
from services.registration.tables import Base
from services.registration.use_cases.record import UNTOLD
from services.registration.web import create_app
from shared.contracts.vocabulary import RematchReason
from shared.database import Sessions, unit_of_work
from shared.identity import Role
from shared.ids import new_id
from shared.language import Language
from shared.sql import run
from shared.web.typography import moment_in_words
from shared.whole_record import columns_told, documents_told
from tests.services.registration import bodies
from tests.services.registration.known_records import KnownRecords
from tests.services.registration.office import MANAGER, NOW, OPERATOR, Office, token_of
from tests.services.registration.test_record import seen_somebody
from tests.support.browsing import check_page, chromium
from tests.support.serving import serving
from tests.support.tokens import KEYS

HTML = {"accept": "text/html"}
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-")


@pytest.mark.parametrize(
    ("language", "says"),
    [
        (
            "fr",
            ["Vos données", "Est allé au bout.", "médiation", "Persévér", "8 août 1991", "vous écrire et vous appeler"],
        ),
        ("en", ["Your data", "Est allé au bout.", "mediator", "writing to you and calling you", "8 August 1991"]),
    ],
)
async def test_a_letter_says_in_plain_words_what_is_held(office: Office, language: str, says: list[str]) -> None:
    person = await seen_somebody(office)
    page = await office.ask("GET", f"/participants/{person}/record?language={language}", headers=HTML)
    assert page.status_code == 200, page.text
    assert page.headers["cache-control"] == "no-store"
    for words in (*says, moment_in_words(NOW, "en" if language == "en" else "fr")):
        assert words.lower().replace("\u00a0", " ") in page.text.lower().replace("\u00a0", " "), words
    shown = page.text[page.text.index("<h1>") :]
    assert ID.search(shown) is None
    assert f'lang="{language}"' in page.text


async def test_a_letter_says_how_consents_came_and_on_which_text_and_where_that_is_unknown(office: Office) -> None:
    person = (await office.post("/api/v1/participants", bodies.participant(consents={})))["id"]
    await office.ask("PUT", f"/api/v1/participants/{person}/consents/contact?way=paper")
    page = await office.ask("GET", f"/participants/{person}/record", headers=HTML)
    assert "sur papier" in page.text
    known = page.text.count("non précisé")
    async with unit_of_work(office.sessions) as session:
        await run(session, text("UPDATE consents SET way = NULL, text_version = NULL"))
    page = await office.ask("GET", f"/participants/{person}/record", headers=HTML)
    assert page.text.count("non précisé") == known + 2


async def test_a_letter_says_in_words_what_somebody_needs_and_leaves_names_as_they_are(office: Office) -> None:
    protected = {"publics": ["QPV"], "sex": "F", "access_needs": ["step-free", "sign-language"]}
    odd = {"first_name": "Car", "last_name": "None", "identifier": str(new_id()), "phone": "+33600000001"}
    person = (await office.post("/api/v1/participants", bodies.participant(**odd, protected=protected)))["id"]
    page = await office.ask("GET", f"/participants/{person}/record?language=fr", headers=HTML)
    for words in (
        "quartier prioritaire",
        "femme",
        "sans marche",
        "langue des signes",
        "06\u00a000\u00a000\u00a000\u00a001",
    ):
        assert words in page.text, words
    for typed in ("Car", "None", odd["identifier"]):
        assert f"<dd>{typed}</dd>" in page.text, typed


VOCABULARIES: dict[str, tuple[str, ...]] = {
    "language": get_args(Language),
    "transport": get_args(Transport),
    "hours": get_args(Hours),
    "publics": PUBLICS,
    "sex": get_args(Sex),
    "access_needs": ACCESS_NEEDS,
    "purpose": PURPOSES,
    "source": get_args(Origin),
    "way": get_args(ConsentWay),
    "outcome": get_args(OutcomeKind),
    "status": get_args(Status),
    "rule": ("pin", "forbid"),
    "reason": (*RematchReason, *NOT_NOW_REASONS),
    "reply": tuple(Reply),
    "decline_reason": DECLINE_REASONS,
    "kind": tuple(kind for kind in MessageKind if "employer" not in kind and kind != "shortlist"),
    "channel": tuple(Channel),
    "state": tuple(MessageState),
    "choice": tuple(EmployerChoice),
    "role": tuple(Role),
    "what": ("look", "insert", "update", "delete"),
}
"""Every code that a service can write into a column of somebody's record."""


def test_every_code_of_a_record_has_its_words() -> None:
    assert {column: set(codes) for column, codes in VOCABULARIES.items()} == {
        column: set(words) for column, words in CODES.items()
    }


async def test_a_letter_is_in_the_language_of_the_person(office: Office) -> None:
    person = await seen_somebody(office)
    await office.ask("PATCH", f"/api/v1/participants/{person}", json={"language": "en"})
    assert "Your data" in (await office.ask("GET", f"/participants/{person}/record", headers=HTML)).text


async def test_nobody_else_reads_a_letter(office: Office) -> None:
    person = await seen_somebody(office)
    for asks in (office.other_adviser, MANAGER, OPERATOR):
        assert (await office.ask("GET", f"/participants/{person}/record", asks, headers=HTML)).status_code in (403, 404)


@pytest.mark.browser
async def test_a_letter_is_accessible_on_every_screen(
    office: Office, settings: Settings, sessions: Sessions, note_used: Callable[[str, str], None]
) -> None:
    person = await seen_somebody(office)
    told = settings.model_copy(update={"public_url": "http://127.0.0.1"})
    app = create_app(told, keys=KEYS, records_elsewhere=KnownRecords(), clock=lambda: NOW)
    app.state.sessions = sessions
    headers = {"authorization": f"Bearer {token_of(office.adviser)}"}
    async with serving(app) as address, chromium(note_used) as browser:
        await check_page(browser, f"{address}/participants/{person}/record", "record", headers)


def test_every_table_that_is_told_stands_in_the_letter_or_only_in_the_file_for_a_reason() -> None:
    bases = {
        "registration": (Base.metadata, UNTOLD),
        "matching": (MatchingBase.metadata, UNTOLD_BY_MATCHING),
        "notification": (NotificationBase.metadata, UNTOLD_BY_NOTIFICATION),
    }
    told = {
        (service, column.table.name)
        for service, (metadata, untold) in bases.items()
        for column in (*columns_told(metadata, untold), *documents_told(metadata, untold))
        # Which revision of a field is the latest is about nobody.
        if column.name != "field_revisions"
    }
    shown = {(each.service, each.table) for each in SHOWN}
    beside = {("registration", "criteria"), ("notification", "links")}
    assert told | beside == shown | set(ONLY_IN_THE_FILE)
    assert not shown & set(ONLY_IN_THE_FILE)
    for each in SHOWN:
        if (each.service, each.table) not in beside:
            assert set(each.columns) <= set(bases[each.service][0].tables[each.table].columns.keys())
