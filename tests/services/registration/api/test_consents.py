"""Consents: what was shown, who decided what about which purpose, when, and how it was handed in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from services.registration.use_cases import participants as use_cases
from shared.contracts.participants import ConsentGranted, ConsentWithdrawn
from shared.reference.consent_texts import ConsentText
from tests.services.registration import bodies
from tests.services.registration.merges import merged, registered
from tests.services.registration.office import NOW, Office
from tests.services.registration.use_cases.importing.exports import folder

P = "/api/v1/participants"
OLDER = ConsentText("pairing", 1, date(2026, 1, 1), "Ancien.", "Old.")
NEWER = ConsentText("pairing", 2, NOW.date(), "Nouveau.", "New.")


@pytest.fixture
def another_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second text on pairing, shown from today on."""

    def shown(purpose: str, day: date) -> Sequence[ConsentText]:
        return [each for each in (OLDER, NEWER) if each.purpose == purpose and each.since <= day]

    monkeypatch.setattr(use_cases, "texts_shown_until", shown)


async def history_of(office: Office, person: str) -> list[dict[str, Any]]:
    """Every decision, the oldest first."""
    decisions: list[dict[str, Any]] = (await office.ask("GET", f"{P}/{person}/consents")).json()
    return decisions


async def test_the_texts_are_listed_in_both_languages_and_those_that_are_shown_today_are_marked(office: Office) -> None:
    items = (await office.ask("GET", "/api/v1/consent-texts")).json()["items"]
    assert sorted(each["purpose"] for each in items if each["is_shown"]) == ["contact", "pairing"]
    for each in items:
        assert each["version"] >= 1
        assert each["text"] != each["text_en"]


async def test_a_decision_says_for_what_when_by_whom_how_and_on_which_text(office: Office) -> None:
    consents = {"pairing": True, "contact": False, "way": "paper"}
    person = (await office.post(P, bodies.participant(consents=consents)))["id"]
    agreed = await office.ask("PUT", f"{P}/{person}/consents/contact?way=oral")
    assert agreed.json()["change"] == "changed"
    told = [
        (each["purpose"], each["granted"], each["way"], each["text_version"])
        for each in await history_of(office, person)
    ]
    assert told == [("pairing", True, "paper", 1), ("contact", False, "paper", 1), ("contact", True, "oral", 1)]
    assert {each["decided_by"] for each in await history_of(office, person)} == {str(office.adviser.id)}


async def test_how_a_decision_came_is_unknown_where_nobody_said_so(office: Office) -> None:
    person = (await office.post(P, bodies.participant(consents={"pairing": True})))["id"]
    assert [each["way"] for each in await history_of(office, person)] == [None]


async def test_agreeing_to_a_newer_text_is_another_decision_that_nobody_else_is_told(
    office: Office, another_text: None
) -> None:
    person = (await office.post(P, bodies.participant(consents={})))["id"]
    path = f"{P}/{person}/consents/pairing"
    changes = [
        (await office.ask("PUT", f"{path}{query}")).json()["change"]
        for query in ("?text_version=1&way=paper", "?text_version=1", "?text_version=1&way=oral", "", "")
    ]
    assert changes == ["changed", "unchanged", "changed", "changed", "unchanged"]
    assert [each["text_version"] for each in await history_of(office, person)] == [1, 1, 2]
    assert len(await office.events(ConsentGranted, ConsentWithdrawn)) == 1


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
async def test_a_text_that_was_never_shown_is_refused(office: Office, method: str) -> None:
    person = (await office.post(P, bodies.participant()))["id"]
    refused = await office.ask(method, f"{P}/{person}/consents/pairing?text_version=99")
    assert (refused.status_code, refused.json()["code"]) == (422, "unknown-consent-text")
    assert len(await history_of(office, person)) == 2


async def test_an_import_keeps_the_text_in_force_on_its_day(office: Office, another_text: None) -> None:
    await office.import_files(folder())
    (person,) = await office.rows("SELECT id FROM participants WHERE identifier = 'P1'")
    told = [(each["purpose"], each["way"], each["text_version"]) for each in await history_of(office, person["id"])]
    assert told == [("pairing", "import", 2), ("contact", "import", None)]


async def test_a_merge_takes_over_on_which_text_and_how_the_other_record_decided(office: Office) -> None:
    survivor = await registered(office, "P1", consents={})
    gone = await registered(office, "P9", consents={"contact": True, "way": "paper"})
    await merged(office, survivor, gone)
    told = [(each["granted"], each["way"], each["text_version"]) for each in await history_of(office, survivor)]
    assert told == [(True, "paper", 1)]
