"""The demo's counts notice what is lost and what is done twice."""

from datetime import UTC, datetime
from email.message import EmailMessage
from uuid import UUID, uuid4

from deploy.demo.corresponding import Correspondence, read_mail
from deploy.demo.counting import count_meetings
from deploy.demo.deciding import PairingJson
from deploy.embedded.caught_mail import CaughtMail
from deploy.travel_status import EventCounts, topic_counts
from shared.travel.topics import INVITATIONS, PARTICIPANTS, SERVICES, Service

NOTHING = EventCounts({}, {}, {}, {})


def a_mail(name: str, message: str, *, attempt: int = 1, sequence: int = 1, to: str = "a@example.org") -> CaughtMail:
    """An invitation as it is caught."""
    mail = EmailMessage()
    mail["Message-ID"] = f"<{message}.{attempt}@mail.example>"
    mail["Delivered-To"] = to
    mail.set_content("Répondez : http://127.0.0.1:8003/r/23456789abcdefghjkmnpqrstuv\n")
    calendar = "\r\n".join(
        [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:-//test//FR",
            "METHOD:PUBLISH",
            "BEGIN:VEVENT",
            f"UID:invitation-of-{to[0]}@mail.example",
            f"SEQUENCE:{sequence}",
            "DTSTAMP:20261122T090000Z",
            "END:VEVENT",
            "END:VCALENDAR",
        ]
    )
    mail.add_attachment(calendar.encode(), maintype="text", subtype="calendar", filename="rendez-vous.ics")
    return CaughtMail(name, datetime(2026, 11, 22, tzinfo=UTC), mail)


def doubled(*mails: CaughtMail) -> int:
    """How many of these mails came twice."""
    return Correspondence({mail.name: read_mail(mail) for mail in mails}).doubled


def test_a_letter_is_read_with_its_link_and_its_calendar_entry() -> None:
    letter = read_mail(a_mail("1", "m1", sequence=3))
    assert letter.reply_link == "http://127.0.0.1:8003/r/23456789abcdefghjkmnpqrstuv"
    assert letter.shortlist_link is None
    assert letter.entry is not None
    assert (letter.entry.invitation, letter.entry.sequence, letter.entry.method) == (
        "invitation-of-a",
        3,
        "PUBLISH",
    )


def test_an_update_is_not_a_mail_that_came_twice() -> None:
    assert doubled(a_mail("1", "m1"), a_mail("2", "m2", sequence=2), a_mail("3", "m3", to="b@example.org")) == 0


def test_the_same_message_tried_again_and_taken_twice_is_noticed() -> None:
    assert doubled(a_mail("1", "m1"), a_mail("2", "m1", attempt=2, sequence=2)) == 1


def test_the_same_news_in_two_messages_is_noticed() -> None:
    assert doubled(a_mail("1", "m1"), a_mail("2", "m2")) == 1


def test_events_that_nobody_applied_are_lost_unless_they_are_dead_letters() -> None:
    counts: dict[Service, EventCounts] = dict.fromkeys(SERVICES, NOTHING)
    counts["registration"] = EventCounts({"participants": 10}, {"participants": 10}, {}, {})
    counts["matching"] = EventCounts({}, {}, {"participants": 9}, {"participants": 1})
    counts["notification"] = EventCounts({}, {}, {"participants": 7}, {})
    by_topic = {each.topic: each for each in topic_counts(counts)}
    participants = by_topic[PARTICIPANTS.full_name()]
    assert participants.lost == 3
    assert not participants.is_at_rest
    assert by_topic[INVITATIONS.full_name()].is_at_rest


def test_events_that_were_not_sent_yet_are_not_at_rest() -> None:
    counts: dict[Service, EventCounts] = dict.fromkeys(SERVICES, NOTHING)
    counts["notification"] = EventCounts({"invitations": 2}, {}, {}, {})
    (invitations,) = [each for each in topic_counts(counts) if each.topic == INVITATIONS.full_name()]
    assert invitations.lost == 0
    assert not invitations.is_at_rest


def test_meetings_are_counted_as_the_steps_say_them() -> None:
    first, second = uuid4(), uuid4()
    proposals: dict[UUID, PairingJson] = {first: {"meetings": [{}, {}, {}]}, second: {"meetings": [{}]}}
    assert count_meetings(proposals, {first: {"meetings": [{}, {}]}}) == {"proposed": 4, "approved": 2}
