"""Employers' shortlists: who is on the page, what is answered, when mails leave."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from services.notification.domain.links import new_token
from services.notification.domain.replying import Choice
from services.notification.use_cases.refusals import NoPairingInForce
from shared.contracts.meetups import InvitedNeed, MeetupCancelled
from shared.directory import ContactEntry, NeedEntry
from tests.services.notification.events import MEETUP, STARTS_AT, an_id, in_force, meeting, scheduled
from tests.services.notification.mail_catcher import MailCatcher
from tests.services.notification.story import Story, link_in
from tests.services.notification.test_reply_page import proof_in


async def shortlisted(story: Story, catcher: MailCatcher) -> str:
    """The address of the bakery's page: Zéphyrine and Barnabé said yes to it, Colette goes to the garage."""
    await story.begin("zephyrine", "barnabe", "colette")
    await story.hear(
        in_force(meeting("zephyrine"), meeting("barnabe", slot=1), meeting("colette", "mechanic", table=2))
    )
    await story.send(catcher)
    for name in ("zephyrine", "barnabe"):
        await story.reply_by_phone(name, Choice.ACCEPT)
    assert await story.request_shortlists() == (2, 0)
    await story.send(catcher)
    return link_in(next(mail for mail in catcher.box.messages if "dupain" in mail["To"]))


async def met(story: Story, catcher: MailCatcher) -> str:
    """The address of the bakery's page, when the meetup has begun."""
    link = await shortlisted(story, catcher)
    story.now = STARTS_AT
    return link


async def answer(
    client: httpx.AsyncClient, link: str, name: str = "zephyrine", vacancy: str = "baker", **fields: str
) -> httpx.Response:
    """Open the page and press a button beside a candidate."""
    proof = proof_in(await client.get(link))
    base = {"proof": proof, "need": str(an_id(vacancy)), "participant": str(an_id(name))}
    return await client.post(link, data={**base, **fields})


async def test_the_page_shows_who_comes_and_what_was_shown(
    story: Story, catcher: MailCatcher, client: httpx.AsyncClient
) -> None:
    link = await met(story, catcher)
    before = await story.whole_database()
    page = await client.get(link)
    assert (page.status_code, page.headers["cache-control"]) == (200, "no-store")
    for fact in (
        "Zéphyrine Quatrepommes",
        "Barnabé Troisfontaines",
        "Vente en boulangerie",
        "9\u00a0h\u00a030, table 1",
        "A montré de la persévérance au Louvre-Lens, dans le dessin dicté.",
        "Revoir",
        "Embaucher",
        "Pas pour l’instant",
    ):
        assert fact in page.text, fact
    for secret in ("Colette", "mail.example", "0611223344", "Tisserands"):
        assert secret not in page.text
    assert len(page.content) < 50_000
    assert await story.whole_database() == before
    assert (await story.event_names()).count("shortlist.sent") == 2


async def test_a_name_is_shown_once_its_person_said_yes(
    story: Story, catcher: MailCatcher, client: httpx.AsyncClient
) -> None:
    await story.begin("zephyrine")
    await story.hear(in_force(meeting("zephyrine")))
    await story.request_shortlists()
    await story.send(catcher)
    link = link_in(next(mail for mail in catcher.box.messages if "dupain" in mail["To"]))
    for path in (link, f"{link}/day"):
        page = await client.get(path)
        assert "n’a pas encore dit oui" in page.text
        assert "Zéphyrine" not in page.text
        assert "Embaucher</button>" not in page.text
    refused = await client.post(
        link,
        data={
            "proof": proof_in(await client.get(f"{link}/stop")),
            "need": str(an_id("baker")),
            "participant": str(an_id("zephyrine")),
            "choice": "hire",
        },
    )
    assert refused.status_code == 409
    await story.reply_by_phone("zephyrine", Choice.ACCEPT)
    assert "Zéphyrine Quatrepommes" in (await client.get(link)).text


async def test_whoever_declined_is_not_on_the_page(
    story: Story, catcher: MailCatcher, client: httpx.AsyncClient
) -> None:
    link = await shortlisted(story, catcher)
    await story.reply_by_phone("barnabe", Choice.DECLINE)
    assert "Barnabé" not in (await client.get(link)).text
    assert "Barnabé" not in (await client.get(f"{link}/day")).text
    story.now = STARTS_AT
    refused = await answer(client, link, "barnabe", choice="hire")
    assert refused.status_code == 409
    assert "Cette personne ne vient plus" in refused.text


