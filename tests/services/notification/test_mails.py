"""What leaves: words in both languages, headers, a calendar file that programs read back, no names of others."""

from __future__ import annotations

import re
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from services.notification.adapters import writing
from services.notification.domain.telling import MessageKind
from shared.directory import AgencyEntry
from tests.services.notification.directory import PLANTED
from tests.services.notification.events import AGENCY, STARTS_AT, in_force, meeting
from tests.services.notification.mail_catcher import MailCatcher
from tests.services.notification.story import Story, link_in

PARIS = ZoneInfo("Europe/Paris")


async def invited(story: Story, catcher: MailCatcher, name: str = "zephyrine") -> EmailMessage:
    """The mail that invites somebody to two meetings."""
    await story.begin(name)
    await story.hear(in_force(meeting(name, slot=1), meeting(name, "mechanic", slot=4, table=2)))
    await story.send(catcher)
    return catcher.box.messages[-1]


def text_of(mail: EmailMessage, kind: str = "plain") -> str:
    """One of the bodies."""
    body = mail.get_body((kind,))
    assert body is not None
    text: str = body.get_content()
    return text


def calendar_in(mail: EmailMessage) -> tuple[EmailMessage, Any]:
    """The attached calendar file: its part, and its only event."""
    [part] = [each for each in mail.iter_attachments() if each.get_content_type() == "text/calendar"]
    assert isinstance(part, EmailMessage)
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    calendar = Calendar.from_ical(payload)
    [event] = calendar.walk("VEVENT")
    assert str(calendar["METHOD"]) == part.get_param("method")
    assert [str(zone["TZID"]) for zone in calendar.walk("VTIMEZONE")] == ["Europe/Paris"]
    return part, event


async def test_the_invitation_says_who_what_where_when_first(story: Story, catcher: MailCatcher) -> None:
    mail = await invited(story, catcher)
    assert mail["Subject"] == "Venez rencontrer 2 employeurs le mardi 8\u00a0décembre 2026"
    for kind in ("plain", "html"):
        text = text_of(mail, kind)
        for fact in (
            "Bonjour Zéphyrine",
            "mardi 8\u00a0décembre 2026",
            "arrivez à 9\u00a0h\u00a030",
            "Louvre-Lens, 99 rue Paul Bert, Lens",
            "Bus 41",
            "Pour aller au travail\u00a0: Bus 18, arrêt Zone industrielle.",
            "9\u00a0h\u00a045, table 1",
            "Vente en boulangerie",
            "Boulangerie Dupain",
            "10\u00a0h\u00a030, table 2",
            "vendredi 27\u00a0novembre 2026, 20\u00a0h",
            "03\u00a021\u00a000\u00a000\u00a000",
        ):
            assert fact in text, fact
    assert len(mail.as_bytes()) < 20_000


async def test_english_for_those_who_read_english(story: Story, catcher: MailCatcher) -> None:
    story.directory.reads_english("zephyrine")
    mail = await invited(story, catcher)
    assert mail["Content-Language"] == "en"
    assert mail["Subject"] == "Come and meet 2 employers on Tuesday 8\u00a0December 2026"
    assert "Will you come? Please answer before Friday 27\u00a0November 2026, 8\u00a0pm:" in text_of(mail)


async def test_the_headers_are_those_of_an_automatic_personal_mail(story: Story, catcher: MailCatcher) -> None:
    mail = await invited(story, catcher)
    page = link_in(mail)
    assert re.fullmatch(r"/r/[2-9a-z]{27}", page)
    assert mail["List-Unsubscribe"].strip() == f"<http://vernissage.localhost:8003{page}/stop>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Message-ID"].endswith("@vernissage.example>")
    assert mail["To"] == "Zéphyrine Quatrepommes <zephyrine.quatrepommes@mail.example>"
    assert mail.get_content_type() == "multipart/mixed"
    assert [part.get_content_type() for part in mail.walk()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "text/calendar",
    ]
    assert all(len(line) <= 998 for line in catcher.box.raw[0].split(b"\r\n"))


async def test_the_calendar_file_is_read_back(story: Story, catcher: MailCatcher) -> None:
    mail = await invited(story, catcher)
    part, event = calendar_in(mail)
    assert part.get_filename() == "rencontre.ics"
    assert part.get_param("method") == "PUBLISH"
    assert event["DTSTART"].dt == (STARTS_AT + timedelta(minutes=15)).astimezone(PARIS)
    assert event["DTEND"].dt == (STARTS_AT + timedelta(minutes=75)).astimezone(PARIS)
    assert str(event["DTSTART"].params["TZID"]) == "Europe/Paris"
    assert str(event["LOCATION"]) == "Louvre-Lens, 99 rue Paul Bert, Lens"
    assert str(event["ORGANIZER"]) == "mailto:ne-pas-repondre@vernissage.example"
    assert str(event["DESCRIPTION"]).splitlines() == [
        "Bus 41, arrêt Louvre-Lens",
        "Arrivez à 9\u00a0h\u00a030",
        "9\u00a0h\u00a045 – table 1\u00a0: Vente en boulangerie",
        "10\u00a0h\u00a030 – table 2\u00a0: Aide mécanicien",
        "Une question\u00a0? Agence de Lens\u00a0: 03\u00a021\u00a000\u00a000\u00a000",
    ]
    assert "ATTENDEE" not in event
    assert [str(alarm["ACTION"]) for alarm in event.walk("VALARM")] == ["DISPLAY"]
    raw = part.get_payload(decode=True)
    assert isinstance(raw, bytes)
    assert all(len(line) <= 75 for line in raw.split(b"\r\n"))
    assert link_in(mail).encode() not in raw
    for name in PLANTED:
        assert name.encode() not in raw


