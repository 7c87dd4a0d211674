"""Whoever had no contact for two years is told, and erased a month later; notes lose their words after a year."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.registration.domain.owed_mails import ErasureNotice, MailContent
from services.registration.domain.retention import Contacts, last_contact
from services.registration.settings import Settings
from services.registration.use_cases.retention import all_kept
from services.registration.worker import keep_no_longer, send_owed_mails
from shared.contracts.participants import ParticipantErased
from shared.retention import count_outlived
from tests.services.registration import bodies
from tests.services.registration.office import MANAGER, NOW, OPERATOR, Office

LATER = NOW + timedelta(days=731)
GONE = LATER + timedelta(days=31)


class Sender:
    """Takes what it is given, or says what is wrong."""

    def __init__(self, trouble: str | None = None) -> None:
        self.trouble = trouble
        self.sent: list[MailContent] = []

    async def send_owed(self, mail: MailContent) -> str | None:
        if self.trouble is None:
            self.sent.append(mail)
        return self.trouble


async def register(office: Office, **changes: Any) -> str:
    return str((await office.post("/api/v1/participants", bodies.participant(**changes)))["id"])


async def keep(office: Office, settings: Settings, now: datetime) -> None:
    await keep_no_longer(office.sessions, settings, lambda: now)


async def planned(office: Office) -> list[dict[str, Any]]:
    answer = await office.ask("GET", "/api/v1/planned-erasures")
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def is_there(office: Office, person: str) -> bool:
    return (await office.ask("GET", f"/api/v1/participants/{person}", OPERATOR)).status_code == 200


async def counted(office: Office, settings: Settings, now: datetime) -> dict[str, int]:
    counts = await count_outlived(office.sessions, all_kept(settings), now=now)
    return {name: count for name, count in counts.items() if count}


async def test_whoever_had_no_contact_is_told_by_mail_and_erased_a_month_later(
    office: Office, settings: Settings
) -> None:
    person = await register(office, consents={"pairing": False, "contact": True})
    await keep(office, settings, LATER - timedelta(days=3))
    assert await planned(office) == []
    await keep(office, settings, LATER)
    await keep(office, settings, LATER)
    sender = Sender()
    await send_owed_mails(office.sessions, sender, lambda: LATER)
    day = (LATER + timedelta(days=30)).date()
    assert sender.sent == [ErasureNotice("maurice.brunel@courriel.example", "fr", day, "Agence de Lens", None)]
    [each] = await planned(office)
    assert (each["participant_id"], each["erases_on"], each["told_by"]) == (person, day.isoformat(), None)
    assert datetime.fromisoformat(each["told_at"]) == LATER
    await keep(office, settings, LATER + timedelta(days=29))
    assert await is_there(office, person)
    await keep(office, settings, GONE)
    assert not await is_there(office, person)
    assert await planned(office) == []
    [erased] = await office.events(ParticipantErased)
    assert isinstance(erased, ParticipantErased)
    assert (erased.participant_id, erased.erased_at) == (UUID(person), GONE)
    [receipt] = (await office.ask("GET", "/api/v1/erasures")).json()["items"]
    shown = (await office.ask("GET", f"/api/v1/erasures/{receipt['id']}")).json()
    assert (shown["erased_by"], shown["gone"]["planned_erasures"]) == (None, 1)
    audit = (await office.ask("GET", "/api/v1/audit", OPERATOR, params={"participant": person})).json()["items"]
    assert ("delete", "participants") in {(line["what"], line["kind"]) for line in audit}


@pytest.mark.parametrize(
    "changes", [{"email": None}, {"consents": {"pairing": True, "contact": False}}], ids=["no address", "no consent"]
)
async def test_whom_no_mail_may_tell_is_listed_for_somebody_to_tell(
    office: Office, settings: Settings, changes: dict[str, Any]
) -> None:
    person = await register(office, **changes)
    await keep(office, settings, LATER)
    sender = Sender()
    await send_owed_mails(office.sessions, sender, lambda: LATER)
    assert sender.sent == []
    [each] = await planned(office)
    assert (each["participant_id"], each["told_at"]) == (person, None)
    assert (await office.ask("POST", f"/api/v1/planned-erasures/{person}/tell")).status_code == 204
    [each] = await planned(office)
    assert each["told_by"] == str(office.adviser.id)


async def test_whoever_says_that_they_stay_is_kept_and_no_mail_tells_them_otherwise(
    office: Office, settings: Settings
) -> None:
    person = await register(office)
    await keep(office, settings, LATER)
    assert (await office.ask("POST", f"/api/v1/planned-erasures/{person}/keep")).status_code == 204
    sender = Sender()
    await send_owed_mails(office.sessions, sender, lambda: LATER)
    assert (sender.sent, await planned(office)) == ([], [])
    again = await office.ask("POST", f"/api/v1/planned-erasures/{person}/keep")
    assert (again.status_code, again.json()["code"]) == (404, "unknown-planned-erasure")


async def enrol_in_workshop(office: Office, person: str) -> None:
    workshop = await office.post("/api/v1/workshops", bodies.workshop(starts_on="2028-12-01", ends_on="2028-12-20"))
    await office.enrol(workshop["id"], person)


async def enrol_in_meetup(office: Office, person: str) -> None:
    meetup = (await office.post("/api/v1/meetups", bodies.meetup(starts_at="2028-12-20T14:00:00+01:00")))["id"]
    answer = await office.ask("PUT", f"/api/v1/meetups/{meetup}/participants/{person}", json={})
    assert answer.is_success, answer.text


async def leave_meetup(office: Office, person: str) -> None:
    await enrol_in_meetup(office, person)
    [meetup] = (await office.ask("GET", "/api/v1/meetups")).json()["items"]
    answer = await office.ask("DELETE", f"/api/v1/meetups/{meetup['id']}/participants/{person}")
    assert answer.is_success, answer.text


@pytest.mark.parametrize("act", [enrol_in_workshop, enrol_in_meetup, leave_meetup])
async def test_contact_after_the_notice_takes_the_erasure_back(office: Office, settings: Settings, act: Any) -> None:
    person, other = await register(office), await register(office, last_name="Perrin", email="perrin@x.example")
    await keep(office, settings, LATER)
    assert len(await planned(office)) == 2
    await act(office, person)
    assert await counted(office, settings, GONE) == {"plans overtaken by contact": 1, "people to erase": 1}
    await keep(office, settings, GONE)
    assert await is_there(office, person)
    assert not await is_there(office, other)
    assert await planned(office) == []


async def test_a_dry_run_counts_what_a_run_then_does_and_changes_nothing(office: Office, settings: Settings) -> None:
    for number in range(3):
        await register(office, last_name=f"Personne {number}", email=f"personne{number}@x.example")
    before = await office.counts()
    assert await counted(office, settings, LATER) == {"people to tell of their erasure": 3}
    assert await office.counts() == before
    await keep(office, settings, LATER)
    assert await counted(office, settings, LATER) == {}
    assert await counted(office, settings, GONE) == {"people to erase": 3}


async def test_notes_lose_their_words_a_year_after_the_workshop_and_keep_their_level(
    office: Office, settings: Settings
) -> None:
    person = await register(office)
    workshop = (await office.post("/api/v1/workshops", bodies.workshop()))["id"]
    await office.enrol(workshop, person)
    noted = (await office.post("/api/v1/observations", bodies.observation(workshop, person)))["id"]
    ended = datetime(2026, 11, 20, 12, tzinfo=UTC)
    for days, words in ((365, "Est allé au bout."), (366, "")):
        await keep(office, settings, ended + timedelta(days=days))
        kept = (await office.ask("GET", f"/api/v1/observations/{noted}")).json()
        assert (kept["note"], kept["level"], kept["revision"]) == (words, 3, 1)


async def test_a_note_without_words_waits_for_nobody_to_look_at_it(office: Office, settings: Settings) -> None:
    person, gone = await register(office), await register(office, first_name="Zéphyrine", email=None)
    workshop = (await office.post("/api/v1/workshops", bodies.workshop()))["id"]
    await office.enrol(workshop, person, gone)
    await office.post("/api/v1/observations", bodies.observation(workshop, person, note="A aidé Zéphyrine Brunel."))
    erasure = (await office.ask("DELETE", f"/api/v1/participants/{gone}")).json()
    assert len(erasure["notes_to_look_at"]) == 1
    await keep(office, settings, NOW + timedelta(days=370))
    shown = (await office.ask("GET", f"/api/v1/erasures/{erasure['id']}")).json()
    assert shown["notes_to_look_at"] == []


async def test_whoever_looks_at_who_is_to_be_erased_is_noted(office: Office, settings: Settings) -> None:
    person = await register(office)
    await keep(office, settings, LATER)
    assert len((await office.ask("GET", "/api/v1/planned-erasures", MANAGER)).json()["items"]) == 1
    audit = await office.ask("GET", "/api/v1/audit", OPERATOR, params={"participant": person, "what": "look"})
    assert {line["kind"] for line in audit.json()["items"]} == {"planned_erasures"}


def test_every_way_of_contact_counts_and_the_latest_is_the_last() -> None:
    registered = NOW - timedelta(days=900)
    ways = ("heard_at", "decided_at", "meetup_at", "observed_at", "outcome_at")
    for days, way in enumerate(ways):
        moment = NOW - timedelta(days=days)
        assert last_contact(Contacts(registered, **{way: moment})) == moment
    assert last_contact(Contacts(registered)) == registered
    day = datetime(2026, 11, 20, tzinfo=UTC).date()
    assert datetime(2026, 11, 20, 22, tzinfo=UTC) < last_contact(Contacts(registered, workshop_day=day))