async def test_answers_are_told_and_may_be_revised(
    story: Story, catcher: MailCatcher, client: httpx.AsyncClient
) -> None:
    link = await met(story, catcher)
    for fields, word in (
        ({"choice": "meet-again"}, "Vous voulez revoir"),
        ({"choice": "meet-again"}, "Vous voulez revoir"),
        ({"choice": "hire", "reason": "hours"}, "Vous voulez embaucher"),
        ({"choice": "not-now", "reason": "hours"}, "Pas pour l’instant"),
    ):
        answered = await answer(client, link, **fields)
        assert answered.status_code == 303
        assert answered.headers["location"].startswith(f"{link}#c-")
        assert word in (await client.get(link)).text
    answers = [body for name, body in await story.events() if name == "employer.replied"]
    assert [(body["answer"], body["reason"], body["revision"]) for body in answers] == [
        ("meet-again", "unsaid", 1),
        ("hire", "unsaid", 2),
        ("not-now", "hours", 3),
    ]


async def test_an_employer_answers_for_their_own_candidates_only(
    story: Story, catcher: MailCatcher, client: httpx.AsyncClient
) -> None:
    link = await met(story, catcher)
    assert (await answer(client, link, "colette", "mechanic", choice="hire")).status_code == 409
    assert (await answer(client, link, "zephyrine", "mechanic", choice="hire")).status_code == 409
    assert "employer.replied" not in await story.event_names()


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"choice": "perhaps"}, 422),
        ({"choice": "hire", "need": "x"}, 422),
        ({"choice": "hire", "participant": ""}, 422),
        ({"choice": "not-now", "reason": "too old"}, 422),
        ({"choice": "hire", "proof": "1.bad"}, 403),
    ],
)
async def test_bad_forms_change_nothing(
    story: Story, catcher: MailCatcher, client: httpx.AsyncClient, fields: dict[str, str], status: int
) -> None:
    link = await met(story, catcher)
    assert (await answer(client, link, **fields)).status_code == status
    assert "employer.replied" not in await story.event_names()


async def test_answers_open_when_the_meetup_begins(
    story: Story, catcher: MailCatcher, client: httpx.AsyncClient
) -> None:
    link = await shortlisted(story, catcher)
    story.now = STARTS_AT - timedelta(seconds=1)
    page = await client.get(link)
    assert (
        "dès le début de la rencontre\u00a0: <strong>mardi 8\u00a0décembre 2026, 9\u00a0h\u00a030</strong>" in page.text
    )
    assert "as soon as the meetup begins" in (await client.get(link, params={"lang": "en"})).text
    for word in ("Embaucher</button>", "Votre réponse est attendue"):
        assert word not in page.text, word
    fields = {
        "proof": proof_in(await client.get(f"{link}/stop")),
        "need": str(an_id("baker")),
        "participant": str(an_id("zephyrine")),
        "choice": "hire",
    }
    early = await client.post(link, data=fields)
    assert early.status_code == 409
    assert "La rencontre n’a pas encore commencé" in early.text
    told = await client.post(link, data=fields, headers={"accept": "application/json"})
    assert (told.headers["content-type"], told.json()["code"]) == ("application/problem+json", "answers-not-open")
    assert "employer.replied" not in await story.event_names()
    story.now = STARTS_AT
    assert (await answer(client, link, choice="hire")).status_code == 303


async def test_answers_close_on_the_last_day(story: Story, catcher: MailCatcher, client: httpx.AsyncClient) -> None:
    link = await shortlisted(story, catcher)
    story.now = STARTS_AT + timedelta(days=21)
    proof = proof_in(await client.get(link))
    fields = {"proof": proof, "need": str(an_id("baker")), "participant": str(an_id("zephyrine"))}
    assert (await client.post(link, data={**fields, "choice": "hire"})).status_code == 303
    story.now += timedelta(hours=3)
    page = await client.get(link)
    assert "La date pour répondre est passée." in page.text
    assert "Embaucher</button>" not in page.text
    late = await client.post(link, data={**fields, "choice": "not-now"})
    assert late.status_code == 409
    assert "Votre réponse n’est pas enregistrée" in late.text


