"""Mails go out and are answered: participants and employers open the links in them and press a button."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from icalendar import Calendar

from deploy.demo.browser import Browser, Form, OpenPage
from deploy.demo.screen import Step
from deploy.demo.stage import DemoFailed, DemoMeetup, Stage, until
from deploy.embedded.caught_mail import CaughtMail

AT_ONCE = 6
"""How many people answer at the same time."""
LOOK_AT_MESSAGES = 0.3
"""Seconds between two looks at what has left: more often would only keep those busy who send."""
REPLY_LINK = re.compile(r"https?://\S+/r/[0-9a-z]+")
SHORTLIST_LINK = re.compile(r"https?://\S+/e/[0-9a-z]+")
UNSETTLED = ("queued", "sending")

Messages = dict[str, Any]
"""All that was said and answered for one meetup, as notification's API gives it."""


@dataclass(frozen=True)
class CalendarEntry:
    """What a calendar file asks for: which entry, its how many-eth state, and whether it is put in or taken out."""

    identifier: str
    sequence: int
    method: str

    @property
    def invitation(self) -> str:
        """The invitation that the entry is for."""
        return self.identifier.partition("@")[0]


@dataclass(frozen=True)
class ReadMail:
    """A mail that was caught, with what its reader needs of it."""

    mail: CaughtMail
    reply_link: str | None
    shortlist_link: str | None
    entry: CalendarEntry | None

    @property
    def message(self) -> str:
        """The message behind the mail, however often it was tried: a Message-ID is `<MESSAGE.TRY@DOMAIN>`."""
        return str(self.mail.message["Message-ID"]).strip().lstrip("<").partition("@")[0].rpartition(".")[0]


@dataclass
class Correspondence:
    """What was sent and what was answered so far."""

    letters: dict[str, ReadMail] = field(default_factory=dict)
    """Every mail by its name, the first received first."""
    replied: dict[str, str] = field(default_factory=dict)
    """Which button was pressed, by invitation."""
    answered: Counter[str] = field(default_factory=Counter)
    """How often employers pressed which button."""

    def read_new(self, stage: Stage) -> list[ReadMail]:
        """The mails that came since the last time, the first received first."""
        new = {name: read_mail(stage.mails.read(name)) for name in stage.mails.names() if name not in self.letters}
        self.letters |= new
        return list(new.values())

    @property
    def doubled(self) -> int:
        """How many mails came twice: the same message, or the same state of somebody's same calendar entry."""
        messages = [letter.message for letter in self.letters.values()]
        entries = [(*letter.mail.recipients, letter.entry) for letter in self.letters.values() if letter.entry]
        return max(len(messages) - len(set(messages)), len(entries) - len(set(entries)))


Chooser = Callable[[str, UUID, int], str | None]
"""Which button a participant presses, given the meetup's identifier, who they are, and their number on its list."""


async def until_sent(stage: Stage) -> dict[UUID, Messages]:
    """Wait until events have arrived and every message has left, and nothing follows from that; all of it by meetup."""

    async def sent() -> dict[UUID, Messages] | None:
        found = await messages_of_all(stage)
        waits = any(message["state"] in UNSETTLED for each in found.values() for message in each["messages"])
        return None if waits else found

    async def settled() -> dict[UUID, Messages] | None:
        await stage.until_at_rest()
        before = await until(sent, "every message has left", every=LOOK_AT_MESSAGES)
        await stage.until_at_rest()
        after = await messages_of_all(stage)
        return after if after == before else None

    return await until(settled, "no message follows another")


async def messages_of_all(stage: Stage) -> dict[UUID, Messages]:
    """What was said and answered for each meetup, as its adviser sees it."""

    async def of(meetup: DemoMeetup) -> Messages:
        found: Messages = await stage.adviser_of(meetup).notification.get(f"/api/v1/meetups/{meetup.id}/messages")
        return found

    found = await asyncio.gather(*(of(meetup) for meetup in stage.meetups))
    return {meetup.id: messages for meetup, messages in zip(stage.meetups, found, strict=True)}


async def receive_invitations(stage: Stage, letters: Correspondence, step: Step) -> None:
    """Wait for the invitations, and check that each mail has a link and a calendar file."""
    sent = await until_sent(stage)
    deliveries = Counter(each["delivery"] for messages in sent.values() for each in messages["invitations"])
    channels = Counter(each["channel"] for messages in sent.values() for each in messages["messages"])
    letters_to_post = channels["letter"]
    mails = letters.read_new(stage)
    if not all(letter.reply_link and letter.entry for letter in mails):
        raise DemoFailed("An invitation lacks its link or its calendar file.")
    if not len(mails) == channels["email"] == deliveries["sent"]:
        raise DemoFailed(f"{channels['email']} invitations left by mail, and {len(mails)} mails came.")
    unreached = deliveries.total() - deliveries["sent"] - letters_to_post
    step.say(
        f"{len(mails)} mails, each with a link and a calendar file; {letters_to_post} letters to print and post; "
        f"{unreached} to be phoned"
    )


