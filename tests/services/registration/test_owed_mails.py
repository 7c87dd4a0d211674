"""What registration owes by mail is sent once it is committed, says what is true then, and is not lost on the way."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from services.registration.domain.owed_mails import ContactChanged, MailContent, StaffInvitation
from services.registration.worker import send_owed_mails
from tests.services.registration import bodies
from tests.services.registration.office import NOW, OPERATOR, Office

ALINE = "aline.morel@francetravail.example"
FORMER = "recrutement@entreprise.example"


@dataclass
class Sender:
    """Takes what it is given, or says what is wrong."""

    trouble: str | None = None
    sent: list[MailContent] = field(default_factory=list)
    tries: int = 0

    async def send_owed(self, mail: MailContent) -> str | None:
        self.tries += 1
        if self.trouble is None:
            self.sent.append(mail)
        return self.trouble


@pytest.fixture
def sender() -> Sender:
    return Sender()


async def send(office: Office, sender: Sender, now: datetime = NOW) -> None:
    await send_owed_mails(office.sessions, sender, lambda: now)


async def invite(office: Office, agency: UUID) -> str:
    body = {"email": ALINE, "role": "adviser", "agency_id": str(agency), "language": "en"}
    return str((await office.post("/api/v1/accounts", body, OPERATOR))["id"])


async def test_whoever_is_invited_hears_of_it_once(office: Office, sender: Sender) -> None:
    await invite(office, office.lens)
    await send(office, sender)
    await send(office, sender)
    assert sender.sent == [StaffInvitation(ALINE, "en", "adviser", "Agence de Lens")]


async def test_an_invitation_says_what_is_true_when_it_leaves(office: Office, sender: Sender) -> None:
    account = await invite(office, office.lens)
    moved = {"role": "adviser", "agency_id": str(office.lille)}
    answer = await office.ask(
        "PUT", f"/api/v1/accounts/{account}/duty", OPERATOR, json=moved, headers={"if-match": '"1"'}
    )
    assert answer.status_code == 200, answer.text
    await send(office, sender)
    assert sender.sent == [StaffInvitation(ALINE, "en", "adviser", "Agence de Lille")]


async def test_whoever_has_left_before_it_is_sent_hears_nothing(office: Office, sender: Sender) -> None:
    account = await invite(office, office.lens)
    await office.ask("DELETE", f"/api/v1/accounts/{account}", OPERATOR)
    await send(office, sender)
    assert sender.tries == 0
    assert await office.rows("SELECT id FROM owed_mails") == []


async def test_what_nobody_took_is_tried_again_and_given_up_after_days(office: Office, sender: Sender) -> None:
    await invite(office, office.lens)
    sender.trouble = "503"
    await send(office, sender)
    await send(office, sender, NOW + timedelta(seconds=59))
    assert sender.tries == 1
    await send(office, sender, NOW + timedelta(seconds=60))
    await send(office, sender, NOW + timedelta(seconds=179))
    assert sender.tries == 2
    sender.trouble = None
    await send(office, sender, NOW + timedelta(minutes=3))
    assert [mail.email for mail in sender.sent] == [ALINE]


async def test_an_address_that_nobody_takes_is_given_up(office: Office, sender: Sender) -> None:
    await invite(office, office.lens)
    sender.trouble = "422"
    for hours in range(0, 80, 7):
        await send(office, sender, NOW + timedelta(hours=hours))
    assert await office.rows("SELECT id FROM owed_mails") == []


async def expected_employer(office: Office) -> str:
    """An employer of Lens with a need at a meetup ahead."""
    employer = str((await office.post("/api/v1/employers", bodies.employer()))["id"])
    need = (await office.post("/api/v1/needs", bodies.need(employer)))["id"]
    meetup = (await office.post("/api/v1/meetups", bodies.meetup()))["id"]
    await office.ask("PUT", f"/api/v1/meetups/{meetup}/needs/{need}", json={})
    return employer


async def change(office: Office, employer: str, **changes: str) -> None:
    await office.ask("PATCH", f"/api/v1/employers/{employer}", json=changes)


async def test_the_former_address_hears_where_the_shortlist_no_longer_goes(office: Office, sender: Sender) -> None:
    employer = await expected_employer(office)
    await change(office, employer, email="ailleurs@entreprise.example")
    await send(office, sender)
    [mail] = sender.sent
    assert isinstance(mail, ContactChanged)
    assert (mail.email, mail.employer) == (FORMER, bodies.employer()["name"])
    assert mail.agency == "Agence de Lens"


async def test_an_address_that_is_right_again_hears_nothing(office: Office, sender: Sender) -> None:
    employer = await expected_employer(office)
    await change(office, employer, email="ailleurs@entreprise.example")
    await change(office, employer, email=FORMER)
    await send(office, sender)
    assert [mail.email for mail in sender.sent] == ["ailleurs@entreprise.example"]


async def test_nobody_is_told_where_no_shortlist_is_on_its_way(office: Office, sender: Sender) -> None:
    employer = str((await office.post("/api/v1/employers", bodies.employer()))["id"])
    await change(office, employer, email="ailleurs@entreprise.example")
    await send(office, sender)
    assert sender.tries == 0


async def test_another_telephone_number_is_no_other_address(office: Office, sender: Sender) -> None:
    employer = await expected_employer(office)
    await change(office, employer, phone="03 21 00 00 00")
    await send(office, sender)
    assert sender.tries == 0
    assert await office.rows("SELECT id FROM owed_mails") == []