async def test_a_page_seen_by_an_earlier_clock_shows_the_answers_that_were_given(
    story: Story, catcher: MailCatcher, client: httpx.AsyncClient
) -> None:
    link = await met(story, catcher)
    await answer(client, link, choice="meet-again")
    story.now = STARTS_AT - timedelta(days=1)
    page = await client.get(link)
    assert "Vous voulez revoir" in page.text
    assert "Vos réponses sont enregistrées." in page.text
    assert "Vous pourrez répondre ici" not in page.text
    assert "Embaucher</button>" not in page.text


async def test_the_day_sheet_lists_the_day(story: Story, catcher: MailCatcher, client: httpx.AsyncClient) -> None:
    sheet = await client.get(f"{await shortlisted(story, catcher)}/day")
    assert sheet.status_code == 200
    assert sheet.text.index("Zéphyrine") < sheet.text.index("Barnabé")
    assert "☐\u00a0embaucher" in sheet.text


@pytest.mark.parametrize("path", ["", "/day"])
async def test_an_employer_reads_where_to_come_how_to_get_in_and_whom_to_call(
    story: Story, catcher: MailCatcher, client: httpx.AsyncClient, path: str
) -> None:
    page = await client.get(f"{await shortlisted(story, catcher)}{path}")
    for fact in (
        "Louvre-Lens",
        "99 rue Paul Bert, Lens",
        "Bus 41, arrêt Louvre-Lens",
        "Agence de Lens",
        "03\u00a021\u00a000\u00a000\u00a000",
    ):
        assert fact in page.text, fact


async def test_without_names_the_page_says_so(story: Story, catcher: MailCatcher, client: httpx.AsyncClient) -> None:
    link = await shortlisted(story, catcher)
    story.directory.is_down = True
    page = await client.get(link)
    assert page.status_code == 200
    assert "Les noms ne s’affichent pas pour l’instant" in page.text
    assert "Nom indisponible" in page.text


@pytest.mark.parametrize("path", ["", "/day", "/stop"])
async def test_a_forged_link_gets_a_plain_page(story: Story, client: httpx.AsyncClient, path: str) -> None:
    assert await story.event_names() == []
    page = await client.get(f"/e/{new_token()}{path}")
    assert page.status_code == 404
    assert "Ce lien ne marche pas" in page.text


async def test_a_participants_link_opens_no_shortlist_and_the_reverse(
    story: Story, catcher: MailCatcher, client: httpx.AsyncClient
) -> None:
    link = await shortlisted(story, catcher)
    assert (await client.get(link.replace("/e/", "/r/"))).status_code == 404
    theirs = link_in(next(mail for mail in catcher.box.messages if "zephyrine" in mail["To"]))
    assert (await client.get(theirs.replace("/r/", "/e/"))).status_code == 404


async def test_an_employer_stops_messages_and_the_page_still_opens(
    story: Story, catcher: MailCatcher, client: httpx.AsyncClient
) -> None:
    link = await shortlisted(story, catcher)
    await client.post(f"{link}/stop", data={"List-Unsubscribe": "One-Click"})
    assert "Vous ne recevez plus nos messages" in (await client.get(f"{link}/stop")).text
    assert (await client.get(link)).status_code == 200
    await story.reply_by_phone("zephyrine", Choice.ACCEPT)
    story.now = STARTS_AT + timedelta(days=4)
    await story.keep_deadlines()
    sent = len(catcher.box.messages)
    await story.send(catcher)
    assert not any("dupain" in mail["To"] for mail in catcher.box.messages[sent:])


async def test_shortlists_are_asked_for_once(story: Story, catcher: MailCatcher) -> None:
    await shortlisted(story, catcher)
    sent = len(catcher.box.messages)
    assert await story.request_shortlists() == (0, 2)
    await story.send(catcher)
    assert len(catcher.box.messages) == sent


async def test_shortlists_leave_by_themselves_a_day_after_the_last_deadline(story: Story, catcher: MailCatcher) -> None:
    await story.begin("zephyrine")
    await story.hear(in_force(meeting("zephyrine")))
    await story.send(catcher)
    await story.reply_by_phone("zephyrine", Choice.ACCEPT)
    story.now += timedelta(days=5, hours=9)
    assert await story.keep_deadlines() == []
    story.now += timedelta(hours=2)
    assert await story.keep_deadlines() == [("shortlist", "queued")]
    assert await story.keep_deadlines() == []


