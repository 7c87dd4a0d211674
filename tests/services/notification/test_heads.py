"""Nobody but the service writes a mail's head, whatever names and titles hold, as real SMTP delivers it."""

from __future__ import annotations

import re
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import getaddresses
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.notification.adapters import heads, writing
from services.notification.adapters.heads import POLICY, BadHead, check_written, mailbox_of, subject_of
from services.notification.adapters.transport import Connection, Mail
from services.notification.domain.delivery import MailTaken
from shared.directory import ParticipantEntry
from shared.typed_text import shown_on_one_line
from tests.services.notification.events import an_id, in_force, meeting
from tests.services.notification.mail_catcher import MailCatcher
from tests.services.notification.story import Story
from tests.support.attacks import HOSTILE_LINES, hostile_texts


def lines_of(raw: bytes) -> list[bytes]:
    """The headers of what was delivered, each with its continued lines."""
    head, _, _ = raw.partition(b"\r\n\r\n")
    assert b"\n" not in head.replace(b"\r\n", b"")
    return re.split(rb"\r\n(?![ \t])", head)


def names_of(raw: bytes) -> list[str]:
    """The names of the headers of what was delivered, in order."""
    return [line.partition(b":")[0].decode("ascii") for line in lines_of(raw)]


async def test_no_name_adds_a_header_ends_the_head_or_names_another_recipient(
    story: Story, catcher: MailCatcher
) -> None:
    names = [f"person {number}" for number, _ in enumerate(HOSTILE_LINES)]
    await story.begin(*names)
    for name, typed in zip(names, HOSTILE_LINES, strict=True):
        # As an older version may have kept it: past every check of today.
        story.directory.entries.participants[an_id(name)] = ParticipantEntry.model_construct(
            first_name=typed,
            last_name=typed,
            email="ann@mail.example",
            phone=None,
            postal_address=None,
            language="fr",
            contact_consent=True,
        )
    meetup = story.directory.entries.meetups
    meetup.update({id_: each.model_copy(update={"venue": HOSTILE_LINES[0]}) for id_, each in meetup.items()})
    await story.hear(in_force(*(meeting(name, slot=slot) for slot, name in enumerate(names))))
    assert await story.send(catcher) == {"sent": len(names)}
    for raw, mail in zip(catcher.box.raw, catcher.box.messages, strict=True):
        assert sorted(names_of(raw)) == sorted(writing.HEADERS)
        assert raw.count(b"ann@mail.example>\r\n") == 1
        [to] = [line for line in lines_of(raw) if line.startswith(b"To:")]
        assert re.sub(rb"=\?[!-~]+\?=", b"", to).replace(b" ", b"").endswith(b"<ann@mail.example>"), to
        text = mail.get_body(("plain",))
        assert text is not None
        assert "The text is mine" not in [line.strip() for line in text.get_content().splitlines()]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(typed=st.lists(st.tuples(hostile_texts(400), hostile_texts(400)), min_size=1, max_size=5))
async def test_whatever_is_typed_is_delivered_as_words(catcher: MailCatcher, typed: list[tuple[str, str]]) -> None:
    connection = Connection(catcher.server)
    catcher.box.raw.clear()
    for name, subject in typed:
        mail = EmailMessage(policy=POLICY)
        mail["Subject"] = subject_of(subject)
        mail["To"] = mailbox_of(name, "ann@mail.example")
        mail.set_content("Bonjour")
        content = mail.as_bytes()
        expected = ["Subject", "To", "Content-Type", "Content-Transfer-Encoding", "MIME-Version"]
        check_written(mail, content, expected)
        parted = Mail("vernissage@mail.example", ("ann@mail.example",), content)
        assert await connection.announce(parted) is None
        assert isinstance(await connection.hand_over(parted), MailTaken)
        raw = catcher.box.raw[-1]
        assert names_of(raw) == expected
        assert raw.partition(b"\r\n\r\n")[2].strip() == b"Bonjour"
        assert max(map(len, raw.split(b"\r\n"))) <= 998
        subject_line, to_line = lines_of(raw)[:2]
        assert decoded(subject_line.decode("ascii").partition(":")[2]) == shown_on_one_line(subject)
        [(phrase, address)] = getaddresses([to_line.decode("ascii").partition(":")[2].strip()])
        assert address == "ann@mail.example"
        assert decoded(phrase) == shown_on_one_line(name)
    await connection.close()


@pytest.mark.parametrize("value", ["Ann\r\nBcc: x@evil.example", "Ann\n\nMine", "Élise", "Ann\0", "Ann\rBob"])
def test_a_header_that_is_no_plain_line_is_not_written(value: str) -> None:
    with pytest.raises(BadHead):
        EmailMessage(policy=POLICY)["To"] = value


@pytest.mark.parametrize(
    "altered",
    [
        b"Subject: a\r\nBcc: x@evil.example\r\n\r\nBonjour",
        b"Subject: a\r\nSubject: a\r\n\r\nBonjour",
        b"Subject: b\r\n\r\nBonjour",
        b"Subject: a\nBcc: x\r\n\r\nBonjour",
        b"\r\n\r\nBonjour",
    ],
)
def test_bytes_that_are_not_as_they_were_meant_are_seen(altered: bytes) -> None:
    mail = EmailMessage(policy=POLICY)
    mail["Subject"] = "a"
    check_written(mail, b"Subject: a\r\n\r\nBonjour", ["Subject"])
    with pytest.raises(BadHead):
        check_written(mail, altered, ["Subject"])


async def test_a_mail_whose_head_is_not_as_meant_stays_and_somebody_is_told(
    story: Story, catcher: MailCatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "subject_of", lambda _text: "Bonjour\r\nBcc: x@evil.example")
    await story.begin("zephyrine")
    await story.hear(in_force(meeting("zephyrine")))
    assert await story.send(catcher) == {"failed": 1}
    assert catcher.box.raw == []
    assert await story.event_names() == ["invitation.failed"]
    [message] = await story.rows("SELECT error FROM messages")
    assert message["error"] == "bad-head"


def test_only_this_module_writes_heads() -> None:
    """Nothing else in the service lets Python's mail library write a name."""
    for file in Path(heads.__file__).parents[1].rglob("*.py"):
        assert "headerregistry" not in file.read_text(), file


def decoded(text: str) -> str:
    """What a mail program shows of a header, its continued lines unfolded."""
    return str(make_header(decode_header(re.sub(r"\r\n(?=[ \t])", "", text)))).strip()
