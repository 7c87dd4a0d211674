"""One group's way to its evening, played through public interfaces: import, pairing, links in mails, telephone."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from deploy.clients.import_client import import_folder
from deploy.clients.lists import all_items
from deploy.clients.pairing_client import ask_for_pairing
from deploy.demo.corresponding import UNSETTLED, ReadMail, press_reply, read_mail
from deploy.demo.stage import Signed, Stage, until
from tests.stories.pack import Group, Guest

Row = dict[str, Any]


@dataclass
class Evening:
    """A group whose export was imported, and whoever acts for it."""

    stage: Stage
    group: Group
    folder: Path
    operator: Signed
    adviser: Signed
    meetup: UUID
    people: dict[int, UUID]
    needs: list[UUID]
    letters: dict[str, ReadMail] = field(default_factory=dict)

    async def propose(self) -> Row:
        """Ask for a pairing and wait for the proposal."""
        await self.stage.until_at_rest()
        return await ask_for_pairing(self.adviser.matching, self.meetup, reason="first-pairing")

    async def approve(self, proposal: Row) -> Row:
        """Put a proposal in force, and wait until everybody was written to."""
        approved: Row = await self.adviser.matching.post(f"/api/v1/pairings/{proposal['id']}/approve", {})
        await self.until_said()
        return approved

    async def pairings(self, *statuses: str) -> list[Row]:
        """The meetup's pairings with one of these statuses, the newest first."""
        found = await all_items(self.adviser.matching, f"/api/v1/meetups/{self.meetup}/pairings")
        return [
            await self.adviser.matching.get(f"/api/v1/pairings/{each['id']}")
            for each in found
            if each["status"] in statuses
        ]

    async def meetings(self) -> list[Row]:
        """The meetings in force."""
        return [meeting for pairing in await self.pairings("in-force") for meeting in pairing["meetings"]]

    async def said(self) -> Row:
        """Everything that was said and answered, as the adviser sees it."""
        found: Row = await self.adviser.notification.get(f"/api/v1/meetups/{self.meetup}/messages")
        return found

    async def invitation(self, guest: Guest) -> Row:
        """How somebody's invitation stands."""
        person = str(self.people[guest.number])
        found: list[Row] = [each for each in (await self.said())["invitations"] if each["participant_id"] == person]
        assert len(found) == 1
        return found[0]

    async def until_said(self) -> None:
        """Wait until all events have arrived, every message has left, and nothing follows from that."""

        async def quiet() -> bool | None:
            await self.stage.until_at_rest()
            before = await self.said()
            if any(message["state"] in UNSETTLED for message in before["messages"]):
                return None
            await self.stage.until_at_rest()
            return True if await self.said() == before else None

        await until(quiet, "no message follows another")

    async def until_guests_are_invited(self) -> None:
        """Propose, approve, and wait for the invitations."""
        await self.approve(await self.propose())

    async def all_accept(self, guests: Iterable[Guest]) -> None:
        """Have these guests press « oui » behind the link of their last mail."""
        for guest in guests:
            await self.press(guest, "accept")
        await self.until_said()

    async def press(self, guest: Guest, choice: str) -> None:
        """Have somebody press a button behind the link of their last mail."""
        await press_reply(await self.stage.browser(), self.link_of(guest), choice)

    def link_of(self, guest: Guest) -> str:
        """The reply link in somebody's last mail that has one."""
        links = [letter.reply_link for letter in self.mails_to(guest) if letter.reply_link]
        assert links, "nobody wrote to them"
        return links[-1]

    async def page_of(self, guest: Guest) -> str:
        """The reply page behind somebody's link, as HTML."""
        return await self._html(self.link_of(guest))

    async def employer_page(self, number: int) -> str:
        """The page behind the link that the employer of a need was mailed, as HTML."""
        links = [letter.shortlist_link for letter in self.mails_to_employer(number) if letter.shortlist_link]
        assert links, "the employer has no link"
        return await self._html(links[-1])

    async def send_shortlists(self) -> None:
        """Have the shortlists sent, and wait for the mails."""
        await self.adviser.notification.post(f"/api/v1/meetups/{self.meetup}/shortlists")
        await self.until_said()

    def mails_to(self, guest: Guest) -> list[ReadMail]:
        """Every mail that somebody of the group was sent, the first received first."""
        return self._mails(f"{self.group.guest_identifier(guest).lower()}@courriel.example")

    def mails_to_employer(self, number: int) -> list[ReadMail]:
        """Every mail that the employer of a need was sent."""
        return self._mails(f"rh.{self.group.name.lower()}.{number}@entreprise.example")

    async def change_meetup(self, **fields: object) -> None:
        """Have the adviser change some fields of the meetup."""
        registration = self.adviser.registration
        answer = await registration.http.get(f"/api/v1/meetups/{self.meetup}")
        changed = await registration.http.patch(
            f"/api/v1/meetups/{self.meetup}", json=fields, headers={"if-match": answer.headers["etag"]}
        )
        changed.raise_for_status()
        await self.until_said()

    async def ask_registration(self, method: str, path: str, body: Row | None = None) -> Row:
        """Have the adviser do something in registration, with the revision that they see; what it answers."""
        registration = self.adviser.registration
        whole = await registration.http.get("/".join(path.split("/")[:5]))
        headers = {"if-match": whole.headers["etag"]} if "etag" in whole.headers else {}
        answer = await registration.http.request(method, path, json=body, headers=headers)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else {}

    def _mails(self, address: str) -> list[ReadMail]:
        for name in self.stage.mails.names():
            if name not in self.letters:
                self.letters[name] = read_mail(self.stage.mails.read(name))
        return [letter for letter in self.letters.values() if address in letter.mail.recipients]

    async def _html(self, link: str) -> str:
        browser = await self.stage.browser()
        answer = await browser.http.get(link, headers={"accept": "text/html"}, follow_redirects=True)
        return answer.text


async def begin(stage: Stage, group: Group, folder: Path, operator: Signed, advise: Callable[[UUID], Any]) -> Evening:
    """Import a group's export; `advise` gives the adviser of an agency."""
    report = await import_folder(operator.registration, group.write(folder), progress=lambda _file, _done, _all: None)
    assert sum(counts.refused for counts in report.files.values()) == 0, report.findings
    registration = operator.registration
    meetup = await _the_one(registration, "meetups", group.name)
    whole = await registration.get(f"/api/v1/meetups/{meetup}")
    guests = {
        guest.number: await _the_one(registration, "participants", group.guest_identifier(guest))
        for guest in group.guests
    }
    needs = [await _the_one(registration, "needs", group.need_identifier(n)) for n in range(len(group.seats))]
    adviser = await advise(UUID(whole["agency_id"]))
    return Evening(stage, group, folder, operator, adviser, meetup, guests, needs)


def people_of(meetings: Collection[Row]) -> set[str]:
    """Who is in these meetings."""
    return {meeting["participant_id"] for meeting in meetings}


async def _the_one(registration: Any, kind: str, identifier: str) -> UUID:
    for each in await all_items(registration, f"/api/v1/{kind}"):
        if each["identifier"] == identifier:
            return UUID(each["id"])
    raise LookupError(identifier)