async def test_shortlists_leave_at_the_latest_before_the_meetup(story: Story, catcher: MailCatcher) -> None:
    story.now = STARTS_AT - timedelta(days=2)
    await story.begin("zephyrine")
    await story.hear(in_force(meeting("zephyrine")))
    await story.send(catcher)
    await story.reply_by_phone("zephyrine", Choice.ACCEPT)
    story.now = STARTS_AT - timedelta(hours=13)
    assert await story.keep_deadlines() == []
    story.now = STARTS_AT - timedelta(hours=12)
    assert await story.keep_deadlines() == [("shortlist", "queued")]


async def test_employers_who_owe_an_answer_are_reminded_once(
    story: Story, catcher: MailCatcher, client: httpx.AsyncClient
) -> None:
    link = await shortlisted(story, catcher)
    await story.reply_by_phone("colette", Choice.ACCEPT)
    story.now = STARTS_AT
    for name in ("zephyrine", "barnabe"):
        await answer(client, link, name, choice="meet-again")
    story.now = STARTS_AT + timedelta(days=4)
    new = await story.keep_deadlines()
    assert new.count(("employer-reminder", "queued")) == 1
    assert await story.keep_deadlines() == []
    await story.send(catcher)
    assert catcher.box.messages[-1]["To"] == "Garage du Canal <garage@canal.example>"
    assert catcher.box.messages[-1]["Subject"] == "Your answers after the meetup on Tuesday 8\u00a0December 2026"


async def test_a_cancelled_meetup_sends_no_shortlist(story: Story, catcher: MailCatcher) -> None:
    await story.begin("zephyrine")
    await story.hear(in_force(meeting("zephyrine")))
    await story.request_shortlists()
    await story.hear(MeetupCancelled(meetup_id=MEETUP, revision=2))
    await story.send(catcher)
    assert [mail["Subject"] for mail in catcher.box.messages] == [
        "La rencontre du mardi 8\u00a0décembre 2026 est annulée"
    ]
    with pytest.raises(NoPairingInForce):
        await story.request_shortlists()


def name_contact(story: Story, vacancy: str, contact: ContactEntry) -> None:
    """From now on the shortlist of the need goes to this contact of its employer."""
    needs = story.directory.entries.needs
    needs[an_id(vacancy)] = needs[an_id(vacancy)].model_copy(update={"contact": contact})


async def test_the_list_of_a_need_goes_to_the_contact_that_it_names(story: Story, catcher: MailCatcher) -> None:
    name_contact(story, "baker", ContactEntry(name="M. Levain", email="fournil@dupain.example", language="en"))
    await story.begin("zephyrine")
    await story.hear(in_force(meeting("zephyrine")))
    await story.request_shortlists()
    await story.send(catcher)
    [mail] = [each for each in catcher.box.messages if "dupain" in each["To"]]
    [reached] = mail["To"].addresses
    assert (reached.display_name, reached.addr_spec) == ("M. Levain", "fournil@dupain.example")
    assert mail["Content-Language"] == "en"
    text = mail.get_body(("plain",))
    assert text is not None
    assert "M. Levain" in text.get_content()
    assert "fournil" not in await story.whole_database()


async def test_contacts_of_several_needs_of_one_employer_receive_one_mail_or_none(
    story: Story, catcher: MailCatcher
) -> None:
    needs = story.directory.entries.needs
    needs[an_id("apprentice")] = NeedEntry(title="Apprentissage", employer_id=an_id("bakery"))
    name_contact(story, "apprentice", ContactEntry(name="M. Levain", email="fournil@dupain.example"))
    await story.begin("zephyrine", "barnabe")
    invited = tuple(InvitedNeed(need_id=an_id(vacancy)) for vacancy in ("baker", "apprentice"))
    await story.hear(scheduled(2, changed=True, needs=invited))
    await story.hear(in_force(meeting("zephyrine"), meeting("barnabe", "apprentice", slot=1)))
    await story.request_shortlists()
    await story.send(catcher)
    [mail] = [each for each in catcher.box.messages if "dupain" in each["To"]]
    reached = [(each.display_name, each.addr_spec) for each in mail["To"].addresses]
    assert reached == [("Mme Dupain", "accueil@dupain.example"), ("M. Levain", "fournil@dupain.example")]
    assert ["accueil@dupain.example", "fournil@dupain.example"] in catcher.box.recipients