async def reply(stage: Stage, letters: Correspondence, choose: Chooser, step: Step) -> None:
    """Have participants open the link in their mail and press the button that `choose` names, or none."""
    browser = await stage.browser()
    links = {
        letter.entry.invitation: letter.reply_link
        for letter in letters.letters.values()
        if letter.entry and letter.reply_link and letter.entry.method != "CANCEL"
    }
    invited = await _invited(stage)
    turns = asyncio.Semaphore(AT_ONCE)

    async def answer(invitation: str, choice: str) -> None:
        async with turns:
            await press_reply(browser, links[invitation], choice)
        letters.replied[invitation] = choice
        counts = Counter(letters.replied.values())
        step.say(f"{counts['accept']} accept, {counts['decline']} decline")

    chosen = {
        invitation: choice
        for invitation, (meetup, participant, number) in invited.items()
        if invitation not in letters.replied and invitation in links and (choice := choose(meetup, participant, number))
    }
    await asyncio.gather(*(answer(invitation, choice) for invitation, choice in chosen.items()))


async def press_reply(browser: Browser, link: str, choice: str) -> None:
    """Open a reply page and press a button on it, with a reason where one says no."""
    page = await browser.open(link)
    typed = {"reason": "not-available"} if choice == "decline" else {}
    await browser.press(page, page.form_with(choice), choice, **typed)


async def send_shortlists(stage: Stage, letters: Correspondence, step: Step) -> int:
    """Have each meetup's shortlists sent, and wait for the mails; how many there are."""
    letters.read_new(stage)
    asked = await asyncio.gather(
        *(
            stage.adviser_of(meetup).notification.post(f"/api/v1/meetups/{meetup.id}/shortlists")
            for meetup in stage.meetups
        )
    )
    count = sum(int(each["new"]) for each in asked)
    step.say(f"{count} shortlists are on their way")
    sent = await until_sent(stage)
    delivered = sum(each["delivery"] == "sent" for messages in sent.values() for each in messages["shortlists"])
    mails = [letter for letter in letters.read_new(stage) if letter.shortlist_link]
    if not count == delivered == len(mails):
        raise DemoFailed(f"{count} shortlists were asked for, {delivered} sent, and {len(mails)} mails came.")
    step.say(f"{count} employers have the link to their shortlist")
    return count


async def answer_shortlists(stage: Stage, letters: Correspondence, browser: Browser, step: Step) -> None:
    """Have employers open the link in their mail and answer for most of their candidates."""
    links = [letter.shortlist_link for letter in letters.letters.values() if letter.shortlist_link]
    turns = asyncio.Semaphore(AT_ONCE)

    async def answer(link: str) -> None:
        async with turns:
            page = await browser.open(link)
            for number, form in enumerate(candidate_forms(page)):
                choice = EMPLOYER_CHOICES[number % len(EMPLOYER_CHOICES)]
                if choice is not None:
                    typed = {"reason": "hours"} if choice == "not-now" else {}
                    await browser.press(page, form, choice, **typed)
                    letters.answered[choice] += 1
                    step.say(f"{letters.answered.total()} answers")

    await asyncio.gather(*(answer(link) for link in links))
    await stage.until_at_rest()
    words = ", ".join(f"{count} “{choice}”" for choice, count in sorted(letters.answered.items()))
    step.say(words)


EMPLOYER_CHOICES = ("meet-again", "hire", "not-now", None, "meet-again")
"""What an employer answers for one candidate after another; None: not yet."""


def candidate_forms(page: OpenPage) -> list[Form]:
    """The forms of an employer's page: one for each candidate."""
    return [form for form in page.forms if form.button("hire")]


def calendar_entry(mail: CaughtMail) -> CalendarEntry | None:
    """The entry in a mail's calendar file; None where it has none."""
    for part in mail.message.walk():
        if part.get_content_type() == "text/calendar":
            content = part.get_payload(decode=True)
            calendar = Calendar.from_ical(content if isinstance(content, bytes) else b"")
            event = next(iter(calendar.walk("VEVENT")))
            return CalendarEntry(str(event["uid"]), int(str(event["sequence"])), str(calendar["method"]))
    return None


def read_mail(mail: CaughtMail) -> ReadMail:
    """Read a mail."""
    text = mail.text()
    reply_link, shortlist_link = REPLY_LINK.search(text), SHORTLIST_LINK.search(text)
    return ReadMail(
        mail,
        reply_link.group() if reply_link else None,
        shortlist_link.group() if shortlist_link else None,
        calendar_entry(mail),
    )


async def _invited(stage: Stage) -> dict[str, tuple[str, UUID, int]]:
    """The invitations that wait for an answer: meetup, participant, and their number, by invitation."""
    found = await messages_of_all(stage)
    waiting: dict[str, tuple[str, UUID, int]] = {}
    for meetup in stage.meetups:
        invitations = sorted(found[meetup.id]["invitations"], key=lambda each: str(each["invitation_id"]))
        for number, each in enumerate(invitations):
            if each["is_in_force"] and each["reply"] == "none":
                waiting[each["invitation_id"]] = (meetup.identifier, UUID(each["participant_id"]), number)
    return waiting