async def test_an_agency_without_a_telephone_is_written_to(story: Story, catcher: MailCatcher) -> None:
    agency = AgencyEntry(name="Agence de Lens", email="lens@agence.example")
    story.directory.entries = story.directory.entries.model_copy(update={"agencies": {AGENCY: agency}})
    mail = await invited(story, catcher)
    for part in ("plain", "html"):
        assert "Agence de Lens\u00a0: lens@agence.example" in text_of(mail, part)


async def test_an_update_replaces_the_appointment_and_a_cancellation_removes_it(
    story: Story, catcher: MailCatcher
) -> None:
    await invited(story, catcher)
    await story.hear(in_force(meeting("zephyrine", slot=2), revision=2))
    await story.send(catcher)
    await story.hear(in_force(revision=3))
    await story.send(catcher)
    invitation, update, cancellation = catcher.box.messages
    assert update["Subject"].startswith("La rencontre change")
    assert cancellation["Subject"].startswith("Vous n’avez plus d’entretien")
    events = [calendar_in(mail) for mail in (invitation, update, cancellation)]
    assert len({str(event["UID"]) for _, event in events}) == 1
    assert [int(event["SEQUENCE"]) for _, event in events] == [1, 2, 3]
    assert [part.get_param("method") for part, _ in events] == ["PUBLISH", "PUBLISH", "CANCEL"]
    assert str(events[2][1]["STATUS"]) == "CANCELLED"
    assert events[1][1]["DTSTART"].dt == (STARTS_AT + timedelta(minutes=30)).astimezone(PARIS)


async def test_a_mail_to_an_employer_names_no_candidate(story: Story, catcher: MailCatcher) -> None:
    await story.begin("zephyrine", "barnabe")
    await story.hear(in_force(meeting("zephyrine"), meeting("barnabe", slot=1), meeting("zephyrine", "mechanic", 2)))
    await story.request_shortlists()
    await story.send(catcher)
    to_employers = {mail["To"]: mail for mail in catcher.box.messages if "mail.example" not in mail["To"]}
    bakery = to_employers["Mme Dupain <accueil@dupain.example>"]
    garage = to_employers["Garage du Canal <garage@canal.example>"]
    assert "2 personnes sont attendues à votre table" in text_of(bakery)
    assert "1 person is expected at your table" in text_of(garage)
    for mail in to_employers.values():
        assert link_in(mail).startswith("/e/")
        for part in ("plain", "html"):
            assert "Bus 41, arrêt Louvre-Lens" in text_of(mail, part)
        for name in ("Zéphyrine", "Quatrepommes", "Barnabé", "Troisfontaines", "persévér"):
            assert name not in text_of(mail) + text_of(mail, "html")


async def test_a_name_in_a_mail_is_text_and_never_markup(story: Story, catcher: MailCatcher) -> None:
    [id_] = [key for key, entry in story.directory.entries.participants.items() if entry.first_name == "Zéphyrine"]
    entry = story.directory.entries.participants[id_]
    story.directory.entries.participants[id_] = entry.model_copy(
        update={"first_name": "<b>Zoé</b>\r\nBcc: x@y.example", "last_name": "=cmd()"}
    )
    mail = await invited(story, catcher)
    assert "&lt;b&gt;Zoé" in text_of(mail, "html")
    assert mail["Bcc"] is None


FRENCH_TEMPLATES = sorted(writing.MESSAGES.rglob("*.*")) + sorted(
    (writing.MESSAGES.parent / "templates").glob("*.html")
)


@pytest.mark.parametrize("template", FRENCH_TEMPLATES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_french_signs_stand_after_a_non_breaking_space(template: Path) -> None:
    text = template.read_text(encoding="utf-8")
    assert not re.findall(r'\w [:;!?»](?=[\s<"]|$)', text)
    assert "« " not in text
    assert "..." not in text


def test_every_message_exists_in_both_languages() -> None:
    names = {language: {path.name for path in (writing.MESSAGES / language).iterdir()} for language in ("fr", "en")}
    assert names["fr"] == names["en"]
    kinds = {name.rsplit(".", 1)[0] for name in names["fr"]}
    assert {kind.value for kind in MessageKind if kind is not MessageKind.CALL} <= kinds
